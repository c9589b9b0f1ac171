namespace HasuraMigrations.Engine.Tests.Corpus;

/// <summary>The example data of the reference beside the repository.</summary>
internal static class MetadataExamples
{
    /// <summary>The directory of the examples; null where it is absent.</summary>
    public static string? Root { get; } = Find();

    private static string? Find()
    {
        for (var directory = AppContext.BaseDirectory; directory is not null; directory = Path.GetDirectoryName(directory))
        {
            if (File.Exists(Path.Combine(directory, "Migrations.sln")))
            {
                var examples = Path.GetFullPath(Path.Combine(directory, "..", "shared", "reference", "examples", "metadata"));
                return Directory.Exists(examples) ? examples : null;
            }
        }

        return null;
    }
}
