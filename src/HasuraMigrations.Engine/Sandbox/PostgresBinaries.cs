using System.Text.RegularExpressions;

namespace HasuraMigrations.Engine.Sandbox;

/// <summary>The programs of one installed PostgreSQL server.</summary>
public sealed partial record PostgresBinaries
{
    /// <summary>Full path of <c>postgres</c>.</summary>
    public required string Postgres { get; init; }

    /// <summary>Full path of <c>initdb</c>.</summary>
    public required string InitDb { get; init; }

    /// <summary>Full path of <c>pg_ctl</c>.</summary>
    public required string PgCtl { get; init; }

    /// <summary>Version of the server programs, such as 15.18.</summary>
    public required Version Version { get; init; }

    /// <summary>Where they were found, in words.</summary>
    public required string Origin { get; init; }

    /// <summary>Full path of a <c>psql</c> at least as new as the server; null where there is none.</summary>
    public string? Psql { get; init; }

    /// <summary>Full path of a <c>pg_dump</c> at least as new as the server; null where there is none.</summary>
    public string? PgDump { get; init; }

    /// <summary>
    /// Finds server programs: <c>HASURA_SANDBOX_POSTGRES</c>, PATH, the usual places, programs installed with npm
    /// before, and, where that is allowed, programs installed with npm now.
    /// </summary>
    /// <param name="options">Wanted version, and whether npm may be used.</param>
    /// <param name="cancellationToken">Ends the search.</param>
    /// <exception cref="HasuraMigrationException">
    /// <c>PostgresDirectoryInvalid</c>: <c>HASURA_SANDBOX_POSTGRES</c> names a directory without usable programs.
    /// <c>PostgresNotFound</c>: nothing fits; the message lists the places. <c>SandboxDownloadFailed</c>: npm failed.
    /// </exception>
    public static async Task<PostgresBinaries> FindAsync(SandboxOptions options, CancellationToken cancellationToken = default)
    {
        var search = new PostgresSearch(Environment.GetEnvironmentVariable);
        return await search.FindAsync(options, cancellationToken).ConfigureAwait(false)
            ?? throw search.NotFound(options, "");
    }

    /// <summary>Finds a client program, in all the places where servers are looked for.</summary>
    /// <param name="name">Name without extension, such as <c>pg_dump</c>.</param>
    /// <param name="minimumVersion">Major version of the server it has to talk to.</param>
    /// <param name="cancellationToken">Ends the search.</param>
    /// <returns>Full path, or null where none is new enough.</returns>
    /// <exception cref="HasuraMigrationException"><c>PostgresDirectoryInvalid</c>.</exception>
    public static Task<string?> FindClientAsync(string name, int minimumVersion, CancellationToken cancellationToken = default) =>
        new PostgresSearch(Environment.GetEnvironmentVariable).FindClientAsync(name, minimumVersion, null, cancellationToken);

    /// <summary>Version out of a server's own text, such as <c>18beta1</c> or <c>15.18 (Debian 15.18-1)</c>.</summary>
    internal static Version ParseVersion(string text) => ParseVersion(NumberPattern().Match(text));

    /// <summary>Version out of what a program says of itself, such as <c>pg_dump (PostgreSQL) 15.18</c>.</summary>
    /// <returns>The version; null where it is another program.</returns>
    internal static Version? ParseAnswer(string text) => VersionPattern().Match(text) is { Success: true } match ? ParseVersion(match) : null;

    private static Version ParseVersion(Match match) => new(
        int.Parse(match.Groups[1].ValueSpan, provider: null),
        match.Groups[2].Success ? int.Parse(match.Groups[2].ValueSpan, provider: null) : 0);

    [GeneratedRegex(@"\(PostgreSQL\) (\d+)(?:\.(\d+))?")]
    private static partial Regex VersionPattern();

    [GeneratedRegex(@"(\d+)(?:\.(\d+))?")]
    private static partial Regex NumberPattern();
}
