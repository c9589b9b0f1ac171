using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Sql;
using HasuraMigrations.Engine.Targets.Postgres.Sessions;
using HasuraMigrations.Engine.Tests.Corpus;
using HasuraMigrations.Engine.Tests.Support;
using HasuraMigrations.TestServer;

namespace HasuraMigrations.Engine.Tests.Targets;

/// <summary>Files with transaction blocks leave what psql leaves, on both targets, or are refused before anything is written.</summary>
[Trait("Case", "1")]
public sealed class BlocksAgainstPsqlTests(PostgresServer server)
{
    private const string Directive = "-- hasura:no-transaction\n";

    private static int Count => LongForm.Count(200, 8);

    [Theory]
    [InlineData(false, true, 1)]
    [InlineData(true, true, 2)]
    [InlineData(false, false, 3)]
    [InlineData(true, false, 4)]
    public async Task Random_files_leave_what_psql_leaves(bool isThroughServer, bool hasDirective, int seed)
    {
        Assert.SkipWhen(await server.BinariesAsync() is not { Psql: not null }, "There is no psql beside the server.");
        await using var theirs = await server.CreateDatabaseAsync();
        await using var ours = await server.CreateDatabaseAsync();
        await using var host = isThroughServer ? await ours.ServeAsync(HasuraApi.V2) : null;
        var psql = new PsqlRun((await server.BinariesAsync())!, theirs.ConnectionString);
        var random = new Random(seed);
        var (same, refused) = (0, 0);
        for (var i = 1; i <= Count; i++)
        {
            var prefix = $"f{i}";
            var sql = (hasDirective ? Directive : "") + (random.Next(2) == 0 ? BlockFiles.Random(random, prefix) : BlockFiles.RandomBlocks(random, prefix));
            var prepare = $"CREATE TABLE {prefix}_log (v text); CREATE SEQUENCE {prefix}_seq;";
            await theirs.ExecuteAsync(prepare);
            await ours.ExecuteAsync(prepare);

            using var project = new TestProject().Add(i, sql);
            await using IMigrationTarget target = host is null ? project.Target(ours.ConnectionString) : project.Target(host);
            var runner = new MigrationRunner(project.Scan(), target);
            var error = await FailureAsync(runner);
            var state = await StateAsync(ours, prefix);
            if (error is { Findings.Count: > 0 })
            {
                refused++;
                Assert.Equal("|0|", state);
                Assert.All(error.Findings, f => Assert.NotNull(f.Line));
                continue;
            }

            var path = Path.Combine(project.Directory, "as_it_is.sql");
            // A file that controls no transaction runs in one of ours.
            var isOne = !hasDirective && SqlScript.Parse(sql).TransactionControl.Count == 0;
            await File.WriteAllTextAsync(path, isOne ? $"BEGIN;\n{sql}COMMIT;\n" : sql);
            var said = await psql.ApplyAsync([path]);
            Assert.True((error is null) == (said.Length == 0), $"{sql}\n{error?.Message}\n{said}");
            if (error is null || hasDirective)
            {
                Assert.True(await StateAsync(theirs, prefix) == state, $"{sql}\n{await StateAsync(theirs, prefix)}\n{state}");
            }
            else
            {
                // Nothing of a file in one transaction stays where it fails, while psql keeps the blocks before.
                Assert.Equal(["", ""], [state.Split('|')[0], state.Split('|')[2]]);
            }

            same++;
            if (error is not null && hasDirective)
            {
                await ForgetAsync(runner, i);
            }
        }

        Assert.InRange(same, Count / 5, Count);
        Assert.InRange(refused, 1, Count);
    }

    private static async Task<HasuraMigrationException?> FailureAsync(MigrationRunner runner)
    {
        try
        {
            await runner.RunAsync(new MigrationGoal.AllPending(), new PlanOptions(), new RunOptions(), null, new RecordingObserver(), CancellationToken.None);
            return null;
        }
        catch (HasuraMigrationException e)
        {
            return e;
        }
    }

    // An interrupted migration would stand in the way of the next file.
    private static async Task ForgetAsync(MigrationRunner runner, long version)
    {
        if ((await runner.StatusAsync(CancellationToken.None)).Migrations.Any(m => m.Version == version && m.Status == MigrationState.Interrupted))
        {
            await runner.RepairAsync(MigrationRepair.AsRolledBack, [version], new RunOptions(), new RecordingObserver(), CancellationToken.None);
        }
    }

    /// <summary>Tables, how often the sequence was used, and the rows that were written.</summary>
    private static async Task<string> StateAsync(TestDatabase database, string prefix) => await database.ScalarAsync<string>(
        $"""
        SELECT concat_ws('|', coalesce((SELECT string_agg(relname, ',' ORDER BY relname) FROM pg_class WHERE relname LIKE '{prefix}\_t%' AND relkind = 'r'), ''),
            (SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM {prefix}_seq),
            coalesce((SELECT string_agg(v, ',') FROM {prefix}_log), ''))
        """) ?? "";
}
