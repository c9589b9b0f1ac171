using HasuraMigrations.Tests.Support;

namespace HasuraMigrations.Tests.Commands;

/// <summary>Errors of several lines, where the shell joins the lines of an error.</summary>
[Trait("Case", "9.8")]
public sealed class ScriptErrorTests(ModuleServer server, HostedShell shell) : IClassFixture<HostedShell>
{
    private const string Invoke = "Invoke-HasuraMigration @p";

    [Fact]
    public void In_a_script_each_finding_has_a_line_of_its_own()
    {
        using var database = server.CreateDatabase();
        using var project = Refused();

        var run = RunFile(project, database, Invoke);

        Assert.Equal("PlanRefused", run.ErrorId);
        Assert.Equal(["NotInTransaction", "TransactionControl"], run.Warnings.Select(w => w.Split(' ')[0]).Where(w => w != "StateStoreMissing"));
        Assert.All(run.Warnings, w => Assert.DoesNotContain('\n', w));
        Assert.Equal("The plan for database 'default' was refused and nothing was written: 2 errors, listed above: NotInTransaction, TransactionControl.", run.Errors[0].ToString());
        Assert.Equal(2, FindingsOf(run).Count);
        Assert.Contains("\n", run.Errors[0].Exception.Message);
    }

    [Fact]
    public void Warnings_beside_errors_are_listed_and_not_counted()
    {
        using var database = server.CreateDatabase();
        using var project = new TestProject(3);

        var run = RunFile(project, database, """
            '{"version":3,"sources":[{"name":"default","kind":"postgres","tables":[{"table":"t","array_relationships":[{"role":"r","permission":{}}]}],"configuration":{"connection_info":{"database_url":{"from_env":"URL"}}}}]}' | Import-HasuraMetadata @p
            """);

        Assert.Equal("MetadataInvalid", run.ErrorId);
        Assert.Equal("The metadata has 2 errors; nothing was written: 2 errors, listed above: MetadataKeyMissing.", run.Errors[0].ToString());
        Assert.Equal(2, run.Warnings.Count(w => w.StartsWith("MetadataKeyUnknown", StringComparison.Ordinal)));
    }

    [Fact]
    public void At_the_prompt_the_error_has_all_of_them()
    {
        using var database = server.CreateDatabase();
        using var project = Refused();

        var run = Run(project, database, Invoke);

        Assert.DoesNotContain(run.Warnings, w => w.Contains("NotInTransaction"));
        Assert.Equal(3, run.Errors[0].ToString().Split('\n').Length);
    }

    [Fact]
    public void Errors_of_parsers_are_joined_at_the_prompt_too()
    {
        using var database = server.CreateDatabase();
        using var project = new TestProject().With(1, "a", "\\connect x\n").With(2, "b", "\\connect y\n");

        var run = Run(project, database, Invoke);

        Assert.Equal("PsqlCommand", run.ErrorId);
        Assert.Equal(2, run.Warnings.Count(w => w.StartsWith("PsqlCommand on database", StringComparison.Ordinal)));
        Assert.EndsWith(": 2 errors, listed above: PsqlCommand.", run.Errors[0].ToString());
    }

    [Theory]
    [InlineData("Invoke-HasuraMigration @p -WarningAction SilentlyContinue")]
    [InlineData("$WarningPreference = 'SilentlyContinue'; Invoke-HasuraMigration @p")]
    [InlineData("Invoke-HasuraMigration @p -WarningAction Stop")]
    public void Where_warnings_are_not_shown_the_error_keeps_everything(string script)
    {
        using var database = server.CreateDatabase();
        using var project = Refused();

        var run = RunFile(project, database, script);

        Assert.Equal("PlanRefused", run.ErrorId);
        Assert.Contains("NotInTransaction", run.Errors[0].ToString());
        Assert.Contains("TransactionControl", run.Errors[0].ToString());
    }

    [Fact]
    public void A_failed_statement_keeps_its_caret_below_the_column()
    {
        using var database = server.CreateDatabase();
        using var project = new TestProject().With(1, "a", "SELECT 1;\n\tSELECT nothing;\n");

        var inFile = RunFile(project, database, Invoke);
        var atPrompt = Run(project, database, Invoke);

        Assert.Contains(inFile.Warnings, w => w.ReplaceLineEndings("\n") == "\n2 | \tSELECT nothing;\n    \t       ^");
        Assert.DoesNotContain('\n', inFile.Errors[0].ToString());
        Assert.Contains("42703", inFile.Errors[0].ToString());
        Assert.EndsWith("No migration of this run was committed before it.", inFile.Errors[0].ToString());
        Assert.Contains("\n2 | \tSELECT nothing;\n    \t       ^\n", atPrompt.Errors[0].ToString().ReplaceLineEndings("\n"));
    }

    [Fact]
    [Trait("Case", "9.9")]
    public void The_servers_detail_table_and_constraint_are_on_the_exception()
    {
        using var database = server.CreateDatabase();
        using var project = new TestProject().With(1, "a", "CREATE TABLE t1 (id int CONSTRAINT t1_key PRIMARY KEY); INSERT INTO t1 VALUES (7), (7);");
        const string Script = "try { Invoke-HasuraMigration @p } catch { $e = $_; foreach ($n in 'TableName', 'ConstraintName', 'SchemaName', 'Detail', 'SourceLine') { \"$($e.Exception.$n)\" }; \"$e\" }";

        var without = Run(project, database.ConnectionString, Script).Output.Select(o => $"{o}").ToList();
        var with = Run(project, database.With(b => b.IncludeErrorDetail = true), Script).Output.Select(o => $"{o}").ToList();

        Assert.Equal(["t1", "t1_key", "public"], without[..3]);
        Assert.Contains("INSERT INTO t1 VALUES (7), (7);", without[4]);
        Assert.DoesNotContain("(id)=(7)", string.Concat(without));
        Assert.Contains("(id)=(7)", with[3]);
        Assert.Contains("Detail: Key (id)=(7)", with[5]);
    }

    [Fact]
    [Trait("Case", "9.5")]
    public void An_error_of_one_of_several_databases_names_it_and_stands_on_one_line()
    {
        using var database = server.CreateDatabase();
        using var project = new TestProject(3).With(1, "a", "SELECT 1;", database: "one").With(2, "b", "SELECT 2;", database: "two").With(3, "c", "SELECT 3;", database: "one");
        var strings = new System.Collections.Hashtable { ["one"] = database.ConnectionString, ["two"] = "Host=127.0.0.1;Port=1;Username=u;Password=p;Database=d" };
        var script = project.Write("run.ps1", "Invoke-HasuraMigration -Project $d -ConnectionString $c -Database *");

        Assert.Equal("StateStoreUnreachable", shell.Run("Invoke-HasuraMigration -Project $d -ConnectionString $c -Database one", ("d", project.Path), ("c", strings)).ErrorId);
        shell.Run("Invoke-HasuraMigration -Project $d -ConnectionString $c -Database one -Version 1", ("d", project.Path), ("c", database.ConnectionString)).Well();

        var run = shell.Run("& $f", ("f", script), ("d", project.Path), ("c", strings));

        Assert.Equal(["3"], run.Values("Version"));
        Assert.Contains(run.Warnings, w => w.StartsWith("StateStoreMissing", StringComparison.Ordinal) && w.Contains("some databases could not be checked"));
        Assert.Equal("DatabaseUnreachable", run.ErrorId);
        Assert.Contains("'two'", run.Errors[0].ToString());
        Assert.DoesNotContain('\n', run.Errors[0].ToString());
    }

    private static TestProject Refused() => new TestProject().With(1, "a", "VACUUM;").With(2, "b", "COMMIT;");

    private static List<object> FindingsOf(ShellOutput run) =>
        [.. ((System.Collections.IEnumerable)run.Errors[0].Exception.GetType().GetProperty("Findings")!.GetValue(run.Errors[0].Exception)!).Cast<object>()];

    private ShellOutput RunFile(TestProject project, ModuleDatabase database, string text) =>
        Run(project, database, $"& '{project.Write("run.ps1", text)}'");

    private ShellOutput Run(TestProject project, ModuleDatabase database, string script) => Run(project, database.ConnectionString, script);

    private ShellOutput Run(TestProject project, string connectionString, string script) =>
        shell.Run(script, ("p", new System.Collections.Hashtable { ["Project"] = project.Path, ["ConnectionString"] = connectionString }));
}
