using System.IO.Compression;
using System.Reflection.PortableExecutable;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using HasuraMigrations.Tests.Support;

namespace HasuraMigrations.Tests.Module;

public sealed partial class PackageTests(ModuleServer server) : IDisposable
{
    private const string Locations = "[AppDomain]::CurrentDomain.GetAssemblies() | Where-Object { !$_.IsDynamic -and $_.Location -like \"$root*\" } | ForEach-Object { [IO.Path]::GetRelativePath($root, $_.Location).Replace('\\', '/') }";

    // SIGABRT and SIGSEGV as exit codes of a shell.
    private const int Aborted = 134;
    private const int Faulted = 139;
    private const int MostAttempts = 5;

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("hasura-package-");

    private static string Platform => $"{(OperatingSystem.IsWindows() ? "win" : OperatingSystem.IsMacOS() ? "osx" : "linux")}-{RuntimeInformation.OSArchitecture.ToString().ToLowerInvariant()}";

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public async Task A_library_of_this_platform_is_preferred_and_others_come_from_deps()
    {
        var module = Copy(Repository.Module);
        // The build of the tests has compiled the libraries for this platform.
        if (Directory.Exists(Path.Combine(module, "deps", Platform)))
        {
            Directory.Delete(Path.Combine(module, "deps", Platform), recursive: true);
        }

        var mine = Directory.CreateDirectory(Path.Combine(module, "deps", Platform)).FullName;
        var other = Directory.CreateDirectory(Path.Combine(module, "deps", "plan9-mips")).FullName;
        foreach (var directory in new[] { mine, other })
        {
            File.Copy(Path.Combine(Repository.Module, "deps", "YamlDotNet.dll"), Path.Combine(directory, "YamlDotNet.dll"), overwrite: true);
        }

        var loaded = await LoadedAsync(module);

        Assert.Contains($"deps/{Platform}/YamlDotNet.dll", loaded);
        Assert.Contains("deps/HasuraMigrations.Engine.dll", loaded);
        Assert.Single(loaded, l => l.EndsWith("/YamlDotNet.dll", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_package_runs_in_pwsh_with_native_code_of_this_platform()
    {
        var module = Extracted();
        Assert.SkipUnless(Directory.Exists(Path.Combine(module, "deps", Platform)), $"The package has no native code for {Platform}.");

        var loaded = await LoadedAsync(module);

        Assert.Contains($"deps/{Platform}/HasuraMigrations.Engine.dll", loaded);
        Assert.Contains($"deps/{Platform}/YamlDotNet.dll", loaded);
        Assert.DoesNotContain("deps/HasuraMigrations.Engine.dll", loaded);
    }

    [Fact]
    public void The_package_has_native_code_for_the_platforms_of_pipelines_and_IL_for_all()
    {
        var module = Extracted();

        Assert.False(IsNative(Path.Combine(module, "HasuraMigrations.dll")));
        Assert.False(IsNative(Path.Combine(module, "HasuraMigrations.Contracts.dll")));
        Assert.False(IsNative(Path.Combine(module, "deps", "HasuraMigrations.Engine.dll")));
        foreach (var platform in new[] { "linux-x64", "win-x64" })
        {
            var images = Directory.GetFiles(Path.Combine(module, "deps", platform));
            Assert.All(images, i => Assert.True(IsNative(i), i));
            Assert.All(images, i => Assert.True(File.Exists(Path.Combine(module, "deps", Path.GetFileName(i))), i));
            Assert.Superset(new HashSet<string?> { "HasuraMigrations.Engine.dll", "Npgsql.dll", "Polly.Core.dll", "YamlDotNet.dll" }, images.Select(Path.GetFileName).ToHashSet());
        }
    }

    [Fact]
    public async Task A_status_process_compiles_few_methods_of_the_libraries()
    {
        var module = Extracted();
        Assert.SkipUnless(Directory.Exists(Path.Combine(module, "deps", Platform)), $"The package has no native code for {Platform}.");
        using var database = server.CreateDatabase();
        using var project = TestProject.OfTables(3);
        var log = Path.Combine(_directory.FullName, "compiled.txt");
        var script = $"$ErrorActionPreference = 'Stop'; Import-Module '{module}'; @(Get-HasuraMigration -Project '{project.Path}' -ConnectionString '{database.ConnectionString}').Count";

        var run = await RunLoggedAsync(log, script);

        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Equal("3", run.Output.Trim());
        var compiled = File.ReadLines(log).Select(l => Compiled().Match(l)).Where(m => m.Success).Select(m => m.Groups[1].Value).ToList();
        // A log of another form would pass.
        Assert.True(compiled.Count > 1000, $"{compiled.Count} methods");
        // 212 when this was written; 494 where no method of the framework is inlined.
        var ours = compiled.FindAll(m => OfLibraries().IsMatch(m));
        Assert.True(ours.Count <= 300, $"{ours.Count} methods are compiled:\n{string.Join('\n', ours)}");
    }

    [Fact]
    public async Task Another_copy_of_the_driver_in_the_process_reads_as_without_the_package()
    {
        var module = Extracted();
        Assert.SkipUnless(Directory.Exists(Path.Combine(module, "deps", Platform)), $"The package has no native code for {Platform}.");
        using var database = server.CreateDatabase();
        using var project = TestProject.OfTables(3);
        // The module's driver has read before the other one is loaded, as another module would load it.
        var script = $"""
            $ErrorActionPreference = 'Stop'; Import-Module '{module}'
            $null = Get-HasuraMigration -Project '{project.Path}' -ConnectionString '{database.ConnectionString}'
            Add-Type -Path (Get-Item '{module}/deps/Microsoft.Extensions.*.dll').FullName
            Add-Type -Path '{module}/deps/Npgsql.dll'
            $connection = [Npgsql.NpgsqlConnection]::new('{database.ConnectionString}'); $connection.Open()
            $command = $connection.CreateCommand(); $command.CommandText = "SELECT 'a'::text, array[1, 2], array['b'], 1.5::numeric, int4range(1, 3), '[4]'::jsonb"
            $reader = $command.ExecuteReader(); $null = $reader.Read()
            (0..5 | ForEach-Object {"{"} "$($reader.GetValue($_))" {"}"}) -join ';'
            @([AppDomain]::CurrentDomain.GetAssemblies() | Where-Object {"{"} $_.GetName().Name -eq 'Npgsql' {"}"}).Count
            """;

        var run = await Pwsh.RunAsync(["-NonInteractive", "-Command", script]);

        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Equal("a;1 2;b;1.5;[1,3);[4]\n2", run.Output.Trim());
    }

    // The runtime closes the log at the end of the process while other threads still compile, which can abort it. Without a log, none is.
    private async Task<ProcessResult> RunLoggedAsync(string log, string script)
    {
        for (var attempt = 1; ; attempt++)
        {
            File.Delete(log);
            var run = await Pwsh.RunAsync(["-NonInteractive", "-Command", script], environment: new Dictionary<string, string>
            {
                ["DOTNET_JitStdOutFile"] = log,
                ["DOTNET_JitDisasmSummary"] = "1",
                // Without the profile of an earlier process, by which the shell has methods compiled that this one may not need.
                ["XDG_CACHE_HOME"] = Path.Combine(_directory.FullName, $"cache{attempt}"),
            });
            if (run.ExitCode is not (Aborted or Faulted) || attempt == MostAttempts)
            {
                return run;
            }
        }
    }

    [GeneratedRegex(@"^\s*\d+: JIT compiled ([^(]+)")]
    private static partial Regex Compiled();

    [GeneratedRegex(@"\b(HasuraMigrations\.Engine|Npgsql|YamlDotNet)\.")]
    private static partial Regex OfLibraries();

    private static async Task<List<string>> LoadedAsync(string module)
    {
        using var project = new TestProject();
        var script = $"$ErrorActionPreference = 'Stop'; $root = '{module}'; Import-Module $root; $null = Get-HasuraProject -Project '{project.Path}'; {Locations}";

        var run = await Pwsh.RunAsync(["-NonInteractive", "-Command", script]);

        Assert.True(run.ExitCode == 0, run.Error);
        return [.. run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)];
    }

    private static bool IsNative(string path)
    {
        using var file = new PEReader(File.OpenRead(path));
        return file.PEHeaders.CorHeader!.ManagedNativeHeaderDirectory.Size > 0;
    }

    private string Extracted()
    {
        var package = Directory.GetFiles(Path.Combine(Repository.Root, "out"), "HasuraMigrations.*.zip").Order(StringComparer.Ordinal).LastOrDefault();
        if (package is null)
        {
            Assert.SkipWhen(Environment.GetEnvironmentVariable("HASURA_TEST_REQUIRE_PACKAGE") != "1", "The package was not made: dotnet build build/Package -t:Package");
            Assert.Fail("The package was not made.");
        }

        ZipFile.ExtractToDirectory(package, _directory.FullName);
        return Path.Combine(_directory.FullName, "HasuraMigrations");
    }

    private string Copy(string directory)
    {
        var copy = Path.Combine(_directory.FullName, Path.GetFileName(directory));
        foreach (var file in Directory.EnumerateFiles(directory, "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(copy, Path.GetRelativePath(directory, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }

        return copy;
    }
}
