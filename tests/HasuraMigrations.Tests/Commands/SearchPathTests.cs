using System.Collections;
using System.Management.Automation;
using HasuraMigrations.Engine.Tests.Targets;
using HasuraMigrations.Tests.Support;

namespace HasuraMigrations.Tests.Commands;

/// <summary>No command runs what others laid in the search path, on either target and whoever runs it.</summary>
public sealed class SearchPathTests(ModuleServer server, HostedShell shell) : IClassFixture<HostedShell>
{
    /// <summary>What each command that takes a connection is tried with, in this order; @t is the project and the target.</summary>
    private static readonly (string Command, string Script)[] Tries =
    [
        ("Test-HasuraServer", "if ($isServer) { Test-HasuraServer @t -Detailed }"),
        ("Wait-HasuraServer", "if ($isServer) { Wait-HasuraServer @t -Timeout 0:0:30 }"),
        ("Import-HasuraMetadata", "Import-HasuraMetadata @t @m -Confirm:$false"),
        ("Get-HasuraMigration", "Get-HasuraMigration @t"),
        ("Invoke-HasuraMigration", "Invoke-HasuraMigration @t -OutputPlan \"$($t.Project)/plan.json\" | Out-Null; Invoke-HasuraMigration @t -Plan \"$($t.Project)/plan.json\""),
        ("Get-HasuraMigrationLog", "Get-HasuraMigrationLog @t"),
        ("Test-HasuraMigration", "Test-HasuraMigration @t -Detailed"),
        ("Undo-HasuraMigration", "Undo-HasuraMigration @t -Count 1 -Confirm:$false; Undo-HasuraMigration @t -Count 1 -FromHistory -Confirm:$false; Invoke-HasuraMigration @t"),
        ("Repair-HasuraMigration", "Repair-HasuraMigration @t -Version 2 -AcceptChecksum -Confirm:$false"),
        ("Get-HasuraMigrationState", "Get-HasuraMigrationState @t; Get-HasuraMigrationState @t -Raw"),
        ("Export-HasuraMigrationState", "Export-HasuraMigrationState @t -Path \"$($t.Project)/state.json\" -Confirm:$false"),
        ("Import-HasuraMigrationState", "Import-HasuraMigrationState @t -Path \"$($t.Project)/state.json\" -Confirm:$false"),
        ("Get-HasuraMigrationSetting", "Get-HasuraMigrationSetting @t"),
        ("Set-HasuraMigrationSetting", "Set-HasuraMigrationSetting migration_mode true @t -Confirm:$false"),
        ("New-HasuraSeed", "New-HasuraSeed rows -FromTable work.t @t -Confirm:$false"),
        ("Invoke-HasuraSeed", "Set-Content \"$($t.Project)/seeds/default/2.sql\" \"INSERT INTO work.t VALUES (1, 'a')\"; Invoke-HasuraSeed @t -Once; Invoke-HasuraSeed 2.sql @t -Once -TransactionMode PerFile"),
        ("Publish-HasuraProject", "Publish-HasuraProject @t -Force"),
        ("Merge-HasuraMigration", "Merge-HasuraMigration 1 @t -SkipProof"),
        ("Remove-HasuraMigration", "Remove-HasuraMigration 2 @t -Scope State -Confirm:$false; Invoke-HasuraMigration @t -SkipExecution"),
        ("Invoke-HasuraMetadataApi", "$a = $t.Clone(); $a.Remove('Project'); Invoke-HasuraMetadataApi @a -Type pg_track_table -Arguments @{ source = 'default'; table = @{ schema = 'work'; name = 't' } } -Confirm:$false"),
        ("Export-HasuraApiSchema", "Export-HasuraApiSchema @t; Export-HasuraApiSchema @t -AllRoles -Format Introspection"),
        ("Export-HasuraMetadata", "Export-HasuraMetadata @t -AsObject; Export-HasuraMetadata @t -Confirm:$false"),
        ("Compare-HasuraMetadata", "Compare-HasuraMetadata @t"),
        ("Compare-HasuraApiSchema", "Compare-HasuraApiSchema @t -Role admin -DifferenceObject ($isServer ? $t.Endpoint : $t.ConnectionString)"),
        ("Test-HasuraOperation", "Test-HasuraOperation @t -WarningAction Ignore; if (-not $isServer) { try { Test-HasuraOperation @t -Pending -WarningAction Ignore } catch { if ($_.FullyQualifiedErrorId -notlike 'ImpactNotMeasured,*') { throw } } }"),
        ("Test-HasuraMetadata", "if (-not $isServer) { Test-HasuraMetadata @t -AgainstDatabase -Detailed }"),
        ("Get-HasuraDependency", "if (-not $isServer) { Get-HasuraDependency work.t @t }"),
        // What was laid there cannot be copied.
        ("Measure-HasuraImpact", "try { Measure-HasuraImpact @t -Sql 'SELECT 1' -ErrorAction Stop } catch { if ($_.FullyQualifiedErrorId -notlike 'ImpactNotMeasured,*') { throw } }"),
        ("Get-HasuraMetadataInconsistency", "Get-HasuraMetadataInconsistency @t"),
        ("Remove-HasuraMetadataInconsistency", "Remove-HasuraMetadataInconsistency @t -Confirm:$false"),
        ("Show-HasuraSchema", "if (-not $isServer) { '{\"version\":3,\"sources\":[{\"name\":\"default\",\"kind\":\"postgres\",\"configuration\":{},\"tables\":[]}]}' | Show-HasuraSchema @t -FromDatabase }"),
        ("Update-HasuraMetadata", "Update-HasuraMetadata @t -Confirm:$false"),
        ("Clear-HasuraMetadata", "Clear-HasuraMetadata @t -Confirm:$false"),
        ("New-HasuraMigration", "$k = @{ ($isServer ? 'FromServer' : 'FromDatabase') = $true }; New-HasuraMigration dump @t @k -Schema work -SkipProof -NoRecord"),
        ("Update-HasuraProject", "$u = $t.Clone(); $u.Project = Join-Path $t.Project old; Initialize-HasuraProject $u.Project -ConfigVersion 2 | Out-Null; New-HasuraMigration a -Project $u.Project -UpSql 'SELECT 1' | Out-Null; Update-HasuraProject @u -MetadataSource Files -Force -WarningAction Ignore"),
        ("Initialize-HasuraProject", "Initialize-HasuraProject (Join-Path $t.Project new) -FromConnection ($isServer ? $t.Endpoint : $t.ConnectionString) -Schema work -SkipProof -NoRecord -WarningAction Ignore"),
    ];

    [Fact]
    [Trait("Case", "13")]
    public void Nothing_laid_in_the_search_path_is_run_by_any_command()
    {
        var connecting = shell.Run("Get-Command -Module HasuraMigrations").Well().Output.Select(o => (CmdletInfo)o.BaseObject)
            .Where(c => c.Parameters.ContainsKey("Connection") || c.Parameters.ContainsKey("Endpoint")).Select(c => c.Name).Except(["Connect-HasuraServer", "Stop-HasuraSandbox"]);
        Assert.Equal(connecting.Order(), Tries.Select(t => t.Command).Order());

        using var database = server.CreateDatabase();
        var id = Guid.NewGuid().ToString("N")[..10];
        var low = $"trap_low_{id}";
        string[] roles = [.. new[] { "super", "owner", "plain" }.Select(kind => $"trap_{kind}_{id}")];
        try
        {
            Lay(database, low, roles);
            // The tests of the engine try all three; here the rest is for the long form.
            foreach (var role in Environment.GetEnvironmentVariable("HASURA_TEST_LONG") == "1" ? roles : roles[^1..])
            {
                var connection = database.With(b => (b.Username, b.Password) = (role, "p"));
                Clear(database, role);
                TryAll(new Hashtable { ["ConnectionString"] = connection }, isServer: false);
                Clear(database, role);
                using var hasura = HasuraServer.Start(connection);
                TryAll(new Hashtable { ["Endpoint"] = hasura.Endpoint }, isServer: true);
            }

            Assert.Equal("0", database.Scalar("SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM evil.sprung"));
        }
        finally
        {
            database.Dispose();
            ModuleDatabase.Execute(server.ConnectionString, string.Join("; ", roles.Append(low).Select(r => $"DROP ROLE IF EXISTS {r}")));
        }
    }

    private static void Lay(ModuleDatabase database, string low, string[] roles)
    {
        database.Execute($"""
            CREATE ROLE {roles[0]} LOGIN SUPERUSER PASSWORD 'p'; CREATE ROLE {roles[1]} LOGIN PASSWORD 'p'; CREATE ROLE {roles[2]} LOGIN PASSWORD 'p'; CREATE ROLE {low} LOGIN PASSWORD 'p';
            ALTER DATABASE {database.Name} OWNER TO {roles[1]};
            GRANT CREATE ON DATABASE {database.Name} TO {roles[2]};
            GRANT CREATE ON SCHEMA public TO {low}, {roles[1]}, {roles[2]};
            CREATE SCHEMA evil AUTHORIZATION {low};
            GRANT USAGE ON SCHEMA evil TO public;
            """);
        ModuleDatabase.Execute(database.With(b => (b.Username, b.Password) = (low, "p")), TrapScripts.Lay);
        Assert.True(int.Parse(database.Scalar(TrapScripts.Operators(low))!, System.Globalization.CultureInfo.InvariantCulture) > 4924);
        database.Execute($"ALTER DATABASE {database.Name} SET search_path = evil, pg_catalog, public; ALTER ROLE {roles[0]} SET search_path = evil, public;");
    }

    private static void Clear(ModuleDatabase database, string role) =>
        database.Execute($"SET search_path = pg_catalog; DROP SCHEMA IF EXISTS hasura_migrations, hdb_catalog, hdb_views, work CASCADE; DROP EXTENSION IF EXISTS pgcrypto; CREATE SCHEMA work AUTHORIZATION {role};");

    private void TryAll(Hashtable target, bool isServer)
    {
        using var project = new TestProject(3)
            .With(1, "a", "CREATE TABLE work.t (id integer PRIMARY KEY, v pg_catalog.text);", "DROP TABLE work.t;", "default")
            .With(2, "b", "SET search_path = work; CREATE TABLE u (id integer);", "DROP TABLE work.u;", "default");
        project.Write("metadata/version.yaml", "version: 3\n");
        project.Write("metadata/databases/databases.yaml", "- name: default\n  kind: postgres\n  configuration:\n    connection_info:\n      database_url:\n        from_env: HASURA_GRAPHQL_DATABASE_URL\n  tables: []\n");
        target["Project"] = project.Path;
        foreach (var (command, script) in Tries)
        {
            var run = shell.Run(script, ("t", target), ("isServer", isServer), ("m", isServer ? new Hashtable() : new Hashtable { ["CreateStateStore"] = true }));
            ShellOutput.SkipWithoutDump(run.Errors);
            Assert.True(run.Errors.Count == 0, $"{command} on {(isServer ? "a server" : "a database")}: {string.Join("; ", run.Errors.Select(e => $"{e.FullyQualifiedErrorId}: {e}"))}");
        }
    }
}
