using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Metadata.Comparing;
using HasuraMigrations.Engine.Metadata.Files;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Projects;
using HasuraMigrations.Engine.Tests.Support;

namespace HasuraMigrations.Engine.Tests.Corpus;

/// <summary>A project of config v1 with its actions: all ups, the metadata, all downs that can be.</summary>
/// <param name="Applied">How many ups there were.</param>
/// <param name="FailedUps">What failed, and how.</param>
/// <param name="Metadata">The metadata after the ups.</param>
/// <param name="Differences">How that differs from the file beside the migrations.</param>
/// <param name="Tracked">Tables tracked after the ups.</param>
/// <param name="ReplayedUp">The same by reading the files.</param>
/// <param name="RolledBack">How many downs there were.</param>
/// <param name="FailedDowns">What failed, and how.</param>
/// <param name="Left">Tables tracked after the downs.</param>
/// <param name="ReplayedDown">The same by reading the files.</param>
internal sealed record YamlRun(
    int Applied,
    IReadOnlyDictionary<long, string> FailedUps,
    MetadataDocument Metadata,
    IReadOnlyList<MetadataChange> Differences,
    IReadOnlyList<string> Tracked,
    IReadOnlyList<string> ReplayedUp,
    int RolledBack,
    IReadOnlyDictionary<long, string> FailedDowns,
    IReadOnlyList<string> Left,
    IReadOnlyList<string> ReplayedDown)
{
    private static readonly PlanOptions Plan = new() { TransactionMode = MigrationTransactionMode.PerMigration, AllowEmptyDown = true };

    /// <summary>Runs a project.</summary>
    /// <param name="name">Name of the project.</param>
    /// <param name="place">Where.</param>
    /// <param name="upTo">The last version to apply.</param>
    public static async Task<YamlRun> OfAsync(string name, YamlPlace place, long upTo = long.MaxValue)
    {
        var directory = System.IO.Directory.CreateTempSubdirectory("hasura-corpus-").FullName;
        try
        {
            CorpusProject.CopyWhole(Path.Combine(CorpusCase.Root!, name), directory);
            var metadata = Path.Combine(directory, "migrations", "metadata.yaml");
            var layout = File.Exists(metadata) ? MetadataFiles.LayoutOf(metadata) : null;
            var project = HasuraProject.Open(new ProjectOptions { Path = directory, IsExplicit = true, Environment = new Dictionary<string, string>() });
            var source = MigrationSource.Scan(project, project.Database("default"));
            var replay = new YamlReplay();
            var ups = source.Migrations.Where(m => m.Version <= upTo && m.StepsOf(MigrationDirection.Up).Count > 0).Select(m => m.Version).Order().ToList();
            var (applied, failedUps) = await GoAsync(source, place, ups, MigrationDirection.Up, replay);
            var after = (await place.Metadata.ExportAsync()).Document;
            IReadOnlyList<MetadataChange> differences = layout is null ? [] : MetadataComparer.Compare(MetadataFiles.Read(layout).Document, after);
            var (tracked, replayed) = (TrackedIn(after), replay.Tracked.ToList());

            var (rolledBack, failedDowns) = await GoAsync(source, place, [.. applied.Order().Reverse()], MigrationDirection.Down, replay);
            var left = TrackedIn((await place.Metadata.ExportAsync()).Document);
            return new YamlRun(applied.Count, failedUps, after, differences, tracked, replayed, rolledBack.Count, failedDowns, left, [.. replay.Tracked]);
        }
        finally
        {
            System.IO.Directory.Delete(directory, recursive: true);
        }
    }

    private static async Task<(IReadOnlyList<long> Done, IReadOnlyDictionary<long, string> Failed)> GoAsync(
        MigrationSource source, YamlPlace place, IReadOnlyList<long> versions, MigrationDirection direction, YamlReplay replay)
    {
        var observer = new RecordingObserver();
        var failed = new Dictionary<long, string>();
        while (versions.Count > 0)
        {
            try
            {
                await using var target = place.Open();
                await new MigrationRunner(source, target).RunAsync(new MigrationGoal.Exactly(versions, direction), Plan, place.Options, null, observer, CancellationToken.None);
                break;
            }
            catch (HasuraMigrationException e)
            {
                var version = (e as MigrationFailedException)?.Version ?? versions[0];
                failed.Add(version, $"{e.ErrorId}: {e.Message}");
                versions = [.. versions.SkipWhile(v => v != version).Skip(1)];
            }
        }

        var done = observer.Results.Select(r => r.Version).ToList();
        foreach (var step in done.SelectMany(v => source.Find(v)!.StepsOf(direction)))
        {
            replay.Play(step);
        }

        return (done, failed);
    }

    private static IReadOnlyList<string> TrackedIn(MetadataDocument document) =>
    [
        .. (document.Root["sources"] is { } sources ? sources.AsObjects().SelectMany(s => s["tables"].AsObjects()) : document.Root["tables"].AsObjects())
            .Select(t => t["table"]!).Select(t => t["schema"]!.ToString() == "public" ? t["name"]!.ToString() : $"{t["schema"]}.{t["name"]}").Order(StringComparer.Ordinal),
    ];
}
