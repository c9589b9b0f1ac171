using HasuraMigrations.Engine.Impacts;
using HasuraMigrations.Engine.Metadata.Api;
using HasuraMigrations.Engine.Metadata.Files;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Proofs;
using HasuraMigrations.Engine.Reports;
using HasuraMigrations.Engine.Variables;

namespace HasuraMigrations.Abstractions;

/// <summary>What the migrations of a plan do to the API, measured in a copy of the schema.</summary>
/// <param name="scope">The database.</param>
/// <param name="variables">Values of the variables in SQL files.</param>
/// <param name="inform">Is told what is being done.</param>
internal sealed class ImpactInspection(MigrationScope scope, VariableSet variables, Action<string> inform)
{
    /// <summary>Measures a plan; null where the project has no metadata, or the plan runs nothing forward.</summary>
    /// <exception cref="HasuraMigrationException">ImpactNotMeasured, DumpProgramMissing, DumpFailed, PostgresNotFound and others of a sandbox; those of metadata files.</exception>
    internal async Task<MeasuredPlan?> MeasureAsync(MigrationPlan plan, CancellationToken cancellationToken)
    {
        if (!scope.Database.IsPostgres || plan.All.All(m => m.IsRecordOnly || m.Direction == MigrationDirection.Down))
        {
            return null;
        }

        // Migrations alone leave the metadata as it is on the target.
        if ((await LiveMetadata.ReadAsync(scope.Project, scope.Connection, cancellationToken).ConfigureAwait(false) ?? Document()) is not { } document)
        {
            return null;
        }

        var copy = new ImpactCopy(scope.Project, scope.Database, scope.Connection, new ProofOptions { Variables = variables }, inform);
        return await copy.UseAsync(document, null, new Dictionary<string, HasuraConnection>(), MeasureAsync, cancellationToken).ConfigureAwait(false);

        async Task<MeasuredPlan?> MeasureAsync(ImpactMeasurer measurer)
        {
            var found = await measurer.MeasureAsync(plan, cancellationToken).ConfigureAwait(false);
            return new MeasuredPlan(found, measurer.CompareApi(ApiSettings.Default).CompareAll());
        }
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

    private static string Words(ImpactEffect effect, bool isOne) => effect switch
    {
        ImpactEffect.Breaks => isOne ? "object breaks" : "objects break",
        ImpactEffect.Widens => isOne ? "permission becomes wider" : "permissions become wider",
        ImpactEffect.Loses => isOne ? "field is lost" : "fields are lost",
        ImpactEffect.Renames => isOne ? "field gets another name" : "fields get another name",
        _ => isOne ? "field changes its type" : "fields change their type",
    };

    private MetadataDocument? Document()
    {
        var layout = MetadataFiles.LayoutOf(scope.Project);
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
