using System.Diagnostics.CodeAnalysis;

namespace HasuraMigrations.Engine.Tests.Support;

/// <summary>Real projects, cases and transcripts in the folder <c>shared</c> beside the repository, which a clone does not have.</summary>
internal static class SharedData
{
    private static readonly string? Root = FindRoot();

    /// <summary>The directory of a part; null where it is absent.</summary>
    /// <param name="part">Its path in the folder, with slashes.</param>
    public static string? Find(string part) =>
        Root is not null && Path.GetFullPath(Path.Combine(Root, part)) is var path && Directory.Exists(path) ? path : null;

    /// <summary>Skips the test where a part is absent; fails it where <c>HASURA_TEST_REQUIRE_DATA</c> is 1.</summary>
    /// <param name="isThere">True where the part is there.</param>
    /// <param name="part">Its path in the folder.</param>
    public static void Needs([DoesNotReturnIf(false)] bool isThere, string part)
    {
        if (!isThere)
        {
            var message = $"../shared/{part} is not beside the repository.";
            Assert.SkipWhen(Environment.GetEnvironmentVariable("HASURA_TEST_REQUIRE_DATA") != "1", message);
            Assert.Fail(message);
        }
    }

    private static string? FindRoot()
    {
        for (var directory = AppContext.BaseDirectory; directory is not null; directory = Path.GetDirectoryName(directory))
        {
            if (File.Exists(Path.Combine(directory, "Migrations.sln")))
            {
                return Path.GetFullPath(Path.Combine(directory, "..", "shared"));
            }
        }

        return null;
    }
}
