using System.Collections;
using HasuraMigrations.Tests.Support;

namespace HasuraMigrations.Tests.Commands;

/// <summary>Commands for agents of pipelines: which are written, where, and that nothing from outside is one.</summary>
public sealed class LogFormatTests(ModuleServer server, HostedShell shell) : IClassFixture<HostedShell>
{
    [Fact]
    public void Azure_gets_a_group_for_each_database_progress_and_the_error_with_its_place()
    {
        using var database = server.CreateDatabase();
        using var project = TestProject.OfTables(2).With(3, "bad", "SELECT 1;\nSELECT nothing;").With(4, "empty", "");

        var run = Run(project, database, "Invoke-HasuraMigration @p -LogFormat AzureDevOps");

        var commands = AgentReader.Azure(string.Join('\n', run.Information));
        Assert.Equal("MigrationFailed", run.ErrorId);
        Assert.Equal(2, run.Output.Count);
        Assert.Equal("Database 'default'", Assert.Single(commands, c => c.Name == "group").Text);
        Assert.Single(commands, c => c.Name == "endgroup");
        // It did not come to its end.
        Assert.DoesNotContain(commands, c => c.Name == "task.setprogress" && c.Properties["value"] == "100");
        var error = Assert.Single(commands, c => c.Name == "task.logissue" && c.Properties["type"] == "error");
        Assert.Equal((Path.Combine(project.Path, "migrations", "3_bad", "up.sql"), "2", "8", "MigrationFailed"), (error.Properties["sourcepath"], error.Properties["linenumber"], error.Properties["columnnumber"], error.Properties["code"]));
        Assert.Contains("42703", error.Text);
        Assert.Contains(commands, c => c.Name == "task.logissue" && c.Properties["type"] == "warning" && c.Properties.GetValueOrDefault("sourcepath") == Path.Combine(project.Path, "migrations", "4_empty", "up.sql"));
        // The line for people comes after the group, which may be folded.
        Assert.Contains(run.Information.SkipWhile(l => l != "##[endgroup]"), l => l.StartsWith("Failed after: Applied 2 migrations: database 'default' on ", StringComparison.Ordinal) && l.EndsWith(", 1 pending.", StringComparison.Ordinal));
    }

    [Fact]
    public void GitHub_gets_each_finding_of_a_refused_plan_at_its_place()
    {
        using var database = server.CreateDatabase();
        using var project = new TestProject().With(1, "a", "SELECT 1;\nVACUUM;").With(2, "b", "COMMIT;");

        var run = Run(project, database, "Invoke-HasuraMigration @p -LogFormat GitHub");

        Assert.Equal("PlanRefused", run.ErrorId);
        var errors = AgentReader.GitHub(string.Join('\n', run.Information)).Where(c => c.Name == "error").ToList();
        Assert.Equal(["NotInTransaction 2", "TransactionControl 1"], errors.Select(e => $"{e.Properties["title"]} {e.Properties["line"]}"));
        Assert.All(errors, e => Assert.EndsWith("up.sql", e.Properties["file"]));
        Assert.DoesNotContain(run.Information, l => l.Contains("##["));
    }

    [Fact]
    public void Imports_undo_and_reading_have_them_too()
    {
        using var database = server.CreateDatabase();
        using var project = TestProject.OfTables(1);
        const string Metadata = """'{"version":3,"sources":[{"name":"default","kind":"postgres","configuration":{"connection_info":{"database_url":{"from_env":"X"}}},"tables":[{"table":{"schema":"public","name":"t1"}}]}]}'""";

        Run(project, database, "Invoke-HasuraMigration @p").Well();
        var import = Run(project, database, $"{Metadata} | Import-HasuraMetadata @p -CreateStateStore -LogFormat GitHub").Well();
        var undo = Run(project, database, "Undo-HasuraMigration @p -Confirm:$false -LogFormat AzureDevOps").Well();
        var record = Run(project, database, "Invoke-HasuraMigration @p -SkipExecution -Verbose").Well();
        var missing = Run(project, database, "Get-HasuraMigration @p -Version 9 -LogFormat GitHub");

        Assert.StartsWith("::group::Metadata on ", import.Information[0]);
        Assert.Equal("::endgroup::", import.Information[^2]);
        Assert.Matches(@"^Wrote \d+ changes? to the metadata on .*: (consistent|consistency not checked), ", import.Information[^1]);
        Assert.Contains("##[group]Database 'default'", undo.Information);
        Assert.Contains(undo.Information, l => l.StartsWith("##vso[task.setprogress value=100;]Rolling back", StringComparison.Ordinal));
        Assert.EndsWith(", 1 pending.", undo.Information[^1]);
        Assert.Contains(record.Verbose, v => v.StartsWith("Recording 1_", StringComparison.Ordinal));
        Assert.StartsWith("::error title=MigrationNotFound::There is no migration 9", Assert.Single(missing.Information));
    }

    [Theory]
    [InlineData("Invoke-HasuraMigration @p -LogFormat Plain")]
    [InlineData("Invoke-HasuraMigration @p")]
    [InlineData("Invoke-HasuraMigration @p -LogFormat GitHub -InformationAction Ignore")]
    [InlineData("Invoke-HasuraMigration @p -LogFormat AzureDevOps -InformationAction SilentlyContinue")]
    public void Elsewhere_there_are_none(string script)
    {
        using var database = server.CreateDatabase();
        using var project = TestProject.OfTables(1).With(2, "bad", "SELECT nothing;");

        var run = Run(project, database, script);

        Assert.Equal("MigrationFailed", run.ErrorId);
        Assert.DoesNotContain(run.Information, l => l.Contains("##") || l.Contains("::"));
    }

    [Fact]
    public void What_is_not_shown_is_not_annotated()
    {
        using var database = server.CreateDatabase();
        using var project = TestProject.OfTables(1).With(2, "bad", "SELECT nothing;");

        var run = Run(project, database, "Invoke-HasuraMigration @p -LogFormat GitHub -WarningAction SilentlyContinue -ErrorAction SilentlyContinue");

        Assert.DoesNotContain(run.Information, l => l.StartsWith("::warning", StringComparison.Ordinal) || l.StartsWith("::error", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("AzureDevOps")]
    [InlineData("GitHub")]
    [InlineData("Plain")]
    public void Nothing_from_outside_is_a_command_on_any_stream_or_view(string format)
    {
        using var database = server.CreateDatabase();
        using var project = new TestProject();
        var texts = Texts.ToList();
        foreach (var (index, text) in texts.Index())
        {
            var literal = $"E'{string.Concat(text.Select(c => $"\\u{(int)c:X4}"))}'";
            var version = texts.Count + index + 1;
            project.With(index + 1, "notice", $"DO $x$ BEGIN RAISE NOTICE '%', {literal}; RAISE WARNING '%', {literal}; END $x$;", "-- nothing");
            project.With(version, "error", $"CREATE TABLE t{version} (id int);\nDO $x$ BEGIN RAISE EXCEPTION USING MESSAGE = {literal}, DETAIL = {literal}, HINT = {literal}; END $x$; -- {text}");
        }

        // Errors need a run each; notices do not.
        var script = $$"""
            $VerbosePreference = 'Continue'
            Invoke-HasuraMigration @p -Count {{texts.Count}} -LogFormat {{format}} | Out-Null
            foreach ($i in {{texts.Count + 1}}..{{2 * texts.Count}}) {
                try { Invoke-HasuraMigration @p -Version $i -LogFormat {{format}} | Out-Null } catch { $_ | Out-String -Width 60; $_.CategoryInfo }
            }
            Get-HasuraMigration @p -LogFormat {{format}} | Format-List
            Get-HasuraMigrationLog @p | Format-Table
            Get-HasuraMigrationLog @p | Format-List
            Undo-HasuraMigration @p -All -Confirm:$false -AllowEmptyDown -LogFormat {{format}} | Format-List
            """;
        var run = Run(project, database.With(b => b.IncludeErrorDetail = true), script);
        var shown = shell.Show(script, ("p", Parameters(project, database.ConnectionString)));

        Assert.Equal(texts.Count, run.Output.Count(o => o.BaseObject is System.Management.Automation.ErrorCategoryInfo));
        Assert.Contains(run.Verbose, v => v.Contains("fake", StringComparison.Ordinal));
        Assert.Equal(format == "Plain", !run.Information.Any(l => l.StartsWith("##", StringComparison.Ordinal) || l.StartsWith("::", StringComparison.Ordinal)));
        CheckLogs(run, shown);
    }

    [Theory]
    [InlineData("AzureDevOps")]
    [InlineData("GitHub")]
    public void No_name_of_a_file_is_a_command_on_any_stream_or_view(string format)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows does not allow such names of files.");
        using var database = server.CreateDatabase();
        using var project = new TestProject();
        var version = 0;
        foreach (var text in Texts)
        {
            project.With(++version, text.Replace('/', '|'), "SELECT 1;");
        }

        var script = $$"""
            $VerbosePreference = 'Continue'
            try { Invoke-HasuraMigration @p -LogFormat {{format}} } catch { $_ | Out-String -Width 60; $_.CategoryInfo }
            Invoke-HasuraMigration @p -WhatIf -LogFormat {{format}} -ErrorAction SilentlyContinue
            Get-HasuraMigration @p -LogFormat {{format}} | Format-List
            Get-HasuraMigration @p | Format-Table
            Test-HasuraMigration @p -Detailed
            Test-HasuraMigration @p -Detailed | Out-String -Width 40
            """;
        var run = Run(project, database.ConnectionString, script);

        Assert.Contains(run.Information, l => l.Contains("MigrationNameInvalid", StringComparison.Ordinal));
        CheckLogs(run, shell.Show(script, ("p", Parameters(project, database.ConnectionString))));
    }

    [Theory]
    [InlineData("AzureDevOps")]
    [InlineData("GitHub")]
    public void Nothing_in_metadata_is_a_command_on_any_stream_or_view(string format)
    {
        using var database = server.CreateDatabase();
        using var project = new TestProject(3);
        var tables = Texts.Select(t => new { table = new { schema = "public", name = t }, configuration = new { comment = t }, select_permissions = new[] { new { role = t, comment = t, permission = new { columns = new[] { t }, filter = new { } } } } });
        var document = System.Text.Json.JsonSerializer.Serialize(new { version = 3, sources = new[] { new { name = "default", kind = "postgres", configuration = new { connection_info = new { database_url = new { from_env = "X" } } }, tables } } });
        project.Write("metadata.json", document);
        var script = $$"""
            $VerbosePreference = 'Continue'; $d = "$m"
            $d | Test-HasuraMetadata -Detailed
            $d | Test-HasuraMetadata -Detailed | Format-List
            $d | Import-HasuraMetadata @p -CreateStateStore -AllowInconsistent -WhatIf -LogFormat {{format}}
            try { $d | Import-HasuraMetadata @p -CreateStateStore -LogFormat {{format}} } catch { $_ }
            $r = $d | Import-HasuraMetadata @p -CreateStateStore -AllowInconsistent -LogFormat {{format}}
            $r; $r.Changes | Format-Table; $r.Changes | Format-List; $r.Inconsistencies | Format-Table; $r | Format-List
            Clear-HasuraMetadata @p -Confirm:$false -LogFormat {{format}}
            """;

        var run = shell.Run(script, ("m", document), ("p", Parameters(project, database.ConnectionString)));
        var shown = shell.Show(script, ("m", document), ("p", Parameters(project, database.ConnectionString)));

        Assert.True(run.Warnings.Count >= HostileTexts.All.Length, $"{run.Warnings.Count}");
        Assert.Contains(run.Information, l => l.StartsWith(format == "GitHub" ? "::group::Metadata on " : "##[group]Metadata on ", StringComparison.Ordinal));
        CheckLogs(run, shown);
    }

    // NUL and half characters do not reach PostgreSQL.
    private static IEnumerable<string> Texts => HostileTexts.All.Select(t => t.Replace("\0", "", StringComparison.Ordinal).Replace("\uD800", "", StringComparison.Ordinal));

    private static void CheckLogs(ShellOutput run, string shown)
    {
        foreach (var log in new[] { shown, string.Join('\n', [.. run.Warnings, .. run.Verbose, .. run.Information, .. run.Errors.Select(e => $"{e}"), .. run.Output.Select(o => o.BaseObject).OfType<string>()]) })
        {
            Assert.All(AgentReader.Azure(log).Concat(AgentReader.GitHub(log)), c => Assert.True(IsOwn(c), c.Line));
            Assert.DoesNotContain(log, c => char.IsControl(c) && c is not ('\n' or '\r' or '\t'));
        }
    }

    private static bool IsOwn(AgentCommand command) =>
        command.Line.StartsWith("##vso[task.logissue type=", StringComparison.Ordinal)
        || command.Line.StartsWith("##vso[task.setprogress value=", StringComparison.Ordinal)
        || command.Line.StartsWith("##[group]Metadata on ", StringComparison.Ordinal)
        || command.Line.StartsWith("::group::Metadata on ", StringComparison.Ordinal)
        || command.Line.StartsWith("::warning::", StringComparison.Ordinal)
        || command.Line is "##[group]Database 'default'" or "##[endgroup]" or "::group::Database 'default'" or "::endgroup::"
        || command.Line.StartsWith("::error file=", StringComparison.Ordinal)
        || command.Line.StartsWith("::error title=", StringComparison.Ordinal)
        || command.Line.StartsWith("::warning file=", StringComparison.Ordinal)
        || command.Line.StartsWith("::warning title=", StringComparison.Ordinal);

    private static Hashtable Parameters(TestProject project, string connectionString) => new() { ["Project"] = project.Path, ["ConnectionString"] = connectionString };

    private ShellOutput Run(TestProject project, ModuleDatabase database, string script) => Run(project, database.ConnectionString, script);

    private ShellOutput Run(TestProject project, string connectionString, string script) => shell.Run(script, ("p", Parameters(project, connectionString)));
}
