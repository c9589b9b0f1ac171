namespace HasuraMigrations.Engine.Sandbox;

/// <summary>Looks for PostgreSQL programs place by place and remembers what it saw, for the error text.</summary>
internal sealed class PostgresSearch(Func<string, string?> environment)
{
    /// <summary>Oldest major version that a sandbox is made of.</summary>
    public const int OldestVersion = 12;

    private const string DirectoryVariable = "HASURA_SANDBOX_POSTGRES";
    private static readonly string[] Named = ["postgres", "pg_dump", "psql"];
    private readonly List<string> _seen = [];
    private HasuraMigrationException? _failedDownload;
    private readonly EmbeddedPostgres _embedded = new(environment);

    /// <summary>Finds the first server that fits.</summary>
    /// <returns>Its programs; null where none fits and npm, if it is allowed, installed none.</returns>
    /// <exception cref="HasuraMigrationException"><c>PostgresDirectoryInvalid</c>.</exception>
    public async Task<PostgresBinaries?> FindAsync(SandboxOptions options, CancellationToken cancellationToken)
    {
        RequireNamed();
        foreach (var (directory, origin) in Places())
        {
            if (await ReadAsync(directory, origin, options.Version, cancellationToken).ConfigureAwait(false) is { } found)
            {
                return found;
            }
        }

        if (!options.AllowDownload)
        {
            return null;
        }

        try
        {
            return _embedded.FindNpm() is { } npm
                ? await ReadAsync(await _embedded.InstallAsync(npm, options.Version, cancellationToken).ConfigureAwait(false), "npm", options.Version, cancellationToken).ConfigureAwait(false)
                : null;
        }
        catch (HasuraMigrationException e) when (e.ErrorId == "SandboxDownloadFailed")
        {
            // Docker may still have a server; without it, this is the reason.
            _failedDownload = e;
            return null;
        }
    }

    /// <summary>Finds a client program at least as new as a server, in the preferred directory first.</summary>
    /// <exception cref="HasuraMigrationException"><c>PostgresDirectoryInvalid</c>.</exception>
    public async Task<string?> FindClientAsync(string name, int minimumVersion, string? preferred, CancellationToken cancellationToken)
    {
        RequireNamed();
        var directories = preferred is null ? [] : new[] { preferred };
        foreach (var directory in directories.Concat(Places().Select(p => p.Directory)))
        {
            var program = Program(directory, name);
            if (File.Exists(program)
                && await ProgramVersions.ReadAsync(program, IsNewEnough, cancellationToken).ConfigureAwait(false) is { } version
                && IsNewEnough(version))
            {
                return program;
            }
        }

        return null;

        bool IsNewEnough(Version version) => version.Major >= minimumVersion;
    }

    /// <summary>
    /// <c>SandboxDownloadFailed</c> if npm was allowed and failed; else <c>PostgresNotFound</c>, with what was looked for, where, and
    /// what was there instead.
    /// </summary>
    /// <param name="options">What was asked for.</param>
    /// <param name="docker">Why Docker cannot be used.</param>
    public HasuraMigrationException NotFound(SandboxOptions options, string docker)
    {
        if (_failedDownload is not null)
        {
            return _failedDownload;
        }

        var wanted = options.Version is { } version ? $"PostgreSQL {version}" : $"PostgreSQL {OldestVersion} or later";
        var seen = _seen.Count == 0 ? "no server was found" : $"seen: {string.Join(", ", _seen.Distinct(StringComparer.Ordinal))}";
        return new HasuraMigrationException(
            "PostgresNotFound",
            $"No server programs of {wanted} were found. Looked in {DirectoryVariable}, PATH, the usual places of this "
            + $"system and {_embedded.Root}; {seen}.{(options.AllowDownload && _embedded.FindNpm() is null ? " npm is not in PATH." : "")}{docker}",
            options.Version);
    }

    private async Task<PostgresBinaries?> ReadAsync(string directory, string origin, int? wanted, CancellationToken cancellationToken)
    {
        var postgres = Program(directory, "postgres");
        if (!File.Exists(postgres))
        {
            return null;
        }

        var real = Path.GetDirectoryName(File.ResolveLinkTarget(postgres, returnFinalTarget: true)?.FullName) ?? directory;
        var home = File.Exists(Program(real, "initdb")) && File.Exists(Program(real, "pg_ctl")) ? real : directory;
        if (!File.Exists(Program(home, "initdb")) || !File.Exists(Program(home, "pg_ctl")))
        {
            return Skip(origin, directory, $"{directory} without initdb or pg_ctl", "contains postgres, but not initdb and pg_ctl");
        }

        postgres = Program(home, "postgres");
        var version = await ProgramVersions.ReadAsync(postgres, Fits, cancellationToken).ConfigureAwait(false);
        if (version is null)
        {
            return Skip(origin, directory, $"a program that does not run in {home}", $"contains a postgres that does not run: '{postgres} --version' does not show a version of PostgreSQL");
        }

        if (version.Major < OldestVersion)
        {
            return Skip(origin, directory, $"{version} in {home}", $"contains PostgreSQL {version}; a sandbox requires version {OldestVersion} or later");
        }

        if (!Fits(version))
        {
            _seen.Add($"{version} in {home}");
            return null;
        }

        return new PostgresBinaries
        {
            Postgres = postgres,
            InitDb = Program(home, "initdb"),
            PgCtl = Program(home, "pg_ctl"),
            Version = version,
            Origin = origin,
            Psql = await FindClientAsync("psql", version.Major, home, cancellationToken).ConfigureAwait(false),
            PgDump = await FindClientAsync("pg_dump", version.Major, home, cancellationToken).ConfigureAwait(false),
        };

        bool Fits(Version told) => told.Major >= OldestVersion && told.Major == (wanted ?? told.Major);
    }

    // Whoever names a directory means its programs: others in their place would be a surprise, and the error that those are missing no help. A
    // directory of client programs alone is one to name: those of a dump are looked for here, too.
    private void RequireNamed()
    {
        foreach (var directory in Entries(environment(DirectoryVariable)))
        {
            if (!Path.IsPathRooted(directory))
            {
                throw Invalid(directory, "is not an absolute path");
            }

            if (!Directory.Exists(directory))
            {
                throw Invalid(directory, File.Exists(directory) ? "is a file" : "does not exist, or this user cannot read it");
            }

            if (!Array.Exists(Named, p => File.Exists(Program(directory, p))))
            {
                var below = Path.Combine(directory, "bin");
                throw Invalid(directory, File.Exists(Program(below, "postgres"))
                    ? $"contains no PostgreSQL programs; they are in '{below}'"
                    : "contains no PostgreSQL programs");
            }
        }
    }

    // What was found in a directory that nobody named is only told if nothing else is found.
    private PostgresBinaries? Skip(string origin, string directory, string seen, string reason)
    {
        if (origin == DirectoryVariable)
        {
            throw Invalid(directory, reason);
        }

        _seen.Add(seen);
        return null;
    }

    private static HasuraMigrationException Invalid(string directory, string reason) => new(
        "PostgresDirectoryInvalid", $"The environment variable {DirectoryVariable} names the directory '{directory}', which {reason}.", directory);

    private IEnumerable<(string Directory, string Origin)> Places()
    {
        IEnumerable<(string Directory, string Origin)> all =
        [
            .. Split(environment(DirectoryVariable)).Select(d => (d, DirectoryVariable)),
            .. Split(environment("PATH")).Select(d => (d, "PATH")),
            .. UsualPlaces().Select(d => (d, "installed")),
            .. _embedded.Installed().Select(d => (d, "npm")),
        ];
        return all.DistinctBy(p => p.Directory, StringComparer.Ordinal);
    }

    private IEnumerable<string> UsualPlaces()
    {
        if (OperatingSystem.IsWindows())
        {
            var programs = environment("ProgramFiles") ?? @"C:\Program Files";
            return Versions(Path.Combine(programs, "PostgreSQL"), "*").Select(d => Path.Combine(d, "bin"));
        }

        return
        [
            .. Versions("/usr/lib/postgresql", "*").Select(d => Path.Combine(d, "bin")),
            .. Versions("/usr", "pgsql-*").Select(d => Path.Combine(d, "bin")),
            .. Versions("/opt/homebrew/opt", "postgresql@*").Select(d => Path.Combine(d, "bin")),
            .. Versions("/usr/local/opt", "postgresql@*").Select(d => Path.Combine(d, "bin")),
            .. Versions("/Applications/Postgres.app/Contents/Versions", "*").Select(d => Path.Combine(d, "bin")),
            "/usr/local/pgsql/bin",
            "/usr/libexec/postgresql",
        ];
    }

    private static IEnumerable<string> Versions(string parent, string pattern) =>
        Directory.Exists(parent)
            ? Directory.EnumerateDirectories(parent, pattern).OrderByDescending(Number)
            : [];

    private static int Number(string directory)
    {
        var digits = new string([.. Path.GetFileName(directory).Where(char.IsAsciiDigit).Take(4)]);
        return digits.Length == 0 ? 0 : int.Parse(digits, provider: null);
    }

    private static IEnumerable<string> Split(string? list) => Entries(list).Where(Path.IsPathRooted);

    private static string[] Entries(string? list) =>
        (list ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private static string Program(string directory, string name) =>
        Path.Combine(directory, OperatingSystem.IsWindows() ? $"{name}.exe" : name);
}
