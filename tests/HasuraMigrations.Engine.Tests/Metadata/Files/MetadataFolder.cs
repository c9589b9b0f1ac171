namespace HasuraMigrations.Engine.Tests.Metadata.Files;

/// <summary>The metadata files of a small project, for the tests of one class; each test has its own.</summary>
public abstract class MetadataFolder : IDisposable
{
    protected MetadataFolder()
    {
        Root = Path.Combine(Top, "metadata");
        Write("version.yaml", "version: 3\n");
        Write("databases/databases.yaml", "- name: default\n  kind: postgres\n  configuration: {}\n  tables: \"!include default/tables/tables.yaml\"\n");
        Write("databases/default/tables/tables.yaml", "- \"!include public_a.yaml\"\n");
        Write("databases/default/tables/public_a.yaml", Table("a"));
    }

    /// <summary>A directory that only this test uses.</summary>
    protected string Top { get; } = Directory.CreateTempSubdirectory("hasura-metadata-").FullName;

    /// <summary>The metadata directory in it.</summary>
    protected string Root { get; }

    public void Dispose()
    {
        Directory.Delete(Top, recursive: true);
        GC.SuppressFinalize(this);
    }

    protected static string Table(string name) => $"table:\n  name: {name}\n  schema: public\n";

    protected void Write(string relative, string text)
    {
        var path = Path.Combine(Root, relative);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }
}
