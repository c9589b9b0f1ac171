using System.Diagnostics;
using HasuraMigrations.Engine.Connections;
using HasuraMigrations.Engine.Dumps;
using HasuraMigrations.Engine.Metadata;
using HasuraMigrations.Engine.Metadata.Comparing;
using HasuraMigrations.Engine.Metadata.Files;
using HasuraMigrations.Engine.Metadata.Forms;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Proofs;
using HasuraMigrations.Engine.Sql;
using HasuraMigrations.Engine.Targets.Postgres.ConnectionStrings;
using HasuraMigrations.Engine.Targets.Postgres.Store;
using HasuraMigrations.Engine.Tests.Support;
using HasuraMigrations.Engine.Updating;

namespace HasuraMigrations.Engine.Tests.Corpus;

/// <summary>
/// Updates every sample project of config versions 1 and 2 version by version, and in one step, and proves that applying it gives the same
/// schema and the same metadata as before: <c>dotnet run --project tests/HasuraMigrations.Engine.Tests -- corpus-update [filter]</c>. Exit
/// code 1 if a project is another one after its update, or something of it is lost.
/// </summary>
internal static class CorpusUpdateCommand
{
    /// <summary>First argument that asks for this mode.</summary>
    internal const string Mode = "corpus-update";

    internal static async Task<int> MainAsync(string[] args)
    {
        if (CorpusCase.Root is null)
        {
            Console.WriteLine("The sample projects are not beside the repository.");
            return 1;
        }

        var cases = CorpusCase.All.Values.Where(c => c.ConfigVersion < 3 && (args.Length < 1 || c.Name.Contains(args[0], StringComparison.Ordinal))).ToList();
        await using var server = new PostgresServer();
        var wrong = 0;
        foreach (var sample in cases)
        {
            var clock = Stopwatch.StartNew();
            var (problem, note) = await RunAsync(server, sample);
            Console.WriteLine($"{sample.Project}: config version {sample.ConfigVersion}: {problem ?? "equal"}{note} ({clock.Elapsed.TotalSeconds:N1} s)");
            wrong += problem is null ? 0 : 1;
        }

        Console.WriteLine($"{cases.Count} projects: {cases.Count - wrong} equal, {wrong} not");
        return wrong > 0 ? 1 : 0;
    }

    /// <summary>Updates a project; the problem is null where all is equal.</summary>
    internal static async Task<(string? Problem, string Note)> RunAsync(PostgresServer server, CorpusCase sample)
    {
        var root = Directory.CreateTempSubdirectory("hasura-update-").FullName;
        try
        {
            return await RunAsync(server, sample, root);
        }
        catch (HasuraMigrationException e)
        {
            return ($"{e.ErrorId}: {e.Message} {string.Join(' ', e.Findings.Take(3))}", "");
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }
    }

    private static async Task<(string? Problem, string Note)> RunAsync(PostgresServer server, CorpusCase sample, string root)
    {
        var (old, steps, direct) = (Path.Combine(root, "old"), Path.Combine(root, "steps"), Path.Combine(root, "direct"));
        CorpusProject.CopyWhole(sample.Directory, old);
        var failing = Remove(sample, old);
        CorpusProject.CopyWhole(old, steps);
        var note = failing > 0 ? $"; without {failing} that fail by themselves" : "";
        var before = await AppliedAsync(server, sample, old);
        var proof = new ProofOptions(SetupSql: Setup(sample));
        for (var version = sample.ConfigVersion + 1; version <= 3; version++)
        {
            var files = Updates.Files(steps);
            var (plan, findings) = await Updates.UpdateAsync(steps, new UpdateOptions(version), proof);
            note += $"; to {version}: {plan.Migrations.Count(m => !m.IsRemoved)} converted, {plan.Migrations.Count(m => m.IsRemoved)} removed, {plan.Moved.Count} moved{string.Concat(findings.Where(f => f.Severity > FindingSeverity.Information).GroupBy(f => f.Id).Select(f => $", {f.Count()} {f.Key}"))}";
            if (Lost(files, steps, plan) is { } lost)
            {
                return ($"lost by the update to {version}: {lost}", note);
            }

            if (Difference(before, await AppliedAsync(server, sample, steps)) is { } difference)
            {
                return ($"not equal in config version {version}: {difference}", note);
            }
        }

        if (sample.ConfigVersion == 1)
        {
            CorpusProject.CopyWhole(old, direct);
            await Updates.UpdateAsync(direct, new UpdateOptions(3), proof);
            var (one, two) = (Updates.Files(direct), Updates.Files(steps));
            // Files of metadata that hold nothing depend on the layout that was there before.
            if (one.Keys.Union(two.Keys).FirstOrDefault(f => one.GetValueOrDefault(f) != two.GetValueOrDefault(f) && !f.StartsWith("metadata/", StringComparison.Ordinal)) is { } other)
            {
                return ($"the update from 1 to 3 gives another '{other}' than one version by version", note);
            }

            if (MetadataComparer.Compare(MetadataFiles.Read(Updates.Open(direct)).Document, MetadataFiles.Read(Updates.Open(steps)).Document) is [var change, ..])
            {
                return ($"the update from 1 to 3 gives other metadata than one version by version: {change}", note);
            }
        }

        return (null, note);
    }

    /// <summary>A file that is neither as it was, nor moved, nor in the backup; null for none.</summary>
    private static string? Lost(SortedDictionary<string, string> before, string directory, UpdatePlan plan)
    {
        var moved = plan.Moved.ToDictionary(m => Path.GetRelativePath(directory, m.From).Replace(Path.DirectorySeparatorChar, '/'), m => m.To);
        return before.Keys.FirstOrDefault(path => !new[] { moved.GetValueOrDefault(path), Path.Combine(directory, path), Path.Combine(plan.Backup, path) }
            .Any(p => p is not null && File.Exists(p) && File.ReadAllText(p) == before[path]));
    }

    /// <summary>Removes the migrations that fail by themselves.</summary>
    internal static int Remove(CorpusCase sample, string directory)
    {
        var failing = sample.ConfigVersion == 1 ? YamlExpectations.All[sample.Project].FailingUps : [];
        var project = Updates.Open(directory);
        var sets = MigrationFileSet.Scan(project, project.Database("default"));
        foreach (var version in failing)
        {
            sets[version].Remove();
        }

        return failing.Count;
    }

    private static string Setup(CorpusCase sample) => sample.Expected.GetProperty("prerequisites").GetString() switch
    {
        "none" or "pgcrypto" => "CREATE EXTENSION IF NOT EXISTS pgcrypto",
        _ => File.ReadAllText(Path.Combine(sample.Directory, "prerequisites.sql")),
    };

    /// <summary>What a project makes of an empty database: its statements of schema, and its metadata.</summary>
    private static async Task<(IReadOnlyList<string> Schema, MetadataDocument Metadata)> AppliedAsync(PostgresServer server, CorpusCase sample, string directory)
    {
        await using var database = await server.CreateDatabaseAsync();
        await database.ExecuteAsync(Setup(sample));
        var project = Updates.Open(directory);
        var connection = new ResolvedConnection(PostgresConnectionString.Read(database.ConnectionString), null);
        var target = MigrationTargets.Open(connection, "default", project.ConfigVersion);
        await using (target)
        {
            var options = new RunOptions { NoReload = true, NoStoreText = true, CreateStateStore = project.ConfigVersion == 1 };
            await new MigrationRunner(Updates.Scan(directory), target).RunAsync(new MigrationGoal.AllPending(), new PlanOptions { TransactionMode = MigrationTransactionMode.PerMigration }, options, null, new RecordingObserver(), CancellationToken.None);
        }

        await using var metadata = new PostgresMetadataTarget(connection.Connection, null, 3);
        var layout = MetadataFiles.LayoutOf(project);
        if (project.ConfigVersion > 1 || File.Exists(layout.Path))
        {
            // Some sample projects have metadata that does not fit their own tables.
            var options = new MetadataReplaceOptions { CreateStateStore = true, AllowInconsistent = true, NoReload = true, SkipSideEffects = true };
            await metadata.ReplaceAsync(MetadataVersions.Convert(MetadataFiles.Read(project).Document, 3, []), options, CancellationToken.None);
        }

        var dumps = MigrationTargets.OpenForDumps(connection, "default", 2);
        await using (dumps)
        {
            var dump = await dumps.DumpAsync(["--schema-only", .. SchemaSelection.All.Options], CancellationToken.None);
            var document = (await metadata.ExportAsync(CancellationToken.None)).Document.Clone();
            // How the database is reached is not in files of config versions 1 and 2.
            document.Sources.ToList().ForEach(s => s.Remove("configuration"));
            return (Statements(dump), document);
        }
    }

    // Triggers of event triggers belong to the metadata, and catalogs of different servers name other functions in them.
    private static List<string> Statements(string dump) =>
        [.. SqlScript.Parse(dump).Statements.Where(s => s.Class != SqlStatementClass.MetaCommand).Select(s => s.Text).Where(t => !t.StartsWith("CREATE TRIGGER \"notify_hasura_", StringComparison.Ordinal) && !t.StartsWith("CREATE TRIGGER notify_hasura_", StringComparison.Ordinal))];

    private static string? Difference((IReadOnlyList<string> Schema, MetadataDocument Metadata) before, (IReadOnlyList<string> Schema, MetadataDocument Metadata) after)
    {
        if (!before.Schema.SequenceEqual(after.Schema))
        {
            return $"schema: {before.Schema.Except(after.Schema).Concat(after.Schema.Except(before.Schema)).FirstOrDefault() ?? "another order"}";
        }

        var changes = MetadataComparer.Compare(before.Metadata, after.Metadata);
        return changes.Count == 0 ? null : $"metadata: {changes[0]}{(changes.Count > 1 ? $" and {changes.Count - 1} more" : "")}";
    }
}
