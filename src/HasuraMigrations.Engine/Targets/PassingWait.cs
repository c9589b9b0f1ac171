using System.Diagnostics;
using HasuraMigrations.Engine.Migrations;

namespace HasuraMigrations.Engine.Targets;

/// <summary>
/// How long a run goes on trying where other sessions hold what it needs: <see cref="RunOptions.DdlTimeout"/>, from the beginning of
/// the first attempt to the end of the last, give or take half an attempt. One is always made.
/// </summary>
/// <param name="options">The limits.</param>
internal sealed class PassingWait(RunOptions options)
{
    private readonly Stopwatch _sinceFirst = new();

    /// <summary>The time since the first attempt began, which waited for as long as an attempt may.</summary>
    internal TimeSpan Elapsed => _sinceFirst.Elapsed + options.DdlAttempt;

    /// <summary>Takes note of an attempt that failed; true where at least half of another one lies within the time.</summary>
    internal bool MayTryAgain()
    {
        _sinceFirst.Start();
        return Left >= -(options.DdlAttempt / 2);
    }

    /// <summary>Waits before the next attempt.</summary>
    internal Task PauseAsync(CancellationToken cancellationToken)
    {
        // The pause grows with the wait, as each attempt holds up the sessions queued behind it (docs/migrations.md, Timeouts).
        var most = Math.Min(5000, 100 + (_sinceFirst.Elapsed.TotalMilliseconds / 4));
        return Task.Delay(TimeSpan.FromMilliseconds(Math.Clamp(Left.TotalMilliseconds, 0, most)), cancellationToken);
    }

    /// <summary>Forgets the attempts, where the run went on.</summary>
    internal void Reset() => _sinceFirst.Reset();

    // Before the last attempt has to begin.
    private TimeSpan Left => options.DdlTimeout - options.DdlAttempt - Elapsed;
}
