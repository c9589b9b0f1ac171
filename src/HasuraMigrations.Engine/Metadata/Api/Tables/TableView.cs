using HasuraMigrations.Engine.Metadata.Api.Types;

namespace HasuraMigrations.Engine.Metadata.Api.Tables;

/// <summary>
/// A table as a role sees it: the types that follow from its permissions, and from what the role may do with the tables around it.
/// Roles that see it alike share it.
/// </summary>
/// <param name="table">The table.</param>
/// <param name="permissions">What the role may do with it.</param>
/// <param name="states">What it may do with the tables that fields lead to, in their order: links, then computed fields.</param>
/// <param name="models">Native queries that it may call.</param>
internal sealed class TableView(ApiTable table, TablePermissions permissions, ApiLinkState[] states, IReadOnlySet<NativeQuery> models)
{
    private readonly object _lock = new();
    private readonly (ApiLink Link, ApiLinkState State)[] _links = [.. table.Links.Select((l, i) => (l, states[i]))];
    private TypeNode[]? _types;
    private TableRootFields? _roots;

    /// <summary>The table.</summary>
    internal ApiTable Table => table;

    /// <summary>How its names are made.</summary>
    internal ApiNaming Naming => table.Source.Naming;

    /// <summary>The names of its types.</summary>
    internal TableNames Names => table.Names;

    /// <summary>What the server has.</summary>
    internal ApiFeatures Features => table.Source.Naming.Features;

    /// <summary>What the role may do with it.</summary>
    internal TablePermissions Permissions => permissions;

    /// <summary>The columns that it may read.</summary>
    internal ApiColumn[] Selectable => permissions.Select?.Columns ?? [];

    /// <summary>Fields to tables, each with what the role may do there.</summary>
    internal IReadOnlyList<(ApiLink Link, ApiLinkState State)> Links => _links;

    /// <summary>Computed fields that the role may read, with what it may do with the table of their rows.</summary>
    internal IEnumerable<(ApiComputedField Field, ApiLinkState State)> Computed =>
        table.Computed.Count == 0 ? [] : table.Computed.Select((c, i) => (Field: c, State: states[table.Links.Count + i]))
            .Where(c => c.Field.Link is null ? permissions.Select?.Has(c.Field) == true : c.State.HasFlag(ApiLinkState.Select));

    /// <summary>Fields to native queries that the role may call.</summary>
    internal IEnumerable<ApiNativeLink> NativeLinks => table.NativeLinks.Where(n => models.Contains(n.Query));

    /// <summary>A conflict can be told in an insert.</summary>
    internal bool HasConflict => table.HasKeys && (Features.HasConflictWithoutUpdate || permissions.Update is not null);

    /// <summary>Its types; which of them are in a schema depends on what leads to them.</summary>
    internal TypeNode[] Types
    {
        get
        {
            lock (_lock)
            {
                return _types ??= TableTypes.Make(this);
            }
        }
    }

    /// <summary>Its root fields.</summary>
    internal TableRootFields Roots
    {
        get
        {
            lock (_lock)
            {
                return _roots ??= new TableRootFields(this);
            }
        }
    }

    /// <summary>Makes its types and root fields.</summary>
    internal void Make()
    {
        _ = Types;
        _ = Roots;
    }

    /// <summary>True where another role would see the same.</summary>
    internal bool IsOf(TablePermissions others, ApiLinkState[] otherStates, IReadOnlySet<NativeQuery> otherQueries) =>
        ReferenceEquals(permissions, others) && states.AsSpan().SequenceEqual(otherStates) && (table.NativeLinks.Count == 0 || models.SetEquals(otherQueries));

    /// <summary>A field or value whose type is a name.</summary>
    internal static ApiInputValue Value(string name, string type, string? text = null) => new(name, new ApiTypeRef(type), text);
}
