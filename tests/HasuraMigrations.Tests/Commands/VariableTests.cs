using HasuraMigrations.Tests.Support;

namespace HasuraMigrations.Tests.Commands;

public sealed class VariableTests(ModuleServer server, HostedShell shell) : IClassFixture<HostedShell>
{
    private const string Directive = "-- hasura:variables\n";

    [Fact]
    public void Values_come_from_the_parameter_the_environment_and_a_file()
    {
        using var database = server.CreateDatabase();
        using var project = new TestProject().With(1, "a", Directive + "CREATE TABLE t AS SELECT ${a} AS a, ${b} AS b, ${c} AS c, ${n:number} AS n, ${yes}::bool AS yes, ${secret} AS secret;", Directive + "DROP TABLE ${table:identifier};");
        project.Write("values.env", "a=file\nb=file\nc=file\n");
        Environment.SetEnvironmentVariable("HASURA_MIGRATIONS_VAR_A", "environment");
        Environment.SetEnvironmentVariable("HASURA_MIGRATIONS_VAR_B", "environment");
        try
        {
            Run(project, database, "Invoke-HasuraMigration @p -VariablePath $d/values.env -Variable @{ A = 'given'; n = 1.5; yes = $true; secret = ConvertTo-SecureString 'pa''ss' -AsPlainText -Force }").Well();
        }
        finally
        {
            Environment.SetEnvironmentVariable("HASURA_MIGRATIONS_VAR_A", null);
            Environment.SetEnvironmentVariable("HASURA_MIGRATIONS_VAR_B", null);
        }

        var status = Run(project, database, "Get-HasuraMigration @p; Test-HasuraMigration @p").Well();
        var undone = Run(project, database, "Undo-HasuraMigration @p -Variable @{ table = 't' } -Confirm:$false").Well();

        Assert.Equal("True", $"{status.Output[^1]}");
        Assert.Equal(["RolledBack"], undone.Values("Outcome"));
    }

    [Fact]
    public void What_is_written_holds_no_value()
    {
        shell.Set("v", "hunter2");
        using var database = server.CreateDatabase();
        using var project = new TestProject().With(1, "a", Directive + "SELECT ${secret};\nSELECT ${secret}::int;");

        var planned = Run(project, database, "Invoke-HasuraMigration @p -Variable @{ secret = $v } -WhatIf -Verbose").Well();
        var run = Run(project, database, "Invoke-HasuraMigration @p -Variable @{ secret = $v } -Verbose");
        var text = shell.Run("$Error[0] | Format-List * -Force | Out-String; $Error[0].Exception | Format-List * -Force | Out-String; Get-Error | Out-String; Get-HasuraMigrationLog @p | Format-List * | Out-String; $Error[0] | ConvertTo-Json -Depth 3 -WarningAction Ignore");

        Assert.Equal("MigrationFailed", run.ErrorId);
        Assert.Contains("invalid input syntax for type integer: \"${secret}\"", $"{run.Errors[0]}");
        Assert.Contains("3 | SELECT ${secret}::int;", $"{run.Errors[0].ErrorDetails}");
        var shown = string.Join("\n", planned.Output.Select(o => $"{o}").Concat(planned.Verbose).Concat(planned.Information).Concat(run.Verbose).Concat(run.Warnings).Concat(text.Output.Select(o => $"{o}")));
        Assert.DoesNotContain("hunter2", shown);
    }

    [Fact]
    public void Missing_values_are_errors_of_the_plan_and_unused_ones_a_warning()
    {
        using var database = server.CreateDatabase();
        using var project = new TestProject().With(1, "a", Directive + "SELECT ${one};").With(2, "b", "SELECT 1;").With(3, "c", Directive + "\nSELECT ${two}, ${three};");
        project.Write("seeds/1.sql", Directive + "SELECT ${one};");

        var missing = Run(project, database, "Invoke-HasuraMigration @p -Variable @{ two = 2; ome = 1 }");
        var unused = Run(project, database, "Invoke-HasuraMigration @p -Count 2 -Variable @{ one = 1; two = 2; tow = 3 }").Well();
        var seeds = Run(project, database, "Invoke-HasuraSeed @p -Variable @{ one = 1; two = 2 }").Well();

        Assert.Equal("VariableMissing", missing.ErrorId);
        Assert.Equal(["The variable 'one' has no value.", "The variable 'three' has no value."], shell.Run("$e.Exception.Findings", ("e", missing.Errors[0])).Values("Message"));
        Assert.Contains("Give it with -Variable", missing.Errors[0].ErrorDetails.RecommendedAction);
        Assert.StartsWith("VariableUnused: The variable 'ome'", Assert.Single(missing.Warnings, w => w.StartsWith("VariableUnused", StringComparison.Ordinal)));
        Assert.StartsWith("VariableUnused: The variable 'tow' was given, but no SQL file uses it.", Assert.Single(unused.Warnings, w => w.StartsWith("Variable", StringComparison.Ordinal)));
        Assert.StartsWith("VariableUnused: The variable 'two'", Assert.Single(seeds.Warnings));
    }

    [Theory]
    [InlineData("@{ a = @(1, 2) }", "VariableValueInvalid")]
    [InlineData("@{ a = $null }", "VariableValueInvalid")]
    [InlineData("@{ 'a b' = 'hunter2' }", "VariableValueInvalid")]
    [InlineData("@{ a = '' }", "VariableValueInvalid")]
    [InlineData("@{} -VariablePath $d/no.env", "EnvFileInvalid")]
    public void What_cannot_be_a_value_is_an_error(string variables, string id)
    {
        using var database = server.CreateDatabase();
        using var project = new TestProject().With(1, "a", Directive + "SELECT ${a:identifier};");

        var run = Run(project, database, $"Invoke-HasuraMigration @p -Variable {variables}");

        Assert.Equal(id, run.ErrorId);
        Assert.DoesNotContain("hunter2", $"{run.Errors[0]} {run.Errors[0].ErrorDetails}");
    }

    private ShellOutput Run(TestProject project, ModuleDatabase database, string script) =>
        shell.Run($"$p = @{{ Project = $d; ConnectionString = $c }}; {script}", ("d", project.Path), ("c", database.ConnectionString));
}
