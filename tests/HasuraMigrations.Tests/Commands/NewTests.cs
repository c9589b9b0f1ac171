using HasuraMigrations.Tests.Support;

namespace HasuraMigrations.Tests.Commands;

public sealed class NewTests(HostedShell shell, ModuleServer server) : IClassFixture<HostedShell>
{
    [Fact]
    public void Writes_the_steps_and_returns_the_migration()
    {
        using var project = new TestProject();
        var run = Run(project, "New-HasuraMigration init -Project $d -UpSql 'CREATE TABLE t (id int);' -DownSql 'DROP TABLE t;' -Version 1700000000001").Well();

        var directory = Path.Combine(project.Path, "migrations", "1700000000001_init");
        Assert.Equal([directory], run.Values("Path"));
        Assert.Equal(["Pending"], run.Values("Status"));
        Assert.Equal("CREATE TABLE t (id int);\n", File.ReadAllText(Path.Combine(directory, "up.sql")));
        Assert.Equal("DROP TABLE t;\n", File.ReadAllText(Path.Combine(directory, "down.sql")));
    }

    [Fact]
    public void Versions_of_the_same_moment_do_not_collide()
    {
        using var project = new TestProject();

        var run = Run(project, "foreach ($i in 1..20) { New-HasuraMigration \"m$i\" -Project $d -UpSql 'SELECT 1;' }").Well();

        Assert.Equal(20, run.Values("Version").Distinct().Count());
    }

    [Fact]
    public void Takes_texts_from_files_relative_to_the_location()
    {
        using var project = new TestProject(3).With(1, "a", "SELECT 1;", database: "main");
        project.Write("drafts/up.sql", "SELECT 2;\n");
        shell.Runspace.SessionStateProxy.Path.SetLocation(project.Path);

        var run = shell.Run("New-HasuraMigration 'second one' -UpPath drafts/up.sql -Version 2").Well();

        shell.Runspace.SessionStateProxy.Path.SetLocation(Path.GetTempPath());
        Assert.Equal(["main"], run.Values("Database"));
        Assert.Equal("SELECT 2;\n", File.ReadAllText(Path.Combine(project.Path, "migrations", "main", "2_second one", "up.sql")));
    }

    [Fact]
    public void What_if_writes_nothing()
    {
        using var project = new TestProject();

        Run(project, "New-HasuraMigration init -Project $d -WhatIf").Well();

        Assert.False(Directory.Exists(Path.Combine(project.Path, "migrations")));
    }

    [Theory]
    [InlineData("-Name a/b", "MigrationNameInvalid")]
    [InlineData("-Name a\\b", "MigrationNameInvalid")]
    [InlineData("-Name ''", "MigrationNameInvalid")]
    [InlineData("-Name \"it's\"", "MigrationNameInvalid")]
    [InlineData("-Name 'a\"b'", "MigrationNameInvalid")]
    [InlineData("-Name ('x' * 300)", "MigrationNameInvalid")]
    [InlineData("-Name ..", "MigrationNameInvalid")]
    [InlineData("-Name \"a`nb\"", "MigrationNameInvalid")]
    [InlineData("-Name ok -Version 0", "MigrationVersionInvalid")]
    [InlineData("-Name ok -Version 9223372036854775808", "MigrationVersionInvalid")]
    [InlineData("-Name ok -Version -1", "MigrationVersionInvalid")]
    [InlineData("-Name ok -Version first", "MigrationVersionInvalid")]
    [InlineData("-Name ok -Version 1", "MigrationExists")]
    [InlineData("-Name ok -UpPath nowhere.sql", "FileUnreadable")]
    [InlineData("-Name ok -Database nowhere", "DatabaseNotFound")]
    public void Bad_input_has_an_error_of_its_own_and_writes_nothing(string parameters, string expected)
    {
        using var project = new TestProject().With(1, "first", "SELECT 1;");

        var run = Run(project, $"New-HasuraMigration -Project $d {parameters}");

        Assert.Equal(expected, run.ErrorId);
        Assert.NotEmpty(run.Errors[0].ErrorDetails.RecommendedAction);
        Assert.True(expected != "MigrationVersionInvalid" || run.Errors[0].ErrorDetails.RecommendedAction.Contains("leave -Version out", StringComparison.Ordinal));
        Assert.Single(Directory.EnumerateDirectories(Path.Combine(project.Path, "migrations")));
    }

    [Fact]
    public void The_schema_of_a_database_becomes_a_migration_that_is_recorded_there()
    {
        using var project = new TestProject();
        using var database = server.CreateDatabase();
        database.Execute("CREATE SCHEMA app; CREATE TABLE app.t (id int PRIMARY KEY); CREATE TABLE t (id int);");

        var run = Run(project, database, "New-HasuraMigration init @p -FromDatabase").Well();

        Assert.Equal(["Applied"], run.Values("Status"));
        var text = File.ReadAllText(Path.Combine(run.Values("Path")[0]!.ToString()!, "up.sql"));
        Assert.StartsWith("CREATE SCHEMA app;\nCREATE TABLE app.t (\n", text);
        Assert.Contains("CREATE TABLE public.t (", text);
        Assert.Equal("1 baseline", database.Scalar("SELECT count(*) || ' ' || min(origin) FROM hasura_migrations.history"));
        Assert.Empty(Run(project, database, "Invoke-HasuraMigration @p").Well().Output);
    }

    [Fact]
    public void With_no_record_the_database_is_only_read()
    {
        using var project = new TestProject();
        using var database = server.CreateDatabase();
        database.Execute("CREATE TABLE t (id int); CREATE SCHEMA other; CREATE TABLE other.t (id int);");
        var before = database.Objects();

        var run = Run(project, database, "New-HasuraMigration init @p -FromDatabase -ExcludeSchema other -NoRecord -SkipProof").Well();

        Assert.Equal(["Pending"], run.Values("Status"));
        Assert.DoesNotContain("other", File.ReadAllText(Path.Combine(run.Values("Path")[0]!.ToString()!, "up.sql")));
        Assert.Equal(before, database.Objects());
    }

    [Theory]
    [InlineData("-FromDatabase -AllowDownload -WhatIf", "")]
    [InlineData("-FromDatabase -SkipProof", "SchemaEmpty")]
    [InlineData("-FromDatabase -Schema none", "DumpFailed")]
    [InlineData("-FromDatabase -Schema hdb_catalog", "SchemaInvalid")]
    [InlineData("-FromServer", "TargetNotSupported")]
    public void Nothing_is_written_where_nothing_can_be_made(string arguments, string errorId)
    {
        using var project = new TestProject();
        using var database = server.CreateDatabase();

        var run = Run(project, database, $"New-HasuraMigration init @p {arguments}");

        Assert.Equal(errorId, run.ErrorId);
        Assert.False(Directory.Exists(Path.Combine(project.Path, "migrations")));
        Assert.Equal("public.", database.Objects());
    }

    [Fact]
    public void Metadata_becomes_a_step_that_replaces_it_in_config_version_1()
    {
        using var project = new TestProject(1);
        using var database = server.CreateDatabase();
        using var copy = server.CreateDatabase();
        project.Write("m.json", """{"version":2,"tables":[{"table":{"schema":"public","name":"t"},"select_permissions":[{"role":"user","permission":{"filter":{},"columns":["id"]}}]}]}""");
        Run(project, copy, "New-HasuraMigration tables @p -Version 1 -UpSql 'CREATE TABLE t (id int PRIMARY KEY);'").Well();
        Run(project, database, "Invoke-HasuraMigration @p; Import-HasuraMetadata -Path $d/m.json @p -CreateStateStore").Well();

        Run(project, database, "New-HasuraMigration fetched @p -Version 2 -MetadataFromServer; New-HasuraMigration given @p -Version 3 -UpSql 'SELECT 1;' -MetadataPath $d/m.json").Well();

        const string step = "- args:\n    tables:\n    - select_permissions:\n      - permission:\n          columns:\n          - id\n          filter: {}\n        role: user\n      table:\n        name: t\n        schema: public\n    version: 2\n  type: replace_metadata\n";
        Assert.Equal(step, File.ReadAllText(Path.Combine(project.Path, "migrations", "2_fetched", "up.yaml")));
        Assert.Equal(step, File.ReadAllText(Path.Combine(project.Path, "migrations", "3_given", "up.yaml")));
        Assert.Equal(["up.yaml"], Directory.EnumerateFiles(Path.Combine(project.Path, "migrations", "2_fetched")).Select(Path.GetFileName));
        Run(project, copy, "Invoke-HasuraMigration @p -CreateStateStore").Well();
        Assert.Empty(Run(project, copy, "Compare-HasuraMetadata (Export-HasuraMetadata @p -AsObject) $d/m.json").Well().Output);
    }

    [Fact]
    public void Metadata_is_no_step_in_other_config_versions()
    {
        using var project = new TestProject(3);
        using var database = server.CreateDatabase();
        project.Write("m.json", """{"version":3,"sources":[]}""");

        Assert.Equal("MetadataStepNotSupported", Run(project, database, "New-HasuraMigration m @p -Database default -MetadataPath $d/m.json").ErrorId);
        Assert.Equal("MetadataStepNotSupported", Run(project, database, "New-HasuraMigration m @p -Database default -MetadataFromServer").ErrorId);
    }

    private ShellOutput Run(TestProject project, ModuleDatabase database, string script) =>
        shell.Run($"$p = @{{ Project = $d; ConnectionString = $c }}; {script}", ("d", project.Path), ("c", database.ConnectionString));

    private ShellOutput Run(TestProject project, string script) => shell.Run(script, ("d", project.Path));
}
