using System.Collections;
using System.Management.Automation;
using HasuraMigrations.Tests.Support;

namespace HasuraMigrations.Tests.Commands;

/// <summary>A project is published as one release: all of it, or what is left of it is told.</summary>
public sealed class PublishTests(ModuleServer server, HostedShell shell) : IClassFixture<HostedShell>
{
    private const string Document = "SELECT metadata::text FROM hdb_catalog.hdb_metadata";
    private const string Version = "SELECT resource_version::text FROM hdb_catalog.hdb_metadata";
    private const string Applied = "SELECT coalesce(string_agg(version::text, ',' ORDER BY version), '') FROM hasura_migrations.history";

    [Fact]
    public void A_release_applies_migrations_then_metadata_then_seed_files_and_a_second_one_writes_nothing()
    {
        using var database = server.CreateDatabase();
        using var project = Blog();

        var run = Run(project, database, "Publish-HasuraProject @p -CreateStateStore -WithSeeds -Once -WarningAction Ignore").Well();

        var result = Assert.Single(run.Output);
        Assert.Equal("True True 2 0 True", Line(result, "Succeeded", "Changed", "Applied", "Pending", "Metadata.IsConsistent"));
        Assert.Equal(["Applied 1.sql"], Items(result, "Seeds").Select(s => $"{s}"));
        Assert.Matches("^Published 2 migrations, 2 metadata changes, 1 seed file, 1 database, .+, 0 pending\\.$", run.Information[^1]);
        Assert.Equal("1", database.Scalar("SELECT count(*)::text FROM author"));
        var (version, log) = (database.Scalar(Version), database.Scalar("SELECT count(*)::text FROM hasura_migrations.log"));

        var again = Run(project, database, "Publish-HasuraProject @p -WithSeeds -Once").Well();

        Assert.Equal("True False True", Line(Assert.Single(again.Output), "Succeeded", "Changed", "Metadata.IsConsistent"));
        Assert.Matches("^Nothing left to publish, 1 database, .+, 0 pending\\.$", again.Information[^1]);
        Assert.Equal((version, log), (database.Scalar(Version), database.Scalar("SELECT count(*)::text FROM hasura_migrations.log")));
    }

    [Fact]
    public void What_if_shows_all_of_it_and_writes_nothing()
    {
        using var database = server.CreateDatabase();
        using var project = Blog();

        var run = Run(project, database, "Publish-HasuraProject @p -CreateStateStore -WithSeeds -WhatIf -WarningAction Ignore").Well();

        Assert.Equal(
            ["PlannedMigrationInfo", "PlannedMigrationInfo", "MetadataChange", "MetadataChange", "PlannedSeedInfo"],
            run.Output.Select(o => o.BaseObject.GetType().Name));
        Assert.Equal("", database.Objects().Replace("public.", "", StringComparison.Ordinal));
        Assert.Empty(Run(Published(database, project), database, "Publish-HasuraProject @p -WhatIf").Well().Output);
    }

    [Theory]
    [InlineData("migrations/default/3_c/up.sql", "SELECT nothing;", "MigrationFailed", "Migrations", "", false)]
    [InlineData("metadata/databases/default/tables/tables.yaml", "- table: {schema: public, name: author}\n- table: {schema: public, name: nothing}\n", "MetadataInconsistent", "Metadata", "", false)]
    [InlineData("seeds/default/2.sql", "SELECT nothing;", "SeedFailed", "Seeds", "True", true)]
    public void A_release_that_fails_returns_the_metadata_and_tells_what_remains(string file, string text, string id, string step, string restored, bool withEffect)
    {
        using var database = server.CreateDatabase();
        using var project = Published(database, Blog());
        var before = (Document: database.Scalar(Document), Objects: Run(project, database, "(Export-HasuraMetadata @p -AsObject).Document | ConvertTo-Json -Depth 30").Well().Values("Length")[0]);
        project.With(3, "b", "CREATE TABLE three (id int PRIMARY KEY);", database: "default").With(4, "c", "SELECT 4;", database: "default");
        project.Write("metadata/databases/default/tables/tables.yaml", "- table: {schema: public, name: author}\n- table: {schema: public, name: three}\n");
        Directory.Delete(Path.Combine(project.Path, "migrations/default/4_c"), recursive: true);
        project.Write(file.Replace("3_c", "4_c", StringComparison.Ordinal), text);

        var run = Run(project, database, "try { Publish-HasuraProject @p -WithSeeds -Force -SummaryVariable s } catch { $_ }; $global:s = $s");

        Assert.Equal(2, run.Output.Count);
        var result = run.Output[0];
        Assert.Equal((id, step), (IdOf(run.Output[1]), Line(result, "FailedStep")));
        Assert.Equal("False " + restored, Line(result, "Succeeded", "MetadataRestored"));
        Assert.Same(result.BaseObject, Variable("s").BaseObject);
        Assert.Equal(before.Document, database.Scalar(Document));
        Assert.Contains(Items(result, "NotUndone"), n => $"{n}".Contains("Undo-HasuraMigration -Database 'default' -Version 3", StringComparison.Ordinal));
        Assert.Contains(run.Warnings, w => w.Contains("3_b", StringComparison.Ordinal));
        Assert.Equal(withEffect, $"{Line(result, "Metadata.Changed")}" == "True");

        // What is left is done by the next release, once the cause is gone.
        project.Write(file.Replace("3_c", "4_c", StringComparison.Ordinal), file.EndsWith("yaml", StringComparison.Ordinal) ? "- table: {schema: public, name: author}\n- table: {schema: public, name: three}\n" : "SELECT 1;");
        Assert.Equal("True True", Line(Run(project, database, "Publish-HasuraProject @p -WithSeeds -Force").Well().Output.Single(), "Succeeded", "Metadata.Changed"));
    }

    [Fact]
    public void A_plan_that_is_refused_stops_all_of_it_with_every_reason()
    {
        using var database = server.CreateDatabase();
        using var project = Blog();
        project.With(3, "c", "VACUUM;", database: "default").Write("metadata/databases/default/tables/tables.yaml", "- table: {schema: public, name: author}\n- nonsense: true\n");

        var run = Run(project, database, "try { Publish-HasuraProject @p -CreateStateStore -WarningAction Ignore } catch { $_ }");

        Assert.Equal("ReleaseRefused", IdOf(run.Output[1]));
        Assert.Contains("NotInTransaction", $"{run.Output[1]}");
        Assert.Contains("nonsense", $"{run.Output[1]}");
        Assert.Equal("Planning", Line(run.Output[0], "FailedStep"));
        Assert.Equal("", database.Objects().Replace("public.", "", StringComparison.Ordinal));
    }

    [Fact]
    public void A_database_without_catalog_is_refused_before_its_migrations()
    {
        using var database = server.CreateDatabase();
        using var project = Blog();

        Assert.Equal("MetadataStoreMissing", Run(project, database, "Publish-HasuraProject @p -WarningAction Ignore").ErrorId);

        Assert.Equal("", database.Objects().Replace("public.", "", StringComparison.Ordinal));
    }

    [Fact]
    public void One_database_that_cannot_be_reached_stops_the_metadata_and_no_other_database()
    {
        using var one = server.CreateDatabase();
        using var two = server.CreateDatabase();
        using var project = new TestProject(3);
        project.With(1, "a", "CREATE TABLE a (i int);", database: "one").With(1, "a", "CREATE TABLE a (i int);", database: "two");
        project.Write("metadata/version.yaml", "version: 3\n");
        project.Write("metadata/databases/databases.yaml", string.Concat(new[] { "one", "two" }.Select(n => $"- name: {n}\n  kind: postgres\n  configuration:\n    connection_info:\n      database_url:\n        from_env: URL_OF_{n.ToUpperInvariant()}\n  tables: []\n")));
        var connections = new Hashtable { ["one"] = one.ConnectionString, ["two"] = "Host=127.0.0.1;Port=1;Username=u;Database=d" };
        const string Script = "try { Publish-HasuraProject -Project $d -ConnectionString $c -MetadataConnectionString $m -CreateStateStore -ThrottleLimit 2 } catch { $_ }";

        var run = shell.Run(Script, ("d", project.Path), ("c", connections), ("m", one.ConnectionString));

        Assert.Equal("DatabaseUnreachable", IdOf(run.Output[1]));
        Assert.Equal(["True 1", "False 0"], Items(run.Output[0], "Databases").Select(d => Line(d, "Succeeded", "Applied")));
        Assert.Equal("Migrations  ", Line(run.Output[0], "FailedStep", "Metadata.Changed", "MetadataRestored"));

        connections["two"] = two.ConnectionString;
        var again = shell.Run(Script, ("c", connections)).Well();

        Assert.Equal(["0", "1"], Items(Assert.Single(again.Output), "Databases").Select(d => Line(d, "Applied")));
        Assert.Equal("True", Line(again.Output[0], "Metadata.Changed"));
    }

    [Fact]
    public void Through_a_server_a_new_source_gets_its_connection_before_its_migrations_and_loses_it_if_they_fail()
    {
        using var database = server.CreateDatabase();
        using var hasura = HasuraServer.Start(database);
        using var project = Blog();
        project.With(3, "c", "SELECT nothing;", database: "default");
        const string Server = "-Project $d -Endpoint $e -Force -WarningAction Ignore";
        var parameters = new (string, object?)[] { ("d", project.Path), ("e", hasura.Endpoint) };
        shell.Run("""'{"version":3,"sources":[]}' | Import-HasuraMetadata -Endpoint $e -Force""", parameters).Well();
        var before = database.Scalar(Document);

        var planned = shell.Run($"Publish-HasuraProject {Server} -WhatIf", parameters).Well();
        var failed = shell.Run($"try {{ Publish-HasuraProject {Server} }} catch {{ $_ }}", parameters);

        Assert.Equal(["1", "2", "3"], planned.Output.Where(o => o.Properties["Version"] is not null).Select(o => Line(o, "Version")));
        Assert.Equal("MigrationFailed", IdOf(failed.Output[1]));
        Assert.Equal("Migrations True 2", Line(failed.Output[0], "FailedStep", "MetadataRestored", "Applied"));
        Assert.Equal(before, database.Scalar(Document));

        project.With(3, "c", "SELECT 3;", database: "default");
        var run = shell.Run($"Publish-HasuraProject {Server} -WithSeeds", parameters).Well();

        Assert.Equal("True 1 True True", Line(Assert.Single(run.Output), "Succeeded", "Applied", "Metadata.Changed", "Metadata.IsConsistent"));
        Assert.Equal("1,2,3", database.Scalar(Applied));
        Assert.Equal("1", database.Scalar("SELECT count(*)::text FROM author"));
        Assert.Equal("False", Line(shell.Run($"Publish-HasuraProject {Server}", parameters).Well().Output.Single(), "Changed"));
    }

    [Theory]
    [InlineData("v2")]
    [InlineData("v1")]
    public void A_project_of_config_version_2_is_published_through_servers_of_both_versions(string api)
    {
        using var database = server.CreateDatabase();
        using var hasura = HasuraServer.Start(database, api: api);
        using var project = TestProject.OfTables(2);
        project.Write("metadata/version.yaml", "version: 2\n");
        project.Write("metadata/tables.yaml", "- table:\n    schema: public\n    name: t1\n");

        var run = shell.Run("Publish-HasuraProject -Project $d -Endpoint $e; Publish-HasuraProject -Project $d -Endpoint $e", ("d", project.Path), ("e", hasura.Endpoint)).Well();

        Assert.Equal(["True 2 True", "False 0 False"], run.Output.Select(o => Line(o, "Changed", "Applied", "Metadata.Changed")));
    }

    [Fact]
    public void Metadata_that_migrations_of_config_version_1_change_is_kept_by_a_release_that_fails()
    {
        using var database = server.CreateDatabase();
        using var project = new TestProject(1);
        project.With(1, "a", "CREATE TABLE a (i int PRIMARY KEY);").With(2, "b", "SELECT nothing;");
        project.Write("migrations/1_a/up.yaml", "- type: track_table\n  args: {schema: public, name: a}\n");

        var run = Run(project, database, "try { Publish-HasuraProject @p -CreateStateStore -TransactionMode PerMigration -WarningAction Ignore } catch { $_ }; Get-HasuraMigration @p");

        Assert.Equal("MigrationFailed", IdOf(run.Output[1]));
        Assert.Contains("\"a\"", database.Scalar(Document));
    }

    [Fact]
    public void A_plan_is_published_as_it_is_or_refused()
    {
        using var database = server.CreateDatabase();
        using var project = Published(database, Blog());
        project.With(3, "c", "CREATE TABLE c (i int);", database: "default");
        project.Write("metadata/databases/default/tables/tables.yaml", "- table: {schema: public, name: author}\n- table: {schema: public, name: c}\n");
        var plan = Path.Combine(project.Path, "plan.json");
        Run(project, database, $"Publish-HasuraProject @p -WithSeeds -Once -OutputPlan {plan}").Well();
        Assert.Equal("1,2", database.Scalar(Applied));
        project.With(4, "d", "SELECT 1;", database: "default");

        // Versions added since are not part of it; changed seed files, metadata and what ran on the database are.
        var seed = project.Write("seeds/default/1.sql", "SELECT 2;");
        Assert.Contains("the seed file 1.sql changed", Refused());
        File.WriteAllText(seed, "INSERT INTO author VALUES (1);");
        var tables = project.Write("metadata/databases/default/tables/tables.yaml", "- table: {schema: public, name: author}\n");
        Assert.Contains("the metadata files", Refused());
        File.WriteAllText(tables, "- table: {schema: public, name: author}\n- table: {schema: public, name: c}\n");
        Assert.Equal("PlanFixed", Run(project, database, $"Publish-HasuraProject @p -Plan {plan} -RejectOutOfOrder").ErrorId);

        var run = Run(project, database, $"Publish-HasuraProject @p -Plan {plan}").Well();

        Assert.Equal("True 1 True", Line(Assert.Single(run.Output), "Succeeded", "Applied", "Metadata.Changed"));
        Assert.Equal("1,2,3", database.Scalar(Applied));
        Assert.Equal("1", database.Scalar("SELECT count(*)::text FROM author"));
        var outdated = Run(project, database, $"try {{ Publish-HasuraProject @p -Plan {plan} }} catch {{ $_ }}").Output[^1];
        Assert.Equal("ReleaseRefused", IdOf(outdated));
        Assert.Contains("something ran since", $"{outdated}");
        Assert.Contains("the metadata was written since", $"{outdated}");

        string Refused()
        {
            var output = Run(project, database, $"try {{ Publish-HasuraProject @p -Plan {plan} }} catch {{ $_ }}").Output;
            Assert.Equal("PlanOutdated", IdOf(output[^1]));
            return $"{output[^1]}";
        }
    }

    [Fact]
    public void Metadata_that_another_client_changes_in_the_middle_is_not_overwritten()
    {
        using var database = server.CreateDatabase();
        using var project = Published(database, Blog());
        project.With(3, "c", "UPDATE hdb_catalog.hdb_metadata SET metadata = jsonb_set(metadata::jsonb, '{inherited_roles}', '[{\"role_name\": \"r\", \"role_set\": [\"a\", \"b\"]}]')::json, resource_version = resource_version + 1;", database: "default");
        project.Write("metadata/databases/default/tables/tables.yaml", "[]\n");

        var run = Run(project, database, "try { Publish-HasuraProject @p -Force } catch { $_ }");

        Assert.Equal("MetadataConflict", IdOf(run.Output[1]));
        Assert.Contains("inherited_roles", database.Scalar(Document));
        Assert.Contains("author", database.Scalar(Document));
    }

    [Fact]
    public void Releases_wait_for_each_other_as_long_as_they_may()
    {
        using var database = server.CreateDatabase();
        using var project = Published(database, Blog());
        project.With(3, "c", "SELECT 1;", database: "default");
        using var other = new Npgsql.NpgsqlConnection(database.ConnectionString);
        other.Open();
        // The key of releases, the letters HsrMigRe.
        using var command = new Npgsql.NpgsqlCommand($"SELECT pg_advisory_lock({0x4873724D69675265})", other);
        command.ExecuteNonQuery();

        var run = Run(project, database, "try { Publish-HasuraProject @p -LockTimeout 0 -ReconnectTimeout 5 } catch { $_ }");

        Assert.Equal("LockTimeout", IdOf(run.Output[1]));
        Assert.Contains("another release", $"{run.Output[1]}");
        Assert.Equal("1,2", database.Scalar(Applied));
        // Who has nothing to do waits for nobody.
        Directory.Delete(Path.Combine(project.Path, "migrations/default/3_c"), recursive: true);
        Run(project, database, "Publish-HasuraProject @p -LockTimeout 0").Well();
    }

    [Fact]
    public void Parameters_of_runs_and_of_imports_have_their_meaning_in_a_release()
    {
        using var database = server.CreateDatabase();
        using var project = Published(database, Blog());
        var values = project.Write("values.env", "seconds=2\n");
        project.With(3, "c", "-- hasura:variables\nSELECT pg_sleep(${seconds});", database: "default").With(2, "name", "ALTER TABLE author ADD name text; SELECT 1;", database: "default");
        project.Write("metadata/databases/default/tables/tables.yaml", "- table: {schema: public, name: author}\n  event_triggers:\n  - name: e\n    definition: {enable_manual: false, insert: {columns: '*'}}\n    retry_conf: {interval_sec: 10, num_retries: 0, timeout_sec: 60}\n    webhook: https://example.com\n- table: {schema: public, name: nothing}\n");

        Assert.Equal("MigrationChanged", Run(project, database, $"Publish-HasuraProject @p -VariablePath '{values}'").ErrorId);
        Assert.Equal("StatementTimeout", Run(project, database, $"Publish-HasuraProject @p -VariablePath '{values}' -AllowChanged -AllowInconsistent -StatementTimeout 0.2").ErrorId);
        var run = Run(project, database, $"Publish-HasuraProject @p -VariablePath '{values}' -Variable @{{ seconds = 0 }} -AllowChanged -AllowInconsistent -SkipSideEffects -NoStoreText -DdlTimeout 5 -WarningAction SilentlyContinue").Well();

        var result = Assert.Single(run.Output);
        Assert.Equal("True 1 False", Line(result, "Succeeded", "Applied", "Metadata.IsConsistent"));
        Assert.NotEmpty(Items(result, "Metadata.EffectsNotDone"));
        Assert.Equal("0", database.Scalar("SELECT count(*)::text FROM pg_trigger WHERE tgrelid = 'author'::regclass AND NOT tgisinternal"));
        Assert.Equal("1", database.Scalar("SELECT count(*)::text FROM hasura_migrations.history WHERE step_texts IS NULL"));
        using var hasura = HasuraServer.Start(database);
        project.With(4, "d", "SELECT 1;\nSELECT nothing;", database: "default");
        var failed = shell.Run("try { Publish-HasuraProject -Project $d -Endpoint $e -Variable @{ seconds = 0 } -AllowChanged -AllowInconsistent -LocateError -WarningAction SilentlyContinue } catch { $_.Exception.Line }", ("d", project.Path), ("e", hasura.Endpoint));
        Assert.Equal("2", $"{failed.Output[^1]}");
    }

    [Fact]
    public void A_part_of_the_databases_leaves_the_metadata_to_the_whole()
    {
        using var database = server.CreateDatabase();
        using var project = Published(database, Blog());
        project.With(3, "c", "SELECT 1;", database: "default").Write("metadata/databases/default/tables/tables.yaml", "[]\n");

        var none = Run(project, database, "Publish-HasuraProject @p -Database nosuch*").Well();
        var run = Run(project, database, "1, 2 | ForEach-Object { Publish-HasuraProject @p -Shard \"$_/2\" }").Well();

        Assert.Empty(none.Output);
        Assert.Equal("True 1 ", Line(Assert.Single(run.Output), "Succeeded", "Applied", "Metadata.Changed"));
    }

    [Fact]
    public void A_result_has_a_view_and_a_report()
    {
        using var database = server.CreateDatabase();
        using var project = Published(database, Blog());
        project.With(3, "c", "SELECT nothing;", database: "default");

        var run = Run(project, database, "try { Publish-HasuraProject @p -SummaryVariable s } catch { }; $s | Out-String -Width 120; $s | Export-HasuraReport \"$($p.Project)/r.md\" -Force; Get-Content \"$($p.Project)/r.md\" -Raw");

        Assert.Matches("(?m)^Failure +: MigrationFailed: ", $"{run.Output[^2]}");
        Assert.DoesNotContain("   at ", $"{run.Output[^2]}");
        Assert.Contains("MigrationFailed", $"{run.Output[^1]}");
    }

    // Tables, metadata and seed files of a project of config version 3.
    private static TestProject Blog()
    {
        var project = new TestProject(3);
        project.With(1, "author", "CREATE TABLE author (id int PRIMARY KEY);", "DROP TABLE author;", "default").With(2, "name", "ALTER TABLE author ADD name text;", "ALTER TABLE author DROP name;", "default");
        project.Write("metadata/version.yaml", "version: 3\n");
        project.Write("metadata/databases/databases.yaml", "- name: default\n  kind: postgres\n  configuration:\n    connection_info:\n      database_url:\n        from_env: HASURA_GRAPHQL_DATABASE_URL\n  tables: \"!include default/tables/tables.yaml\"\n");
        project.Write("metadata/databases/default/tables/tables.yaml", "- table: {schema: public, name: author}\n");
        project.Write("seeds/default/1.sql", "INSERT INTO author VALUES (1);");
        return project;
    }

    private TestProject Published(ModuleDatabase database, TestProject project)
    {
        Run(project, database, "Publish-HasuraProject @p -CreateStateStore -WarningAction Ignore").Well();
        return project;
    }

    private ShellOutput Run(TestProject project, ModuleDatabase database, string script) =>
        shell.Run(script, ("p", new Hashtable { ["Project"] = project.Path, ["ConnectionString"] = database.ConnectionString }));

    private PSObject Variable(string name) => PSObject.AsPSObject(shell.Runspace.SessionStateProxy.GetVariable(name));

    private static string IdOf(PSObject error) => ((ErrorRecord)error.BaseObject).FullyQualifiedErrorId.Split(',')[0];

    private static string Line(PSObject value, params string[] properties) => string.Join(' ', properties.Select(p => $"{Value(value, p)}"));

    private static object? Value(PSObject value, string path)
    {
        object? found = value;
        foreach (var property in path.Split('.'))
        {
            found = found is null ? null : PSObject.AsPSObject(found).Properties[property].Value;
        }

        return found;
    }

    private static List<PSObject> Items(PSObject value, string property) => [.. ((IEnumerable)Value(value, property)!).Cast<object>().Select(PSObject.AsPSObject)];
}
