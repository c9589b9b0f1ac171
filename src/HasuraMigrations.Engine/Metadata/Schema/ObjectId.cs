using HasuraMigrations.Engine.Metadata.Model;

namespace HasuraMigrations.Engine.Metadata.Schema;

/// <summary>What an object of the metadata, or a thing it needs, is.</summary>
internal enum ObjectKind
{
    Source,
    Table,
    Column,
    ForeignKey,
    Relationship,
    ComputedField,
    RemoteRelationship,
    Permission,
    EventTrigger,
    Function,
    FunctionPermission,
    LogicalModel,
    NativeQuery,
    RemoteSchema,
    RemoteSchemaPermission,
    CustomTypes,
    Action,
    ActionPermission,
    CronTrigger,
    RestEndpoint,
    InheritedRole,
    CollectionQuery,
    OpenTelemetry,
    Unreadable,
    Role,

    // Things of a database that metadata does not name, and that lie between those that it does.
    DatabaseSchema,
    DatabaseType,
    Constraint,
    Index,
    Trigger,
    Policy,
    Sequence,
}

/// <summary>Tells an object of the metadata, or a thing it needs, from every other.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Source">Its source; empty outside sources.</param>
/// <param name="Table">The table it belongs to, or the function it is.</param>
/// <param name="Name">Its name; of a permission, what it permits.</param>
/// <param name="Role">The role of a permission.</param>
internal readonly record struct ObjectId(ObjectKind Kind, string Source, QualifiedName Table, string Name, string Role = "")
{
    /// <summary>It is not an object but a permission that a role cannot inherit.</summary>
    internal bool IsInheritance => Kind == ObjectKind.InheritedRole && Role.Length > 0;

    /// <summary>A table.</summary>
    internal static ObjectId OfTable(string source, QualifiedName table) => new(ObjectKind.Table, source, table, "");

    /// <summary>A column.</summary>
    internal static ObjectId OfColumn(string source, QualifiedName table, string column) => new(ObjectKind.Column, source, table, column);

    /// <summary>A function.</summary>
    internal static ObjectId OfFunction(string source, QualifiedName function) => new(ObjectKind.Function, source, function, "");

    /// <summary>An object outside sources.</summary>
    internal static ObjectId OfGlobal(ObjectKind kind, string name, string role = "") => new(kind, "", default, name, role);

    /// <summary>True where it is the table, or belongs to it.</summary>
    internal bool IsWithin(ObjectId table) =>
        // Functions, types and sequences have their own name in Table, which may be the name of a table, too.
        table.Kind == ObjectKind.Table && Source == table.Source && Table == table.Table && Kind is not (ObjectKind.Function or ObjectKind.FunctionPermission or ObjectKind.Source or ObjectKind.DatabaseType or ObjectKind.Sequence);

    /// <summary>What a message about dependents calls it.</summary>
    internal string Describe(MetadataEra era)
    {
        var owner = Table.Name is null ? "" : Table.InMessage();
        var text = Kind switch
        {
            ObjectKind.Table => $"table {owner}",
            ObjectKind.Column => $"column {owner}.{Name}",
            ObjectKind.ForeignKey => $"constraint {owner}.{Name}",
            ObjectKind.Relationship => $"relationship {owner}.{Name}",
            ObjectKind.ComputedField => $"computed field {owner}.{Name}",
            ObjectKind.RemoteRelationship => $"remote relationship {owner}.{Name}",
            ObjectKind.Permission => $"permission {owner}.{Role}.{Name}",
            // With a hyphen here, but event_trigger in lists of inconsistent objects (Hasura 2.48).
            ObjectKind.EventTrigger => $"event-trigger {owner}.{Name}",
            ObjectKind.Function => $"function {owner}",
            ObjectKind.FunctionPermission => $"function permission {owner}.{Role}",
            ObjectKind.LogicalModel => $"logical model {Name}",
            ObjectKind.NativeQuery => $"native query {Name}",
            ObjectKind.RemoteSchema => $"remote schema {Name}",
            ObjectKind.RemoteSchemaPermission => $"remote schema permission {Name}.\"{Role}\"",
            ObjectKind.InheritedRole => $"role {Name}",
            _ => Name,
        };
        // Servers 1.x have one database and name no source (Hasura 1.3.3).
        return Source.Length == 0 || era.IsVersion1 ? text : $"{text} in source \"{Source}\"";
    }
}

/// <summary>Something an object cannot do without.</summary>
/// <param name="target">What it needs.</param>
/// <param name="isOnType">A change of the type breaks it, too.</param>
internal sealed class Need(ObjectId target, bool isOnType = false) : IEquatable<Need>
{
    /// <summary>What it needs.</summary>
    internal ObjectId Target => target;

    /// <summary>A change of the type breaks it, too.</summary>
    internal bool IsOnType => isOnType;

    /// <summary>All that is kept and needs the same has this one.</summary>
    internal bool IsShared { get; set; }

    /// <inheritdoc/>
    public bool Equals(Need? other) => other is not null && isOnType == other.IsOnType && target == other.Target;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Need);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(target, isOnType);
}
