using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Updating;

namespace HasuraMigrations.Engine.Proofs;

/// <summary>What a replay of the migrations of config version 1 showed.</summary>
/// <param name="Metadata">The metadata that their actions make.</param>
/// <param name="Findings">What was noticed.</param>
public sealed record UpdateReplay(MetadataDocument Metadata, IReadOnlyList<Finding> Findings);

/// <summary>
/// Applies the migrations of config version 1 to a throwaway database, which gives the metadata that their actions make. Then proves
/// that the converted ones do the same to the database: they are applied to another one, and both are rolled back; each time, objects,
/// privileges, rows and sequences are compared.
/// </summary>
/// <param name="options">How the databases are made.</param>
/// <param name="inform">Is told what is being done.</param>
public sealed class UpdateProof(ProofOptions options, Action<string> inform)
{
    private const int ConfigVersion = 1;

    /// <summary>Replays, and proves.</summary>
    /// <param name="migrations">The migrations.</param>
    /// <param name="isCompared">False to replay alone.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="HasuraMigrationException">
    /// UpdateNotProven: the migrations cannot be run in a throwaway database. UpdateNotEqual: the converted ones fail, or do something else.
    /// </exception>
    public async Task<UpdateReplay> RunAsync(ConvertedMigrations migrations, bool isCompared, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(migrations);
        ProofPlace? place = null;
        try
        {
            Made made;
            try
            {
                place = await ProofPlace.StartAsync(options, new MigrationSource(migrations.Old.Database, [], []), ConfigVersion, inform, cancellationToken).ConfigureAwait(false);
                made = await ReplayAsync(place, migrations.Old, isCompared, cancellationToken).ConfigureAwait(false);
            }
            catch (HasuraMigrationException e)
            {
                throw NotProven(e);
            }

            IReadOnlyList<Finding> findings = isCompared ? await CompareAsync(place, migrations, made, cancellationToken).ConfigureAwait(false) : [];
            return new UpdateReplay(made.Metadata, findings);
        }
        finally
        {
            if (place is not null)
            {
                await place.DisposeAsync().ConfigureAwait(false);
            }
        }
    }

    private Task<Made> ReplayAsync(ProofPlace place, MigrationSource source, bool isCompared, CancellationToken cancellationToken) => place.UseAsync(async database =>
    {
        inform($"Applying the {source.Migrations.Count} migrations as they are.");
        await database.ApplyAsync(source, cancellationToken).ConfigureAwait(false);
        var metadata = await database.ReadMetadataAsync(cancellationToken).ConfigureAwait(false);
        if (!isCompared)
        {
            return new Made(metadata!, null, null, null);
        }

        var applied = await database.ReadAsync(cancellationToken).ConfigureAwait(false);
        var (left, failure) = await RollBackAsync(database, source, cancellationToken).ConfigureAwait(false);
        return new Made(metadata!, applied, left, failure);
    }, cancellationToken);

    // What is compared is where rolling back ends, be it at a version whose down step is missing or fails.
    private async Task<(DatabaseContents? Left, string? Failure)> RollBackAsync(ProofDatabase database, MigrationSource source, CancellationToken cancellationToken)
    {
        inform("Rolling them back.");
        var versions = source.Migrations.Where(m => m.StepsOf(MigrationDirection.Down).Count > 0).Select(m => m.Version).Reverse().ToList();
        try
        {
            await database.RollBackAsync(source, versions, cancellationToken).ConfigureAwait(false);
            return (await database.ReadAsync(cancellationToken).ConfigureAwait(false), null);
        }
        catch (HasuraMigrationException e)
        {
            return (null, e is MigrationFailedException failed ? $"that of {failed.Version} fails: {failed.ServerMessage ?? failed.Message}" : e.Message);
        }
    }

    private async Task<IReadOnlyList<Finding>> CompareAsync(ProofPlace place, ConvertedMigrations migrations, Made made, CancellationToken cancellationToken)
    {
        async Task<DatabaseContents> Again(Func<Made, DatabaseContents?> part)
        {
            inform("The databases differ; applying the migrations once more to see which values are others each time.");
            var again = await ReplayAsync(place, migrations.Old, isCompared: true, cancellationToken).ConfigureAwait(false);
            return part(again) ?? part(made)!;
        }

        try
        {
            return await place.UseAsync(async database =>
            {
                inform("Applying the converted migrations.");
                await database.ApplyAsync(migrations.New, cancellationToken).ConfigureAwait(false);
                await RequireSameAsync("apply", made.Applied!, await database.ReadAsync(cancellationToken).ConfigureAwait(false), () => Again(m => m.Applied)).ConfigureAwait(false);
                var (left, failure) = await RollBackAsync(database, migrations.New, cancellationToken).ConfigureAwait(false);
                if (made.Left is null || left is null)
                {
                    return made.Left is not null ? throw NotEqual($"they can no longer be rolled back: {failure}", null) : [DownsNotCompared(made.DownFailure!)];
                }

                await RequireSameAsync("roll back", made.Left, left, () => Again(m => m.Left)).ConfigureAwait(false);
                return Array.Empty<Finding>();
            }, cancellationToken).ConfigureAwait(false);
        }
        catch (MigrationFailedException e)
        {
            throw NotEqual($"{e.Version} fails: {e.ServerMessage ?? e.Message}", e);
        }
    }

    private static async Task RequireSameAsync(string what, DatabaseContents expected, DatabaseContents found, Func<Task<DatabaseContents>> again)
    {
        if (await expected.WithoutEventTriggers().DifferenceAsync(found.WithoutEventTriggers(), async () => (await again().ConfigureAwait(false)).WithoutEventTriggers()).ConfigureAwait(false) is { } difference)
        {
            throw NotEqual($"they {what} to another database. {difference}", null);
        }
    }

    private static Finding DownsNotCompared(string failure) => new()
    {
        Id = "DownFails",
        Severity = FindingSeverity.Information,
        Message = $"The migrations cannot all be rolled back, before and after the update: {failure}",
    };

    private static HasuraMigrationException NotProven(HasuraMigrationException cause)
    {
        var why = cause is MigrationFailedException failed
            ? $"migration {failed.Version} fails {(ProofRepairs.IsMissingExtension(failed) ? "since the throwaway PostgreSQL lacks an extension" : "in an empty database")}: {failed.ServerMessage ?? failed.Message}"
            : cause.Message;
        return new HasuraMigrationException("UpdateNotProven", $"The migrations cannot be replayed in a throwaway database: {why}", cause.Target, cause) { File = cause.File, Line = cause.Line, Column = cause.Column };
    }

    private static HasuraMigrationException NotEqual(string why, Exception? cause) =>
        new("UpdateNotEqual", $"The converted migrations do not do what the migrations do that they replace: {why}", null, cause);

    private sealed record Made(MetadataDocument Metadata, DatabaseContents? Applied, DatabaseContents? Left, string? DownFailure);
}
