using Polly;
using Polly.Retry;

namespace HasuraMigrations.Engine.Targets;

/// <summary>Repeats what only reads, or does no harm when it happens twice, after a connection broke.</summary>
internal static class ReadRetries
{
    private const int Attempts = 3;

    private static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(250);

    /// <summary>Three more tries within about two seconds.</summary>
    /// <param name="isLost">True for an error that another try may not meet.</param>
    internal static ResiliencePipeline Pipeline(Func<HasuraMigrationException, bool> isLost) => Pipeline(isLost, Attempts, FirstDelay);

    /// <summary>Runs work with those retries. What makes the retries is loaded only if the first try fails: a new process has nothing else to do with it.</summary>
    /// <param name="isLost">True for an error that another try may not meet.</param>
    /// <param name="work">The work.</param>
    /// <param name="cancellationToken">Stops it.</param>
    internal static async Task<T> RunAsync<T>(Func<HasuraMigrationException, bool> isLost, Func<CancellationToken, Task<T>> work, CancellationToken cancellationToken)
    {
        try
        {
            return await work(cancellationToken).ConfigureAwait(false);
        }
        catch (HasuraMigrationException e) when (isLost(e))
        {
            return await AgainAsync(isLost, work, cancellationToken).ConfigureAwait(false);
        }
    }

    // A method of its own, because the runtime loads what a method names when it prepares the method.
    private static async Task<T> AgainAsync<T>(Func<HasuraMigrationException, bool> isLost, Func<CancellationToken, Task<T>> work, CancellationToken cancellationToken)
    {
        await Task.Delay(FirstDelay, cancellationToken).ConfigureAwait(false);
        return await Pipeline(isLost, Attempts - 1, 2 * FirstDelay).ExecuteAsync(async token => await work(token).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
    }

    private static ResiliencePipeline Pipeline(Func<HasuraMigrationException, bool> isLost, int attempts, TimeSpan delay) => new ResiliencePipelineBuilder().AddRetry(new RetryStrategyOptions
    {
        ShouldHandle = new PredicateBuilder().Handle(isLost),
        MaxRetryAttempts = attempts,
        BackoffType = DelayBackoffType.Exponential,
        UseJitter = true,
        Delay = delay,
    }).Build();
}
