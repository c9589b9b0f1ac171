using System.Collections;
using System.Globalization;
using System.Management.Automation;
using HasuraMigrations.Tests.Support;

namespace HasuraMigrations.Tests.Commands;

/// <summary>Work on several databases, one after another and at once.</summary>
public sealed class SeveralDatabasesTests(ModuleServer server, HostedShell shell) : IClassFixture<HostedShell>
{
    private const int Count = 6;

    [Theory]
    [InlineData("", "Continue")]
    [InlineData("-ThrottleLimit 4", "Continue")]
    [InlineData("", "Stop")]
    [InlineData("-ThrottleLimit 4", "Stop")]
    public void One_that_fails_does_not_stop_the_others_and_the_next_run_does_the_rest(string limit, string preference)
    {
        using var databases = new Databases(server, Count);
        using var project = Project("SELECT nothing;");
        var script = $$"""try { Invoke-HasuraMigration -Project $d -ConnectionString $c -MetadataConnectionString $m -Database * {{limit}} -SummaryVariable s -ErrorAction {{preference}} } catch { $_ }; $global:s = $s""";

        var run = Run(project, databases, script);

        var s = Variable("s");
        Assert.Equal(["d1 2", "d2 2", "d3 1", "d4 2", "d5 2", "d6 2"], Items(s, "Databases").Select(d => $"{Value(d, "Database")} {Value(d, "Applied")}"));
        Assert.Equal(["MigrationFailed"], Items(s, "Failures").Select(f => $"{Value(f, "ErrorId")}"));
        var error = preference == "Stop" ? (ErrorRecord)run.Output[^1].BaseObject : Assert.Single(run.Errors);
        Assert.StartsWith(preference == "Stop" ? "DatabasesFailed" : "MigrationFailed", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains("d3", $"{error}");
        if (preference == "Stop")
        {
            var finding = Assert.Single(Items(PSObject.AsPSObject(error.Exception), "Findings"));
            Assert.Equal("MigrationFailed d3 1", $"{Value(finding, "Id")} {Value(finding, "Database")} {Value(finding, "Line")}");
        }


        project.With(2, "b", "SELECT 2;", database: "d3");
        var again = Run(project, databases, script);

        Assert.Equal(["d3 2"], again.Output.Select(o => $"{Value(o, "Database")} {Value(o, "Version")}"));
        Assert.Equal("True", $"{Value(Variable("s"), "Succeeded")}");
    }

    [Fact]
    public void Several_are_worked_on_at_once()
    {
        using var databases = new Databases(server, Count);
        var mark = $"{Guid.NewGuid():N}";
        // Comments on databases are seen in all of them. One after another, d4 comes after d3.
        using var project = Project($"DO $$ BEGIN FOR i IN 1..300 LOOP IF EXISTS (SELECT FROM pg_shdescription WHERE description = '{mark}') THEN RETURN; END IF; PERFORM pg_sleep(0.1); END LOOP; RAISE 'd4 did not run at the same time'; END $$;");
        project.With(2, "b", $"DO $$ BEGIN EXECUTE format('COMMENT ON DATABASE %I IS %L', current_database(), '{mark}'); END $$;", database: "d4");

        var run = Run(project, databases, "(Invoke-HasuraMigration -Project $d -ConnectionString $c -MetadataConnectionString $m -Database * -ThrottleLimit 6).Count").Well();

        Assert.Equal(["12"], run.Output.Select(o => $"{o}"));
    }

    [Fact]
    public void Groups_and_percentages_of_agents_are_those_of_all_databases()
    {
        using var databases = new Databases(server, Count);
        using var project = Project("SELECT 2;");

        var run = Run(project, databases, "$null = Invoke-HasuraMigration -Project $d -ConnectionString $c -MetadataConnectionString $m -Database * -ThrottleLimit 3 -LogFormat AzureDevOps").Well();

        Assert.DoesNotContain(run.Information, l => l.Contains("##[group]", StringComparison.Ordinal));
        Assert.Equal([16, 33, 50, 66, 83, 100], run.Information.Where(l => l.StartsWith("##vso[task.setprogress", StringComparison.Ordinal)).Select(l => int.Parse(l.Split("value=")[1].Split(';')[0], CultureInfo.InvariantCulture)));
    }

    [Fact]
    public void Parts_divide_the_databases_and_stay_when_others_are_added()
    {
        using var databases = new Databases(server, 12);
        using var project = Project("SELECT 2;", 12);
        IEnumerable<string> Part(int number) => Run(project, databases, $"Invoke-HasuraMigration -Project $d -ConnectionString $c -MetadataConnectionString $m -Shard {number}/3 -WhatIf").Well().Output.Select(o => $"{Value(o, "Database")}").Distinct();

        var parts = Enumerable.Range(1, 3).Select(n => Part(n).ToList()).ToList();

        Assert.Equal(12, parts.Sum(p => p.Count));
        Assert.Equal(12, parts.SelectMany(p => p).Distinct().Count());
        Directory.Delete(Path.Combine(project.Path, "migrations", "d1"), recursive: true);
        databases.Strings.Remove("d1");
        Assert.Equal(parts[1].Where(d => d != "d1"), Part(2));
    }

    [Fact]
    public void Several_databases_are_rolled_back_at_once_in_parts()
    {
        using var databases = new Databases(server, Count);
        using var project = Project("SELECT 2;");
        foreach (var directory in Directory.GetDirectories(Path.Combine(project.Path, "migrations"), "2_b", SearchOption.AllDirectories))
        {
            File.WriteAllText(Path.Combine(directory, "down.sql"), "SELECT 1;");
        }

        var run = Run(project, databases, "Invoke-HasuraMigration -Project $d -ConnectionString $c -MetadataConnectionString $m -Database * -ThrottleLimit 3 | Out-Null; 1, 2 | ForEach-Object { Undo-HasuraMigration -Project $d -ConnectionString $c -MetadataConnectionString $m -Shard \"$_/2\" -ThrottleLimit 3 -Confirm:$false }").Well();

        Assert.Equal(["d1 2", "d2 2", "d3 2", "d4 2", "d5 2", "d6 2"], run.Output.Select(o => $"{Value(o, "Database")} {Value(o, "Version")}").Order());
    }

    [Theory]
    [InlineData("0/3")]
    [InlineData("4/3")]
    [InlineData("1")]
    [InlineData("1/99999")]
    [InlineData("a/b")]
    [InlineData("+1/3")]
    public void A_part_that_is_none_is_refused(string part)
    {
        using var project = new TestProject();

        var error = shell.Run("try { Invoke-HasuraMigration -Project $d -ConnectionString 'Host=127.0.0.1;Port=1' -Shard $p } catch { $_ }", ("d", project.Path), ("p", part)).Output.Single();

        Assert.Equal("ShardInvalid,HasuraMigrations.Commands.InvokeHasuraMigrationCommand", ((ErrorRecord)error.BaseObject).FullyQualifiedErrorId);
    }

    [Fact]
    public void A_part_without_a_database_is_no_error()
    {
        using var project = new TestProject();

        var run = Enumerable.Range(1, 2).Select(n => shell.Run($"Invoke-HasuraMigration -Project $d -ConnectionString 'Host=127.0.0.1;Port=1' -Shard {n}/2 -WhatIf", ("d", project.Path))).ToList();

        var empty = Assert.Single(run, r => r.Errors.Count == 0);
        Assert.Matches("^Nothing to do: none of the 1 databases is in part [12]/2\\.$", Assert.Single(empty.Information));
    }

    private static TestProject Project(string third, int count = Count)
    {
        var project = new TestProject(3);
        foreach (var database in Enumerable.Range(1, count).Select(i => $"d{i}"))
        {
            project.With(1, "a", "SELECT 1;", database: database).With(2, "b", database == "d3" ? third : "SELECT 2;", database: database);
        }

        return project;
    }

    private PSObject Variable(string name) => PSObject.AsPSObject(shell.Runspace.SessionStateProxy.GetVariable(name));

    private static object? Value(PSObject value, string property) => value.Properties[property].Value;

    private static List<PSObject> Items(PSObject value, string property) => [.. ((IEnumerable)Value(value, property)!).Cast<object>().Select(PSObject.AsPSObject)];

    private ShellOutput Run(TestProject project, Databases databases, string script) =>
        shell.Run(script, ("d", project.Path), ("c", databases.Strings), ("m", databases.Metadata));

    private sealed class Databases : IDisposable
    {
        private readonly List<ModuleDatabase> _databases;

        internal Databases(ModuleServer server, int count)
        {
            // One of them is enough where nothing is run.
            _databases = [.. Enumerable.Range(0, count > Count ? 1 : count).Select(_ => server.CreateDatabase())];
            Strings = new Hashtable(Enumerable.Range(1, count).ToDictionary(i => $"d{i}", i => _databases[(i - 1) % _databases.Count].ConnectionString));
        }

        internal Hashtable Strings { get; }

        internal string Metadata => _databases[0].ConnectionString;

        public void Dispose() => _databases.ForEach(d => d.Dispose());
    }
}
