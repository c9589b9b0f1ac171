using HasuraMigrations.Engine.Connections;
using HasuraMigrations.Engine.Impacts;
using HasuraMigrations.Engine.Metadata.Files;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Projects;
using HasuraMigrations.Engine.Targets.Postgres.ConnectionStrings;
using HasuraMigrations.Engine.Targets.Postgres.Store;
using HasuraMigrations.Engine.Tests.Corpus;
using HasuraMigrations.Engine.Tests.Support;

namespace HasuraMigrations.Engine.Tests.Impacts;

/// <summary>A sample project in databases of its own: its migrations applied, its metadata beside them.</summary>
internal sealed class SampleModel : IAsyncDisposable
{
    private SampleModel(string name, IReadOnlyDictionary<string, TestDatabase> databases, MetadataModel model) => (Name, Databases, Model) = (name, databases, model);

    public string Name { get; }

    /// <summary>The databases by the name of their source.</summary>
    public IReadOnlyDictionary<string, TestDatabase> Databases { get; }

    public MetadataModel Model { get; }

    /// <summary>The cases that make a project: one for each database.</summary>
    public static IEnumerable<IReadOnlyList<CorpusCase>> Projects(IEnumerable<CorpusCase> cases) =>
        cases.GroupBy(c => (c.Project, Overlay: c.Set.Contains('/', StringComparison.Ordinal) ? c.Set.Split('/')[0] : "")).DistinctBy(g => g.Key.Project).Select(g => g.DistinctBy(c => c.Database).ToList());

    /// <summary>Applies a project; null where it cannot be applied, or does not end consistent, with the reason.</summary>
    public static async Task<(SampleModel? Model, string? Reason)> MakeAsync(PostgresServer server, IReadOnlyList<CorpusCase> cases)
    {
        if (cases.Any(c => c.Failure is not null))
        {
            return (null, "a migration fails");
        }

        if (cases.Any(c => c.NeedsPreloadedCron))
        {
            return (null, "it needs a server of its own");
        }

        if (await server.BinariesAsync() is not { Psql: not null } programs)
        {
            return (null, "there is no psql");
        }

        var databases = new Dictionary<string, TestDatabase>(StringComparer.Ordinal);
        try
        {
            MetadataDocument? document = null;
            foreach (var sample in cases)
            {
                var database = await server.CreateDatabaseAsync();
                databases[sample.ConfigVersion < 3 ? MetadataDocument.DefaultSource : sample.Database] = database;
                if (await CorpusRuns.MissingExtensionsAsync(sample, database) is { Length: > 0 } missing)
                {
                    return await LeaveAsync(databases, $"the server lacks {missing}");
                }

                if (databases.Count == 1)
                {
                    await CorpusRuns.DropRolesAsync(sample, database);
                }

                await CorpusRuns.PrepareAsync(sample, new PsqlRun(programs, database.ConnectionString), database);
                document = await ApplyAsync(sample, database);
            }

            await FillEnumsAsync(document!, databases);
            var model = await MetadataModel.ReadAsync(document!, databases.ToDictionary(d => d.Key, d => PostgresConnectionString.Read(d.Value.ConnectionString)), withLinks: true, CancellationToken.None);
            var reason = model.State.Cache.HardError?.Message ?? model.State.Cache.Inconsistencies.Found.FirstOrDefault()?.Reason;
            return reason is null ? (new SampleModel(cases[0].Project, databases, model), null) : await LeaveAsync(databases, $"it does not end consistent: {reason}");
        }
        catch (Exception e) when (e is HasuraMigrationException or Npgsql.PostgresException)
        {
            return await LeaveAsync(databases, e.Message);
        }
    }

    public async ValueTask DisposeAsync() => await LeaveAsync(Databases, "");

    private static async Task<(SampleModel? Model, string? Reason)> LeaveAsync(IReadOnlyDictionary<string, TestDatabase> databases, string reason)
    {
        foreach (var database in databases.Values)
        {
            await database.DisposeAsync();
        }

        return (null, reason);
    }

    // Their rows come with seeds in some projects.
    private static async Task FillEnumsAsync(MetadataDocument document, Dictionary<string, TestDatabase> databases)
    {
        foreach (var (source, node) in MetadataTree.SourcesOf(document.Root).Where(s => databases.ContainsKey(s.Name)))
        {
            foreach (var (name, _) in MetadataTree.TablesOf(node).Where(t => t.Node["is_enum"]?.GetValue<bool>() == true))
            {
                var table = $"\"{name.Schema}\".\"{name.Name}\"";
                var columns = await databases[source].ScalarAsync<int>($"SELECT count(*)::int FROM pg_attribute WHERE attrelid = '{table}'::regclass AND attnum > 0 AND NOT attisdropped");
                await databases[source].ExecuteAsync($"INSERT INTO {table} SELECT {string.Join(", ", Enumerable.Repeat("'mutant'", columns))} WHERE NOT EXISTS (SELECT FROM {table})");
            }
        }
    }

    // In config version 1, the actions of migrations make the metadata.
    private static async Task<MetadataDocument> ApplyAsync(CorpusCase sample, TestDatabase database)
    {
        var connection = PostgresConnectionString.Read(database.ConnectionString);
        if (sample.ConfigVersion == 1)
        {
            return await ReplayAsync(sample, connection);
        }

        using var project = CorpusProject.Open(sample);
        await RunAsync(project.Scan(sample.Database), connection, sample.Database, 2);
        return MetadataFiles.Read(HasuraProject.Open(new ProjectOptions { Path = sample.Directory, IsExplicit = true, Environment = new Dictionary<string, string>() })).Document;
    }

    private static async Task<MetadataDocument> ReplayAsync(CorpusCase sample, HasuraConnection connection)
    {
        var copy = Directory.CreateTempSubdirectory("hasura-mutants-").FullName;
        try
        {
            CorpusProject.CopyWhole(sample.Directory, copy);
            CorpusUpdateCommand.Remove(sample, copy);
            await RunAsync(Updates.Scan(copy), connection, sample.Database, 1);
            await using var metadata = new PostgresMetadataTarget(connection, null, 1);
            return (await metadata.ExportAsync(CancellationToken.None)).Document;
        }
        finally
        {
            Directory.Delete(copy, recursive: true);
        }
    }

    private static async Task RunAsync(MigrationSource source, HasuraConnection connection, string database, int configVersion)
    {
        var target = MigrationTargets.Open(new ResolvedConnection(connection, null), database, configVersion);
        await using (target)
        {
            var options = new RunOptions { NoReload = true, NoStoreText = true, CreateStateStore = configVersion == 1 };
            await new MigrationRunner(source, target).RunAsync(new MigrationGoal.AllPending(), new PlanOptions { TransactionMode = MigrationTransactionMode.PerMigration }, options, null, new RecordingObserver(), CancellationToken.None);
        }
    }
}
