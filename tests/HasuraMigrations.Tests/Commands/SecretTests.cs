using System.Collections;
using System.Security;
using System.Text;
using HasuraMigrations.Tests.Support;

namespace HasuraMigrations.Tests.Commands;

public sealed class SecretTests(ModuleServer server, HostedShell shell) : IClassFixture<HostedShell>
{
    private const string Marker = "Sw0rdfish-Marker";

    private const string Everything = """
        $VerbosePreference = 'Continue'; $DebugPreference = 'Continue'; $InformationPreference = 'Continue'
        Get-HasuraProject @p
        Get-HasuraMigration @p @c
        Invoke-HasuraMigration @p @c -WhatIf
        Invoke-HasuraMigration @p @c
        Invoke-HasuraMigration @p @c -Version 1
        Test-HasuraMigration @p @c -Detailed
        Undo-HasuraMigration @p @c -Count 1 -Confirm:$false
        Repair-HasuraMigration @p @c -Version 1 -As Applied
        """;

    [Fact]
    public void A_password_is_nowhere_on_any_stream_object_or_view()
    {
        using var database = server.CreateDatabase();
        var role = $"marked_{Guid.NewGuid():N}";
        database.Execute($"CREATE ROLE {role} SUPERUSER LOGIN PASSWORD '{Marker}'");
        try
        {
            using var project = TestProject.OfTables(2).With(3, "bad", "SELECT 1/0;");
            project.Write("config.yaml", $"version: 2\nadmin_secret: {Marker}\n");
            var good = database.With(b => (b.Username, b.Password) = (role, Marker));

            Search(project, new Hashtable { ["ConnectionString"] = good });
            Search(project, new Hashtable { ["ConnectionString"] = Secure(good) });
            Search(project, new Hashtable { ["ConnectionString"] = new Hashtable { ["default"] = good } });
            Search(project, new Hashtable { ["Connection"] = good });
        }
        finally
        {
            database.Execute($"DROP OWNED BY {role}; DROP ROLE {role}");
        }
    }

    [Fact]
    public void An_admin_secret_is_nowhere_on_any_stream_object_or_view()
    {
        using var database = server.CreateDatabase();
        using var hasura = HasuraServer.Start(database, Marker);
        using var project = TestProject.OfTables(2).With(3, "bad", $"SELECT '{Marker[..^3]}', 1/0;");
        project.Write(".env", $"HASURA_GRAPHQL_ENDPOINT={hasura.Endpoint}\nHASURA_GRAPHQL_ADMIN_SECRET={Marker}\n");

        Search(project, new Hashtable { ["Endpoint"] = hasura.Endpoint, ["AdminSecret"] = Secure(Marker) });
        Search(project, new Hashtable { ["Target"] = "Server" });
        Search(project, new Hashtable { ["Endpoint"] = hasura.Endpoint, ["AdminSecret"] = Secure(Marker + "-wrong") });
    }

    [Theory]
    [InlineData("Host=127.0.0.1;Port=1;Username=u;Password=" + Marker + ";Database=d")]
    [InlineData("postgres://u:" + Marker + "@127.0.0.1:1/d")]
    [InlineData("postgres://u:" + Marker + "@[broken/d")]
    [InlineData("Hozt=" + Marker)]
    [InlineData("Host=h;Port=" + Marker)]
    [InlineData("postgres://u:p@h/d?port=" + Marker)]
    public void A_password_of_a_connection_that_fails_is_not_repeated(string connectionString)
    {
        using var project = TestProject.OfTables(1);

        Search(project, new Hashtable { ["ConnectionString"] = connectionString });
        Search(project, new Hashtable { ["ConnectionString"] = new Hashtable { ["default"] = connectionString } });
    }

    [Theory]
    [InlineData("-ConnectionString $s")]
    [InlineData("-Connection $s")]
    [InlineData("-ConnectionString @{ default = $s }")]
    [InlineData("-ConnectionString @{ $s = 'x' }")]
    [InlineData("-MetadataConnectionString $s")]
    [InlineData("-Database $s")]
    [InlineData("-Database a, $s")]
    [InlineData("-EnvFile $s")]
    [InlineData("-Endpoint $s")]
    [InlineData("-Endpoint http://127.0.0.1:1 -Headers @{ Cookie = $s }")]
    [Trait("Case", "16")]
    public void A_record_with_the_arguments_of_its_command_shows_no_secret(string arguments)
    {
        using var project = TestProject.OfTables(1);
        foreach (var text in new[] { $"postgres://u:{Marker}@127.0.0.1:1/d", $"host = 127.0.0.1 port = 1 password = {Marker}", $"Host=127.0.0.1;Port={Marker}", $"u:{Marker}@127.0.0.1:1/d", $"Host=127.0.0.1;Port=1;Passwort={Marker}" })
        {
            var run = shell.Run($"Get-HasuraMigration -Project $project {arguments} -Verbose *>&1 | ForEach-Object {{ \"$_\"; $_ | ConvertTo-Json -Depth 3 -WarningAction Ignore; $_ | Format-List * -Force | Out-String -Width 500 }}; $Error | ForEach-Object {{ \"$_ $($_.Exception) $($_.TargetObject)\"; $_ | ConvertTo-Json -Depth 3 -WarningAction Ignore }}; $Error.Clear()", ("s", text), ("project", project.Path));

            var seen = string.Join("\n", run.Output.Select(o => $"{o}").Concat(run.Errors.Select(e => $"{e} {e.Exception} {e.TargetObject}")));
            Assert.NotEmpty(seen);
            Assert.DoesNotContain(Marker, seen);
        }
    }

    [Fact]
    public void A_sandbox_shows_no_password()
    {
        var parts = ModuleDatabase.Change(server.ConnectionString, _ => { }).Split(';');
        var password = parts.Select(p => p.Split('=', 2)).FirstOrDefault(p => p[0] == "Password")?[1];
        Assert.SkipWhen(string.IsNullOrEmpty(password), "The server needs no password.");
        shell.Set("text", server.ConnectionString);

        var shown = shell.Show("$c = [HasuraMigrations.HasuraConnection]::new($text, 'h', 1, 'd', 'u'); $c; \"$c\"; $c.psobject.Properties | ForEach-Object { $_.Value }; [HasuraMigrations.HasuraSandbox].GetProperties().Name");

        Assert.DoesNotContain(password, shown);
        Assert.DoesNotContain("Password", shown);
    }

    private static SecureString Secure(string text)
    {
        var secure = new SecureString();
        foreach (var c in text)
        {
            secure.AppendChar(c);
        }

        return secure;
    }

    private void Search(TestProject project, Hashtable connection)
    {
        var parameters = new Hashtable { ["Project"] = project.Path };
        var run = shell.Run(Everything, ("p", parameters), ("c", connection));
        var text = new StringBuilder();
        foreach (var value in run.Output)
        {
            text.AppendLine(value.ToString());
            Append(text, value.BaseObject, 4);
        }

        foreach (var error in run.Errors)
        {
            text.AppendLine(error.ToString()).AppendLine(error.ErrorDetails?.ToString()).AppendLine($"{error.TargetObject}").AppendLine($"{error.Exception}").AppendLine(error.InvocationInfo?.Line);
        }

        text.AppendJoin('\n', run.Warnings).AppendJoin('\n', run.Verbose).AppendJoin('\n', run.Debug).AppendJoin('\n', run.Information);
        text.AppendJoin('\n', run.Progress.Select(p => $"{p.Activity} {p.StatusDescription} {p.CurrentOperation}"));
        text.Append(shell.Host.Text).Append(shell.Show(Everything));

        Assert.NotEmpty(run.Output);
        Assert.NotEmpty(run.Errors);
        Assert.DoesNotContain(Marker, text.ToString());
    }

    // Every property, as Format-List * would show it, and those of what they hold.
    private static void Append(StringBuilder text, object? value, int depth)
    {
        if (value is null or string || value.GetType().IsPrimitive || depth == 0)
        {
            text.AppendLine($"{value}");
            return;
        }

        if (value is IEnumerable many)
        {
            foreach (var one in many)
            {
                Append(text, one, depth - 1);
            }

            return;
        }

        foreach (var property in value.GetType().GetProperties().Where(p => p.GetIndexParameters().Length == 0))
        {
            Append(text, property.GetValue(value), depth - 1);
        }
    }
}
