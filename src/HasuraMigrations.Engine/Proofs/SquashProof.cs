using HasuraMigrations.Engine.Metadata.Comparing;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Squashing;

namespace HasuraMigrations.Engine.Proofs;

/// <summary>What was proven.</summary>
/// <param name="Migration">The migration that does what its range does.</param>
/// <param name="Findings">What was noticed.</param>
public sealed record ProvenSquash(SourceMigration Migration, IReadOnlyList<Finding> Findings);

/// <summary>
/// Proves that a squashed migration does what its range does: both are applied in throwaway databases that have the migrations below,
/// and then rolled back; each time, objects, privileges, rows, sequences and metadata are compared.
/// </summary>
/// <param name="options">How the databases are made.</param>
/// <param name="configVersion">Config version of the project.</param>
/// <param name="inform">Is told what is being done.</param>
public sealed class SquashProof(ProofOptions options, int configVersion, Action<string> inform)
{
    private const string NotEqualId = "SquashNotEqual";
    private const string DownFailsId = "DownFails";
    private const int MaximumShown = 300;

    /// <summary>Proves a squash. Where only the merging of actions is at fault, the one without is proven instead.</summary>
    /// <param name="plan">The squash.</param>
    /// <param name="database">Source name of the database.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="HasuraMigrationException">
    /// SquashNotProven: the range itself cannot be run in a throwaway database. SquashNotEqual: the squashed migration fails, or does something else.
    /// </exception>
    public async Task<ProvenSquash> ProveAsync(SquashPlan plan, string database, CancellationToken cancellationToken)
    {
        var before = new MigrationSource(database, plan.Before, []);
        var old = new MigrationSource(database, [.. plan.Before, .. plan.Range], []);
        ProofPlace? place = null;
        try
        {
            Made made;
            try
            {
                place = await ProofPlace.StartAsync(options, before, configVersion, inform, cancellationToken).ConfigureAwait(false);
                made = await ReplayAsync(place, plan, old, cancellationToken).ConfigureAwait(false);
            }
            catch (HasuraMigrationException e)
            {
                throw NotProven(plan, e);
            }

            return await CompareAsync(place, plan, old, made, database, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            if (place is not null)
            {
                await place.DisposeAsync().ConfigureAwait(false);
            }
        }
    }

    private async Task<ProvenSquash> CompareAsync(ProofPlace place, SquashPlan plan, MigrationSource old, Made made, string database, CancellationToken cancellationToken)
    {
        Finding? unmerged = null;
        try
        {
            await CompareAsync(place, plan, plan.Migration, old, made, database, cancellationToken).ConfigureAwait(false);
        }
        catch (HasuraMigrationException e) when (plan.Unmerged is not null && e.ErrorId == NotEqualId)
        {
            inform($"{e.Message} Trying it with every action.");
            await CompareAsync(place, plan, plan.Unmerged, old, made, database, cancellationToken).ConfigureAwait(false);
            unmerged = new Finding
            {
                Id = "SquashActionsKept",
                Severity = FindingSeverity.Information,
                Message = $"All actions on metadata were kept, since the migration is not equal without those that later ones undo: {e.Message}",
                Database = database,
                Version = plan.Migration.Version,
            };
        }

        return new ProvenSquash(unmerged is null ? plan.Migration : plan.Unmerged!, [.. unmerged is null ? Array.Empty<Finding>() : [unmerged], .. made.DownFailure is null || plan.Findings.Any(f => f.Id == DownFailsId) ? Array.Empty<Finding>() : [DownFails(made.DownFailure, database)]]);
    }

    /// <summary>What the range makes, and what is left when it is rolled back.</summary>
    private Task<Made> ReplayAsync(ProofPlace place, SquashPlan plan, MigrationSource old, CancellationToken cancellationToken) => place.UseAsync(async replayed =>
    {
        inform($"Applying the {plan.Range.Count} migrations of the range.");
        await replayed.ApplyAsync(old, cancellationToken).ConfigureAwait(false);
        var applied = await State.ReadAsync(replayed, cancellationToken).ConfigureAwait(false);
        inform("Rolling them back.");
        try
        {
            await replayed.RollBackAsync(old, plan.Versions, cancellationToken).ConfigureAwait(false);
            return new Made(applied, await State.ReadAsync(replayed, cancellationToken).ConfigureAwait(false), null);
        }
        catch (MigrationFailedException e)
        {
            return new Made(applied, null, e);
        }
    }, cancellationToken);

    private async Task CompareAsync(ProofPlace place, SquashPlan plan, SourceMigration migration, MigrationSource old, Made made, string database, CancellationToken cancellationToken)
    {
        var source = new MigrationSource(database, [.. plan.Before, migration], []);
        Task<Made> Again() => AgainAsync(place, plan, old, cancellationToken);
        try
        {
            await place.UseAsync(async squashed =>
            {
                inform("Applying the squashed migration.");
                try
                {
                    await squashed.ApplyAsync(source, cancellationToken).ConfigureAwait(false);
                }
                catch (HasuraMigrationException e) when (e is not MigrationFailedException failed || ProofRepairs.Of(failed) is null)
                {
                    throw NotEqual(migration, $"its up step fails: {Failure(e, migration, MigrationDirection.Up)}", e);
                }

                await RequireSameAsync(migration, "its up step", made.Applied, await State.ReadAsync(squashed, cancellationToken).ConfigureAwait(false), async () => (await Again().ConfigureAwait(false)).Applied.Contents).ConfigureAwait(false);
                await CompareDownAsync(squashed, migration, source, made, async () => (await Again().ConfigureAwait(false) is { RolledBack: { } left } ? left : made.RolledBack!).Contents, cancellationToken).ConfigureAwait(false);
                return true;
            }, cancellationToken).ConfigureAwait(false);
        }
        catch (MigrationFailedException e)
        {
            // What it lacks was provided, and it failed for it again.
            throw NotEqual(migration, $"its up step fails: {Failure(e, migration, MigrationDirection.Up)}", e);
        }
    }

    private async Task CompareDownAsync(ProofDatabase squashed, SourceMigration migration, MigrationSource source, Made made, Func<Task<DatabaseContents>> again, CancellationToken cancellationToken)
    {
        if (migration.StepsOf(MigrationDirection.Down).Count == 0)
        {
            return;
        }

        inform("Rolling it back.");
        try
        {
            await squashed.RollBackAsync(source, [migration.Version], cancellationToken).ConfigureAwait(false);
        }
        catch (MigrationFailedException) when (made.DownFailure is not null)
        {
            return;
        }
        catch (HasuraMigrationException e)
        {
            throw NotEqual(migration, $"its down step fails: {Failure(e, migration, MigrationDirection.Down)}", e);
        }

        if (made.RolledBack is null)
        {
            throw NotEqual(migration, $"its down step succeeds, but that of {made.DownFailure!.Version} fails: {made.DownFailure.ServerMessage ?? made.DownFailure.Message}", made.DownFailure);
        }

        await RequireSameAsync(migration, "its down step", made.RolledBack, await State.ReadAsync(squashed, cancellationToken).ConfigureAwait(false), again).ConfigureAwait(false);
    }

    private async Task<Made> AgainAsync(ProofPlace place, SquashPlan plan, MigrationSource old, CancellationToken cancellationToken)
    {
        inform("The databases differ; applying the range once more to see which values are others each time.");
        return await ReplayAsync(place, plan, old, cancellationToken).ConfigureAwait(false);
    }

    private static async Task RequireSameAsync(SourceMigration migration, string what, State expected, State found, Func<Task<DatabaseContents>> again)
    {
        if (await expected.Contents.DifferenceAsync(found.Contents, again).ConfigureAwait(false) is { } difference)
        {
            throw NotEqual(migration, $"{what} leads to another database. {difference}", null);
        }

        if (expected.Metadata is not null && MetadataComparer.Compare(expected.Metadata, found.Metadata!) is { Count: > 0 } changes)
        {
            throw NotEqual(migration, $"{what} leads to other metadata: {changes[0]}{(changes.Count > 1 ? $" and {changes.Count - 1} more" : "")}.", null);
        }
    }

    private static string Failure(HasuraMigrationException failure, SourceMigration migration, MigrationDirection direction)
    {
        if (failure is not MigrationFailedException { ServerMessage: not null } failed)
        {
            return failure.Message;
        }

        var statement = failed.Statement is null ? "" : $" Statement: {Short(failed.Statement)}.";
        return $"{failed.SqlState}: {failed.ServerMessage}{Origin(migration, direction, failed.Line)}.{statement}";
    }

    // The comments before each part name its migration.
    private static string Origin(SourceMigration migration, MigrationDirection direction, int? line)
    {
        var kind = direction == MigrationDirection.Up ? MigrationStepKind.UpSql : MigrationStepKind.DownSql;
        var title = line is null ? null : migration.Steps.FirstOrDefault(s => s.Kind == kind)?.Text.Text.Split('\n').Take(line.Value).LastOrDefault(l => l.Length > 3 && l.StartsWith("-- ", StringComparison.Ordinal) && char.IsAsciiDigit(l[3]));
        return title is null ? "" : $" (part of {title[3..]})";
    }

    private static Finding DownFails(MigrationFailedException failure, string database) => new()
    {
        Id = DownFailsId,
        Severity = FindingSeverity.Warning,
        Message = $"The down step of migration {failure.Version} fails, and so does that of the squashed migration: {failure.ServerMessage ?? failure.Message}",
        Database = database,
        Version = failure.Version,
        RecommendedAction = "Correct the down step of the squashed migration.",
    };

    private static string Short(string statement)
    {
        var line = Printable.Of(statement.ReplaceLineEndings(" "));
        return $"'{(line.Length > MaximumShown ? $"{line[..MaximumShown]} ..." : line)}'";
    }

    private static HasuraMigrationException NotProven(SquashPlan plan, HasuraMigrationException cause)
    {
        var why = cause is MigrationFailedException failed
            ? $"migration {failed.Version} fails {(ProofRepairs.IsMissingExtension(failed) ? "since the throwaway PostgreSQL lacks an extension" : "in an empty database")}: {failed.ServerMessage ?? failed.Message}"
            : cause.Message;
        return new HasuraMigrationException("SquashNotProven", $"It could not be proven that the squashed migration does what versions {plan.Versions[0]} to {plan.Versions[^1]} do: {why}", plan.Migration.Version, cause) { File = cause.File, Line = cause.Line, Column = cause.Column };
    }

    private static HasuraMigrationException NotEqual(SourceMigration migration, string why, Exception? cause) =>
        new(NotEqualId, $"The squashed migration {migration.Version}_{migration.Name} does not do what its range does: {why}", migration.Version, cause);

    private sealed record Made(State Applied, State? RolledBack, MigrationFailedException? DownFailure);

    private sealed record State(DatabaseContents Contents, MetadataDocument? Metadata)
    {
        internal static async Task<State> ReadAsync(ProofDatabase database, CancellationToken cancellationToken) =>
            new(await database.ReadAsync(cancellationToken).ConfigureAwait(false), await database.ReadMetadataAsync(cancellationToken).ConfigureAwait(false));
    }
}
