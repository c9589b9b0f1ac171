namespace HasuraMigrations;

/// <summary>The tables that metadata tracks, how they are related, and who may do what with them.</summary>
public sealed record HasuraSchema
{
    /// <summary>Where it was read from: a project directory, or words.</summary>
    public required string Origin { get; init; }

    /// <summary>True where databases were read: columns, types, keys and foreign keys are then those of the databases, else those that the metadata mentions.</summary>
    public bool IsComplete { get; init; }

    /// <summary>The tables, by source, schema and name.</summary>
    public required IReadOnlyList<SchemaTable> Tables { get; init; }

    /// <summary>The relationships of the tables, and foreign keys that no relationship uses.</summary>
    public required IReadOnlyList<SchemaRelationship> Relationships { get; init; }

    /// <summary>The roles that permissions name, in alphabetical order.</summary>
    public required IReadOnlyList<string> Roles { get; init; }

    /// <summary>The tables and relationships as an entity relationship diagram of Mermaid.</summary>
    public string Mermaid { get; init; } = "";

    /// <summary>How much it is.</summary>
    public override string ToString() => $"{Origin}: {Tables.Count} {(Tables.Count == 1 ? "table" : "tables")}, {Relationships.Count} {(Relationships.Count == 1 ? "relationship" : "relationships")}, {Roles.Count} {(Roles.Count == 1 ? "role" : "roles")}";
}

/// <summary>A table or view that metadata tracks.</summary>
public sealed record SchemaTable
{
    /// <summary>Name of the source.</summary>
    public required string Source { get; init; }

    /// <summary>Schema and name: <c>schema.name</c>.</summary>
    public required string Name { get; init; }

    /// <summary>True for a table whose rows are the values of an enum.</summary>
    public bool IsEnum { get; init; }

    /// <summary>Its columns.</summary>
    public required IReadOnlyList<SchemaColumn> Columns { get; init; }

    /// <summary>What roles may do.</summary>
    public required IReadOnlyList<SchemaPermission> Permissions { get; init; }

    /// <summary>What depends on the table as a whole.</summary>
    public required IReadOnlyList<SchemaDependent> Dependents { get; init; }

    /// <summary>Full path of the file that tracks it, where known.</summary>
    public string? File { get; init; }

    /// <summary>Line in <see cref="File"/>, from 1.</summary>
    public int? Line { get; init; }

    /// <summary>The name.</summary>
    public override string ToString() => Name;
}

/// <summary>A column.</summary>
public sealed record SchemaColumn
{
    /// <summary>Name in the database.</summary>
    public required string Name { get; init; }

    /// <summary>Name of its type in the database; null where no database was read.</summary>
    public string? Type { get; init; }

    /// <summary>Whether it may be null; null where no database was read.</summary>
    public bool? IsNullable { get; init; }

    /// <summary>True for a column of the primary key.</summary>
    public bool IsPrimaryKey { get; init; }

    /// <summary>True for a column that leads to another table, by a foreign key or a relationship.</summary>
    public bool IsForeignKey { get; init; }

    /// <summary>What depends on the column.</summary>
    public required IReadOnlyList<SchemaDependent> Dependents { get; init; }

    /// <summary>Name and type.</summary>
    public override string ToString() => Type is null ? Name : $"{Name} {Type}";
}

/// <summary>What a relationship of a schema is.</summary>
public enum SchemaRelationshipKind
{
    /// <summary>An object relationship: one row.</summary>
    Object,

    /// <summary>An array relationship: several rows.</summary>
    Array,

    /// <summary>A foreign key that no relationship uses.</summary>
    ForeignKey,
}

/// <summary>A relationship between two tables.</summary>
public sealed record SchemaRelationship
{
    /// <summary>Name of the source.</summary>
    public required string Source { get; init; }

    /// <summary>The table that has it: <c>schema.name</c>.</summary>
    public required string Table { get; init; }

    /// <summary>Its name; of a foreign key the name of the constraint.</summary>
    public required string Name { get; init; }

    /// <summary>What it is.</summary>
    public required SchemaRelationshipKind Kind { get; init; }

    /// <summary>The source it leads to.</summary>
    public required string TargetSource { get; init; }

    /// <summary>The table it leads to; null where only the database could tell, and it was not read.</summary>
    public string? Target { get; init; }

    /// <summary>The columns of the table; empty where they are not known.</summary>
    public required IReadOnlyList<string> Columns { get; init; }

    /// <summary>The columns that they are matched with; empty where they are not known.</summary>
    public required IReadOnlyList<string> TargetColumns { get; init; }

    /// <summary>True where the table has the columns that refer to the other, as with a foreign key; false where the other has them.</summary>
    public bool HoldsKey { get; init; }

    /// <summary>The name.</summary>
    public override string ToString() => $"{Table}.{Name}";
}

/// <summary>What a role may do with a table.</summary>
public sealed record SchemaPermission
{
    /// <summary>The role.</summary>
    public required string Role { get; init; }

    /// <summary>select, insert, update or delete.</summary>
    public required string Operation { get; init; }

    /// <summary>The columns; null for all; empty for a deletion, which has none.</summary>
    public IReadOnlyList<string>? Columns { get; init; }

    /// <summary>Which rows, as JSON; null for all.</summary>
    public string? Filter { get; init; }

    /// <summary>What rows must fulfil after a write, as JSON; null for nothing.</summary>
    public string? Check { get; init; }

    /// <summary>Columns that are set to values of the server's.</summary>
    public IReadOnlyList<string> Presets { get; init; } = [];

    /// <summary>The most rows of one answer; null for no limit.</summary>
    public string? Limit { get; init; }

    /// <summary>True where rows may be counted and summed up.</summary>
    public bool AllowsAggregations { get; init; }

    /// <summary>Operation and role.</summary>
    public override string ToString() => $"{Operation}: {Role}";
}

/// <summary>Something that depends on a table or column.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Name">What a person calls it, such as <c>select permission user of public.post</c>.</param>
/// <param name="Use">What it uses the table or column for.</param>
public sealed record SchemaDependent(string Kind, string Name, string Use)
{
    /// <summary>The role of a permission; null for what is none.</summary>
    public string? Role { get; init; }

    /// <summary>The table or type that has it; null for what belongs to none.</summary>
    public string? Parent { get; init; }

    /// <summary>Full path of the file, where known.</summary>
    public string? File { get; init; }

    /// <summary>Line in <see cref="File"/>, from 1.</summary>
    public int? Line { get; init; }

    /// <summary>Name and use.</summary>
    public override string ToString() => $"{Name} ({Use})";
}
