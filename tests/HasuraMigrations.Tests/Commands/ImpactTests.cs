using HasuraMigrations.Tests.Support;

namespace HasuraMigrations.Tests.Commands;

/// <summary>What breaks: consistency, dependencies and the impact of changes, as commands.</summary>
public sealed class ImpactTests(ModuleServer server, HostedShell shell) : IClassFixture<HostedShell>
{
    private const string Tables = "CREATE TABLE users (id int PRIMARY KEY, email text, name text); CREATE TABLE posts (id int PRIMARY KEY, user_id int REFERENCES users);";

    private const string Users = """
        table:
          name: users
          schema: public
        select_permissions:
          - role: user
            permission:
              columns:
                - id
                - email
              filter:
                id:
                  _eq: X-Hasura-User-Id
          - role: editor
            permission:
              columns: '*'
              filter: {}

        """;

    private const string UsersFile = "metadata/databases/default/tables/public_users.yaml";

    [Fact]
    public void Dependents_come_with_their_places()
    {
        using var project = Project();
        using var database = Database(Tables);

        var run = Run(project, database, "Get-HasuraDependency -Name users.email @p; 'posts.user_id' | Get-HasuraDependency @p -Kind Column -Direction Dependents").Well();
        Assert.Equal(["public.users/select/user", "public.users/select/editor", "public.posts.posts_user_id_fkey"], run.Values("Name"));
        Assert.Equal(["Lists", "Includes", "ForeignKey"], run.Output.Select(o => $"{o.Properties["Relation"].Value}"));
        Assert.Equal([Path.Combine(project.Path, UsersFile), "9"], [$"{run.Output[0].Properties["File"].Value}", $"{run.Output[0].Properties["Line"].Value}"]);
        Assert.Contains("public.users.id", Run(project, database, "Get-HasuraDependency public.posts @p -Direction Dependencies").Well().Values("Name"));
        Assert.Equal(["public.posts.posts_user_id_fkey"], Run(project, database, "Get-HasuraDependency users @p -Recurse | Where-Object Relation -eq ForeignKey").Well().Values("Name"));
        Assert.Equal("DependencyObjectNotFound", Run(project, database, "Get-HasuraDependency nobody @p").ErrorId);
        Assert.NotEmpty(Run(project, database, "Get-HasuraDependency users @p -Database default").Well().Output);
        Assert.Equal("DatabaseNotFound", Run(project, database, "Get-HasuraDependency users @p -Database nowhere").ErrorId);
        Assert.Equal("ServerUnreachable", Run(project, database, "Get-HasuraDependency users -Project $p.Project -Endpoint http://127.0.0.1:1").ErrorId);
        Assert.Equal("SandboxRequired", Run(project, database, "Get-HasuraDependency users @p -AllowDownload").ErrorId);
    }

    [Theory]
    [InlineData("v1")]
    [InlineData("v2")]
    public void A_server_lets_its_databases_be_looked_into(string api)
    {
        using var project = Project();
        using var database = Database(Tables.Replace("name text", "name text, kind text", StringComparison.Ordinal) + "CREATE TABLE kinds (value text PRIMARY KEY, comment text); INSERT INTO kinds VALUES ('NULL', NULL), ('a', 'b');");
        using var hasura = HasuraServer.Start(database, api: api);
        project.Write("metadata/databases/default/tables/public_kinds.yaml", "table:\n  name: kinds\n  schema: public\nis_enum: true\n");
        project.Write("metadata/databases/default/tables/tables.yaml", "- \"!include public_users.yaml\"\n- \"!include public_kinds.yaml\"\n");
        var parameters = new System.Collections.Hashtable { ["Project"] = project.Path, ["Endpoint"] = hasura.Endpoint };
        if (api == "v2")
        {
            shell.Run("""'{"version":3,"sources":[{"name":"default","kind":"postgres","tables":[],"configuration":{"connection_info":{"database_url":{"from_env":"HASURA_GRAPHQL_DATABASE_URL"}}}}]}' | Import-HasuraMetadata -Endpoint $e -Force""", ("e", hasura.Endpoint)).Well();
        }

        const string Script = "Get-HasuraDependency public @p -Recurse | ForEach-Object { [string]$_ }; Test-HasuraMetadata @p -AgainstDatabase -Detailed | ForEach-Object { [string]$_ }";
        var direct = Run(project, database, Script).Well();
        var asked = shell.Run(Script, ("p", parameters)).Well();

        Assert.True(direct.Output.Count > 10, $"{direct.Output.Count}");
        Assert.Equal(direct.Output.Select(o => $"{o}"), asked.Output.Select(o => $"{o}"));
        Assert.Equal(["True"], shell.Run("Test-HasuraMetadata @p -AgainstDatabase", ("p", parameters)).Well().Output.Select(o => $"{o}"));
    }

    [Fact]
    public void Metadata_is_compared_with_a_database_and_with_a_throwaway_one()
    {
        server.Require();
        using var project = Project();
        project.Write("migrations/default/1_tables/up.sql", "-- hasura:variables\n" + Tables + "\nSELECT ${value};");
        project.Write("setup.sql", "CREATE TABLE of_setup (id int);");
        project.Write("values.env", "value=1\n");
        using var database = Database(Tables.Replace("email text, ", "", StringComparison.Ordinal));

        var detailed = Run(project, database, "Test-HasuraMetadata @p -AgainstDatabase -Detailed | Where-Object Severity -eq Error").Well();
        Assert.Equal(["MetadataObjectInconsistent"], detailed.Values("Id"));
        Assert.Equal([Path.Combine(project.Path, UsersFile)], detailed.Values("File"));
        Assert.Equal("False", $"{Assert.Single(Run(project, database, "Test-HasuraMetadata @p -AgainstDatabase").Well().Output)}");
        var alone = Run(project, database, "Test-HasuraMetadata @p").Well();
        Assert.Equal("True", $"{Assert.Single(alone.Output)}");
        Assert.Contains("-ConnectionString is not used", Assert.Single(alone.Warnings), StringComparison.Ordinal);
        Assert.Equal("True", $"{Assert.Single(Run(project, database, "Test-HasuraMetadata -Project $p.Project -Sandbox -SetupPath \"$($p.Project)/setup.sql\" -VariablePath \"$($p.Project)/values.env\" -Variable @{ value = 2 } -PostgresVersion $version", ("version", server.MajorVersion)).Well().Output)}");
        Assert.Equal("ConnectionAmbiguous", Run(project, database, "Test-HasuraMetadata @p -AgainstDatabase -Sandbox").ErrorId);
    }

    [Fact]
    public void Inconsistent_objects_are_shown_and_dropped_straight_on_a_database()
    {
        using var project = Project();
        using var database = Database(Tables);
        Run(project, database, "Import-HasuraMetadata @p -CreateStateStore").Well();
        Assert.Equal(["True"], Run(project, database, "Import-HasuraMetadata @p").Well().Values("IsConsistent"));
        Assert.Equal([""], Run(project, database, "Import-HasuraMetadata @p -SkipConsistencyCheck").Well().Values("IsConsistent"));
        Assert.Empty(Run(project, database, "Get-HasuraMetadataInconsistency @p; Remove-HasuraMetadataInconsistency @p").Well().Output);
        database.Execute("ALTER TABLE users DROP COLUMN email");

        var found = Run(project, database, "Get-HasuraMetadataInconsistency @p").Well();
        Assert.Equal(["select_permission user in table users in source default"], found.Values("Name"));
        Assert.Equal([Path.Combine(project.Path, UsersFile)], found.Values("File"));
        Assert.Equal("ConfirmationNotPossible", Run(project, database, "Remove-HasuraMetadataInconsistency @p").ErrorId);
        Assert.Equal(["select_permission user in table users in source default"], Run(project, database, "Remove-HasuraMetadataInconsistency @p -Confirm:$false").Well().Values("Name"));
        Assert.Empty(Run(project, database, "Get-HasuraMetadataInconsistency @p").Well().Output);
        Assert.Equal("MetadataInconsistent", Run(project, database, "Import-HasuraMetadata @p").ErrorId);
    }

    [Fact]
    public void The_impact_of_pending_migrations_is_measured_in_a_copy_and_metadata_is_proposed()
    {
        using var project = Project().With(1, "tables", Tables, "SELECT 1;", "default");
        using var database = Database("");
        Run(project, database, "Publish-HasuraProject @p -CreateStateStore").Well();
        project.With(2, "wide", "ALTER TABLE users DROP COLUMN email;\nALTER TABLE users ADD COLUMN age int;", "SELECT 1;", "default");

        var shown = Run(project, database, "Invoke-HasuraMigration @p -WhatIf");
        Assert.Equal("PermissionWider", shown.ErrorId);
        Assert.Contains(shown.Information, t => t.Contains("1 object breaks, 1 permission becomes wider", StringComparison.Ordinal));
        Assert.Equal("PermissionWider", Run(project, database, "Invoke-HasuraMigration @p -MeasureImpact").ErrorId);

        var measured = Run(project, database, "Measure-HasuraImpact @p -Database default -AllowWiderPermissions | Where-Object Role -ne admin").Well();
        Assert.Equal(["Breaks", "Loses", "Loses", "Widens"], measured.Output.Select(o => $"{o.Properties["Effect"].Value}").Order());
        Assert.Equal(["1", "1", "1", "2"], measured.Output.Select(o => $"{o.Properties["StatementLine"].Value}").Order());
        var proposed = Run(project, database, "Measure-HasuraImpact @p -ProposeMetadata | Import-HasuraMetadata -WhatIf -ConnectionString $p.ConnectionString | ForEach-Object Description").Well();
        Assert.Equal(["role user can no longer select email on public.users"], proposed.Output.Select(o => $"{o}"));
        Assert.Equal(["Changed"], Run(project, database, "Measure-HasuraImpact @p -UpdateFiles -Confirm:$false").Well().Output.Select(o => $"{o.Properties["Change"].Value}"));
        Assert.Equal(Users.Replace("        - email\n", "", StringComparison.Ordinal), File.ReadAllText(Path.Combine(project.Path, UsersFile)));
        Assert.Equal(["2"], Run(project, database, "Invoke-HasuraMigration @p -MeasureImpact -AllowWiderPermissions").Well().Output.Select(o => $"{o.Properties["Version"].Value}"));
    }

    [Fact]
    public void Migrations_and_texts_and_drops_are_measured_in_a_throwaway_database()
    {
        server.Require();
        using var project = Project().With(1, "tables", Tables, database: "default").With(2, "gone", "ALTER TABLE users DROP COLUMN name;", database: "default");
        project.Write("change.sql", "-- what is planned\nALTER TABLE users\n  DROP COLUMN email;");

        string[] Fields(string parameters) => [.. shell.Run($"Measure-HasuraImpact -Project $d -Sandbox {parameters} | Where-Object Role -eq editor", ("d", project.Path)).Well().Output.Select(o => $"{o.Properties["Field"].Value}:{o.Properties["StatementLine"].Value}")];
        Assert.Equal(["users.name:1"], Fields("-Version 2"));
        Assert.Equal(["users.email:1"], Fields("-Sql 'ALTER TABLE users DROP COLUMN email'"));
        Assert.Equal(["users.email:2"], Fields("-SqlPath \"$d/change.sql\""));
        Assert.Equal(["users.email:"], Fields("-Drop users.email"));
        var failed = shell.Run("Measure-HasuraImpact -Project $d -Sandbox -Sql 'SELECT 1/0'", ("d", project.Path));
        var pending = Assert.Single(shell.Run("Measure-HasuraImpact -Project $d -Sandbox -ConnectionString 'Host=127.0.0.1;Port=1;Database=d'", ("d", project.Path)).Errors);
        Assert.StartsWith("DatabaseUnreachable,", pending.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains("Without a change, the migrations that are pending", pending.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
        Assert.Equal("ImpactNotMeasured", failed.ErrorId);
    }

    [Fact]
    public void Rows_of_enum_tables_are_values_of_the_api()
    {
        using var project = Project().With(1, "tables", Tables + " CREATE TABLE status (value text PRIMARY KEY); INSERT INTO status VALUES ('draft'), ('live'); CREATE TABLE doc (id int PRIMARY KEY, status text REFERENCES status);", "SELECT 1;", "default");
        project.Write("metadata/databases/default/tables/tables.yaml", "- \"!include public_users.yaml\"\n- table:\n    name: status\n    schema: public\n  is_enum: true\n- table:\n    name: doc\n    schema: public\n  select_permissions:\n    - role: user\n      permission:\n        columns: [id, status]\n        filter:\n          status:\n            _eq: live\n");
        using var database = Database("");

        Run(project, database, "Publish-HasuraProject @p -CreateStateStore").Well();
        project.With(2, "gone", "DELETE FROM status WHERE value = 'live';", "SELECT 1;", "default");
        Assert.Contains("public.doc/select/user", Run(project, database, "Measure-HasuraImpact @p | Where-Object Effect -eq Breaks").Well().Values("Name"));
        // Tables that stand in the list stay there.
        var tables = Path.Combine(project.Path, "metadata", "databases", "default", "tables", "tables.yaml");
        var changed = Run(project, database, "Measure-HasuraImpact @p -Sql 'ALTER TABLE doc RENAME COLUMN status TO state' -UpdateFiles -Confirm:$false").Well();
        Assert.Equal([tables], changed.Values("Path"));
        Assert.Matches("^- \"!include public_users.yaml\"\n- table:\n    name: status\n(.*\n)*          state:\n            _eq: live\n$", File.ReadAllText(tables));
    }

    [Fact]
    public void A_database_that_cannot_be_reached_is_an_error_and_metadata_alone_is_a_change()
    {
        using var project = Project().With(1, "tables", Tables, "SELECT 1;", "default");
        using var database = Database("");
        Run(project, database, "Publish-HasuraProject @p -CreateStateStore").Well();
        Assert.Equal("DatabaseUnreachable", Run(project, database, "Get-HasuraDependency users -Project $p.Project -ConnectionString 'Host=127.0.0.1;Port=1;Username=a;Password=b;Timeout=2'").ErrorId);

        project.Write(UsersFile, Users.Replace("        - email\n", "        - email\n        - name\n", StringComparison.Ordinal));
        Assert.Equal(["users.name"], Run(project, database, "Measure-HasuraImpact @p").Well().Values("Field"));
        using var empty = Database("");
        Assert.Contains("no metadata of Hasura", Assert.Single(Run(project, empty, "Get-HasuraMetadataInconsistency @p").Warnings), StringComparison.Ordinal);
    }

    private static TestProject Project()
    {
        var project = new TestProject(3);
        project.Write("metadata/version.yaml", "version: 3\n");
        project.Write("metadata/databases/databases.yaml", "- name: default\n  kind: postgres\n  configuration:\n    connection_info:\n      database_url:\n        from_env: HASURA_GRAPHQL_DATABASE_URL\n  tables: \"!include default/tables/tables.yaml\"\n");
        project.Write("metadata/databases/default/tables/tables.yaml", "- \"!include public_users.yaml\"\n");
        project.Write(UsersFile, Users);
        return project;
    }

    private ModuleDatabase Database(string sql)
    {
        var database = server.CreateDatabase();
        if (sql.Length > 0)
        {
            database.Execute(sql);
        }

        return database;
    }

    private ShellOutput Run(TestProject project, ModuleDatabase database, string script, params (string, object?)[] more) =>
        shell.Run("$p = @{ Project = $path; ConnectionString = $string }; " + script, [("path", project.Path), ("string", database.ConnectionString), .. more]);
}
