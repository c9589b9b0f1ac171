using System.Collections;
using System.Management.Automation;
using HasuraMigrations.Tests.Support;

namespace HasuraMigrations.Tests.Commands;

/// <summary>Plans as files: applied as they are, or not at all.</summary>
public sealed class PlanTests(ModuleServer server, HostedShell shell) : IClassFixture<HostedShell>
{
    private const string Make = "Invoke-HasuraMigration @p -OutputPlan $f";
    private const string Apply = "Invoke-HasuraMigration @p -Plan $f";

    [Fact]
    public void A_plan_is_written_in_place_of_being_applied_and_then_applied_as_it_is()
    {
        using var database = server.CreateDatabase();
        using var project = TestProject.OfTables(3);

        var made = Run(project, database, "Invoke-HasuraMigration @p -Count 2 -OutputPlan $f -SummaryVariable s; $global:s = $s").Well();

        Assert.Equal(["1", "2"], made.Output.Select(o => $"{Value(o, "Version")}"));
        Assert.Matches("^Wrote the plan of 2 migrations to '.+'\\.$", Assert.Single(made.Information));
        Assert.Equal("True", $"{Value(PSObject.AsPSObject(shell.Runspace.SessionStateProxy.GetVariable("s")), "IsWhatIf")}");
        Assert.Equal("", database.Scalar("SELECT to_regnamespace('hasura_migrations')::text"));
        var text = File.ReadAllText(PlanOf(project));
        Assert.DoesNotContain(new Npgsql.NpgsqlConnectionStringBuilder(database.ConnectionString).Password!, text);

        project.With(3, "table_3", "CREATE TABLE other (id int);");
        var applied = Run(project, database, Apply).Well();

        Assert.Equal(["1", "2"], applied.Output.Select(o => $"{Value(o, "Version")}"));
        Assert.Equal("t1,t2", database.Scalar("SELECT string_agg(relname, ',' ORDER BY relname) FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'"));
    }

    [Fact]
    public void Repeatable_files_are_part_of_a_plan_and_values_of_variables_are_not()
    {
        using var database = server.CreateDatabase();
        using var project = TestProject.OfTables(1);
        project.Write("migrations/repeatable/a.sql", "-- hasura:variables\nCREATE OR REPLACE VIEW v AS SELECT ${text} AS c FROM t1;");
        Run(project, database, $"{Make} -Variable @{{ text = 'geheim' }}").Well();
        Assert.DoesNotContain("geheim", File.ReadAllText(PlanOf(project)));

        project.Write("migrations/repeatable/b.sql", "SELECT 1;");
        Assert.Contains("repeatable file repeatable/b.sql was not part of it", Refused(project, database, $"{Apply} -Variable @{{ text = 'geheim' }}").Message);
        File.Delete(Path.Combine(project.Path, "migrations/repeatable/b.sql"));
        var run = Run(project, database, $"{Apply} -Variable @{{ text = 'geheim' }}").Well();

        Assert.Equal(["1 table_1", "0 repeatable/a.sql"], run.Output.Select(o => $"{Value(o, "Version")} {Value(o, "Name")}"));
    }

    [Fact]
    public void A_plan_to_roll_back_is_applied_by_the_command_that_made_it()
    {
        using var database = server.CreateDatabase();
        using var project = TestProject.OfTables(3);
        Run(project, database, "Invoke-HasuraMigration @p; Undo-HasuraMigration @p -Count 2 -OutputPlan $f").Well();

        Assert.Equal("PlanFileInvalid", Refused(project, database, Apply).ErrorId);
        var run = Run(project, database, "Undo-HasuraMigration @p -Plan $f -Confirm:$false").Well();

        Assert.Equal(["3", "2"], run.Output.Select(o => $"{Value(o, "Version")}"));
    }

    [Theory]
    [InlineData("Set-Content $d/migrations/1_table_1/up.sql 'CREATE TABLE x (i int);'", "the file up.sql of migration 1_table_1 changed")]
    [InlineData("Rename-Item $d/migrations/2_table_2 2_other", "migration 2_table_2 would run in another way")]
    [InlineData("Remove-Item -Recurse $d/migrations/2_table_2", "migration 2_table_2 is no longer to run")]
    [InlineData("Invoke-HasuraMigration @p -Version 1", "the log of the database was at entry 0 and is at 1: something ran since")]
    [InlineData("Invoke-HasuraMigration @p; Undo-HasuraMigration @p -All -Confirm:$false", "the log of the database was at entry 0 and is at 4: something ran since")]
    public void What_moved_is_refused_with_everything_that_moved(string move, string expected)
    {
        using var database = server.CreateDatabase();
        using var project = TestProject.OfTables(2);
        Run(project, database, $"{Make}; {move}").Well();

        var failure = Refused(project, database, Apply);

        Assert.Equal("PlanOutdated", failure.ErrorId);
        Assert.Contains(expected, failure.Message);
    }

    [Fact]
    public void Another_database_is_refused_whatever_it_contains()
    {
        using var database = server.CreateDatabase();
        using var other = server.CreateDatabase();
        using var project = TestProject.OfTables(2);
        Run(project, database, Make).Well();

        var failure = Refused(project, other, Apply);

        Assert.Equal("PlanOutdated", failure.ErrorId);
        Assert.Contains("it was made for the database ", failure.Message);
    }

    [Theory]
    [InlineData("", "PlanFileInvalid", null)]
    [InlineData("{", "PlanFileInvalid", 1)]
    [InlineData("[]", "PlanFileInvalid", null)]
    [InlineData("{\"format\": \"hasura-migrations plan 2\"}", "PlanFileInvalid", null)]
    [InlineData("{\"format\": \"hasura-migrations plan 1\"}", "PlanFileInvalid", null)]
    [InlineData("{\"format\": \"hasura-migrations plan 1\", \"command\": \"Invoke-HasuraMigration\", \"toolVersion\": \"1\", \"created\": \"2026-01-01T00:00:00Z\"}", "PlanFileInvalid", null)]
    [InlineData("{\"format\": \"hasura-migrations plan 1\", \"command\": \"Invoke-HasuraMigration\", \"toolVersion\": \"1\", \"created\": \"2026-01-01T00:00:00Z\", \"databases\": [null]}", "PlanFileInvalid", null)]
    [InlineData("{\"format\": \"hasura-migrations plan 1\", \"command\": \"Invoke-HasuraMigration\",\n \"toolVersion\": 1}", "PlanFileInvalid", 2)]
    [InlineData("{\"format\": \"hasura-migrations plan 1\", \"secret\": 1}", "PlanFileInvalid", 1)]
    public void A_file_that_is_no_plan_is_refused_with_its_line(string text, string id, int? line)
    {
        using var project = TestProject.OfTables(1);
        project.Write("plan.json", text);

        var failure = Refused(project, null, Apply);

        Assert.Equal(id, failure.ErrorId);
        Assert.Equal(PlanOf(project), failure.File);
        if (line is not null)
        {
            Assert.Equal(line, failure.Line);
        }
    }

    [Theory]
    [InlineData("$p.databases += $p.databases[0]", "it names a database twice")]
    [InlineData("$p.databases[0].transactionMode = 99", "cannot be used")]
    [InlineData("$p.databases[0].migrations[0].direction = 'Sideways'", "cannot be used")]
    [InlineData("$p.databases[0].identity.system = $null", "a value in it is null")]
    public void A_plan_that_was_edited_is_refused(string edit, string why)
    {
        using var database = server.CreateDatabase();
        using var project = TestProject.OfTables(1);
        Run(project, database, Make).Well();
        shell.Run($"$p = Get-Content $f -Raw | ConvertFrom-Json; {edit}; $p | ConvertTo-Json -Depth 9 | Set-Content $f", ("f", PlanOf(project))).Well();

        var failure = Refused(project, database, Apply);

        Assert.Equal("PlanFileInvalid", failure.ErrorId);
        Assert.Contains(why, failure.Message);
    }

    [Theory]
    [InlineData("-Database default")]
    [InlineData("-SkipExecution")]
    [InlineData("-TransactionMode All")]
    [InlineData("-AllowChanged")]
    [InlineData("-OutputPlan x.json")]
    public void What_the_plan_decides_cannot_be_given_beside_it(string parameter)
    {
        using var database = server.CreateDatabase();
        using var project = TestProject.OfTables(1);
        Run(project, database, Make).Well();

        Assert.Equal("PlanFixed", Refused(project, database, $"{Apply} {parameter}").ErrorId);
    }

    [Fact]
    public void A_plan_that_is_refused_is_not_written()
    {
        using var database = server.CreateDatabase();
        using var project = new TestProject().With(1, "a", "VACUUM;");

        Assert.Equal("NotInTransaction", Refused(project, database, Make).ErrorId);
        Assert.False(File.Exists(PlanOf(project)));
    }

    [Fact]
    public void Metadata_is_planned_and_imported_while_nobody_else_writes_it()
    {
        using var database = server.CreateDatabase();
        using var project = new TestProject(3);
        project.Write("metadata/version.yaml", "version: 3\n");
        project.Write("metadata/databases/databases.yaml", "- name: default\n  kind: postgres\n  configuration:\n    connection_info:\n      database_url:\n        from_env: HASURA_GRAPHQL_DATABASE_URL\n  tables: []\n");
        Run(project, database, """'{"version":3,"sources":[]}' | Import-HasuraMetadata @p -CreateStateStore""").Well();

        var made = Run(project, database, "Import-HasuraMetadata @p -OutputPlan $f").Well();
        Assert.Equal("source", $"{Value(Assert.Single(made.Output), "Kind")}".ToLowerInvariant());
        Assert.Equal("0", database.Scalar("SELECT jsonb_array_length(metadata::jsonb->'sources')::text FROM hdb_catalog.hdb_metadata"));

        using var other = server.CreateDatabase();
        Run(project, other, """'{"version":3,"sources":[]}' | Import-HasuraMetadata @p -CreateStateStore""").Well();
        Assert.Contains("another place", Refused(project, other, "Import-HasuraMetadata @p -Plan $f").Message);

        project.Write("metadata/allow_list.yaml", "[]\n");
        project.Write("metadata/query_collections.yaml", "- name: c\n  definition:\n    queries: []\n");
        Assert.Contains("the metadata files, or the options of the import, changed", Refused(project, database, "Import-HasuraMetadata @p -Plan $f").Message);
        File.Delete(Path.Combine(project.Path, "metadata/query_collections.yaml"));

        Assert.Equal("True", $"{Value(Assert.Single(Run(project, database, "Import-HasuraMetadata @p -Plan $f").Well().Output), "Changed")}");
        Assert.Contains("the metadata was written since", Refused(project, database, "Import-HasuraMetadata @p -Plan $f").Message);
        Assert.Equal("PlanFixed", Refused(project, database, "Import-HasuraMetadata @p -Plan $f -OutputPlan $f").ErrorId);
    }

    private static string PlanOf(TestProject project) => Path.Combine(project.Path, "plan.json");

    private static object? Value(PSObject value, string property) => value.Properties[property].Value;

    private HasuraMigrationFailure Refused(TestProject project, ModuleDatabase? database, string script)
    {
        var run = Run(project, database, $"try {{ {script} }} catch {{ $_ }}");
        var record = Assert.IsType<ErrorRecord>(run.Output[^1].BaseObject);
        var exception = PSObject.AsPSObject(record.Exception);
        return new HasuraMigrationFailure($"{Value(exception, "ErrorId")}", record.Exception.Message, $"{Value(exception, "File")}", (int?)Value(exception, "Line"));
    }

    private ShellOutput Run(TestProject project, ModuleDatabase? database, string script) => shell.Run(
        script,
        ("p", new Hashtable { ["Project"] = project.Path, ["ConnectionString"] = database?.ConnectionString ?? "Host=127.0.0.1;Port=1" }),
        ("f", PlanOf(project)),
        ("d", project.Path));

    private sealed record HasuraMigrationFailure(string ErrorId, string Message, string File, int? Line);
}
