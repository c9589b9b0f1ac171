using System.Collections;
using System.Management.Automation;
using System.Text;
using HasuraMigrations.Tests.Support;

namespace HasuraMigrations.Tests.Commands;

public sealed class BadInputTests(ModuleServer server, HostedShell shell) : IClassFixture<HostedShell>
{
    private const string Url = "HASURA_GRAPHQL_DATABASE_URL";

    [Fact]
    public void An_unreachable_host() =>
        Expect("DatabaseUnreachable", ErrorCategory.ConnectionError, On("Host=127.0.0.1;Port=1;Username=u;Password=p;Database=d"), "d");

    [Fact]
    public void A_wrong_password() =>
        Expect("AuthenticationFailed", ErrorCategory.AuthenticationError, On(ModuleDatabase.Change(server.ConnectionString, b => b.Password = "wrong")));

    [Fact]
    public void A_missing_database() =>
        Expect("DatabaseMissing", ErrorCategory.ObjectNotFound, On(ModuleDatabase.Change(server.ConnectionString, b => b.Database = "no_such")), "no_such");

    [Fact]
    public void A_text_that_is_no_connection_string()
    {
        var error = Expect("ConnectionStringInvalid", ErrorCategory.InvalidArgument, On("swordfish"));
        Assert.DoesNotContain("swordfish", error.ToString());
    }

    [Fact]
    public void A_role_without_rights_is_told_what_to_grant()
    {
        using var database = server.CreateDatabase();
        AsRole(database, "", (_, connection) =>
            Assert.Contains("GRANT", Expect("HistoryWriteDenied", ErrorCategory.PermissionDenied, connection, script: "Invoke-HasuraMigration @p").ToString()));
    }

    [Theory]
    [InlineData("hasura_migrations", "history")]
    [InlineData("hdb_catalog", "schema_migrations")]
    public void A_role_that_may_not_use_a_schema_is_told_what_to_grant(string schema, string table)
    {
        using var database = server.CreateDatabase();
        database.Execute($"CREATE SCHEMA {schema}; CREATE TABLE {schema}.{table} (version bigint)");
        AsRole(database, "", (role, connection) =>
            Assert.Contains($"GRANT USAGE ON SCHEMA {schema} TO \"{role}\"", Expect("PermissionMissing", ErrorCategory.PermissionDenied, connection).ToString()));
    }

    [Fact]
    public void A_role_that_has_no_connection_left()
    {
        using var database = server.CreateDatabase();
        AsRole(database, "CONNECTION LIMIT 0", (_, connection) => Expect("TooManyConnections", ErrorCategory.ResourceBusy, connection));
    }

    [Fact]
    public void A_history_of_a_later_module()
    {
        using var database = server.CreateDatabase();
        using (var project = new TestProject())
        {
            project.Write("migrations/1_a/up.sql", "CREATE TABLE t (id int);"u8.ToArray());
            Run("Invoke-HasuraMigration @p", project, On(database.ConnectionString)).Well();
        }

        database.Execute("COMMENT ON TABLE hasura_migrations.history IS 'hasura-migrations format 2'");

        Expect("HistoryTooNew", ErrorCategory.InvalidData, On(database.ConnectionString));
        Expect("HistoryTooNew", ErrorCategory.InvalidData, On(database.ConnectionString), script: "Invoke-HasuraMigration @p");
    }

    [Fact]
    public void A_session_that_may_only_read()
    {
        using var database = server.CreateDatabase();
        Expect("ServerReadOnly", ErrorCategory.ResourceUnavailable, On(database.With(b => b.Options = "-c default_transaction_read_only=on")), script: "Invoke-HasuraMigration @p");
    }

    [Fact]
    public void A_history_that_is_half_there()
    {
        using var database = server.CreateDatabase();
        database.Execute("CREATE SCHEMA hasura_migrations; CREATE TABLE hasura_migrations.history (version bigint)");

        Expect("HistoryUnreadable", ErrorCategory.InvalidData, On(database.ConnectionString));
        Expect("HistoryUnreadable", ErrorCategory.InvalidData, On(database.ConnectionString), script: "Invoke-HasuraMigration @p");
    }

    [Theory]
    [InlineData("- a\n- b\n", "ProjectConfigInvalid", ErrorCategory.ParserError)]
    [InlineData("version: [", "ProjectConfigInvalid", ErrorCategory.ParserError)]
    [InlineData("version: 4\n", "ProjectConfigVersionUnsupported", ErrorCategory.InvalidData)]
    [InlineData("version: 2\nmigrations_directory: ../elsewhere\n", "PathOutsideProject", ErrorCategory.InvalidData)]
    public void A_config_that_cannot_be_used(string config, string id, ErrorCategory category)
    {
        using var project = new TestProject(config: config);

        Check(shell.Run("Get-HasuraProject -Project $d", ("d", project.Path)), id, category);
    }

    [Fact]
    public void A_directory_that_is_no_project() =>
        Check(shell.Run("Get-HasuraProject -Project $d", ("d", Path.GetTempPath())), "ProjectNotFound", ErrorCategory.ObjectNotFound);

    [Fact]
    public void A_path_of_another_provider() =>
        Check(shell.Run("Get-HasuraProject -Project Variable:/x"), "FileUnreadable", ErrorCategory.ReadError);

    [Fact]
    public void An_env_file_that_is_not_there()
    {
        using var project = new TestProject();
        Check(shell.Run("Get-HasuraProject -Project $d -EnvFile no.env", ("d", project.Path)), "EnvFileInvalid", ErrorCategory.ParserError);
    }

    [Fact]
    public void One_project_inside_another_is_named_or_asked_for()
    {
        using var outer = new TestProject().With(1, "a", "SELECT 1;");
        outer.Write("inner/config.yaml", "version: 2\n");
        outer.Write("inner/deep/readme.txt", "");

        var named = shell.Run("Get-HasuraProject -Project $d", ("d", Path.Combine(outer.Path, "inner"))).Well();
        Assert.Contains(named.Warnings, w => w.StartsWith("ProjectNested", StringComparison.Ordinal));

        shell.Runspace.SessionStateProxy.Path.SetLocation(Path.Combine(outer.Path, "inner", "deep"));
        var unclear = shell.Run("Get-HasuraProject");
        shell.Runspace.SessionStateProxy.Path.SetLocation(Path.GetTempPath());
        Check(unclear, "ProjectAmbiguous", ErrorCategory.InvalidOperation);
    }

    [Fact]
    public void Files_that_no_server_should_see()
    {
        using var database = server.CreateDatabase();
        Expect("SqlContainsNul", ErrorCategory.InvalidData, On(database.ConnectionString), script: "Invoke-HasuraMigration @p", up: "SELECT 1;\0"u8.ToArray());
        Expect("FileEncodingInvalid", ErrorCategory.InvalidData, On(database.ConnectionString), script: "Invoke-HasuraMigration @p", up: [0x53, 0xFF, 0xFE, 0x41]);
        Expect("PsqlCommand", ErrorCategory.ParserError, On(database.ConnectionString), script: "Invoke-HasuraMigration @p", up: Encoding.UTF8.GetBytes("\\connect other\n"));
        Expect("SqlUnterminated", ErrorCategory.ParserError, On(database.ConnectionString), script: "Invoke-HasuraMigration @p", up: Encoding.UTF8.GetBytes("SELECT 'a;\n"));
        Assert.Equal("", database.Tables());
    }

    [Fact]
    public void A_file_beyond_the_limit_is_refused_without_reading_it()
    {
        using var database = server.CreateDatabase();
        using var project = new TestProject().With(1, "a", "SELECT 1;");
        using (var file = File.OpenWrite(Path.Combine(project.Path, "migrations", "1_a", "up.sql")))
        {
            file.SetLength(1L << 31);
        }

        Check(Run("Invoke-HasuraMigration @p", project, On(database.ConnectionString)), "FileTooLarge", ErrorCategory.LimitsExceeded);
    }

    [Theory]
    [InlineData("Invoke-HasuraMigration @p -Version 0", "MigrationVersionInvalid", ErrorCategory.InvalidArgument)]
    [InlineData("Invoke-HasuraMigration @p -To 9223372036854775808", "MigrationVersionInvalid", ErrorCategory.InvalidArgument)]
    [InlineData("Undo-HasuraMigration @p -Version -1 -Confirm:$false", "MigrationVersionInvalid", ErrorCategory.InvalidArgument)]
    [InlineData("Repair-HasuraMigration @p -Version 0 -As Applied", "MigrationVersionInvalid", ErrorCategory.InvalidArgument)]
    [InlineData("Get-HasuraMigration @p -Version x", "MigrationVersionInvalid", ErrorCategory.InvalidArgument)]
    [InlineData("Invoke-HasuraMigration @p -Version 9223372036854775807", "MigrationNotFound", ErrorCategory.ObjectNotFound)]
    [InlineData("Undo-HasuraMigration @p -Version 1 -Confirm:$false", "MigrationNotApplied", ErrorCategory.InvalidOperation)]
    [InlineData("Repair-HasuraMigration @p -Version 5 -As Applied", "MigrationNotFound", ErrorCategory.ObjectNotFound)]
    [InlineData("Get-HasuraMigration @p -Database nowhere", "DatabaseNotFound", ErrorCategory.ObjectNotFound)]
    public void Versions_and_names_that_are_not_there(string script, string id, ErrorCategory category)
    {
        using var database = server.CreateDatabase();
        using var project = TestProject.OfTables(1);

        Check(Run(script, project, On(database.ConnectionString)), id, category);
    }

    [Fact]
    [Trait("Case", "16.4")]
    public void Nothing_from_files_and_databases_reaches_a_stream_as_a_command_of_a_build_agent()
    {
        using var database = server.CreateDatabase();
        using var project = new TestProject().With(1, "a", "DO $$ BEGIN RAISE NOTICE E'n1\\n##vso[task.setvariable variable=n]1'; RAISE WARNING E'\\x1b[31m\\n::set-output name=a::b'; END $$;")
            .With(2, "b", "DO $$ BEGIN RAISE EXCEPTION E'x\\n##[error]y' USING HINT = E'h\\r\\n::warning::z', DETAIL = E'd\\n##vso[x]'; END $$;");
        using var named = new TestProject().With(3, "x\u001b[31m", "SELECT 1;");

        var run = Run("Invoke-HasuraMigration @p -Verbose", project, On(database.ConnectionString));
        var log = Run("Get-HasuraMigrationLog @p | Out-String -Width 300", project, On(database.ConnectionString));
        var refused = Run("Get-HasuraMigration @p -Verbose", named, On(database.ConnectionString));

        Assert.Equal("MigrationFailed", run.ErrorId);
        var texts = new[] { run, log, refused }.SelectMany(r => r.Output.Select(o => $"{o}").Concat(r.Warnings).Concat(r.Verbose).Concat(r.Information).Concat(r.Errors.SelectMany(e => new[] { $"{e}", e.Exception.Message, e.ErrorDetails?.RecommendedAction ?? "" })));
        Assert.Contains(texts, t => t.Contains("n1\\n##vso\\u005B", StringComparison.Ordinal));
        Assert.All(texts.SelectMany(t => t.Split('\n')), l => Assert.DoesNotMatch(@"^\s*::|##\w*\[|\x1b", l));
    }

    [Theory]
    [InlineData("version: 2\n", "", "ConnectionMissing", ErrorCategory.InvalidArgument)]
    [InlineData("version: 2\nendpoint: http://localhost:1\n", "", "ServerUnreachable", ErrorCategory.ConnectionError)]
    [InlineData("version: 2\nendpoint: http://localhost:1\n", Url + "=postgres://u:p@127.0.0.1:1/d\n", "TargetAmbiguous", ErrorCategory.InvalidArgument)]
    public void Ways_to_connect_that_are_not_clear(string config, string env, string id, ErrorCategory category)
    {
        using var project = new TestProject(config: config);
        project.Write(".env", env);

        Check(Run("Get-HasuraMigration @p", project, []), id, category);
    }

    [Theory]
    [InlineData("-Connection 'Host=a' -ConnectionString 'Host=b'", "ConnectionAmbiguous")]
    [InlineData("-ConnectionString 'Host=b' -Endpoint http://localhost:1", "ConnectionAmbiguous")]
    [InlineData("-Endpoint http://localhost:1", "ServerUnreachable")]
    [InlineData("-Connection http://localhost:1", "ServerUnreachable")]
    [InlineData("-Target Server", "ServerUnreachable")]
    [InlineData("-Connection 7", "ConnectionStringInvalid")]
    [InlineData("-ConnectionString @{ other = 'Host=b' }", "DatabaseNotFound")]
    public void Connection_parameters_that_cannot_be_used(string parameters, string id)
    {
        using var project = new TestProject();

        Assert.Equal(id, Run($"Get-HasuraMigration @p {parameters}", project, []).ErrorId);
    }

    [Fact]
    public void Target_decides_where_both_are_set()
    {
        using var database = server.CreateDatabase();
        using var project = new TestProject(config: "version: 2\nendpoint: http://localhost:1\n").With(1, "a", "SELECT 1;");
        project.Write(".env", $"{Url}=\"{database.ConnectionString}\"\n");

        Assert.Equal(["1"], Run("Get-HasuraMigration @p -Target Postgres", project, []).Well().Values("Version"));
    }

    private static void AsRole(ModuleDatabase database, string options, Action<string, Hashtable> test)
    {
        var role = $"poor_{Guid.NewGuid():N}";
        database.Execute($"CREATE ROLE {role} LOGIN PASSWORD 'poor' {options}");
        try
        {
            test(role, On(database.With(b => (b.Username, b.Password) = (role, "poor"))));
        }
        finally
        {
            database.Execute($"DROP OWNED BY {role}; DROP ROLE {role}");
        }
    }

    private static Hashtable On(string connectionString) => new() { ["ConnectionString"] = connectionString };

    private ErrorRecord Expect(string id, ErrorCategory category, Hashtable connection, object? target = null, string script = "Get-HasuraMigration @p", byte[]? up = null)
    {
        using var project = new TestProject();
        project.Write("migrations/1_a/up.sql", up ?? "CREATE TABLE t (id int);"u8.ToArray());
        var error = Check(Run(script, project, connection), id, category);
        Assert.True(target is null || Equals(target, error.TargetObject), $"{error.TargetObject}");
        return error;
    }

    private static ErrorRecord Check(ShellOutput run, string id, ErrorCategory category)
    {
        Assert.Equal(id, run.ErrorId);
        var error = run.Errors[0];
        Assert.Equal(category, error.CategoryInfo.Category);
        Assert.NotEmpty(error.ErrorDetails.RecommendedAction);
        return error;
    }

    private ShellOutput Run(string script, TestProject project, Hashtable parameters)
    {
        parameters["Project"] = project.Path;
        return shell.Run(script, ("p", parameters));
    }
}
