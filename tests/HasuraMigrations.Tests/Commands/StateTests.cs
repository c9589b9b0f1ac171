using System.Text.Json.Nodes;
using HasuraMigrations.Tests.Support;

namespace HasuraMigrations.Tests.Commands;

public sealed class StateTests(ModuleServer server, HostedShell shell) : IClassFixture<HostedShell>
{
    [Fact]
    public void A_record_goes_to_a_file_and_to_another_instance()
    {
        using var first = server.CreateDatabase();
        using var second = server.CreateDatabase();
        using var project = Tables(2, 3);
        Run(project, first, "Invoke-HasuraMigration @p -CreateStateStore").Well();
        Run(project, second, "'{\"version\":3,\"sources\":[]}' | Import-HasuraMetadata @p -CreateStateStore").Well();

        var versions = Run(project, first, "Get-HasuraMigrationState @p").Well();
        var raw = Run(project, first, "Get-HasuraMigrationState @p -Raw").Well();
        var whatIf = Run(project, first, "Export-HasuraMigrationState @p -Path (Join-Path $d s.json) -WhatIf").Well();
        Assert.False(File.Exists(Path.Combine(project.Path, "s.json")));
        var exported = Run(project, first, "Export-HasuraMigrationState @p -Path (Join-Path $d s.json) -PassThru").Well();
        var again = Run(project, first, "Export-HasuraMigrationState @p -Path (Join-Path $d s.json)");
        Run(project, first, "Export-HasuraMigrationState @p -Path (Join-Path $d s.json) -Force").Well();
        var wanted = Run(project, second, "Import-HasuraMigrationState @p (Join-Path $d s.json) -WhatIf").Well();
        var imported = Run(project, second, "Import-HasuraMigrationState @p (Join-Path $d s.json) -LockTimeout 60 -ReconnectTimeout 60 | Select-Object Database, Present, @{n='Added';e={$_.Added -join ' '}}").Well();
        var status = Run(project, second, "Get-HasuraMigration @p").Well();

        Assert.Equal(["1", "2"], versions.Values("Version"));
        Assert.Equal(["Catalog", "Catalog"], versions.Values("Store"));
        Assert.Equal(["True", "True"], versions.Values("IsInUse"));
        Assert.Equal("default", JsonNode.Parse($"{Assert.Single(raw.Output)}")!["databases"]![0]!["name"]!.GetValue<string>());
        Assert.Empty(whatIf.Output);
        Assert.Equal(["s.json"], exported.Values("Name"));
        Assert.Equal("StateFileExists", again.ErrorId);
        Assert.Empty(wanted.Output);
        Assert.Equal(["default"], imported.Values("Database"));
        Assert.Equal(["1 2"], imported.Values("Added"));
        Assert.Equal(["0"], imported.Values("Present"));
        Assert.Equal(["Applied", "Applied"], status.Values("Status"));
        Assert.Equal("", second.Tables());
    }

    [Fact]
    public void A_record_moves_between_stores()
    {
        using var database = server.CreateDatabase();
        using var project = Tables(2, 3);
        Run(project, database, "Invoke-HasuraMigration @p -CreateStateStore").Well();

        var same = Run(project, database, "Import-HasuraMigrationState @p -From Table -To Table");
        var none = Run(project, database, "Import-HasuraMigrationState @p -From Table -To Catalog");
        var down = Run(project, database, "Import-HasuraMigrationState @p -From Catalog -To Table | Select-Object Database, Present, @{n='Added';e={$_.Added -join ' '}}").Well();
        var both = Run(project, database, "Get-HasuraMigrationState @p").Well();

        Assert.Equal(("StateImportInvalid", "StateNotFound"), (same.ErrorId, none.ErrorId));
        Assert.EndsWith("add -From.", none.Errors[0].ErrorDetails.RecommendedAction, StringComparison.Ordinal);
        Assert.Equal(["1 2"], down.Values("Added"));
        Assert.Equal(["Table", "Table", "Catalog", "Catalog"], both.Values("Store"));
        Assert.Equal(["False", "False", "True", "True"], both.Values("IsInUse"));

        project.Write("config.yaml", "version: 2\nmigrations_directory: migrations/default\n");
        Assert.Equal(["Applied", "Applied"], Run(project, database, "Get-HasuraMigration @p").Well().Values("Status"));
    }

    [Fact]
    public void A_file_that_does_not_fit_changes_nothing()
    {
        using var database = server.CreateDatabase();
        using var project = Tables(1, 3);
        Run(project, database, "Invoke-HasuraMigration @p -CreateStateStore").Well();
        project.Write("none.json", """{"format": "hasura-migrations state 1", "databases": [{"name": "other"}]}""");
        project.Write("table.json", """{"format": "hasura-migrations state 1", "databases": [{"name": "default", "table": {"schema_migrations": {"7": false}}}]}""");
        project.Write("broken.json", "{");

        var none = Run(project, database, "Import-HasuraMigrationState @p (Join-Path $d none.json)");
        var table = Run(project, database, "Import-HasuraMigrationState @p (Join-Path $d table.json)");
        var broken = Run(project, database, "Import-HasuraMigrationState @p (Join-Path $d broken.json)");
        var gone = Run(project, database, "Import-HasuraMigrationState @p (Join-Path $d gone.json)");
        Assert.Equal(["1"], Run(project, database, "Get-HasuraMigrationState @p").Well().Values("Version"));
        var chosen = Run(project, database, "Import-HasuraMigrationState @p (Join-Path $d table.json) -From Table | Select-Object Database, Present, @{n='Added';e={$_.Added -join ' '}}").Well();

        Assert.Equal(("StateNotFound", "StateNotFound", "StateFileInvalid", "FileUnreadable"), (none.ErrorId, table.ErrorId, broken.ErrorId, gone.ErrorId));
        Assert.Equal(["7"], chosen.Values("Added"));
    }

    [Fact]
    public void Several_databases_are_imported_and_exported_at_once_and_a_part_of_them_is_warned_of()
    {
        using var catalog = server.CreateDatabase();
        using var first = server.CreateDatabase();
        using var second = server.CreateDatabase();
        using var project = new TestProject(3);
        project.With(1, "a", "CREATE TABLE a (id int);", database: "one").With(2, "b", "CREATE TABLE b (id int);", database: "two");
        project.Write("s.json", """{"format": "hasura-migrations state 1", "databases": [{"name": "one", "table": {"schema_migrations": {"1": false}}}, {"name": "two", "table": {"schema_migrations": {"2": false}}}]}""");
        ShellOutput RunAll(string script) => shell.Run(
            $"$p = @{{ Project = $d; ConnectionString = @{{ one = $c1; two = $c2 }}; MetadataConnectionString = $m }}; {script}",
            ("d", project.Path), ("c1", first.ConnectionString), ("c2", second.ConnectionString), ("m", catalog.ConnectionString));
        Run(project, catalog, "'{\"version\":3,\"sources\":[]}' | Import-HasuraMetadata @p -CreateStateStore").Well();

        var part = RunAll("Import-HasuraMigrationState @p (Join-Path $d s.json) -From Table -To Catalog -Database one").Well();
        var all = RunAll("Import-HasuraMigrationState @p (Join-Path $d s.json) -From Table -To Catalog -Database * | Select-Object Database, Present, Findings, @{n='Added';e={$_.Added -join ' '}}").Well();
        var versions = RunAll("Get-HasuraMigrationState @p -Database *").Well();
        var settings = RunAll("Get-HasuraMigrationSetting @p -Database *").Well();
        RunAll("Export-HasuraMigrationState @p -Database * -Path (Join-Path $d t.json)").Well();
        var absent = RunAll("Import-HasuraMigrationState @p (Join-Path $d t.json) -From Table -To Catalog -Database *");

        var finding = Assert.Single(shell.Run("$part.Findings", ("part", part.Output[0])).Output);
        Assert.Equal("StateCopyCompleted one Warning", $"{finding.Properties["Id"].Value} {finding.Properties["Database"].Value} {finding.Properties["Severity"].Value}");
        Assert.Contains("marked as complete for all databases", Assert.Single(part.Warnings));
        Assert.Equal(["one", "two"], all.Values("Database"));
        Assert.Equal(["", "2"], all.Values("Added"));
        Assert.Equal(["1", "0"], all.Values("Present"));
        Assert.Empty(all.Warnings);
        Assert.Equal(["one 1 Catalog", "two 2 Catalog"], versions.Output.Select(v => $"{v.Properties["Database"].Value} {v.Properties["Version"].Value} {v.Properties["Store"].Value}"));
        Assert.Equal(["one migration_mode true", "two migration_mode true"], settings.Output.Select(v => $"{v.Properties["Database"].Value} {v.Properties["Name"].Value} {v.Properties["Value"].Value}"));
        Assert.Equal(["one", "two"], JsonNode.Parse(File.ReadAllText(Path.Combine(project.Path, "t.json")))!["databases"]!.AsArray().Select(d => $"{d!["name"]}"));
        // The file has the catalog state alone: each database has an error of its own.
        Assert.Equal(["StateNotFound", "StateNotFound"], absent.Errors.Select(e => e.FullyQualifiedErrorId.Split(',')[0]));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public void A_setting_is_shown_and_set(int version)
    {
        using var database = server.CreateDatabase();
        using var project = Tables(1, version);
        var missing = Run(project, database, "Get-HasuraMigrationSetting @p");
        var refused = Run(project, database, "Set-HasuraMigrationSetting @p migration_mode false");
        Run(project, database, "Invoke-HasuraMigration @p -CreateStateStore").Well();

        var before = Run(project, database, "Get-HasuraMigrationSetting @p").Well();
        var whatIf = Run(project, database, "Set-HasuraMigrationSetting @p migration_mode false -WhatIf").Well();
        var unknown = Run(project, database, "Set-HasuraMigrationSetting @p mode false");
        var wrong = Run(project, database, "Set-HasuraMigrationSetting @p migration_mode off");
        Assert.Equal(["true"], Run(project, database, "Get-HasuraMigrationSetting @p migration_m*").Well().Values("Value"));
        var set = Run(project, database, "Set-HasuraMigrationSetting @p Migration_Mode $false -LockTimeout 60 -ReconnectTimeout 60").Well();
        var after = Run(project, database, "Get-HasuraMigrationSetting @p migration_mode").Well();
        var named = Run(project, database, "Get-HasuraMigrationSetting @p mode");

        Assert.Equal(("StateNotFound", "StateNotFound"), (missing.ErrorId, refused.ErrorId));
        Assert.DoesNotContain("-From", missing.Errors[0].ErrorDetails.RecommendedAction, StringComparison.Ordinal);
        Assert.Equal(["migration_mode"], before.Values("Name"));
        Assert.Empty(whatIf.Output);
        Assert.Equal(("SettingUnknown", "SettingValueInvalid", "SettingUnknown"), (unknown.ErrorId, wrong.ErrorId, named.ErrorId));
        Assert.Equal(["false"], set.Values("Value"));
        Assert.Equal(["false"], after.Values("Value"));
        Assert.Equal("MigrationModeOff", Run(project, database, "Undo-HasuraMigration @p -Confirm:$false").ErrorId);
    }

    [Fact]
    public void Names_and_values_of_settings_are_completed()
    {
        string Completed(string line) => string.Join(',', shell.Run("(TabExpansion2 $l $l.Length).CompletionMatches.CompletionText", ("l", line)).Well().Output);

        Assert.Equal("migration_mode", Completed("Set-HasuraMigrationSetting -Name "));
        Assert.Equal("true,false", Completed("Set-HasuraMigrationSetting migration_mode -Value "));
        Assert.Equal("Catalog,Table", Completed("Import-HasuraMigrationState -From "));
    }

    private static TestProject Tables(int count, int version)
    {
        var project = new TestProject(version);
        for (var i = 1; i <= count; i++)
        {
            project.With(i, $"table_{i}", $"CREATE TABLE t{i} (id int);", $"DROP TABLE t{i};", version == 3 ? "default" : null);
        }

        return project;
    }

    private ShellOutput Run(TestProject project, ModuleDatabase database, string script) =>
        shell.Run($"$p = @{{ Project = $d; ConnectionString = $c }}; {script}", ("d", project.Path), ("c", database.ConnectionString));
}
