using System.Collections;
using System.Management.Automation;
using HasuraMigrations.Tests.Support;

namespace HasuraMigrations.Tests.Commands;

/// <summary>What a run says at its end.</summary>
public sealed class SummaryTests(ModuleServer server, HostedShell shell) : IClassFixture<HostedShell>
{
    [Fact]
    public void Several_databases_and_a_failure_are_summed_up()
    {
        using var one = server.CreateDatabase();
        using var two = server.CreateDatabase();
        using var project = Project();
        var strings = new Hashtable { ["one"] = one.ConnectionString, ["two"] = two.ConnectionString, ["three"] = "Host=127.0.0.1;Port=1;Username=u;Password=swordfish;Database=d" };
        // The first run on a database is refused while another that may hold Hasura's record cannot be reached.
        foreach (var name in new[] { "one", "two" })
        {
            shell.Run("Invoke-HasuraMigration -Project $d -Database $n -ConnectionString $c -Version 1", ("d", project.Path), ("n", name), ("c", strings[name])).Well();
        }

        var run = Run(project, strings, "Invoke-HasuraMigration -Project $d -ConnectionString $c -Database one, two, three -SummaryVariable s; $global:s = $s");

        var s = Variable("s");
        Assert.Equal(4, run.Output.Count);
        Assert.Equal(2, run.Errors.Count);
        Assert.Equal("False 4 0 0 2 ", $"{Value(s, "Succeeded")} {Value(s, "Applied")} {Value(s, "RolledBack")} {Value(s, "Recorded")} {Value(s, "FailedDatabases")} {Value(s, "Pending")}");
        Assert.Equal(["one 2/1", "two 2/0", "three 0/"], Items(s, "Databases").Select(d => $"{Value(d, "Database")} {Value(d, "Applied")}/{Value(d, "Pending")}"));
        Assert.Equal(["MigrationFailed", "DatabaseUnreachable"], Items(s, "Failures").Select(f => $"{Value(f, "ErrorId")}"));
        Assert.Equal(4, Items(s, "Results").Count);
        Assert.Collection(
            run.Information,
            l => Assert.Matches("^Failed after: Applied 2 migrations: database 'one' on .+, 1 pending\\.$", l),
            l => Assert.Matches("^Applied 2 migrations: database 'two' on .+, 0 pending\\.$", l),
            l => Assert.Matches("^Failed, no migration completed: database 'three' on [^,]+, pending migrations unknown\\.$", l),
            l => Assert.Matches("^Failed after: Applied 4 migrations: 3 databases \\(2 failed\\), .+, pending migrations unknown\\.$", l));
        Assert.DoesNotContain("swordfish", string.Concat(run.Information));
    }

    [Theory]
    [InlineData("Invoke-HasuraMigration @p -Count 2 -SummaryVariable s", "True 2 0 0 1", "Applied 2 migrations: database 'default' on .*, 1 pending\\.")]
    [InlineData("Invoke-HasuraMigration @p -SkipExecution -SummaryVariable s", "True 0 0 3 0", "Recorded 3 migrations: database 'default' on .*, 0 pending\\.")]
    [InlineData("Invoke-HasuraMigration @p -To 1 -SummaryVariable s; Invoke-HasuraMigration @p -To 1 -SummaryVariable s", "True 0 0 0 2", "Nothing to do for database 'default' on .*, 2 pending\\.")]
    [InlineData("Invoke-HasuraMigration @p; Undo-HasuraMigration @p -Count 2 -Confirm:$false -SummaryVariable s", "True 0 2 0 2", "Rolled back 2 migrations: database 'default' on .*, 2 pending\\.")]
    [InlineData("Invoke-HasuraMigration @p -WhatIf -SummaryVariable s", "True 0 0 0 3", null)]
    [InlineData("@() | Invoke-HasuraMigration @p -SummaryVariable s", "True 0 0 0 ", null)]
    [InlineData("Invoke-HasuraMigration @p | Select-Object -First 1; $null = 1", "True 3 0 0 0", null)]
    public void The_variable_and_the_line_say_what_was_done_and_what_is_left(string script, string expected, string? line)
    {
        using var database = server.CreateDatabase();
        using var project = TestProject.OfTables(3);
        script = script.Replace("@p | Select", "@p -TransactionMode All -SummaryVariable s | Select", StringComparison.Ordinal);

        var run = Run(project, database, $"{script}; $global:s = $s").Well();

        var s = Variable("s");
        Assert.Equal(expected, $"{Value(s, "Succeeded")} {Value(s, "Applied")} {Value(s, "RolledBack")} {Value(s, "Recorded")} {Value(s, "Pending")}");
        if (line is not null)
        {
            Assert.Matches($"^{line}$", run.Information[^1]);
        }
    }

    [Fact]
    public void A_refused_plan_and_a_project_that_is_missing_are_in_the_summary()
    {
        using var database = server.CreateDatabase();
        using var project = new TestProject().With(1, "a", "VACUUM;").With(2, "b", "SELECT 1;");

        var refused = Run(project, database, "try { Invoke-HasuraMigration @p -SummaryVariable s } catch { $failure = $_ }; $global:s = $s; $failure");
        Assert.Equal(("False", "NotInTransaction", "2"), ($"{Value(Variable("s"), "Succeeded")}", $"{Value(Items(Variable("s"), "Failures")[0], "ErrorId")}", $"{Value(Variable("s"), "Pending")}"));
        Assert.Matches("^Failed, no migration completed: database 'default' on [^,]+, 2 pending\\.$", refused.Information[^1]);

        Run(project, database, "try { Invoke-HasuraMigration -Project /no/such/place -SummaryVariable s } catch { }; $global:s = $s");
        Assert.Equal("ProjectNotFound", $"{Value(Items(Variable("s"), "Failures")[0], "ErrorId")}");
        Assert.Null(Value(Variable("s"), "Pending"));
    }

    [Fact]
    public void The_summary_has_a_view()
    {
        using var database = server.CreateDatabase();
        using var project = TestProject.OfTables(1).With(2, "bad", "SELECT nothing;");
        Run(project, database, "try { Invoke-HasuraMigration @p -SummaryVariable s } catch { }; $global:s = $s");

        var text = shell.Show("$s");

        Assert.Contains("Summary   : Failed after: Applied 1 migration: 1 database (1 failed), ", text);
        Assert.Contains("Failures  : MigrationFailed: ", text);
        Assert.Matches("False +1 +0 +1 +.* default \\(", shell.Show("$s.Databases"));
    }

    [Fact]
    public void A_run_that_is_stopped_names_what_it_did_not_come_to()
    {
        using var database = server.CreateDatabase();
        using var project = new TestProject(3).With(1, "a", "SELECT 1;", database: "one").With(1, "a", "SELECT 1;", database: "two");
        var strings = new Hashtable { ["one"] = database.ConnectionString, ["two"] = database.ConnectionString };

        Run(project, strings, "Invoke-HasuraMigration -Project $d -ConnectionString $c -Database * -SummaryVariable s | Select-Object -First 1; $global:s = $s");

        Assert.Equal(["two"], ((IEnumerable)Value(Variable("s"), "NotStarted")!).Cast<string>());
        Assert.Equal("Applied 1 migration: 2 databases (1 not started), ", $"{Variable("s")}"[.."Applied 1 migration: 2 databases (1 not started), ".Length]);
    }

    private static TestProject Project()
    {
        var project = new TestProject(3);
        foreach (var database in new[] { "one", "two", "three" })
        {
            project.With(1, "a", "SELECT 1;", database: database).With(2, "b", "SELECT 2;", database: database).With(3, "c", "SELECT 3;", database: database);
        }

        return project.With(4, "bad", "SELECT nothing;", database: "one");
    }

    private PSObject Variable(string name) => PSObject.AsPSObject(shell.Runspace.SessionStateProxy.GetVariable(name));

    private static object? Value(PSObject value, string property) => value.Properties[property].Value;

    private static List<PSObject> Items(PSObject value, string property) => [.. ((IEnumerable)Value(value, property)!).Cast<object>().Select(PSObject.AsPSObject)];

    private ShellOutput Run(TestProject project, Hashtable strings, string script) => shell.Run(script, ("d", project.Path), ("c", strings));

    private ShellOutput Run(TestProject project, ModuleDatabase database, string script) =>
        shell.Run(script, ("p", new Hashtable { ["Project"] = project.Path, ["ConnectionString"] = database.ConnectionString }));
}
