using HasuraMigrations.Engine.Metadata.Model;

namespace HasuraMigrations.Engine.Metadata.Schema;

/// <summary>A table by its name, whether it is there or not, and what names mean in it.</summary>
internal sealed class TableScope(SchemaCache cache, string source, QualifiedName name)
{
    /// <summary>Its source.</summary>
    internal string Source => source;

    /// <summary>Its name.</summary>
    internal QualifiedName Name => name;

    /// <summary>What is known of it; null where it is not there.</summary>
    internal TableInfo? Info { get; } = cache.FindTable(source, name);

    /// <summary>The table.</summary>
    internal ObjectId Table => ObjectId.OfTable(source, name);

    /// <summary>A column.</summary>
    internal ObjectId Column(string column) => ObjectId.OfColumn(source, name, column);

    /// <summary>A member of the table.</summary>
    internal ObjectId Member(ObjectKind kind, string? member) => new(kind, source, name, member ?? "");

    /// <summary>What a name means where any field may stand: a column, unless something else has the name.</summary>
    internal ObjectId Field(string field) => Info?.Fields.GetValueOrDefault(field) switch
    {
        RelationshipField => Member(ObjectKind.Relationship, field),
        ComputedFieldInfo => Member(ObjectKind.ComputedField, field),
        RemoteField => Member(ObjectKind.RemoteRelationship, field),
        _ => Column(field),
    };

    /// <summary>Another table of the source.</summary>
    internal TableScope Other(QualifiedName other) => new(cache, source, other);

    /// <summary>The table that a field leads to; null for a value, and for what is not there.</summary>
    internal TableScope? Through(string field) => Info?.Fields.GetValueOrDefault(field) switch
    {
        RelationshipField relationship => Other(relationship.Target),
        ComputedFieldInfo { Table: { } returned } => Other(returned),
        _ => null,
    };
}
