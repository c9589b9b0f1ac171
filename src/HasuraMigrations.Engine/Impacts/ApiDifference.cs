using HasuraMigrations.Engine.Metadata.Api;
using HasuraMigrations.Engine.Metadata.Api.Changes;
using HasuraMigrations.Engine.Metadata.Api.Types;

namespace HasuraMigrations.Engine.Impacts;

/// <summary>The difference that a change of databases and metadata makes in the GraphQL schema of each role, with the cause of each part.</summary>
public sealed class ApiDifference
{
    private readonly ApiSchemaBuilder _before;
    private readonly ApiSchemaBuilder _after;
    private readonly ApiCauses _causes;
    private readonly ApiComparison _comparison = new();

    /// <summary>The difference between two moments.</summary>
    /// <param name="before">The metadata beside its databases before the change.</param>
    /// <param name="after">The same after it.</param>
    /// <param name="trace">The statements that changed the databases.</param>
    /// <param name="settings">Settings of the server.</param>
    internal ApiDifference(MetadataModel before, MetadataModel after, ChangeTrace trace, ApiSettings settings)
    {
        // One server runs both.
        var told = settings.IsVersionGiven ? settings : settings with { Era = after.State.Era };
        (_before, _after) = (new ApiSchemaBuilder(before.State, told), new ApiSchemaBuilder(after.State, told));
        _causes = new ApiCauses(before, after, trace);
    }

    /// <summary>The roles that have a schema before or after the change.</summary>
    public IReadOnlyList<string> Roles => [.. _before.Roles.Union(_after.Roles).Order(StringComparer.Ordinal)];

    /// <summary>The changes of all roles.</summary>
    /// <param name="isBackend">Requests come from a backend.</param>
    public IReadOnlyList<HasuraApiChange> CompareAll(bool isBackend = false)
    {
        var roles = Roles;
        var (before, after) = (_before.Build(roles, isBackend), _after.Build(roles, isBackend));
        return [.. roles.SelectMany((role, i) => Compare(new RoleApiSchema(role, isBackend, before[i]), new RoleApiSchema(role, isBackend, after[i])))];
    }

    /// <summary>The changes of a role, by path.</summary>
    /// <param name="role">The role.</param>
    /// <param name="isBackend">Requests come from a backend.</param>
    public IReadOnlyList<HasuraApiChange> Compare(string role, bool isBackend = false)
    {
        var (before, after) = (_before.Build(role, isBackend), _after.Build(role, isBackend));
        return Explain(role, _comparison.Compare(new RoleApiSchema(role, isBackend, before), new RoleApiSchema(role, isBackend, after)), before, after);
    }

    /// <summary>Changes between schemas that were read elsewhere, each with its cause.</summary>
    /// <param name="before">The old schema.</param>
    /// <param name="after">The new one.</param>
    public IReadOnlyList<HasuraApiChange> Compare(RoleApiSchema before, RoleApiSchema after)
    {
        ArgumentNullException.ThrowIfNull(before);
        ArgumentNullException.ThrowIfNull(after);
        return Explain(after.Role, _comparison.Compare(before, after), before.Schema, after.Schema);
    }

    private IReadOnlyList<HasuraApiChange> Explain(string role, IReadOnlyList<HasuraApiChange> changes, ApiSchema before, ApiSchema after) =>
        changes.Count == 0 ? changes : _causes.Explain(role, changes, (before, _before.OwnersOf(role)), (after, _after.OwnersOf(role)));
}
