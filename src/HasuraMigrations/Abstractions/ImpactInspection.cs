using HasuraMigrations.Engine.Connections;
using HasuraMigrations.Engine.Impacts;
using HasuraMigrations.Engine.Metadata.Api.Types;
using HasuraMigrations.Engine.Metadata.Files;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Projects;
using HasuraMigrations.Engine.Proofs;
using HasuraMigrations.Engine.Releases;
using HasuraMigrations.Engine.Reports;
using HasuraMigrations.Engine.Variables;

namespace HasuraMigrations.Abstractions;

/// <summary>What migrations that are about to run do to the API, measured in copies of the schemas.</summary>
/// <param name="variables">Values of the variables in SQL files.</param>
/// <param name="inform">Is told what is being done.</param>
internal sealed class ImpactInspection(VariableSet variables, Action<string> inform)
{
    /// <summary>Measures a plan; null where the project has no metadata, or the plan runs nothing forward.</summary>
    /// <exception cref="HasuraMigrationException">ImpactNotMeasured, DumpProgramMissing, DumpFailed, PostgresNotFound and others of a sandbox; those of metadata files.</exception>
    internal async Task<MeasuredPlan?> MeasureAsync(MigrationScope scope, MigrationPlan plan, CancellationToken cancellationToken)
    {
        if (!scope.Database.IsPostgres || !RunsForward(plan))
        {
            return null;
        }

        // Migrations alone leave the metadata as it is on the target.
        if ((await LiveMetadata.ReadAsync(scope.Project, scope.Connection, cancellationToken).ConfigureAwait(false) ?? DocumentOf(scope.Project)) is not { } document)
        {
            return null;
        }

        var copy = new ImpactCopy(scope.Project, [(scope.Database, scope.Connection)], new ProofOptions { Variables = variables }, inform);
        return await copy.UseAsync(document, null, new Dictionary<string, HasuraConnection>(), async m => Measured(m, await m.MeasureAsync(plan, cancellationToken).ConfigureAwait(false)), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Measures a release: its migrations, and its metadata against that in use; null where it has no metadata.</summary>
    /// <param name="project">The project.</param>
    /// <param name="plan">The release.</param>
    /// <param name="connections">How the databases of its migrations are reached.</param>
    /// <param name="others">How all databases of the metadata are reached, by the names of the sources.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="HasuraMigrationException">As for one plan.</exception>
    internal async Task<MeasuredPlan?> MeasureAsync(HasuraProject project, ReleasePlan plan, IReadOnlyDictionary<string, ResolvedConnection> connections, IReadOnlyDictionary<string, HasuraConnection> others, CancellationToken cancellationToken)
    {
        if (plan.Metadata is not { Present: { Exists: true } present } metadata)
        {
            return null;
        }

        var plans = plan.Databases.Where(d => d is { IsNewSource: false, Plan: { } pending, Database.Database.IsPostgres: true } && RunsForward(pending)).ToDictionary(d => d.Database.Database.Name, d => d.Plan!, StringComparer.Ordinal);
        var changed = plan.Databases.Select(d => d.Database.Database).Where(d => plans.ContainsKey(d.Name)).Select(d => (d, connections[d.Name])).ToList();
        var copy = new ImpactCopy(project, changed, new ProofOptions { Variables = variables }, inform);
        return await copy.UseAsync(present.Document, metadata.Document, others, async m => Measured(m, await m.MeasureAsync(plans, cancellationToken).ConfigureAwait(false)), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The refusal of permissions that become wider; null where none does.</summary>
    /// <param name="found">What was measured.</param>
    /// <param name="subject">Where, for people.</param>
    /// <param name="target">The object of the error.</param>
    internal static HasuraMigrationException? Refusal(IReadOnlyList<HasuraImpact> found, string subject, string? target)
    {
        var wider = found.Where(i => i is { Effect: ImpactEffect.Widens, Severity: FindingSeverity.Error }).ToList();
        return wider.Count == 0 ? null : new HasuraMigrationException("PermissionWider", $"{wider.Count} permission{(wider.Count == 1 ? " becomes" : "s become")} wider on {subject}. {wider[0].Message}", target);
    }

    /// <summary>The count and the worst, in a sentence.</summary>
    internal static string Summary(IReadOnlyList<HasuraImpact> found)
    {
        if (found.Count == 0)
        {
            return "Impact on the API: none.";
        }

        var counts = found.GroupBy(i => i.Effect).OrderBy(g => g.Key).Select(g => $"{g.Count()} {Words(g.Key, g.Count() == 1)}");
        return $"Impact on the API: {string.Join(", ", counts)}. The worst: {found.OrderByDescending(i => i.Severity).ThenBy(i => i.Effect).First().Message}";
    }

    private static MeasuredPlan Measured(ImpactMeasurer measurer, IReadOnlyList<HasuraImpact> found) => new(found, measurer.CompareApi(ApiSettings.Default).CompareAll());

    private static bool RunsForward(MigrationPlan plan) => plan.All.Any(m => !m.IsRecordOnly && m.Direction != MigrationDirection.Down);

    private static string Words(ImpactEffect effect, bool isOne) => effect switch
    {
        ImpactEffect.Breaks => isOne ? "object breaks" : "objects break",
        ImpactEffect.Widens => isOne ? "permission becomes wider" : "permissions become wider",
        ImpactEffect.Loses => isOne ? "field is lost" : "fields are lost",
        ImpactEffect.Renames => isOne ? "field gets another name" : "fields get another name",
        _ => isOne ? "field changes its type" : "fields change their type",
    };

    private static MetadataDocument? DocumentOf(HasuraProject project)
    {
        var layout = MetadataFiles.LayoutOf(project);
        return Directory.Exists(layout.Path) || File.Exists(layout.Path) ? MetadataFiles.Read(layout).Document : null;
    }
}

/// <summary>What a plan does to the API.</summary>
/// <param name="Impact">What it does to objects of the metadata and to fields.</param>
/// <param name="Api">What it does to the GraphQL schemas of roles.</param>
internal sealed record MeasuredPlan(IReadOnlyList<HasuraImpact> Impact, IReadOnlyList<HasuraApiChange> Api)
{
    /// <summary>The same in a few lines: counts, and the worst.</summary>
    internal IReadOnlyList<string> Lines => [ImpactInspection.Summary(Impact), .. ApiSummary.Lines(Api)];
}
