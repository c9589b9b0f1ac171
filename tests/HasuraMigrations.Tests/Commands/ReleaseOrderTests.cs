using System.Collections;
using HasuraMigrations.Tests.Support;

namespace HasuraMigrations.Tests.Commands;

/// <summary>Metadata that refers to what migrations drop is written before them, and all other metadata after them.</summary>
public sealed class ReleaseOrderTests(ModuleServer server, HostedShell shell) : IClassFixture<HostedShell>
{
    private const string Before = "SELECT (metadata::jsonb @? '$.**.columns[*] ? (@ == \"email\")')::text || (metadata::jsonb @? '$.**.columns[*] ? (@ == \"phone\")')::text FROM hdb_catalog.hdb_metadata";

    // What the metadata says while the migration runs.
    private const string Look = "CREATE TABLE seen AS SELECT metadata::jsonb AS metadata FROM hdb_catalog.hdb_metadata;\n";

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void What_the_migrations_drop_is_out_of_the_metadata_before_they_run(bool throughServer)
    {
        using var database = server.CreateDatabase();
        using var project = Published(database);
        using var hasura = throughServer ? HasuraServer.Start(database) : null;
        project.With(2, "phone", Look + "ALTER TABLE author DROP COLUMN email; ALTER TABLE author ADD phone text;", "SELECT 1;", "default");
        Select(project, "id, phone");
        var target = hasura is null ? Direct(project, database) : new Hashtable { ["Project"] = project.Path, ["Endpoint"] = hasura.Endpoint };

        var shown = shell.Run("Publish-HasuraProject @p -WhatIf", ("p", target)).Well();
        Assert.Contains(shown.Information, i => i.Contains("1. Metadata without what the migrations drop: The select permission of the role 'user' on 'public.author' no longer refers to the column 'public.author.email', which may be dropped in 2_phone/up.sql:2.", StringComparison.Ordinal));
        Assert.Equal("truefalse", database.Scalar(Before));
        var result = Assert.Single(shell.Run("Publish-HasuraProject @p -Confirm:$false", ("p", target)).Well().Output);

        Assert.Equal(["1. Meta", "2. Migr", "3. Meta"], ((IEnumerable)result.Properties["Order"].Value).Cast<string>().Select(s => s[..7]));
        Assert.Equal("falsefalse", database.Scalar(Before.Replace("hdb_catalog.hdb_metadata", "seen", StringComparison.Ordinal)));
        Assert.Equal("falsetrue", database.Scalar(Before));
    }

    [Fact]
    public void Metadata_that_went_first_returns_where_a_migration_fails()
    {
        using var database = server.CreateDatabase();
        using var project = Published(database);
        project.With(2, "fails", Look + "ALTER TABLE author DROP COLUMN email; SELECT 1 / 0;", "SELECT 1;", "default");
        Select(project, "id");

        var run = shell.Run("Publish-HasuraProject @p -SummaryVariable s -ErrorAction SilentlyContinue; $s", ("p", Direct(project, database)));

        Assert.Equal("Migrations True", $"{run.Output[^1].Properties["FailedStep"].Value} {run.Output[^1].Properties["MetadataRestored"].Value}");
        Assert.Equal("truefalse", database.Scalar(Before));
    }

    [Fact]
    public void A_release_that_makes_a_permission_wider_is_refused_where_its_impact_is_measured()
    {
        server.Require();
        using var database = server.CreateDatabase();
        using var project = Published(database);
        project.With(2, "secret", "ALTER TABLE author ADD COLUMN secret text;", "SELECT 1;", "default");
        Select(project, "'*'", isList: false);
        shell.Run("Import-HasuraMetadata @p", ("p", Direct(project, database))).Well();
        Select(project, "'*'", isList: false, more: "    - role: guest\n      permission: {columns: [id], filter: {}}\n");

        var shown = shell.Run("Publish-HasuraProject @p -WhatIf", ("p", Direct(project, database)));
        var refused = shell.Run("Publish-HasuraProject @p -MeasureImpact", ("p", Direct(project, database)));

        Assert.Equal("PermissionWider", shown.ErrorId);
        Assert.Contains(shown.Information, i => i.StartsWith("Impact on the API: 2 permissions become wider.", StringComparison.Ordinal));
        Assert.Equal("PermissionWider", refused.ErrorId);
        Assert.Equal("0", database.Scalar("SELECT count(*)::text FROM pg_attribute WHERE attrelid = 'author'::regclass AND attname = 'secret'"));
        shell.Run("Publish-HasuraProject @p -MeasureImpact -AllowWiderPermissions", ("p", Direct(project, database))).Well();
        Assert.Equal("1", database.Scalar("SELECT count(*)::text FROM pg_attribute WHERE attrelid = 'author'::regclass AND attname = 'secret'"));
    }

    private static Hashtable Direct(TestProject project, ModuleDatabase database) => new() { ["Project"] = project.Path, ["ConnectionString"] = database.ConnectionString };

    private static void Select(TestProject project, string columns, bool isList = true, string more = "") =>
        project.Write("metadata/databases/default/tables/tables.yaml", $"- table: {{schema: public, name: author}}\n  select_permissions:\n    - role: user\n      permission: {{columns: {(isList ? $"[{columns}]" : columns)}, filter: {{}}}}\n{more}");

    private TestProject Published(ModuleDatabase database)
    {
        var project = new TestProject(3);
        project.With(1, "author", "CREATE TABLE author (id int PRIMARY KEY, email text);", "DROP TABLE author;", "default");
        project.Write("metadata/version.yaml", "version: 3\n");
        project.Write("metadata/databases/databases.yaml", "- name: default\n  kind: postgres\n  configuration:\n    connection_info:\n      database_url:\n        from_env: HASURA_GRAPHQL_DATABASE_URL\n  tables: \"!include default/tables/tables.yaml\"\n");
        Select(project, "id, email");
        shell.Run("Publish-HasuraProject @p -CreateStateStore -WarningAction Ignore", ("p", Direct(project, database))).Well();
        return project;
    }
}
