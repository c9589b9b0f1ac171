using HasuraMigrations.Tests.Support;
using Npgsql;

namespace HasuraMigrations.Tests.Commands;

public sealed class SandboxTests(HostedShell shell) : IClassFixture<HostedShell>
{
    [Fact]
    public void A_sandbox_serves_until_it_is_stopped()
    {
        using var project = TestProject.OfTables(1);
        shell.Set("d", project.Path);
        var start = shell.Run("$s = Start-HasuraSandbox -Durable -AllowDownload; $s");
        Assert.SkipWhen(start.ErrorId is "PostgresNotFound", "There is no PostgreSQL on this machine.");

        Assert.Equal("HasuraMigrations.HasuraConnection", start.Well().Output[0].TypeNames[0]);
        Assert.Equal(["Applied"], shell.Run("Invoke-HasuraMigration -Project $d -Connection $s").Well().Values("Outcome"));
        Assert.Equal(["Applied"], shell.Run("Get-HasuraMigration -Project $d -Connection $s.Sandbox").Well().Values("Status"));
        using (var connection = new NpgsqlConnection((string)shell.Run("$s.RevealConnectionString()").Well().Output[0].BaseObject))
        {
            connection.Open();
            using var command = new NpgsqlCommand("SHOW fsync", connection);
            Assert.Equal("on", command.ExecuteScalar());
        }

        shell.Run("$s | Stop-HasuraSandbox -WhatIf").Well();
        Assert.Equal([true], shell.Run("Test-HasuraMigration -Project $d -Connection $s").Well().Output.Select(o => o.BaseObject));

        shell.Run("$s | Stop-HasuraSandbox; $s | Stop-HasuraSandbox; Stop-HasuraSandbox").Well();
        Assert.Equal("DatabaseUnreachable", shell.Run("Get-HasuraMigration -Project $d -Connection $s").ErrorId);
    }

    [Fact]
    public void Only_sandboxes_can_be_stopped() => Assert.Equal("SandboxNotFound", shell.Run("Stop-HasuraSandbox 'Host=h'").ErrorId);

    [Fact]
    public void A_version_that_is_nowhere_is_an_error() => Assert.Equal("PostgresNotFound", shell.Run("Start-HasuraSandbox 99").ErrorId);

    [Fact]
    public void What_if_starts_nothing() => Assert.Empty(shell.Run("Start-HasuraSandbox -WhatIf").Well().Output);
}
