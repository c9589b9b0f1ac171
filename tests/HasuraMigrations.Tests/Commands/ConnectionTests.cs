using System.Collections;
using HasuraMigrations.Tests.Support;
using Npgsql;

namespace HasuraMigrations.Tests.Commands;

public sealed class ConnectionTests(ModuleServer server, HostedShell shell) : IClassFixture<HostedShell>
{
    [Fact]
    [Trait("Case", "6")]
    public void A_parameter_without_effect_is_warned_of_once_where_a_connection_is_opened()
    {
        using var database = server.CreateDatabase();
        using var project = TestProject.OfTables(1);
        var url = Url(database.With(_ => { })) + "?pgbouncer=true&schema=public";

        foreach (var script in new[] { "Get-HasuraMigration @p", "Invoke-HasuraMigration @p", "Invoke-HasuraMigration @p -WhatIf", "Export-HasuraMetadata @p -AsObject -ErrorAction SilentlyContinue" })
        {
            var warnings = shell.Run(script, ("p", new Hashtable { ["Project"] = project.Path, ["ConnectionString"] = url })).Warnings;

            Assert.Single(warnings, w => w.Contains("'pgbouncer'"));
            Assert.Single(warnings, w => w.Contains("'schema'"));
        }
    }

    [Fact]
    [Trait("Case", "9")]
    public void An_empty_header_is_an_error_about_the_header()
    {
        foreach (var value in new object?[] { "", null })
        {
            var run = shell.Run("Connect-HasuraServer http://127.0.0.1:1 -Headers $h", ("h", new Hashtable { ["X-Team"] = value }));

            Assert.Equal("ServerHeaderInvalid", run.ErrorId);
            Assert.Contains("X-Team", run.Errors[0].ToString());
            Assert.DoesNotContain("postgres://", $"{run.Errors[0]} {run.Errors[0].ErrorDetails.RecommendedAction}");
        }

        Assert.Equal("ServerHeaderInvalid", shell.Run("Connect-HasuraServer http://127.0.0.1:1 -AdminSecret ([securestring]::new())").ErrorId);
        using var project = TestProject.OfTables(1);
        Assert.Equal("ServerHeaderInvalid", shell.Run("Get-HasuraMigration -Project $p -Endpoint http://127.0.0.1:1 -AdminSecret ([securestring]::new())", ("p", project.Path)).ErrorId);
    }

    [Fact]
    [Trait("Case", "9")]
    public void Advice_names_parameters_that_the_command_has()
    {
        var withEndpoint = shell.Run("Get-Command -Module HasuraMigrations | Where-Object { $_.Parameters.ContainsKey('Endpoint') }").Well().Output.Select(o => (System.Management.Automation.CommandInfo)o.BaseObject).ToList();

        Assert.True(withEndpoint.Count > 10);
        Assert.All(withEndpoint, c => Assert.Contains("AllowInsecureEndpoint", c.Parameters.Keys));
        using var project = TestProject.OfTables(1);
        foreach (var script in new[] { "Invoke-HasuraMigration -Project $d -To abc", "Undo-HasuraMigration -Project $d -To abc", "Get-HasuraMigration -Project $d -Version abc" })
        {
            var run = shell.Run(script, ("d", project.Path));
            Assert.Equal("MigrationVersionInvalid", run.ErrorId);
            Assert.Equal("Give a version that Get-HasuraMigration shows.", run.Errors[0].ErrorDetails.RecommendedAction);
        }
    }

    [Theory]
    [InlineData("Get-HasuraMigration @p -Database 'postgres://u:Sw0rdfish@h/d'", "DatabaseNotFound")]
    [InlineData("Get-HasuraMigration @p -ConnectionString @{ 'Host=h;Password=Sw0rdfish' = 'x' }", "ConnectionStringInvalid")]
    [InlineData("Get-HasuraMigration @p -ConnectionString 'Host=127.0.0.1,Port=54320,Password=Sw0rdfish'", "ConnectionStringInvalid")]
    [InlineData("Get-HasuraMigration @p -Connection 'postgres://app:83/kSw0rdfish@127.0.0.1/db'", "ConnectionStringInvalid")]
    [InlineData("Get-HasuraMigration @p -MetadataConnectionString 'Host=h;Sw0rdfish' -ConnectionString 'host=h'", "ConnectionStringInvalid")]
    public void A_connection_string_in_the_wrong_place_is_not_repeated(string script, string id)
    {
        using var project = TestProject.OfTables(1);
        var run = shell.Run(script, ("p", new Hashtable { ["Project"] = project.Path }));

        Assert.Equal(id, run.ErrorId);
        var error = run.Errors[0];
        Assert.DoesNotContain("Sw0rdfish", $"{error} {error.ErrorDetails} {error.ErrorDetails?.RecommendedAction} {error.TargetObject} {error.Exception.Message} {error.Exception.InnerException}");
    }

    private static string Url(string keywords)
    {
        var settings = new NpgsqlConnectionStringBuilder(keywords);
        return $"postgres://{Uri.EscapeDataString(settings.Username!)}:{Uri.EscapeDataString(settings.Password ?? "")}@{settings.Host}:{settings.Port}/{settings.Database}";
    }
}
