using HasuraMigrations.Tests.Support;

namespace HasuraMigrations.Tests.Commands;

public sealed class SeedTests(ModuleServer server, HostedShell shell) : IClassFixture<HostedShell>
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Rows_are_written_to_a_file_and_run_elsewhere_once(bool isServer)
    {
        using var database = Prepared("INSERT INTO t VALUES (1, 'a'), (2, 'b')");
        using var copy = Prepared("SELECT 1");
        using var hasura = isServer ? HasuraServer.Start(database) : null;
        using var project = new TestProject(3);
        shell.Run("$null = New-Item $d/migrations/default -ItemType Directory", ("d", project.Path)).Well();

        var made = Run(project, copy, isServer ? "New-HasuraSeed rows -Project $d -FromTable t -Endpoint $e" : "New-HasuraSeed rows -Project $d -FromTable public.t -ConnectionString $from", ("e", hasura?.Endpoint), ("from", database.ConnectionString)).Well();
        var planned = Run(project, copy, "Invoke-HasuraSeed @p -Once -WhatIf").Well();
        var first = Run(project, copy, "Get-ChildItem $d/seeds/default/*.sql | Invoke-HasuraSeed @p -Once -Verbose").Well();
        var second = Run(project, copy, "Invoke-HasuraSeed @p -Once -TransactionMode PerFile").Well();

        Assert.Equal("INSERT INTO public.t (id, note) VALUES (1, 'a');\nINSERT INTO public.t (id, note) VALUES (2, 'b');\n", File.ReadAllText(made.Values("File")[0]));
        Assert.Equal(("2", "default"), (made.Values("StatementCount")[0], made.Values("Database")[0]));
        Assert.Equal(("Applied", "HasuraMigrations.PlannedSeedInfo"), (planned.Values("Outcome")[0], planned.Output[0].TypeNames[0]));
        Assert.Equal([("Applied", made.Values("Path")[0])], first.Values("Outcome").Zip(first.Values("Path")));
        Assert.Contains(first.Verbose, v => v.StartsWith("Running seed file ", StringComparison.Ordinal) && v.EndsWith("(1 of 1).", StringComparison.Ordinal));
        Assert.Contains(first.Information, i => i.StartsWith("Applied 1 seed file: database 'default' on ", StringComparison.Ordinal));
        Assert.Equal(["Skipped"], second.Values("Outcome"));
        Assert.Equal("2", copy.Scalar("SELECT count(*)::text FROM t"));
    }

    [Fact]
    public void A_failure_shows_file_line_and_caret_and_leaves_nothing()
    {
        using var database = Prepared("SELECT 1");
        using var project = new TestProject();
        project.Write("seeds/1.sql", "INSERT INTO t VALUES (1, 'a');");
        var file = project.Write("seeds/2.sql", "SELECT 1;\nINSERT INTO nope VALUES (1);");

        var run = Run(project, database, "Invoke-HasuraSeed @p -LockTimeout 60 -ReconnectTimeout 60 -DdlTimeout 60 -StatementTimeout 60 -NoReload -LocateError");

        Assert.Equal("SeedFailed", run.ErrorId);
        var text = $"{run.Errors[0].ErrorDetails}";
        Assert.Contains($"The seed file '2.sql' failed at {file}:2:13, statement 2: 42P01: ", text);
        Assert.Contains($"2 | INSERT INTO nope VALUES (1);{Environment.NewLine}                ^", text);
        Assert.Contains("No seed file of this run was committed before it.", text);
        Assert.Equal("0", database.Scalar("SELECT count(*)::text FROM t"));
    }

    [Fact]
    public void Files_run_in_the_order_given_and_What_if_lists_them()
    {
        using var database = Prepared("CREATE TABLE told (n serial, what text)");
        using var project = new TestProject();
        foreach (var name in new[] { "a", "b", "demo/c" })
        {
            project.Write($"seeds/{name}.sql", $"INSERT INTO told (what) VALUES ('{name}');");
        }

        var planned = Run(project, database, "Invoke-HasuraSeed demo/*.sql, b.sql @p -WhatIf").Well();
        Run(project, database, "Invoke-HasuraSeed -Path demo/*.sql, b.sql @p -TransactionMode None -Restart").Well();

        Assert.Equal(["demo/c.sql", "b.sql"], planned.Values("Path"));
        Assert.Equal("demo/c,b", database.Scalar("SELECT string_agg(what, ',' ORDER BY n) FROM told"));
    }

    [Fact]
    public void Several_databases_run_one_after_another_and_one_that_fails_stops_only_itself()
    {
        using var one = Prepared("SELECT 1");
        using var two = Prepared("SELECT 1");
        using var project = new TestProject(3);
        project.Write("migrations/one/.gitkeep", "");
        project.Write("migrations/two/.gitkeep", "");
        project.Write("seeds/one/1.sql", "SELECT 1/0;");
        project.Write("seeds/two/1.sql", "INSERT INTO t VALUES (1, 'a');");

        var unclear = shell.Run("Invoke-HasuraSeed -Project $d -ConnectionString @{ one = $o; two = $w }", ("d", project.Path), ("o", one.ConnectionString), ("w", two.ConnectionString));
        var run = shell.Run("Invoke-HasuraSeed -Project $d -Database * -ConnectionString @{ one = $o; two = $w }", ("d", project.Path), ("o", one.ConnectionString), ("w", two.ConnectionString));

        Assert.Equal("DatabaseRequired", unclear.ErrorId);
        Assert.Equal("SeedFailed", run.ErrorId);
        Assert.Equal(["two"], run.Values("Database"));
    }

    [Fact]
    public void No_file_is_a_warning_and_a_name_without_a_file_an_error()
    {
        using var database = Prepared("SELECT 1");
        using var project = new TestProject();

        var none = Run(project, database, "Invoke-HasuraSeed @p").Well();
        var unknown = Run(project, database, "Invoke-HasuraSeed x.sql @p");
        var empty = Run(project, database, "@() | Invoke-HasuraSeed @p -Verbose").Well();

        Assert.StartsWith("SeedFilesMissing", Assert.Single(none.Warnings), StringComparison.Ordinal);
        Assert.Equal("SeedNotFound", unknown.ErrorId);
        Assert.Contains("No seed file was piped in.", empty.Verbose);
    }

    [Fact]
    public void New_files_are_checked_and_written_as_told()
    {
        using var project = new TestProject();
        project.Write("draft.sql", "\ufeffINSERT INTO t VALUES (1);");

        var path = shell.Run("New-HasuraSeed from_file -Project $d -Path \"$d/draft.sql\"", ("d", project.Path)).Well();
        var sql = shell.Run("New-HasuraSeed -Name given -Project $d -Sql 'SELECT 1;'", ("d", project.Path)).Well();
        var empty = shell.Run("New-HasuraSeed empty -Project $d", ("d", project.Path)).Well();
        var whatIf = shell.Run("New-HasuraSeed none -Project $d -FromTable t -ConnectionString 'Host=127.0.0.1;Port=1;Username=u;Database=d' -WhatIf", ("d", project.Path)).Well();
        var badName = shell.Run("New-HasuraSeed 'a/b' -Project $d", ("d", project.Path));
        var badTable = shell.Run("New-HasuraSeed a -Project $d -FromTable a.b.c -ConnectionString 'Host=127.0.0.1;Port=1;Username=u;Database=d'", ("d", project.Path));

        Assert.Equal(["INSERT INTO t VALUES (1);\n", "SELECT 1;\n", ""], new[] { path, sql, empty }.Select(r => File.ReadAllText(r.Values("File")[0])));
        Assert.Equal(3, Directory.GetFiles(Path.Combine(project.Path, "seeds")).Length);
        Assert.Empty(whatIf.Output);
        Assert.Equal(("SeedNameInvalid", "SeedTableInvalid"), (badName.ErrorId, badTable.ErrorId));
    }

    private ModuleDatabase Prepared(string sql)
    {
        var database = server.CreateDatabase();
        database.Execute($"CREATE TABLE t (id int PRIMARY KEY, note text); {sql}");
        return database;
    }

    private ShellOutput Run(TestProject project, ModuleDatabase database, string script, params (string Name, object? Value)[] more) =>
        shell.Run($"$p = @{{ Project = $d; ConnectionString = $c }}; {script}", [("d", project.Path), ("c", database.ConnectionString), .. more]);
}
