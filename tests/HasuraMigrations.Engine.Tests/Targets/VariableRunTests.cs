using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Seeds;
using HasuraMigrations.Engine.Tests.Support;
using HasuraMigrations.Engine.Variables;
using HasuraMigrations.TestServer;

namespace HasuraMigrations.Engine.Tests.Targets;

/// <summary>Files with variables on both kinds of target.</summary>
public sealed class VariableRunTests(PostgresServer server)
{
    private const string Directive = "-- hasura:variables\n";
    private const string Secret = "pa'ss\\wörd 7";

    public static TheoryData<HasuraApi?> Places => new() { (HasuraApi?)null, HasuraApi.V1, HasuraApi.V2 };

    [Theory]
    [MemberData(nameof(Places))]
    public async Task Up_and_down_run_with_values_that_are_stored_nowhere(HasuraApi? api)
    {
        await using var place = await TargetPlace.OpenAsync(server, api);
        using var project = new TestProject(api == HasuraApi.V1 ? 2 : 3)
            .Add(1, Directive + "CREATE TABLE ${table:identifier} (note text DEFAULT ${secret});\nINSERT INTO \"${table}\" DEFAULT VALUES;", Directive + "DROP TABLE ${table:identifier};");

        await RunAsync(place, project, null, ("table", "My Table"), ("secret", Secret));
        Assert.Equal(Secret, await place.Database.ScalarAsync<string>("SELECT note FROM \"My Table\""));
        Assert.Equal(StepText.Of(Directive + "DROP TABLE ${table:identifier};").Checksum, await place.Database.ScalarAsync<string>("SELECT checksums ->> 'down.sql' FROM hasura_migrations.history"));
        Assert.DoesNotContain("wörd", await RecordsAsync(place));

        // A changed value is no changed file.
        Assert.Empty((await RunAsync(place, project, null, ("table", "Other"), ("secret", "other"))).Results);
        Directory.Delete(project.Migrations, recursive: true);
        var missing = await Assert.ThrowsAsync<HasuraMigrationException>(() => RunAsync(place, project, new MigrationGoal.Last(1)));
        await RunAsync(place, project, new MigrationGoal.Last(1), ("table", "My Table"));

        Assert.Equal("VariableMissing", missing.ErrorId);
        Assert.Equal("", await place.TablesAsync());
    }

    [Theory]
    [MemberData(nameof(Places))]
    public async Task A_failure_is_told_where_it_is_in_the_file_and_without_the_value(HasuraApi? api)
    {
        await using var place = await TargetPlace.OpenAsync(server, api);
        using var project = new TestProject(api == HasuraApi.V1 ? 2 : 3)
            .Add(1, Directive + "SELECT ${secret}, 1;\nSELECT ${secret}, '${secret}'::int AS nope;");

        var error = await Assert.ThrowsAsync<MigrationFailedException>(() => RunAsync(place, project, null, ("secret", Secret)));

        Assert.Equal(("22P02", 2, "SELECT ${secret}, '${secret}'::int AS nope"), (error.SqlState, error.StatementNumber, error.Statement));
        Assert.Equal((3, "SELECT ${secret}, '${secret}'::int AS nope;", api is null ? 19 : 1), (error.Line, error.SourceLine, error.Column));
        Assert.Equal("invalid input syntax for type integer: \"${secret}\"", error.ServerMessage);
        Assert.Null(error.InnerException);
        Assert.DoesNotContain("wörd", $"{error} {await RecordsAsync(place)}");
        Assert.Contains("${secret}", await place.Database.ScalarAsync<string>("SELECT error FROM hasura_migrations.log WHERE outcome = 'failed'"));
    }

    [Fact]
    public async Task Notices_are_told_without_the_value()
    {
        await using var place = await TargetPlace.OpenAsync(server, null);
        using var project = new TestProject().Add(1, Directive + "DO $$ BEGIN RAISE NOTICE 'It is %', ${secret}; END $$;");

        var told = await RunAsync(place, project, null, ("secret", Secret));

        Assert.Contains("NOTICE: It is ${secret}", told.Messages);
        Assert.DoesNotContain(told.Messages, m => m.Contains("wörd", StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Places))]
    public async Task A_file_without_a_transaction_is_resumed_with_values_and_keeps_no_trace_of_them(HasuraApi? api)
    {
        Assert.SkipWhen(api == HasuraApi.V1, "Servers of version 1 run each request in a transaction.");
        await using var place = await TargetPlace.OpenAsync(server, api);
        using var project = new TestProject().Add(1, "-- hasura:no-transaction\n" + Directive + "CREATE TABLE t (a text);\nINSERT INTO t VALUES (${secret});\nSELECT '${divisor}'::int;");

        var error = await Assert.ThrowsAsync<MigrationFailedException>(() => RunAsync(place, project, null, ("secret", Secret), ("divisor", "none")));
        Assert.Equal(2, await place.Database.ScalarAsync<int>("SELECT finished_statements FROM hasura_migrations.history"));
        await RunAsync(place, project, null, ("secret", "another"), ("divisor", "1"));

        Assert.Equal(("MigrationFailedPartly", 5), (error.ErrorId, error.Line));
        Assert.DoesNotContain("\"none\"", $"{error} {await RecordsAsync(place)}");
        Assert.Equal(Secret, await place.Database.ScalarAsync<string>("SELECT a FROM t"));
    }

    [Theory]
    [MemberData(nameof(Places))]
    public async Task Seed_files_have_variables_too(HasuraApi? api)
    {
        await using var place = await TargetPlace.OpenAsync(server, api);
        await place.Database.ExecuteAsync("CREATE TABLE t (note text)");
        using var project = new TestProject(api == HasuraApi.V1 ? 2 : 3)
            .Seed("1.sql", Directive + "INSERT INTO t VALUES (${secret});").Seed("2.sql", Directive + "SELECT ${secret}::int;");
        SeedOptions Options(string value) => new() { IsOnce = true, TransactionMode = MigrationTransactionMode.PerMigration, Variables = VariableSet.Create(new Dictionary<string, string> { ["secret"] = value }, environment: []) };

        var error = await Assert.ThrowsAsync<MigrationFailedException>(() => project.SeedAsync(place, Options(Secret)));
        var again = await project.SeedAsync(place, Options("7"));

        Assert.DoesNotContain("wörd", $"{error} {await RecordsAsync(place)}");
        Assert.Equal(("1.sql", "2.sql"), (string.Join(',', again.Skipped), string.Join(',', again.Applied)));
        Assert.Equal(Secret, await place.Database.ScalarAsync<string>("SELECT note FROM t"));
    }

    [Fact]
    public async Task A_version_with_variables_that_the_record_of_Hasura_forgot_is_in_doubt()
    {
        await using var place = await TargetPlace.OpenAsync(server, null);
        using var project = new TestProject(2).Add(1, Directive + "CREATE TABLE ${table:identifier} (a int);");
        await RunAsync(place, project, null, new RunOptions { CreateStateStore = true }, ("table", "t"));

        await place.Database.ExecuteAsync("DELETE FROM hdb_catalog.schema_migrations");

        Assert.Equal(MigrationState.InDoubt, Assert.Single(await place.StatusAsync(project)).Status);
    }

    private static Task<RecordingObserver> RunAsync(TargetPlace place, TestProject project, MigrationGoal? goal, params (string Name, string Value)[] values) =>
        RunAsync(place, project, goal, new RunOptions { LocateError = true }, values);

    private static async Task<RecordingObserver> RunAsync(TargetPlace place, TestProject project, MigrationGoal? goal, RunOptions options, params (string Name, string Value)[] values)
    {
        var observer = new RecordingObserver();
        await using var target = place.Target(project);
        var plan = new PlanOptions { FromHistory = goal is not null, Variables = VariableSet.Create(values.ToDictionary(v => v.Name, v => v.Value), environment: []) };
        await new MigrationRunner(project.Scan(), target).RunAsync(goal ?? new MigrationGoal.AllPending(), plan, options, null, observer, TestContext.Current.CancellationToken);
        return observer;
    }

    // The texts of steps are packed; what is in them is the file, as its checksum proves.
    private static async Task<string> RecordsAsync(TargetPlace place) =>
        await place.Database.ScalarAsync<string>("SELECT concat((SELECT string_agg(h::text, ' ') FROM hasura_migrations.history h), (SELECT string_agg(l::text, ' ') FROM hasura_migrations.log l))") ?? "";
}
