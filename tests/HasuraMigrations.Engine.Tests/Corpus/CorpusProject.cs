using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Projects;
using YamlDotNet.Serialization;

namespace HasuraMigrations.Engine.Tests.Corpus;

/// <summary>
/// A sample project as the engine can open it: in place where it is complete; else a copy, with the overlays laid
/// together, with config.yaml, and with the SQL of YAML steps as SQL files.
/// </summary>
internal sealed class CorpusProject : IDisposable
{
    private readonly string? _copy;

    private CorpusProject(string directory, string? copy)
    {
        Directory = directory;
        _copy = copy;
    }

    public string Directory { get; }

    public static CorpusProject Open(CorpusCase sample)
    {
        if (sample.ConfigVersion > 1 && !sample.Set.Contains('/', StringComparison.Ordinal))
        {
            return new CorpusProject(sample.Directory, null);
        }

        var copy = System.IO.Directory.CreateTempSubdirectory("hasura-corpus-").FullName;
        if (sample.ConfigVersion > 1)
        {
            LayOverlays(sample, copy);
        }
        else
        {
            WriteSqlOnly(Path.Combine(sample.Directory, "migrations"), copy);
        }

        return new CorpusProject(copy, copy);
    }

    /// <summary>The same with the actions on metadata of config version 1.</summary>
    public static CorpusProject OpenWhole(CorpusCase sample)
    {
        if (sample.ConfigVersion > 1)
        {
            return Open(sample);
        }

        var copy = System.IO.Directory.CreateTempSubdirectory("hasura-corpus-").FullName;
        CopyWhole(sample.Directory, copy);
        return new CorpusProject(copy, copy);
    }

    /// <summary>Copies a project, with a config.yaml where it has none.</summary>
    public static void CopyWhole(string from, string to)
    {
        foreach (var file in System.IO.Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(to, Path.GetRelativePath(from, file));
            System.IO.Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }

        var config = Path.Combine(to, "config.yaml");
        if (!File.Exists(config))
        {
            File.WriteAllText(config, "endpoint: http://localhost:8080\n");
        }
    }

    public HasuraProject OpenProject() =>
        HasuraProject.Open(new ProjectOptions { Path = Directory, IsExplicit = true, Environment = new Dictionary<string, string>() });

    public MigrationSource Scan(string database)
    {
        var project = OpenProject();
        return MigrationSource.Scan(project, project.Database(database));
    }

    public void Dispose()
    {
        if (_copy is not null)
        {
            System.IO.Directory.Delete(_copy, recursive: true);
        }
    }

    private static void LayOverlays(CorpusCase sample, string copy)
    {
        File.WriteAllText(Path.Combine(copy, "config.yaml"), "version: 3\n");
        var target = Path.Combine(copy, "migrations", sample.Database);
        foreach (var layer in sample.Set.Split('/')[0].Split('+'))
        {
            var from = Path.Combine(sample.Directory, "migrations", layer, sample.Database);
            foreach (var file in System.IO.Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
            {
                var to = Path.Combine(target, Path.GetRelativePath(from, file));
                System.IO.Directory.CreateDirectory(Path.GetDirectoryName(to)!);
                File.Copy(file, to, overwrite: true);
            }
        }
    }

    private static void WriteSqlOnly(string from, string copy)
    {
        File.WriteAllText(Path.Combine(copy, "config.yaml"), "version: 2\n");
        var files = System.IO.Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories)
            .Select(f => (Path: f, Logical: Path.GetRelativePath(from, f).Replace(Path.DirectorySeparatorChar, '.')))
            .Where(f => char.IsAsciiDigit(f.Logical[0]));
        foreach (var migration in files.GroupBy(f => f.Logical[..f.Logical.LastIndexOf('.', f.Logical.LastIndexOf('.') - 1)]))
        {
            Write(copy, migration.Key, "up.sql", Sql(migration, "up.sql") + Sql(migration, "up.yaml"));
            Write(copy, migration.Key, "down.sql", Sql(migration, "down.yaml") + Sql(migration, "down.sql"));
        }
    }

    private static string Sql(IEnumerable<(string Path, string Logical)> files, string step)
    {
        var file = files.FirstOrDefault(f => f.Logical.EndsWith("." + step, StringComparison.Ordinal)).Path;
        if (file is null)
        {
            return "";
        }

        var text = File.ReadAllText(file);
        return step.EndsWith(".sql", StringComparison.Ordinal)
            ? text.Length == 0 ? "" : text + "\n"
            : string.Concat(RunSql(new DeserializerBuilder().Build().Deserialize<object?>(text)).Select(sql => sql + "\n;\n"));
    }

    private static IEnumerable<string> RunSql(object? actions) =>
        (actions as List<object> ?? []).OfType<Dictionary<object, object>>().SelectMany(action => action["type"] switch
        {
            // A few downs lack the level of args, and the sample's own yardstick took no SQL from them.
            "run_sql" => action.TryGetValue("args", out var args) ? [(string)((Dictionary<object, object>)args)["sql"]] : [],
            "bulk" => RunSql(action.GetValueOrDefault("args")),
            _ => Enumerable.Empty<string>(),
        });

    private static void Write(string copy, string migration, string file, string sql)
    {
        if (sql.Length > 0)
        {
            var directory = System.IO.Directory.CreateDirectory(Path.Combine(copy, "migrations", migration)).FullName;
            File.WriteAllText(Path.Combine(directory, file), sql);
        }
    }
}
