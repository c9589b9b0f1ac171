using System.Text.Json;
using HasuraMigrations.Engine.Dumps;
using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Proofs;
using HasuraMigrations.Engine.Sandbox;
using HasuraMigrations.Engine.Targets.Postgres.ConnectionStrings;
using HasuraMigrations.Engine.Targets.Postgres.Runs;
using HasuraMigrations.Engine.Targets.Server;
using HasuraMigrations.Engine.Tests.Support;
using Npgsql;

namespace HasuraMigrations.Engine.Tests.Corpus;

/// <summary>What became of one case; <see cref="Skipped"/> tells why it could not be run.</summary>
internal sealed record CorpusResult(string? Skipped, IReadOnlyList<string> Differences, int Applied = 0, int RolledBack = 0);

/// <summary>Runs every case of the sample projects, a few at a time; tests wait for theirs.</summary>
public sealed class CorpusRuns(PostgresServer server) : IAsyncLifetime
{
    private static readonly PlanOptions PerMigration = new() { TransactionMode = MigrationTransactionMode.PerMigration };
    private const string SyntaxError = "42601";
    private const string CronDatabase = "cron_case";

    private static readonly RunOptions Quiet = new() { NoReload = true };

    /// <summary>Projects with more migrations go through a server in the command only, which has the time.</summary>
    internal int MostThroughServer { get; init; } = LongForm.Count(int.MaxValue, 3);

    private readonly SemaphoreSlim _places = new(2);
    private readonly SemaphoreSlim _roles = new(1);
    private Dictionary<string, Task<CorpusResult>> _runs = [];

    /// <summary>The cases of the suite.</summary>
    internal static IEnumerable<CorpusCase> InSuite => CorpusCase.All.Values.Where(c => LongForm.IsOn || !c.IsLarge);

    /// <summary>The cases that are run.</summary>
    internal IEnumerable<CorpusCase> Cases { get; init; } = InSuite;

    internal Task<CorpusResult> ResultAsync(string name) => _runs[name];

    public ValueTask InitializeAsync()
    {
        // The large ones first, so that the last one to end is a small one.
        _runs = Cases
            .OrderByDescending(c => c.Expected.GetProperty("migrations").GetInt32())
            .ToDictionary(c => c.Name, c => Task.Run(() => RunAsync(c)));
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync() => await Task.WhenAny(Task.WhenAll(_runs.Values));

    private async Task<CorpusResult> RunAsync(CorpusCase sample)
    {
        var gate = sample.MakesRoles ? _roles : _places;
        await gate.WaitAsync();
        try
        {
            if (!sample.NeedsPreloadedCron)
            {
                return await RunOnAsync(sample, server, await server.BinariesAsync());
            }

            return await RunWithCronAsync(sample);
        }
        finally
        {
            gate.Release();
        }
    }

    // It has to be preloaded with the name of its database, so such a case has a server of its own.
    private async Task<CorpusResult> RunWithCronAsync(CorpusCase sample)
    {
        await using (var database = await server.CreateDatabaseAsync())
        {
            if (await MissingExtensionsAsync(sample, database) is { Length: > 0 } missing)
            {
                return new CorpusResult($"The server lacks: {missing}.", []);
            }
        }

        await using var own = PostgresServer.WithSettings(new Dictionary<string, string>
        {
            ["shared_preload_libraries"] = "pg_cron",
            ["cron.database_name"] = CronDatabase,
        });
        return await RunOnAsync(sample, own, await own.BinariesAsync());
    }

    private static Task<TestDatabase> CreateAsync(CorpusCase sample, PostgresServer server) =>
        server.CreateDatabaseAsync(name: sample.NeedsPreloadedCron ? CronDatabase : null);

    private async Task<CorpusResult> RunOnAsync(CorpusCase sample, PostgresServer server, PostgresBinaries? programs)
    {
        if (programs is not { Psql: not null, PgDump: not null })
        {
            return new CorpusResult("There is no psql or pg_dump to compare with.", []);
        }

        using var project = CorpusProject.Open(sample);
        var source = project.Scan(sample.Database);
        var differences = new List<string>();
        var observer = new RecordingObserver();
        var rolledBack = 0;
        string ours;
        await using (var database = await CreateAsync(sample, server))
        {
            if (await MissingExtensionsAsync(sample, database) is { Length: > 0 } missing)
            {
                return new CorpusResult($"The server lacks: {missing}.", []);
            }

            await DropRolesAsync(sample, database);
            var psql = new PsqlRun(programs, database.ConnectionString);
            await PrepareAsync(sample, psql, database);
            await using var target = new PostgresMigrationTarget(PostgresConnectionString.Read(database.ConnectionString), null, sample.Database, sample.ConfigVersion);
            var runner = new MigrationRunner(source, target);
            await CompareUpAsync(sample, source, runner, observer, differences);
            if (sample.Failure is not null || differences.Count > 0)
            {
                return new CorpusResult(null, differences, observer.Results.Count);
            }

            ours = await psql.DumpAsync();
            if (source.Migrations.Count <= MostThroughServer && !sample.NeedsPreloadedCron)
            {
                await ProveFirstMigrationAsync(target, differences);
            }

            rolledBack = await CompareDownsAsync(sample, source, runner, differences);
        }

        // Roles belong to the server: the next databases begin without those of the first.
        await CompareDumpAsync(sample, server, programs, source, ours, differences);
        if (source.Migrations.Count <= MostThroughServer)
        {
            await CompareServerAsync(sample, server, programs, source, ours, differences);
        }

        return new CorpusResult(null, differences, observer.Results.Count, rolledBack);
    }

    private static async Task CompareUpAsync(CorpusCase sample, MigrationSource source, MigrationRunner runner, RecordingObserver observer, List<string> differences)
    {
        try
        {
            await runner.RunAsync(new MigrationGoal.AllPending(), PerMigration, Quiet, null, observer, CancellationToken.None);
            if (sample.Failure is { } wanted)
            {
                differences.Add($"psql fails at {wanted.GetProperty("version")}, and all was applied");
            }

            var expected = source.Migrations.Count(m => m.StepsOf(MigrationDirection.Up).Count > 0);
            if (observer.Results.Count != expected)
            {
                differences.Add($"{observer.Results.Count} of {expected} applied");
            }
        }
        catch (MigrationFailedException e) when (sample.Failure is { } wanted)
        {
            CompareFailure(sample, wanted, e, differences);
        }
        catch (HasuraMigrationException e)
        {
            differences.Add($"up: {e.ErrorId}: {e.Message}");
        }
    }

    /// <summary>A first migration made of the database creates the schema that its migrations have created.</summary>
    private static async Task ProveFirstMigrationAsync(PostgresMigrationTarget target, List<string> differences)
    {
        try
        {
            var schema = await new SchemaDump(target).ReadAsync(SchemaSelection.All, CancellationToken.None);
            await new SchemaProof(allowDownload: false, _ => { }).ProveAsync(schema, SchemaSelection.All, CancellationToken.None);
        }
        catch (HasuraMigrationException e)
        {
            differences.Add($"first migration: {e.ErrorId}: {e.Message}");
        }
    }

    private static void CompareFailure(CorpusCase sample, JsonElement wanted, MigrationFailedException e, List<string> differences)
    {
        if (long.Parse(wanted.GetProperty("version").GetString()!) != e.Version || e.File is null || e.Column is null)
        {
            differences.Add($"psql fails at {wanted.GetProperty("version")}; here {e.Version} at {e.File}:{e.Line}:{e.Column}");
        }

        var inSql = sample.Expected.GetProperty("failingWhenContinuing")[0].GetProperty("lineInSql");
        var isLine = inSql.ValueKind == JsonValueKind.Number
            ? inSql.GetInt32() == e.Line
            : wanted.GetProperty("psqlLine").GetInt32() is var line && line >= e.StatementStartLine && line <= e.StatementEndLine;
        if (!isLine)
        {
            differences.Add($"psql names line {inSql} or {wanted.GetProperty("psqlLine")}; here {e.Line}, statement from {e.StatementStartLine} to {e.StatementEndLine}");
        }
    }

    private static async Task CompareDumpAsync(CorpusCase sample, PostgresServer server, PostgresBinaries programs, MigrationSource source, string ours, List<string> differences)
    {
        await using var database = await CreateAsync(sample, server);
        await DropRolesAsync(sample, database);
        var psql = new PsqlRun(programs, database.ConnectionString);
        await PrepareAsync(sample, psql, database);
        var errors = await psql.ApplyAsync(source.Migrations.SelectMany(m => m.StepsOf(MigrationDirection.Up)).Select(s => s.Path!));
        var theirs = await psql.DumpAsync();
        if (errors.Length > 0)
        {
            differences.Add($"psql itself failed: {errors}");
        }
        else if (ours != theirs)
        {
            var (a, b) = ours.Split('\n').Zip(theirs.Split('\n')).FirstOrDefault(l => l.First != l.Second);
            differences.Add($"schema differs: '{a}' and psql '{b}'");
        }
    }

    /// <summary>The same through a server, whose metadata lies in a database of its own.</summary>
    private static async Task CompareServerAsync(CorpusCase sample, PostgresServer server, PostgresBinaries programs, MigrationSource source, string ours, List<string> differences)
    {
        await using var metadata = await server.CreateDatabaseAsync();
        await using var database = await CreateAsync(sample, server);
        await DropRolesAsync(sample, database);
        var psql = new PsqlRun(programs, database.ConnectionString);
        await PrepareAsync(sample, psql, database);
        await using var host = await metadata.ServeAsync(change: o => o with { Sources = new Dictionary<string, string> { [sample.Database] = database.ConnectionString } });
        await using var target = new ServerMigrationTarget(new HasuraServerConnection(host.Endpoint.AbsoluteUri), sample.Database, sample.ConfigVersion);
        try
        {
            await new MigrationRunner(source, target).RunAsync(new MigrationGoal.AllPending(), PerMigration, Quiet, null, new RecordingObserver(), CancellationToken.None);
        }
        catch (HasuraMigrationException e)
        {
            differences.Add($"through a server: {e.ErrorId}: {e.Message}");
            return;
        }

        var theirs = await psql.DumpAsync();
        if (ours != theirs)
        {
            var (a, b) = ours.Split('\n').Zip(theirs.Split('\n')).FirstOrDefault(l => l.First != l.Second);
            differences.Add($"schema differs: '{a}' and through a server '{b}'");
        }
    }

    private static async Task<int> CompareDownsAsync(CorpusCase sample, MigrationSource source, MigrationRunner runner, List<string> differences)
    {
        var (rolledBack, failed) = await RollBackAsync(source, runner);
        var wanted = sample.Expected.GetProperty("down").GetProperty("failing").EnumerateArray().ToDictionary(f => long.Parse(f.GetProperty("version").GetString()!));
        differences.AddRange(failed.Where(f => !wanted.ContainsKey(f.Key)).Select(f => $"down {f.Key} fails with {f.Value.SqlState}, and not with psql"));
        foreach (var (version, failure) in wanted)
        {
            if (!failed.TryGetValue(version, out var ours))
            {
                differences.Add($"down {version} succeeds, and not with psql: {failure.GetProperty("message")}");
            }
            else if (failure.GetProperty("sqlstate").GetString() == SyntaxError && failure.GetProperty("lineInSql") is { ValueKind: JsonValueKind.Number } later && ours.Line < later.GetInt32())
            {
                // One simple query is parsed whole before any of it runs; here an earlier statement fails first.
                continue;
            }
            else if (ours.SqlState != failure.GetProperty("sqlstate").GetString())
            {
                differences.Add($"down {version} fails with {ours.SqlState}, with psql {failure.GetProperty("sqlstate")}");
            }
            else if (failure.GetProperty("lineInSql") is { ValueKind: JsonValueKind.Number } line && line.GetInt32() != ours.Line)
            {
                differences.Add($"down {version} fails in line {ours.Line}, with psql {line}");
            }
        }

        return rolledBack;
    }

    // In as few runs as there are failures: each run reads the records of all versions anew.
    private static async Task<(int RolledBack, Dictionary<long, (string? SqlState, int? Line)> Failed)> RollBackAsync(MigrationSource source, MigrationRunner runner)
    {
        var plan = PerMigration with { AllowEmptyDown = true };
        var failed = new Dictionary<long, (string? SqlState, int? Line)>();
        var rolledBack = 0;
        var left = source.Migrations.Where(m => m.StepsOf(MigrationDirection.Up).Count > 0).Select(m => m.Version).OrderDescending().ToList();
        for (var size = left.Count; left.Count > 0;)
        {
            var observer = new RecordingObserver();
            List<long> versions = [.. left.Take(size)];
            try
            {
                await runner.RunAsync(new MigrationGoal.Exactly(versions, MigrationDirection.Down), plan, Quiet, null, observer, CancellationToken.None);
            }
            catch (MigrationFailedException e)
            {
                failed.Add(e.Version, (e.SqlState ?? e.ErrorId, e.Line));
                versions = [.. observer.Results.Select(r => r.Version), e.Version];
            }
            catch (HasuraMigrationException) when (size > 1)
            {
                // A plan that is refused does not always name the version.
                size = 1;
                continue;
            }
            catch (HasuraMigrationException e)
            {
                failed.Add(versions[0], (e.ErrorId, e.Line));
            }

            rolledBack += versions.Except(failed.Keys).Count();
            left = [.. left.Except(versions)];
        }

        return (rolledBack, failed);
    }

    internal static async Task PrepareAsync(CorpusCase sample, PsqlRun psql, TestDatabase database)
    {
        switch (sample.Expected.GetProperty("prerequisites").GetString())
        {
            case "none":
                break;
            case "pgcrypto":
                await database.ExecuteAsync("CREATE EXTENSION pgcrypto");
                break;
            default:
                await psql.ApplyAsync([Path.Combine(sample.Directory, "prerequisites.sql")]);
                break;
        }
    }

    internal static async Task<string> MissingExtensionsAsync(CorpusCase sample, TestDatabase database)
    {
        var names = (sample.Expected.GetProperty("objectsAfterUp").GetProperty("extensions").GetString() ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries);
        return await database.ScalarAsync<string>($"SELECT string_agg(n, ', ') FROM unnest(string_to_array('{string.Join(',', names)}', ',')) n WHERE n NOT IN (SELECT name FROM pg_available_extensions)") ?? "";
    }

    internal static async Task DropRolesAsync(CorpusCase sample, TestDatabase database)
    {
        if (!sample.MakesRoles)
        {
            return;
        }

        await using var connection = await database.OpenAsync();
        await using var command = new NpgsqlCommand("SELECT string_agg(format('DROP ROLE IF EXISTS %I', rolname), ';') FROM pg_roles WHERE rolname ~ '^(xxx_|metabase_|analyst)'", connection);
        if (await command.ExecuteScalarAsync() is string drop)
        {
            await database.ExecuteAsync(drop);
        }
    }
}
