using Polly;
using Polly.Retry;

namespace HasuraMigrations.Engine.Targets;

/// <summary>Repeats what only reads, or does no harm when it happens twice, after a connection broke.</summary>
internal static class ReadRetries
{
    /// <summary>Three more tries within about two seconds.</summary>
    /// <param name="isLost">True for an error that another try may not meet.</param>
    internal static ResiliencePipeline Pipeline(Func<HasuraMigrationException, bool> isLost) => new ResiliencePipelineBuilder().AddRetry(new RetryStrategyOptions
    {
        ShouldHandle = new PredicateBuilder().Handle(isLost),
        MaxRetryAttempts = 3,
        BackoffType = DelayBackoffType.Exponential,
        UseJitter = true,
        Delay = TimeSpan.FromMilliseconds(250),
    }).Build();
}
