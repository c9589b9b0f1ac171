namespace HasuraMigrations.Benchmarks;

/// <summary>The same small migrations as a Hasura project, as one psql script, and as files for other tools.</summary>
internal sealed class MigrationFiles : IDisposable
{
    public MigrationFiles(int count)
    {
        Count = count;
        Root = Directory.CreateTempSubdirectory("hasura-benchmark-").FullName;
        Project = Directory.CreateDirectory(Path.Combine(Root, "project")).FullName;
        File.WriteAllText(Path.Combine(Project, "config.yaml"), "version: 3\n");
        Flat = Directory.CreateDirectory(Path.Combine(Root, "flat")).FullName;
        Grate = Path.Combine(Root, "grate");
        var up = Directory.CreateDirectory(Path.Combine(Grate, "up")).FullName;
        PsqlScript = Path.Combine(Root, "all.sql");
        using var script = new StreamWriter(PsqlScript);
        for (var i = 1; i <= count; i++)
        {
            var sql = Sql(i);
            var directory = Directory.CreateDirectory(Path.Combine(Project, "migrations", "default", $"{1700000000000 + i}_table_{i}")).FullName;
            File.WriteAllText(Path.Combine(directory, "up.sql"), sql);
            File.WriteAllText(Path.Combine(Flat, $"V{i}__table_{i}.sql"), sql);
            File.WriteAllText(Path.Combine(up, $"{i:D5}_table_{i}.sql"), sql);
            script.Write($"BEGIN;\n{sql}COMMIT;\n");
        }
    }

    public int Count { get; }

    public string Root { get; }

    public string Project { get; }

    public string Flat { get; }

    public string Grate { get; }

    public string PsqlScript { get; }

    /// <summary>Version and up step of each.</summary>
    public IReadOnlyList<(long Version, string Sql)> Texts => [.. Enumerable.Range(1, Count).Select(i => (1700000000000 + i, Sql(i)))];

    /// <summary>Writes a down step for each migration of the project.</summary>
    public void AddDownSteps()
    {
        for (var i = 1; i <= Count; i++)
        {
            File.WriteAllText(Path.Combine(Project, "migrations", "default", $"{1700000000000 + i}_table_{i}", "down.sql"), $"DROP TABLE public.table_{i};\n");
        }
    }

    public void Dispose() => Directory.Delete(Root, recursive: true);

    private static string Sql(int i) => $"""
        CREATE TABLE public.table_{i} (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL, made timestamptz NOT NULL DEFAULT now());
        CREATE INDEX table_{i}_name ON public.table_{i} (name);
        COMMENT ON TABLE public.table_{i} IS 'table {i}';
        INSERT INTO public.table_{i} (name) VALUES ('a'), ('b');

        """;
}
