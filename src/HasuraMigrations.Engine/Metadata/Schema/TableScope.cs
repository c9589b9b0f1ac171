using HasuraMigrations.Engine.Metadata.Model;

namespace HasuraMigrations.Engine.Metadata.Schema;

/// <summary>A table by its name, whether it is there or not, and what names mean in it.</summary>
/// <param name="cache">What a server makes of the document.</param>
/// <param name="source">Its source.</param>
/// <param name="name">Its name.</param>
/// <param name="leads">Where relationships lead by the document alone, for tables of which nothing is known.</param>
internal sealed class TableScope(SchemaCache cache, string source, QualifiedName name, RelationshipTargets? leads = null)
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
        null when Leads(field, out _) => Member(ObjectKind.Relationship, field),
        _ => Column(field),
    };

    /// <summary>Another table of the source.</summary>
    internal TableScope Other(QualifiedName other) => new(cache, source, other, leads);

    /// <summary>The table that a field leads to; null for a value, and for what is not there.</summary>
    internal TableScope? Through(string field) => Info?.Fields.GetValueOrDefault(field) switch
    {
        RelationshipField relationship => Other(relationship.Target),
        ComputedFieldInfo { Table: { } returned } => Other(returned),
        null when Leads(field, out var target) => target is { } known ? Other(known) : null,
        _ => null,
    };

    private bool Leads(string field, out QualifiedName? target)
    {
        target = null;
        return Info is null && leads is not null && leads(source, name, field, out target);
    }
}

/// <summary>Where a relationship leads, as far as a document alone says it.</summary>
/// <param name="source">The source.</param>
/// <param name="table">The table that has it.</param>
/// <param name="name">Its name.</param>
/// <param name="target">The table; null where only the database knows it.</param>
/// <returns>False where there is no relationship of the name.</returns>
internal delegate bool RelationshipTargets(string source, QualifiedName table, string name, out QualifiedName? target);
