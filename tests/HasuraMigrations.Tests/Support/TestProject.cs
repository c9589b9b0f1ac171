namespace HasuraMigrations.Tests.Support;

/// <summary>A project in a temporary directory.</summary>
public sealed class TestProject : IDisposable
{
    public TestProject(int version = 2, string? config = null)
    {
        Version = version;
        Path = Directory.CreateTempSubdirectory("hasura-project-").FullName;
        Write("config.yaml", config ?? $"version: {version}\n");
    }

    public int Version { get; }

    public string Path { get; }

    /// <summary>Writes a file of the project.</summary>
    /// <returns>Its full path.</returns>
    public string Write(string name, string text)
    {
        var path = Full(name);
        File.WriteAllText(path, text);
        return path;
    }

    public string Write(string name, byte[] bytes)
    {
        var path = Full(name);
        File.WriteAllBytes(path, bytes);
        return path;
    }

    /// <summary>Writes a migration.</summary>
    public TestProject With(long version, string name, string up, string? down = null, string? database = null)
    {
        var directory = $"migrations/{(database is null ? "" : database + "/")}{version}_{name}";
        Write($"{directory}/up.sql", up);
        if (down is not null)
        {
            Write($"{directory}/down.sql", down);
        }

        return this;
    }

    /// <summary>A project with a number of small migrations, versions from 1.</summary>
    public static TestProject OfTables(int count, int version = 2)
    {
        var project = new TestProject(version);
        for (var i = 1; i <= count; i++)
        {
            project.With(i, $"table_{i}", $"CREATE TABLE t{i} (id int);", $"DROP TABLE t{i};");
        }

        return project;
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);

    private string Full(string name)
    {
        var path = System.IO.Path.Combine(Path, name);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        return path;
    }
}
