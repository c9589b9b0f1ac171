using HasuraMigrations.Engine.Metadata;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Seeds;

namespace HasuraMigrations.Engine.Releases;

/// <summary>Plans and makes a release: migrations of all databases, metadata and seed files as one.</summary>
/// <param name="parts">What is released.</param>
/// <param name="options">How.</param>
public sealed class ReleaseRunner(ReleaseParts parts, ReleaseOptions options)
{
    private const int MaximumShown = 50;

    /// <summary>The plan as things stand; writes nothing.</summary>
    /// <exception cref="HasuraMigrationException">
    /// What refuses a plan or the metadata, all of it together (ReleaseRefused where there is more than one reason). A database that cannot be
    /// reached is part of the plan, unless all of them are.
    /// </exception>
    public async Task<ReleasePlan> PlanAsync(CancellationToken cancellationToken)
    {
        MetadataImportPlan? metadata = null;
        var refusals = new List<(string? Database, HasuraMigrationException Failure)>();
        try
        {
            metadata = await PlanMetadataAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (HasuraMigrationException e)
        {
            refusals.Add((null, e));
        }

        var sources = metadata is not null && parts.Metadata is IMetadataServer ? ReleaseSources.Find(metadata, parts.Databases.Select(d => d.Name)) : [];
        var plans = new ReleaseDatabasePlan[parts.Databases.Count];
        await ForEachAsync(parts.Databases, async (database, index, token) => plans[index] = await PlanAsync(database, sources.Contains(database.Name), token).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
        foreach (var plan in plans)
        {
            Refuse(plan, refusals);
        }

        if (refusals.Count == 0 && plans.Length > 0 && plans.All(p => p.Failure is not null))
        {
            refusals.AddRange(plans.Select(p => ((string?)p.Database.Name, p.Failure!)));
        }

        return refusals switch
        {
            [] => new ReleasePlan(plans, metadata, sources) { Order = await FindOrderAsync(plans, metadata, cancellationToken).ConfigureAwait(false) },
            [var only] => throw only.Failure,
            _ => throw Refused(refusals),
        };
    }

    /// <summary>
    /// Carries a release out: waits for other releases, runs the migrations, writes the metadata, runs the seed files. Where a step fails, the
    /// metadata returns to the document that was there before.
    /// </summary>
    /// <param name="approved">The plan that was shown; null to make it under the lock and do whatever it holds.</param>
    /// <param name="observer">Is told how it goes.</param>
    /// <param name="cancellationToken">Stops it: the migration that runs is rolled back, and the metadata returns.</param>
    /// <returns>What became of it, also after a failure.</returns>
    public Task<ReleaseOutcome> RunAsync(ReleasePlan? approved, IReleaseObserver observer, CancellationToken cancellationToken) =>
        new ReleaseRun(this, parts, options, approved, observer).RunAsync(cancellationToken);

    /// <summary>Works on databases, several at once.</summary>
    internal Task ForEachAsync<T>(IReadOnlyList<T> items, Func<T, int, CancellationToken, Task> work, CancellationToken cancellationToken) =>
        Parallel.ForEachAsync(items.Select((item, index) => (item, index)), new ParallelOptions { MaxDegreeOfParallelism = options.ThrottleLimit, CancellationToken = cancellationToken }, async (i, token) => await work(i.item, i.index, token).ConfigureAwait(false));

    /// <summary>Plans the metadata; null where none belongs to the release.</summary>
    internal async Task<MetadataImportPlan?> PlanMetadataAsync(CancellationToken cancellationToken)
    {
        if (parts.Metadata is not { } target || parts.Document is not { } document)
        {
            return null;
        }

        var plan = await new MetadataImporter(target).PlanAsync(document, options.Metadata with { KeepsPresent = true }, cancellationToken).ConfigureAwait(false);
        options.SavedMetadata?.Require(plan, await target.ReadIdentityAsync(cancellationToken).ConfigureAwait(false));
        // Found out now, and not behind the migrations.
        return plan.Present is { Exists: true } || options.Metadata.Replace.CreateStateStore
            ? plan
            : throw new HasuraMigrationException("MetadataStoreMissing", $"{target.Description} contains no Hasura metadata, so that the metadata of the project cannot be written there.", target.Description)
            {
                RecommendedAction = "Specify the metadata database with -MetadataConnectionString, or add -CreateStateStore to create Hasura's catalog there.",
            };
    }

    internal static MigrationGoal GoalOf(ReleaseDatabase database) => database.Saved?.ToGoal() ?? new MigrationGoal.AllPending();

    internal PlanOptions OptionsOf(ReleaseDatabase database) => database.Saved is { } saved ? saved.ToOptions() with { Variables = options.Plan.Variables } : options.Plan;

    /// <summary>Plans the seed files of a database; null where none are to run.</summary>
    internal async Task<SeedPlan?> PlanSeedsAsync(ReleaseDatabase database, CancellationToken cancellationToken)
    {
        if (database is not { Seeds: { Entries.Count: > 0 } source, SeedTarget: { } target })
        {
            return null;
        }

        var plan = await new SeedRunner(source, target).PlanAsync(options.Seeds, cancellationToken).ConfigureAwait(false);
        database.Saved?.RequireSeeds(plan);
        return plan;
    }

    // The steps of config version 1 change the metadata themselves, in the order of the files.
    private async Task<ReleaseOrder> FindOrderAsync(IReadOnlyList<ReleaseDatabasePlan> plans, MetadataImportPlan? metadata, CancellationToken cancellationToken)
    {
        if (options.Order is not { } order || parts.Project.ConfigVersion == 1 || metadata is not { IsNothing: false, Present: { Exists: true } present })
        {
            return ReleaseOrder.SqlFirst;
        }

        var pending = plans.Where(p => p.Plan is { All.Count: > 0 } && !p.IsNewSource).ToDictionary(p => p.Database.Name, p => p.Plan!, StringComparer.Ordinal);
        return pending.Count == 0 ? ReleaseOrder.SqlFirst : await order.FindAsync(present.Document, metadata.Document, pending, cancellationToken).ConfigureAwait(false);
    }

    private async Task<ReleaseDatabasePlan> PlanAsync(ReleaseDatabase database, bool isNewSource, CancellationToken cancellationToken)
    {
        var runner = new MigrationRunner(database.Source, database.Target);
        if (isNewSource)
        {
            return new ReleaseDatabasePlan(database, runner.PlanNew(GoalOf(database), OptionsOf(database), database.Database.Kind), Seeds: null, Failure: null) { IsNewSource = true };
        }

        try
        {
            var plan = await runner.PlanAsync(GoalOf(database), OptionsOf(database), cancellationToken).ConfigureAwait(false);
            if (database.Saved is { } saved)
            {
                saved.Require(plan, await database.Target.ReadIdentityAsync(cancellationToken).ConfigureAwait(false));
            }

            return new ReleaseDatabasePlan(database, plan, await PlanSeedsAsync(database, cancellationToken).ConfigureAwait(false), Failure: null);
        }
        catch (HasuraMigrationException e)
        {
            return new ReleaseDatabasePlan(database, Plan: null, Seeds: null, e);
        }
    }

    private static void Refuse(ReleaseDatabasePlan plan, List<(string?, HasuraMigrationException)> refusals)
    {
        try
        {
            plan.Plan?.ThrowIfRefused();
            plan.Seeds?.Run.ThrowIfRefused();
            // What is no longer what was approved concerns the whole release.
            if (plan.Failure is { ErrorId: "PlanOutdated" } outdated)
            {
                throw outdated;
            }
        }
        catch (HasuraMigrationException e)
        {
            refusals.Add((plan.Database.Name, e));
        }
    }

    private static HasuraMigrationException Refused(List<(string? Database, HasuraMigrationException Failure)> refusals)
    {
        var findings = refusals.SelectMany(r => r.Failure.Findings.Count > 0 ? r.Failure.Findings : [new Finding
        {
            Id = r.Failure.ErrorId,
            Severity = FindingSeverity.Error,
            Message = Printable.Joined(r.Failure.Message),
            Database = r.Database,
            File = r.Failure.File,
            Line = r.Failure.Line,
            Column = r.Failure.Column,
        }]).ToList();
        var lines = findings.Take(MaximumShown).Select(f => $"  {(f.Database is null ? "" : $"Database '{f.Database}': ")}{f}");
        return new HasuraMigrationException("ReleaseRefused", "The release was refused and nothing was written:", lines: findings.Count > MaximumShown ? lines.Append($"  and {findings.Count - MaximumShown} more") : lines) { Findings = findings };
    }
}

/// <summary>What became of a release.</summary>
/// <param name="Result">What it did.</param>
/// <param name="Previous">The metadata that was there before, where it could not be put back; null otherwise.</param>
public sealed record ReleaseOutcome(ReleaseResult Result, MetadataDocument? Previous);
