using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Targets.Postgres.Sessions;
using HasuraMigrations.Engine.Tests.Support;
using HasuraMigrations.TestServer;

namespace HasuraMigrations.Engine.Tests.Targets.Postgres.Runs;

/// <summary>What a file, a trigger or a notice says is never taken for what this module says to itself.</summary>
public sealed class ForgedSignalTests(PostgresServer server)
{
    private const string Directive = "-- hasura:no-transaction\n";

    private static readonly string[] Ours = ["HM000", "HM001", "HM002", "HM004", "HM005", "HM009"];

    private static readonly RunOptions Hasty = new() { DdlTimeout = TimeSpan.Zero, LockTimeout = TimeSpan.FromSeconds(1) };

    public static TheoryData<HasuraApi?> Targets => new((HasuraApi?)null, HasuraApi.V2);

    [Theory]
    [MemberData(nameof(Targets))]
    [Trait("Case", "14.1")]
    public async Task A_notice_is_no_proof_of_a_commit(HasuraApi? api)
    {
        await using var place = await TargetPlace.OpenAsync(server, api);
        using var project = new TestProject()
            .Add(1, "CREATE TABLE important (i int); DO $$ BEGIN FOR i IN 0..3 LOOP RAISE NOTICE '%', i USING ERRCODE = 'HM000'; END LOOP; PERFORM pg_sleep(0.3); RAISE EXCEPTION 'no' USING ERRCODE = '55P03'; END $$;")
            .Add(2, "SELECT 1;");

        var error = await Assert.ThrowsAsync<MigrationFailedException>(() => place.RunAsync(project, options: Hasty));

        Assert.Equal(("DdlLockTimeout", 1L, 0), (error.ErrorId, error.Version, error.AppliedBefore));
        Assert.All(await place.StatusAsync(project), m => Assert.Equal(MigrationState.Pending, m.Status));
        Assert.Equal("", await place.TablesAsync());
    }

    [Theory]
    [MemberData(nameof(Targets))]
    [Trait("Case", "14.2")]
    public async Task Error_codes_of_ours_in_files_are_failures_of_the_files(HasuraApi? api)
    {
        await using var place = await TargetPlace.OpenAsync(server, api);
        await place.Database.ExecuteAsync("""
            CREATE TABLE victim (id int, code text);
            CREATE FUNCTION shout() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE NOTICE '1' USING ERRCODE = NEW.code; RAISE EXCEPTION 'shouted' USING ERRCODE = NEW.code; END $$;
            CREATE TRIGGER now BEFORE INSERT ON victim FOR EACH ROW WHEN (NEW.id = 1) EXECUTE FUNCTION shout();
            CREATE CONSTRAINT TRIGGER late AFTER INSERT ON victim DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.id = 2) EXECUTE FUNCTION shout();
            CREATE TABLE lock_me (id int);
            """);
        // Seeded, so that a failure comes again.
        var random = new Random(14);
        string[] others = [.. Enumerable.Range(0, 4).Select(_ => new string([.. Enumerable.Range(0, 5).Select(i => i == 0 ? 'U' : "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"[random.Next(36)])]))];
        // For the last the driver gives the session up.
        // Each forgery is tried with the signals of a busy lock and of a lost one, and with every code in the long form.
        foreach (var code in LongForm.IsOn ? Ours.Concat(others).Append("57P01") : [Ours[0], Ours[1], others[0], "57P01"])
        {
            foreach (var file in Forgeries(code))
            {
                using var project = new TestProject().Add(1, $"CREATE TABLE kept (id int);\n{file}\n").Add(2, "CREATE TABLE never (id int);");

                var error = await Assert.ThrowsAsync<MigrationFailedException>(() => place.RunAsync(project, options: Hasty));

                Assert.Equal(("MigrationFailed", 1L, code), (error.ErrorId, error.Version, error.SqlState));
                Assert.Equal("lock_me,victim", await place.TablesAsync());
                Assert.All(await place.StatusAsync(project), m => Assert.Equal(MigrationState.Pending, m.Status));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Targets))]
    [Trait("Case", "14.2")]
    public async Task Error_codes_of_ours_outside_a_transaction_are_failures_of_the_file(HasuraApi? api)
    {
        await using var place = await TargetPlace.OpenAsync(server, api);
        foreach (var code in Ours)
        {
            using var project = new TestProject().Add(1, $"{Directive}DO $$ BEGIN RAISE NOTICE '0' USING ERRCODE = '{code}'; RAISE EXCEPTION 'no' USING ERRCODE = '{code}'; END $$;\nSELECT 1;\n");

            var error = await Assert.ThrowsAsync<MigrationFailedException>(() => place.RunAsync(project, options: Hasty));

            Assert.Equal(("MigrationFailed", code), (error.ErrorId, error.SqlState));
            Assert.Equal(MigrationState.Pending, Assert.Single(await place.StatusAsync(project)).Status);
        }
    }

    [Fact]
    [Trait("Case", "14.2")]
    public async Task A_file_that_repeats_what_it_reads_in_its_own_text_is_found_out()
    {
        await using var place = await TargetPlace.OpenAsync(server, HasuraApi.V2);
        foreach (var code in new[] { "HM001", "HM004", "HM005" })
        {
            using var project = new TestProject().Add(1, $"CREATE TABLE kept (id int); DO $$ BEGIN RAISE EXCEPTION '%', substring(current_query() from 'hasura_migrations [0-9a-f]+: ') USING ERRCODE = '{code}'; END $$;");

            var error = await Assert.ThrowsAsync<MigrationFailedException>(() => place.RunAsync(project, options: Hasty));

            Assert.Equal(("MigrationFailed", code), (error.ErrorId, error.SqlState));
            Assert.Equal("", await place.TablesAsync());
        }
    }

    [Theory]
    [MemberData(nameof(Targets))]
    [Trait("Case", "14.3")]
    public async Task A_result_of_a_file_is_its_own(HasuraApi? api)
    {
        await using var place = await TargetPlace.OpenAsync(server, api);
        const string Forged = """
            SELECT 'abc' AS hasura_migrations_version, 'x' AS milliseconds;
            SELECT 'abc' AS hasura_migrations_attempt, 'x' AS milliseconds;
            SELECT NULL AS hasura_migrations_attempt, NULL AS milliseconds;
            SELECT point '(1,2)' AS hasura_migrations_attempt, 3 AS milliseconds;
            SELECT 'x' AS hasura_migrations_path;
            SELECT '00000000-0000-0000-0000-000000000000' AS attempt, 'abandoned' AS outcome, 'x' AS milliseconds, 'y' AS serial;
            """;
        using var project = new TestProject().Add(1, Forged).Add(2, Forged).Add(3, Forged);
        Assert.Equal([1L, 2L, 3L], (await place.RunAsync(project)).Results.Select(r => r.Version));
        Assert.All(await place.StatusAsync(project), m => Assert.Equal(MigrationState.Applied, m.Status));
    }

    [Fact]
    [Trait("Case", "14.1")]
    public async Task A_notice_of_an_earlier_fence_is_no_news()
    {
        await using var place = await TargetPlace.OpenAsync(server, null);
        using var project = new TestProject()
            .Add(1, "SELECT 1;")
            .Add(2, "DO $$ BEGIN RAISE NOTICE '%', (SELECT attempt_id FROM hasura_migrations.history WHERE version = 1) USING ERRCODE = 'HM000'; END $$; SELECT attempt_id AS hasura_migrations_attempt, '77777' AS milliseconds FROM hasura_migrations.history;")
            .Add(3, "SELECT 1/0;");
        var observer = new RecordingObserver();
        var error = await Assert.ThrowsAsync<MigrationFailedException>(() => project.RunAsync(place.Database.ConnectionString, observer: observer));
        Assert.Equal((3L, 2), (error.Version, error.AppliedBefore));
        Assert.All(observer.Results, r => Assert.True(r.Duration < TimeSpan.FromSeconds(77)));
    }

    private static IEnumerable<string> Forgeries(string code) =>
    [
        $"DO $$ BEGIN RAISE NOTICE '1' USING ERRCODE = '{code}'; RAISE EXCEPTION '2' USING ERRCODE = '{code}'; END $$;",
        $"LOCK TABLE lock_me; DO $$ BEGIN RAISE EXCEPTION 'the work lock is held by another session' USING ERRCODE = '{code}'; END $$;",
        $"INSERT INTO victim VALUES (1, '{code}');",
        // It runs where the transaction ends, among statements of ours.
        $"INSERT INTO victim VALUES (2, '{code}');",
    ];
}
