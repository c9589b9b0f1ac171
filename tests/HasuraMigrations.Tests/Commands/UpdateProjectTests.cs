using HasuraMigrations.Tests.Support;

namespace HasuraMigrations.Tests.Commands;

public sealed class UpdateProjectTests(ModuleServer server, HostedShell shell) : IClassFixture<HostedShell>
{
    [Fact]
    public void Updates_files_and_the_records_of_one_database_and_then_those_of_another()
    {
        using var database = server.CreateDatabase();
        using var other = server.CreateDatabase();
        using var project = Version1();
        Run(project, database, "Invoke-HasuraMigration @p -CreateStateStore -WarningAction Ignore").Well();
        Run(project, other, "Invoke-HasuraMigration @p -CreateStateStore -WarningAction Ignore").Well();

        var whatIf = Run(project, database, "Update-HasuraProject @p -SkipProof -WhatIf");
        whatIf.Well();
        var update = Run(project, database, "Update-HasuraProject -ConfigVersion 3 @p -SkipProof -Force -LockTimeout 60 -ReconnectTimeout 60").Well();
        var settled = Run(project, other, "Update-HasuraProject @p -Confirm:$false").Well();
        var again = Run(project, other, "Update-HasuraProject @p -Force").Well();

        Assert.Equal(["False"], whatIf.Values("AreFilesWritten"));
        Assert.Equal(["1", "3", "default", "Target", "True", "1"], new[] { "FromVersion", "ToVersion", "Database", "MetadataSource", "AreFilesWritten", "StateAdded" }.Select(n => update.Values(n)[0]));
        Assert.Equal(["False"], settled.Values("AreFilesWritten"));
        Assert.Equal(["False"], again.Values("AreFilesWritten"));
        Assert.Contains("public_t1.yaml", Directory.EnumerateFiles(Path.Combine(project.Path, "metadata"), "*", SearchOption.AllDirectories).Select(Path.GetFileName));
        foreach (var place in new[] { database, other })
        {
            Assert.Equal(["1"], Run(project, place, "Get-HasuraMigration @p").Well().Values("Version"));
            Assert.Equal([true], Run(project, place, "Test-HasuraMigration @p").Well().Output.Select(o => o.BaseObject));
            Assert.Empty(Run(project, place, "Invoke-HasuraMigration @p").Well().Output);
            Assert.Equal("1", place.Scalar("SELECT string_agg(k, ',') FROM hdb_catalog.hdb_version, jsonb_object_keys(cli_state -> 'migrations' -> 'default') k"));
        }
    }

    [Fact]
    public void A_new_name_of_the_database_leaves_its_history_and_the_warning_has_the_way_on()
    {
        using var database = server.CreateDatabase();
        using var project = TestProject.OfTables(1);
        project.Write("seeds/rows.sql", "INSERT INTO t1 VALUES (1);");
        project.Write("migrations/repeatable/view.sql", "CREATE OR REPLACE VIEW v AS SELECT id FROM t1;");
        Run(project, database, "Invoke-HasuraMigration @p -CreateStateStore -WarningAction Ignore; Invoke-HasuraSeed @p -Once").Well();

        var update = Run(project, database, "Update-HasuraProject -ConfigVersion 3 @p -Database main -Force -SkipProof -WarningAction Ignore | ForEach-Object Findings | Where-Object Id -eq HistoryUnderOldName").Well();

        database.Execute(update.Values("RecommendedAction")[0].Split(": ", 2)[1]);
        Assert.Equal([true], Run(project, database, "Test-HasuraMigration @p").Well().Output.Select(o => o.BaseObject));
        Assert.Empty(Run(project, database, "Invoke-HasuraMigration @p").Well().Output);
        Assert.Equal(["Skipped"], Run(project, database, "Invoke-HasuraSeed @p -Once").Well().Values("Outcome"));
    }

    [Fact]
    public void Through_a_server_its_metadata_is_taken_and_its_record_copied()
    {
        using var database = server.CreateDatabase();
        using var hasura = HasuraServer.Start(database);
        using var project = TestProject.OfTables(2);
        project.Write("metadata/version.yaml", "version: 2\n");
        project.Write("metadata/tables.yaml", "- table: {schema: public, name: t2}\n");
        ShellOutput Through(string script) => shell.Run($"$p = @{{ Project = $d; Endpoint = $e }}; {script}", ("d", project.Path), ("e", hasura.Endpoint));
        Through("Invoke-HasuraMigration @p").Well();
        Through("Invoke-HasuraMetadataApi pg_track_table @{ source = 'default'; table = @{ schema = 'public'; name = 't1' } } -Endpoint $e -Confirm:$false").Well();

        var update = Through("Update-HasuraProject @p -Force -WarningAction Ignore | Select-Object MetadataSource, StateAdded, @{ n = 'Differences'; e = { @($_.Findings | Where-Object Id -eq MetadataDiffers).Count } }").Well();

        Assert.Equal(["Target", "2", "2"], new[] { "MetadataSource", "StateAdded", "Differences" }.Select(n => update.Values(n)[0]));
        Assert.Equal(["public_t1.yaml", "tables.yaml"], Directory.EnumerateFiles(Path.Combine(project.Path, "metadata", "databases", "default", "tables")).Select(Path.GetFileName).Order());
        Assert.Equal([true], Through("Test-HasuraMigration @p").Well().Output.Select(o => o.BaseObject));
        Assert.Empty(Through("Compare-HasuraMetadata @p").Well().Output);
    }

    [Fact]
    public void What_would_be_done_is_an_object_and_nothing_is_written()
    {
        using var project = Version1();
        var before = Files(project);

        var run = shell.Run("Update-HasuraProject -Project $d -NoRecord -WhatIf -MetadataSource Files -WarningAction Ignore | ForEach-Object { $_.Migrations.Version -join ','; $_.Removed.Count; $_.IsProven; \"$_\" }", ("d", project.Path));
        ShellOutput.SkipWithoutDump(run.Errors);

        Assert.Equal(["1,2", "5", "True", "Config version 1 to 3: 1 migrations converted, 1 removed"], run.Well().Output.Select(o => $"{o}".Split(", ") is [var a, var b, _, ..] ? $"{a}, {b}" : $"{o}").ToArray());
        Assert.Equal(before, Files(project));
    }

    [Fact]
    public void A_proof_takes_what_the_migrations_require()
    {
        using var project = Version1().With(3, "needs", "SELECT missing();");
        project.Write("setup.sql", "CREATE FUNCTION missing() RETURNS int LANGUAGE sql AS 'SELECT 1';");
        const string update = "Update-HasuraProject 2 -Project $d -NoRecord -Force -WarningAction Ignore";

        var refused = shell.Run(update, ("d", project.Path));
        ShellOutput.SkipWithoutDump(refused.Errors);
        var run = shell.Run($"{update} -SetupPath (Join-Path $d setup.sql) -MetadataDirectory own -BackupPath (Join-Path $d old) -AllowDownload:$false", ("d", project.Path)).Well();

        Assert.Equal("UpdateNotProven", refused.ErrorId);
        Assert.Equal(["True"], run.Values("IsProven"));
        Assert.True(File.Exists(Path.Combine(project.Path, "own", "tables.yaml")));
        Assert.True(File.Exists(Path.Combine(project.Path, "old", "update.json")));
        Assert.Equal("# mine\nversion: 2\nmetadata_directory: own\n", File.ReadAllText(Path.Combine(project.Path, "config.yaml")));
        Assert.Equal("UpdateNotProven", shell.Run("Update-HasuraProject -Project $d -NoRecord -Force -PostgresVersion 98", ("d", Version1().Path)).ErrorId);
    }

    [Fact]
    public void An_interrupted_update_closes_the_project_and_is_completed_by_the_same_call()
    {
        using var project = TestProject.OfTables(2);
        shell.Run("Update-HasuraProject -Project $d -NoRecord -Force", ("d", project.Path)).Well();
        // As if it had stopped before the last file.
        var (backup, staging) = (Path.Combine(project.Path, "backup_config_v2"), Path.Combine(project.Path, ".update_2_to_3"));
        Directory.CreateDirectory(staging);
        File.Copy(Path.Combine(backup, "update.json"), Path.Combine(staging, "update.json"));
        var files = System.Text.Json.Nodes.JsonNode.Parse(File.ReadAllText(Path.Combine(staging, "update.json")))!["files"]!.AsArray();
        File.Copy(Path.Combine(project.Path, "config.yaml"), Path.Combine(staging, $"{files.Count - 1:D6}"));
        File.Copy(Path.Combine(backup, "config.yaml"), Path.Combine(project.Path, "config.yaml"), overwrite: true);

        var closed = shell.Run("Get-HasuraProject -Project $d", ("d", project.Path));
        var other = shell.Run("Update-HasuraProject 2 -Project $d -NoRecord -Force", ("d", project.Path));
        var same = shell.Run("Update-HasuraProject -Project $d -NoRecord -Force", ("d", project.Path)).Well();

        Assert.Equal(("UpdateUnfinished", "UpdateUnfinished"), (closed.ErrorId, other.ErrorId));
        Assert.Equal(["3"], same.Values("ToVersion"));
        Assert.False(Directory.Exists(staging));
        Assert.Equal(["3"], shell.Run("Get-HasuraProject -Project $d", ("d", project.Path)).Well().Values("ConfigVersion"));
    }

    [Theory]
    [InlineData("Update-HasuraProject @p -Database a, b", "UpdateDatabaseInvalid")]
    [InlineData("Update-HasuraProject @p -Database '*'", "UpdateDatabaseInvalid")]
    [InlineData("Update-HasuraProject @p -Database 'a/b' -Force", "UpdateDatabaseInvalid")]
    [InlineData("Update-HasuraProject 2 @p -Force", "")]
    [InlineData("Update-HasuraProject @p -Force -MetadataSource Target", "MetadataNotFound")]
    [InlineData("Update-HasuraProject @p -Force -BackupPath (Join-Path $d migrations/old)", "UpdateBackupInvalid")]
    [InlineData("Update-HasuraProject -Project $d -Force -NoRecord -MetadataSource Target", "ConnectionMissing")]
    [InlineData("Update-HasuraProject -Project $d", "ConfirmationNotPossible")]
    public void Wrong_input_is_refused_and_nothing_changes(string script, string id)
    {
        using var database = server.CreateDatabase();
        using var project = TestProject.OfTables(2);
        var before = Files(project);

        var run = Run(project, database, script);

        Assert.Equal(id, run.ErrorId ?? "");
        Assert.Equal(before, Files(project));
    }

    private static TestProject Version1()
    {
        var project = new TestProject(1, "# mine\n").With(1, "a", "CREATE TABLE t1 (id int);", "DROP TABLE t1;");
        project.Write("migrations/1_a/up.yaml", "- {type: track_table, args: t1}\n- {type: run_sql, args: {sql: 'ALTER TABLE t1 ADD name text'}}\n");
        project.Write("migrations/1_a/down.yaml", "- {type: untrack_table, args: {table: t1}}\n");
        project.Write("migrations/2_b/up.yaml", "- {type: create_select_permission, args: {table: t1, role: user, permission: {columns: [id], filter: {}}}}\n");
        project.Write("migrations/2_b/down.yaml", "- {type: drop_select_permission, args: {table: t1, role: user}}\n");
        return project;
    }

    private static List<string> Files(TestProject project) =>
        [.. Directory.EnumerateFiles(project.Path, "*", SearchOption.AllDirectories).Select(f => $"{Path.GetRelativePath(project.Path, f)}: {File.ReadAllText(f)}").Order(StringComparer.Ordinal)];

    private ShellOutput Run(TestProject project, ModuleDatabase database, string script) =>
        shell.Run($"$p = @{{ Project = $d; ConnectionString = $c }}; {script}", ("d", project.Path), ("c", database.ConnectionString));
}
