using System.Collections.Concurrent;
using HasuraMigrations.Engine.Seeds;

namespace HasuraMigrations.Engine.Releases;

/// <summary>Keeps what became of seed files, and passes all on.</summary>
internal sealed class SeedTally(ISeedObserver observer, ConcurrentQueue<SeedResult> results, ConcurrentQueue<string> unseen) : ISeedObserver
{
    public void Started(PlannedSeedInfo seed) => observer.Started(seed);

    public ValueTask FinishedAsync(SeedResult result, CancellationToken cancellationToken)
    {
        results.Enqueue(result);
        return observer.FinishedAsync(result, cancellationToken);
    }

    public void Undelivered(PlannedSeedInfo seed)
    {
        unseen.Enqueue(seed.Path);
        observer.Undelivered(seed);
    }

    public void Warned(Finding finding) => observer.Warned(finding);

    public void Informed(string message) => observer.Informed(message);
}
