using System.Collections.Concurrent;
using HasuraMigrations.Engine.Processes;

namespace HasuraMigrations.Engine.Sandbox;

/// <summary>
/// Versions that PostgreSQL's programs tell of themselves. Each file is asked once per process, until it changes: every dump and every
/// throwaway server would start programs just for that.
/// </summary>
internal static class ProgramVersions
{
    private static readonly ConcurrentDictionary<string, Told> Remembered = new(StringComparer.Ordinal);

    /// <summary>The version of a program.</summary>
    /// <param name="program">Full path.</param>
    /// <param name="fits">Whether a version will do; what is remembered counts only if it does.</param>
    /// <param name="cancellationToken">Ends the program.</param>
    /// <returns>Its version, also one that does not fit; null where the program does not run or is something else.</returns>
    internal static async Task<Version?> ReadAsync(string program, Func<Version, bool> fits, CancellationToken cancellationToken)
    {
        var (changed, length) = Look(program);
        // A script, such as pg_dump of Debian, chooses among what is installed. So one that does not fit is asked again: it may choose another by now.
        if (Remembered.TryGetValue(program, out var told) && told.Changed == changed && told.Length == length && fits(told.Version))
        {
            return told.Version;
        }

        var run = await ProgramRun.RunAsync(ProgramRun.Prepare(program, "--version"), cancellationToken).ConfigureAwait(false);
        if (!run.Succeeded || PostgresBinaries.ParseAnswer(run.Output) is not { } version)
        {
            return null;
        }

        Remembered[program] = new Told(changed, length, version);
        return version;
    }

    // Of the file itself: a link stays as it is when what it leads to is replaced.
    private static (DateTime Changed, long Length) Look(string program)
    {
        try
        {
            var file = new FileInfo(File.ResolveLinkTarget(program, returnFinalTarget: true)?.FullName ?? program);
            return (file.LastWriteTimeUtc, file.Length);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // It will not run either, which is for the run to say.
            return default;
        }
    }

    private sealed record Told(DateTime Changed, long Length, Version Version);
}
