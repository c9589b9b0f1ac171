using System.Diagnostics;
using HasuraMigrations.Engine.Migrations;

namespace HasuraMigrations.Engine.Targets;

/// <summary>What another way to the database tells about work whose answer is waited for.</summary>
/// <param name="IsAtWork">True where it is going on.</param>
/// <param name="RestsSince">Where it is not: tells one rest from another; null where nobody answered.</param>
internal readonly record struct WorkSign(bool IsAtWork, string? RestsSince = null)
{
    /// <summary>Nobody answered.</summary>
    internal static WorkSign Silent => default;
}

/// <summary>
/// Waits for an answer, and asks meanwhile another way whether the work is still going on. A connection that a gateway or
/// a firewall has forgotten breaks only when the system notices, which may take hours. What is called lost here is then looked
/// up as any lost answer is, so that a wrong guess costs time and nothing else.
/// </summary>
/// <param name="options">How often to ask, and how long nobody may answer.</param>
/// <param name="ask">Asks; ends when its token does.</param>
internal sealed class AnswerWatch(RunOptions options, Func<CancellationToken, Task<WorkSign>> ask)
{
    /// <summary>True once the answer is there; false where the work has ended without one, or nobody answers any more.</summary>
    internal async Task<bool> IsAnsweredAsync(Task answer)
    {
        var silence = new Stopwatch();
        string? rest = null;
        while (silence.Elapsed < options.ReconnectTimeout)
        {
            await answer.WaitAsync(options.WatchInterval, CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (answer.IsCompleted)
            {
                return true;
            }

            var sign = await AskAsync(answer).ConfigureAwait(false);
            if (sign is { IsAtWork: false, RestsSince: null })
            {
                silence.Start();
                continue;
            }

            // Right before and behind the work, and between its statements, it rests for a moment.
            if (!sign.IsAtWork && sign.RestsSince == rest)
            {
                return answer.IsCompleted;
            }

            silence.Reset();
            rest = sign.RestsSince;
        }

        return answer.IsCompleted;
    }

    private async Task<WorkSign> AskAsync(Task answer)
    {
        using var limit = new CancellationTokenSource(options.ReconnectTimeout);
        var asking = ask(limit.Token);
        if (await Task.WhenAny(answer, asking).ConfigureAwait(false) == answer)
        {
            await limit.CancelAsync().ConfigureAwait(false);
        }

        try
        {
            return await asking.ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return WorkSign.Silent;
        }
    }
}
