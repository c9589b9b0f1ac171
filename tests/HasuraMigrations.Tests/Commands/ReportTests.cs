using System.Collections;
using System.Text.Json;
using System.Xml.Linq;
using HasuraMigrations.Tests.Support;

namespace HasuraMigrations.Tests.Commands;

public sealed class ReportTests(ModuleServer server, HostedShell shell) : IClassFixture<HostedShell>
{
    [Fact]
    public void The_summary_of_a_failed_run_makes_a_report_of_each_format()
    {
        using var database = server.CreateDatabase();
        using var project = TestProject.OfTables(2).With(3, "bad", "SELECT 1;\nSELECT nothing;");

        Run(project, database, """
            Set-Location $d
            try { Invoke-HasuraMigration @p -SummaryVariable s } catch { $failure = $_ }
            foreach ($name in 'report.xml', 'report.sarif', 'sub/report.md', 'report.html') {
                $s, $failure, $s.Results | Export-HasuraReport $name -Title 'Apply <all>'
            }
            """).Well();

        var suites = XDocument.Load(Path.Combine(project.Path, "report.xml")).Root!;
        Assert.Equal(("Apply <all>", "1"), (suites.Attribute("name")!.Value, suites.Attribute("failures")!.Value));
        Assert.Contains("migrations/3_bad/up.sql:2:8", suites.Descendants("failure").Single().Value);
        using var sarif = JsonDocument.Parse(File.ReadAllText(Path.Combine(project.Path, "report.sarif")));
        var results = sarif.RootElement.GetProperty("runs")[0].GetProperty("results").EnumerateArray().ToList();
        Assert.Equal("migrations/3_bad/up.sql", results[0].GetProperty("locations")[0].GetProperty("physicalLocation").GetProperty("artifactLocation").GetProperty("uri").GetString());
        Assert.StartsWith("# Apply &lt;all&gt;\n\n**Failed.**", File.ReadAllText(Path.Combine(project.Path, "sub", "report.md")));
        Assert.Contains("<h1>Apply &lt;all&gt;</h1>", File.ReadAllText(Path.Combine(project.Path, "report.html")));
        Assert.DoesNotContain(Directory.EnumerateFiles(project.Path), f => f.EndsWith(".tmp", StringComparison.Ordinal));
    }

    [Fact]
    public void Whatever_the_commands_write_can_be_reported()
    {
        using var database = server.CreateDatabase();
        using var project = TestProject.OfTables(3);
        const string Metadata = """'{"version":3,"sources":[{"name":"default","kind":"postgres","configuration":{"connection_info":{"database_url":{"from_env":"X"}}},"tables":[{"table":{"schema":"public","name":"t1"}}]}]}'""";

        var run = Run(project, database, $$"""
            Set-Location $d
            $all = @(Invoke-HasuraMigration @p -WhatIf
                Invoke-HasuraMigration @p -Count 2
                Get-HasuraMigration @p
                Get-HasuraMigrationLog @p
                Test-HasuraMigration @p -Detailed
                Undo-HasuraMigration @p -Confirm:$false
                {{Metadata}} | Import-HasuraMetadata @p -CreateStateStore
                '{"version":3,"sources":[]}' | Import-HasuraMetadata @p -Force -WhatIf
                Compare-HasuraMetadata '{"version":3,"sources":[]}' {{Metadata}}
                '{"version":3,"sources":[{}]}' | Test-HasuraMetadata -Detailed
                Get-HasuraProject -Project $d)
            $all += Write-Error 'other' 2>&1
            $all | Export-HasuraReport all.xml -PassThru
            """).Well();

        Assert.Equal(["all.xml"], run.Values("Name"));
        var names = XDocument.Load(Path.Combine(project.Path, "all.xml")).Descendants("testcase").Select(c => c.Attribute("name")!.Value).ToList();
        // The last is the finding of the pending one, which names its file.
        Assert.Equal(3 + 2 + 3 + 2 + 1 + 1, names.Count(n => n.Contains("_table_", StringComparison.Ordinal)));
        Assert.Contains(names, n => n.StartsWith("Added ", StringComparison.Ordinal) && n.EndsWith("public.t1", StringComparison.Ordinal));
        Assert.Contains(names, n => n.StartsWith("import to ", StringComparison.Ordinal));
        Assert.Contains(names, n => n.StartsWith("MigrationPending", StringComparison.Ordinal));
        Assert.Contains("Microsoft.PowerShell.Commands.WriteErrorException", names);
    }

    [Theory]
    [InlineData("1 | Export-HasuraReport a.xml", "ReportInputInvalid")]
    [InlineData("$true | Export-HasuraReport a.xml", "ReportInputInvalid")]
    [InlineData("@() | Export-HasuraReport a.txt", "ReportFormatUnknown")]
    [InlineData("@() | Export-HasuraReport there.xml", "ReportExists")]
    [InlineData("@() | Export-HasuraReport directory -Format Html -Force", "FileUnwritable")]
    [InlineData("@() | Export-HasuraReport there.xml/x.html", "FileUnwritable")]
    [InlineData("@() | Export-HasuraReport Env:x -Format Html", "FileUnreadable")]
    [InlineData("@() | Export-HasuraReport 'Host=h;Password=swordfish' -Format Html", "FileUnreadable")]
    public void What_cannot_be_is_an_error_and_changes_nothing(string script, string expected)
    {
        using var project = new TestProject();
        project.Write("there.xml", "old");
        Directory.CreateDirectory(Path.Combine(project.Path, "directory"));
        var before = Directory.EnumerateFileSystemEntries(project.Path).Order().ToList();

        var run = shell.Run($"Set-Location $d; {script}", ("d", project.Path));

        Assert.Equal(expected, run.ErrorId);
        Assert.DoesNotContain("swordfish", run.Errors[0].ToString());
        Assert.Equal(before, Directory.EnumerateFileSystemEntries(project.Path).Order());
        Assert.Equal("old", File.ReadAllText(Path.Combine(project.Path, "there.xml")));
    }

    [Fact]
    public void A_file_is_replaced_with_Force_alone_and_WhatIf_writes_nothing()
    {
        using var project = new TestProject();
        var path = project.Write("there.xml", "old");

        shell.Run("Set-Location $d; $null, @() | Export-HasuraReport -Path there.xml -Force -WhatIf", ("d", project.Path)).Well();
        Assert.Equal("old", File.ReadAllText(path));

        shell.Run("Export-HasuraReport -InputObject $null -Path there.xml -Force -Format Markdown", ("d", project.Path)).Well();
        Assert.EndsWith("Nothing to report.\n", File.ReadAllText(path));
    }

    [Fact]
    public void A_pipe_is_not_replaced()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no such files.");
        using var project = new TestProject();
        using (var make = System.Diagnostics.Process.Start("mkfifo", [Path.Combine(project.Path, "pipe.xml")]))
        {
            make.WaitForExit();
        }

        var run = shell.Run("Set-Location $d; @() | Export-HasuraReport pipe.xml -Force", ("d", project.Path));

        Assert.Equal("FileUnwritable", run.ErrorId);
        Assert.Contains("not a regular file", run.Errors[0].ToString());
    }

    [Fact]
    public void A_wrong_path_is_an_error_before_anything_runs()
    {
        using var database = server.CreateDatabase();
        using var project = TestProject.OfTables(1);

        Assert.Equal("ReportFormatUnknown", Run(project, database, "Set-Location $d; Invoke-HasuraMigration @p | Export-HasuraReport a.txt").ErrorId);
        Assert.Single(Run(project, database, "Get-HasuraMigration @p -Pending").Well().Output);
    }

    [Fact]
    public void Paths_are_relative_to_the_root_that_is_given_or_that_of_the_repository()
    {
        using var project = new TestProject();
        var file = project.Write("sub/project/a.sql", "");
        Directory.CreateDirectory(Path.Combine(project.Path, ".git"));
        const string Script = "$f = [Activator]::CreateInstance([HasuraMigrations.Finding]); $f.Id = 'X'; $f.Message = 'm'; $f.File = $file; $f | Export-HasuraReport a.md -Force";

        shell.Run($"Set-Location $d/sub; {Script}", ("d", project.Path), ("file", file)).Well();
        Assert.Contains("`sub/project/a.sql`", File.ReadAllText(Path.Combine(project.Path, "sub", "a.md")));

        shell.Run($"Set-Location $d/sub; {Script} -Root project", ("d", project.Path), ("file", file)).Well();
        Assert.Contains("`a.sql`", File.ReadAllText(Path.Combine(project.Path, "sub", "a.md")));
    }

    [Fact]
    public void No_secret_of_a_connection_is_in_a_report()
    {
        using var project = TestProject.OfTables(1);

        shell.Run("""
            Set-Location $d
            try { Invoke-HasuraMigration -Project $d -ConnectionString 'Host=127.0.0.1;Port=1;Username=u;Password=swordfish;Database=d' -SummaryVariable s } catch { $failure = $_ }
            try { throw 'cannot open postgres://u:swordfish@h/d' } catch { $other = $_ }
            foreach ($format in 'JUnit', 'Sarif', 'Markdown', 'Html') { $s, $failure, $other | Export-HasuraReport "report.$format" -Format $format }
            """, ("d", project.Path)).Well();

        var reports = Directory.EnumerateFiles(project.Path, "report.*").Select(File.ReadAllText).ToList();
        Assert.Equal(4, reports.Count);
        Assert.All(reports, r => Assert.DoesNotContain("swordfish", r));
        Assert.All(reports, r => Assert.Contains("DatabaseUnreachable", r));
        Assert.All(reports, r => Assert.Contains("The message is not shown", r));
    }

    private ShellOutput Run(TestProject project, ModuleDatabase database, string script) =>
        shell.Run(script, ("d", project.Path), ("p", new Hashtable { ["Project"] = project.Path, ["ConnectionString"] = database.ConnectionString }));
}
