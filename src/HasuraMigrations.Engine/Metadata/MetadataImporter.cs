using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Metadata.Checking;
using HasuraMigrations.Engine.Metadata.Comparing;
using HasuraMigrations.Engine.Metadata.Forms;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Metadata.Shapes;

namespace HasuraMigrations.Engine.Metadata;

/// <summary>How a document is imported.</summary>
public sealed record MetadataImportOptions
{
    /// <summary>Lets references to missing objects pass.</summary>
    public bool AllowInconsistent { get; init; }

    /// <summary>Lets an import drop a whole source, or every object of a kind.</summary>
    public bool Force { get; init; }

    /// <summary>What the target must still hold, from an earlier export; null for what is read now.</summary>
    public string? ExpectedToken { get; init; }

    /// <summary>The resource version the target must still have; null for any.</summary>
    public long? ExpectedResourceVersion { get; init; }

    /// <summary>Keeps what the target held with the plan. It is left out where nobody asks for it, since it can be large.</summary>
    public bool KeepsPresent { get; init; }

    /// <summary>How the document is written.</summary>
    public MetadataReplaceOptions Replace { get; init; } = new();
}

/// <summary>An import that was thought through and not yet carried out.</summary>
/// <param name="Document">What will be written, in the version the target keeps.</param>
/// <param name="Changes">What that changes; none means that nothing will be written.</param>
/// <param name="Findings">What was noticed about the document.</param>
/// <param name="Token">What the target must still hold.</param>
/// <param name="ResourceVersion">The resource version when the plan was made; null where the target has none.</param>
/// <param name="IsNothing">True where the target says the same already.</param>
public sealed record MetadataImportPlan(MetadataDocument Document, IReadOnlyList<MetadataChange> Changes, IReadOnlyList<Finding> Findings, string Token, long? ResourceVersion, bool IsNothing)
{
    /// <summary>What the target held; null unless <see cref="MetadataImportOptions.KeepsPresent"/> was given.</summary>
    public MetadataSnapshot? Present { get; init; }

    /// <summary>Everything is to go.</summary>
    internal bool IsClearing { get; init; }

    internal static MetadataImportPlan Of(MetadataSnapshot present, MetadataDocument document, IReadOnlyList<Finding> findings)
    {
        var changes = MetadataComparer.Compare(present.Document, document);
        return new(document, changes, findings, present.Token, present.ResourceVersion, changes.Count == 0 && present.Exists);
    }
}

/// <summary>Brings a document into a target: looks first, writes only what differs, and only over what it saw.</summary>
public sealed class MetadataImporter(IMetadataTarget target)
{
    /// <summary>Compares a document with what is there, and checks it. Writes nothing.</summary>
    /// <param name="document">The document, of any version the target can take.</param>
    /// <param name="options">How it is imported.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <exception cref="HasuraMigrationException">MetadataInvalid, MetadataDropsObjects, MetadataConflict,
    /// MetadataVersionMismatch, and the errors of the target.</exception>
    public async Task<MetadataImportPlan> PlanAsync(MetadataDocument document, MetadataImportOptions options, CancellationToken cancellationToken)
    {
        var findings = MetadataInspector.Inspect(document);
        MetadataInspector.ThrowIfRefused(findings, options.AllowInconsistent);
        var present = await target.ExportAsync(cancellationToken).ConfigureAwait(false);
        RequireUnchanged(present, options);
        // What the reading of both left behind would lie beside what the comparison makes.
        await document.LetGoAsync().ConfigureAwait(false);
        var lost = new List<Finding>();
        var written = !present.Exists ? ForNewStore(document, options, lost)
            : present.Document.Version == 3 ? MetadataVersions.Onto(document, present.Document)
            : MetadataVersions.Convert(document, present.Document.Version, lost);
        if (!options.Force)
        {
            RequireNothingWhole(present.Document, written);
        }

        var plan = MetadataImportPlan.Of(present, written, [.. findings, .. lost]) with { Present = options.KeepsPresent ? present : null };
        if (options.Replace.TakesDocument)
        {
            // What the target held is not needed any more. The changes know the places of their objects; nobody asks for another one.
            present = null;
            written.Compact();
            await written.LetGoAsync().ConfigureAwait(false);
        }

        return plan;
    }

    /// <summary>Carries a plan out; without a change nothing is written.</summary>
    /// <exception cref="HasuraMigrationException">MetadataConflict where somebody wrote since the plan was made, and the errors
    /// of the target.</exception>
    public async Task<MetadataImportResult> ExecuteAsync(MetadataImportPlan plan, MetadataImportOptions options, CancellationToken cancellationToken)
    {
        if (plan.IsNothing)
        {
            if (options.Replace.TakesDocument)
            {
                // The target has the same one, and judges that.
                await plan.Document.ReleaseAsync().ConfigureAwait(false);
            }

            var consistency = options.Replace.SkipConsistencyCheck ? new MetadataConsistency(null, []) : await target.ReadConsistencyAsync(cancellationToken).ConfigureAwait(false);
            return Result(plan, changed: false, new MetadataReplaced(plan.ResourceVersion, plan.Token, [], consistency.IsConsistent) { Inconsistencies = consistency.Inconsistencies });
        }

        if (!options.Replace.TakesDocument)
        {
            // What the target held, and the places of files, are not needed any more.
            await plan.Document.LetGoAsync().ConfigureAwait(false);
        }

        var replaced = await target.ReplaceAsync(plan.Document, options.Replace with { ExpectedToken = plan.Token, AllowInconsistent = options.AllowInconsistent, IsClearing = plan.IsClearing }, cancellationToken).ConfigureAwait(false);
        return Result(plan, changed: true, replaced);
    }

    /// <summary>Plans to remove everything; as with a server, the source <c>default</c> keeps its configuration. Writes nothing.</summary>
    /// <exception cref="HasuraMigrationException">The errors of the target.</exception>
    public async Task<MetadataImportPlan> PlanClearAsync(CancellationToken cancellationToken)
    {
        var present = await target.ExportAsync(cancellationToken).ConfigureAwait(false);
        return MetadataImportPlan.Of(present, present.Document.Cleared(), []) with { IsClearing = true };
    }

    // The catalog that can be made whole is that of version 2 servers.
    private static MetadataDocument ForNewStore(MetadataDocument document, MetadataImportOptions options, List<Finding> findings)
    {
        if (document.Version == 3 || !options.Replace.CreateStateStore)
        {
            return document;
        }

        findings.Add(new Finding
        {
            Id = "MetadataUpgraded",
            Severity = FindingSeverity.Warning,
            Message = $"No catalog exists yet. A catalog for servers of version 2 is created, and the metadata is converted from version {document.Version} to version 3, with the database URL of the source '{MetadataDocument.DefaultSource}' from HASURA_GRAPHQL_DATABASE_URL.",
            RecommendedAction = "For a version 1 server, start that server first so that it creates its catalog.",
        });
        return MetadataVersions.Convert(document, 3, findings);
    }

    private MetadataImportResult Result(MetadataImportPlan plan, bool changed, MetadataReplaced replaced) => new()
    {
        Target = target.Description,
        Changed = changed,
        Changes = plan.Changes,
        ResourceVersion = replaced.ResourceVersion,
        IsConsistent = replaced.IsConsistent,
        Inconsistencies = replaced.Inconsistencies,
        EffectsNotDone = replaced.EffectsNotDone,
        Findings = [.. plan.Findings, .. replaced.Warnings],
    };

    private void RequireUnchanged(MetadataSnapshot present, MetadataImportOptions options)
    {
        if (options.ExpectedResourceVersion is { } expected && present.ResourceVersion != expected)
        {
            throw new HasuraMigrationException("MetadataConflict", $"The metadata on {target.Description} has {(present.ResourceVersion is { } actual ? $"the resource version {actual}" : "no resource version")}, not {expected}.", target.Description);
        }

        if (options.ExpectedToken is { } token && present.Token != token)
        {
            throw new HasuraMigrationException("MetadataConflict", $"The metadata on {target.Description} was changed since it was exported.", target.Description);
        }
    }

    // A missing file or an empty list looks just like the wish to drop everything.
    private static void RequireNothingWhole(MetadataDocument old, MetadataDocument @new)
    {
        var (before, after) = MetadataComparer.ToOneVersion(old, @new);
        var sources = MetadataTree.SourcesOf(after.Root).ToDictionary(s => s.Name, s => s.Node, StringComparer.Ordinal);
        var dropped = new List<string>();
        foreach (var (name, source) in MetadataTree.SourcesOf(before.Root))
        {
            if (!sources.TryGetValue(name, out var kept))
            {
                dropped.Add($"the source '{name}' with {Tables(source["tables"].AsObjects().Count())}");
                continue;
            }

            dropped.AddRange(Whole(SourceShapes.Source, source, kept, $" of the source '{name}'"));
        }

        if (after.Version == 3)
        {
            dropped.AddRange(Whole(DocumentShapes.Version3, before.Root, after.Root, ""));
        }

        if (dropped.Count > 0)
        {
            throw new HasuraMigrationException("MetadataDropsObjects", $"The import would drop {string.Join("; ", dropped)}. Nothing was written.");
        }
    }

    private static string Tables(int count) => count == 1 ? "1 table" : $"{count} tables";

    private static IEnumerable<string> Whole(ObjectShape shape, JsonObject old, JsonObject @new, string where)
    {
        foreach (var member in shape.Members.Where(m => m.Name != "sources"))
        {
            if (ShapeTree.ObjectsOf(member) is { } list && old[member.Name].AsObjects().Count() is > 0 and var count && !@new[member.Name].AsObjects().Any())
            {
                yield return $"every {list.Objects!.Noun}{where} ({count})";
            }
            else if (ShapeTree.GroupOf(member) is { } group && old[member.Name] is JsonObject below)
            {
                foreach (var kind in Whole(group, below, @new[member.Name] as JsonObject ?? [], where))
                {
                    yield return kind;
                }
            }
        }
    }
}
