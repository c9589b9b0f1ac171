using System.Text.Json;
using System.Text.RegularExpressions;
using HasuraMigrations.Tests.Support;

namespace HasuraMigrations.Tests.Module;

public sealed partial class PinTests
{
    [Fact]
    public void Pages_packages_and_help_name_the_version_of_pwsh_that_the_tool_manifest_pins()
    {
        var pinned = JsonDocument.Parse(Read(".config/dotnet-tools.json")).RootElement.GetProperty("tools").GetProperty("powershell").GetProperty("version").GetString()!;
        var named = new[] { "README.md", "docs", "src/HasuraMigrations/module", "samples", ".ci" }
            .SelectMany(Files)
            .SelectMany(f => Named().Matches(File.ReadAllText(f)).Select(m => m.Groups[1].Value))
            .ToList();

        Assert.NotEmpty(named);
        Assert.All(named, n => Assert.Equal(pinned, n));
        Assert.Contains($">{pinned}</HostPowerShellVersion>", Read("Directory.Packages.props"), StringComparison.Ordinal);
    }

    [Fact]
    public void The_hosted_tests_run_in_the_version_of_PowerShell_that_the_build_was_asked_for()
    {
        var asked = Repository.BuildValue("HostPowerShellVersion");
        using var shell = new HostedShell();

        Assert.Equal(asked, shell.Run("\"$($PSVersionTable.PSVersion)\"").Well().Output.Single().ToString());
    }

    [GeneratedRegex(@"PowerShell@(\d[\w.-]*)")]
    private static partial Regex Named();

    private static string Read(string path) => File.ReadAllText(Path.Combine(Repository.Root, path));

    private static IEnumerable<string> Files(string path)
    {
        var full = Path.Combine(Repository.Root, path);
        return File.Exists(full) ? [full] : Directory.EnumerateFiles(full, "*", SearchOption.AllDirectories);
    }
}
