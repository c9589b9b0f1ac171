using HasuraMigrations.Engine.Metadata.Api;
using HasuraMigrations.Engine.Metadata.Api.Tables;
using HasuraMigrations.Engine.Metadata.Api.Types;
using HasuraMigrations.Engine.Metadata.Schema;

namespace HasuraMigrations.Engine.Tests.Impacts;

/// <summary>
/// Whether the impact and the schemas agree: a column that a role loses by the impact is in its schema no more, and a field of a column that goes
/// is lost, renamed, or out of reach.
/// </summary>
internal sealed class LossAgreement(MetadataState before, ApiSettings settings)
{
    private readonly IReadOnlyList<ApiTable> _tables = new ApiModel(before, settings).Tables;
    private readonly IReadOnlySet<Access> _access = RoleAccess.Of(before).All;

    /// <summary>What they disagree in.</summary>
    /// <param name="impacts">The impact.</param>
    /// <param name="schemas">The schemas of roles before and after.</param>
    /// <param name="after">The document and the databases after the change.</param>
    /// <param name="tally">Counts.</param>
    public IEnumerable<string> Problems(IReadOnlyList<HasuraImpact> impacts, IReadOnlyDictionary<string, (ApiSchema Before, ApiSchema After)> schemas, MetadataState after, ApiMutantTally tally)
    {
        var now = RoleAccess.Of(after).All;
        var lost = impacts.Where(i => i.Effect == ImpactEffect.Loses).SelectMany(i => i.Operations.Select(o => (i.Role, i.Source, i.Name, Operation: o))).ToHashSet();
        var renamed = impacts.Where(i => i.Effect == ImpactEffect.Renames).SelectMany(i => i.Operations.Select(o => (i.Role, i.Source, i.Name, Operation: o))).ToHashSet();
        foreach (var (role, (old, @new)) in schemas)
        {
            foreach (var table in _tables)
            {
                var id = ObjectId.OfTable(table.Source.Name, table.Info.Name);
                foreach (var column in table.Columns)
                {
                    var own = ObjectId.OfColumn(table.Source.Name, table.Info.Name, column.Facts.Name);
                    foreach (var (operation, type) in new[] { ("select", table.Names.Row), ("insert", table.Names.Insert), ("update", table.Names.Update("set")) })
                    {
                        if (!Has(old, type, column.Name))
                        {
                            continue;
                        }

                        bool Is(HashSet<(string?, string?, string, string)> said) => said.Contains((role, id.Source, ObjectNames.Text(own), operation)) || said.Contains((role, id.Source, ObjectNames.Text(id), operation));
                        var isThere = Has(@new, type, column.Name);
                        if (Is(lost))
                        {
                            tally.Losses++;
                            if (isThere)
                            {
                                tally.OtherLosses++;
                                yield return $"role {role} loses {type}.{column.Name} by the impact, and has it";
                            }
                        }

                        // Nested inserts name views that take none; nobody could ever write these.
                        if (!isThere && (operation != "insert" || table.Info.Facts.IsInsertable))
                        {
                            tally.Fields++;
                            // What nothing leads to any more is permitted still.
                            var isPermitted = now.Contains(new Access(role, operation, own)) && _access.Contains(new Access(role, operation, own));
                            if (!Is(lost) && !Is(renamed) && !isPermitted)
                            {
                                tally.OtherFields++;
                                yield return $"role {role} has no {type}.{column.Name} any more, and does not lose it by the impact";
                            }
                        }
                    }
                }
            }
        }
    }

    private static bool Has(ApiSchema schema, string type, string member) =>
        schema.Find(type) is { } found && (found.Fields.Any(f => f.Name == member) || found.InputFields.Any(f => f.Name == member));
}
