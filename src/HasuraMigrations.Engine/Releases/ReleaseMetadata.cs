using HasuraMigrations.Engine.Metadata;
using HasuraMigrations.Engine.Metadata.Comparing;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Records;

namespace HasuraMigrations.Engine.Releases;

/// <summary>
/// The metadata during a release: writes it only over what the release saw or wrote itself, and puts back what was there. Migrations
/// notify servers by a new resource version, so that documents are compared, and not versions.
/// </summary>
/// <param name="target">Where it is.</param>
/// <param name="document">The metadata of the project.</param>
/// <param name="options">How it is imported.</param>
internal sealed class ReleaseMetadata(IMetadataTarget target, MetadataDocument document, MetadataImportOptions options)
{
    private const int MostAttempts = 5;

    private readonly List<MetadataDocument> _written = [];
    private readonly MetadataImporter _importer = new(target);

    /// <summary>What was there before.</summary>
    internal MetadataSnapshot Previous { get; private set; } = null!;

    /// <summary>True where the release wrote metadata, or may have.</summary>
    internal bool HasWritten => _written.Count > 0;

    /// <summary>What the last write was to change.</summary>
    internal IReadOnlyList<MetadataChange> Changes { get; private set; } = [];

    /// <summary>Takes what is there as what was there before.</summary>
    /// <param name="plan">What is planned now.</param>
    /// <param name="shown">What was planned when somebody agreed; null where nobody was asked.</param>
    /// <exception cref="HasuraMigrationException">MetadataConflict where another client changed it in between.</exception>
    internal void Begin(MetadataImportPlan plan, MetadataImportPlan? shown)
    {
        // Another release may have written the same meanwhile.
        if (shown is not null && !plan.IsNothing && !IsSame(plan.Present!.Document, shown.Present!.Document))
        {
            throw Conflict("after the plan was made");
        }

        Previous = plan.Present!;
    }

    /// <summary>Writes what the migrations need: the metadata that was there, or that goes first, with the connections of sources.</summary>
    /// <param name="first">The metadata.</param>
    /// <param name="sources">Names of the sources.</param>
    /// <param name="cancellationToken">Stops it before it is written.</param>
    internal Task PrepareAsync(MetadataDocument first, IReadOnlyList<string> sources, CancellationToken cancellationToken) =>
        WriteAsync(ReleaseSources.Prepare(first, document, sources), options with { AllowInconsistent = true, Force = true }, mayHaveChanged: false, cancellationToken);

    /// <summary>Writes the metadata of the project, if it differs.</summary>
    /// <param name="mayHaveChanged">True where migrations may change metadata themselves; what they left is then what was there before.</param>
    /// <param name="cancellationToken">Stops it before it is written.</param>
    internal Task<MetadataImportResult> WriteAsync(bool mayHaveChanged, CancellationToken cancellationToken) => WriteAsync(document, options, mayHaveChanged, cancellationToken);

    /// <summary>Puts back what was there before.</summary>
    /// <returns>Whether the metadata is that, and what else is to be said.</returns>
    internal async Task<(bool IsRestored, string? Note)> PutBackAsync()
    {
        FaultPoints.Reach("release-put-back");
        try
        {
            for (var attempt = 1; ; attempt++)
            {
                var present = await target.ExportAsync(CancellationToken.None).ConfigureAwait(false);
                if (IsSame(present.Document, Previous.Document))
                {
                    return (true, Previous.Exists || !present.Exists ? null : $"Hasura's catalog was created on {target.Description}, and remains without metadata.");
                }

                if (!_written.Exists(w => IsSame(w, present.Document)))
                {
                    return (false, $"The metadata on {target.Description} was changed by another client after the release wrote it, and was left as it is.");
                }

                try
                {
                    await target.ReplaceAsync(Previous.Document, options.Replace with { ExpectedToken = present.Token, AllowInconsistent = true, TakesDocument = false }, CancellationToken.None).ConfigureAwait(false);
                }
                catch (HasuraMigrationException e) when (e.ErrorId == "MetadataConflict" && attempt < MostAttempts)
                {
                    // Looked at again above.
                }
            }
        }
        catch (HasuraMigrationException e)
        {
            return (false, $"The previous metadata could not be put back on {target.Description}: {Printable.Joined(e.Message)}");
        }
    }

    private async Task<MetadataImportResult> WriteAsync(MetadataDocument next, MetadataImportOptions how, bool mayHaveChanged, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            var plan = await _importer.PlanAsync(next, how with { KeepsPresent = true }, cancellationToken).ConfigureAwait(false);
            if (mayHaveChanged && !HasWritten)
            {
                Previous = plan.Present!;
            }
            else if (!plan.IsNothing && !IsSame(plan.Present!.Document, _written.Count > 0 ? _written[^1] : Previous.Document))
            {
                throw Conflict("during the release");
            }

            if (!plan.IsNothing)
            {
                // Before it is written: the response may be lost.
                _written.Add(plan.Document);
                Changes = plan.Changes;
            }

            try
            {
                var result = await _importer.ExecuteAsync(plan, how, cancellationToken).ConfigureAwait(false);
                FaultPoints.Reach("release-metadata-written");
                return result;
            }
            catch (HasuraMigrationException e) when (e.ErrorId == "MetadataConflict" && attempt < MostAttempts)
            {
                // A notice of a run has a new resource version too.
                _written.RemoveAt(_written.Count - 1);
            }
            catch (HasuraMigrationException e) when (e.ErrorId is not ("OutcomeUnknown" or "ServerOutcomeUnknown") && !plan.IsNothing)
            {
                _written.RemoveAt(_written.Count - 1);
                throw;
            }
        }
    }

    private HasuraMigrationException Conflict(string when) =>
        new("MetadataConflict", $"The metadata on {target.Description} was changed by another client {when}, and was not overwritten.", target.Description);

    private static bool IsSame(MetadataDocument left, MetadataDocument right) => MetadataComparer.Compare(left, right).Count == 0;
}
