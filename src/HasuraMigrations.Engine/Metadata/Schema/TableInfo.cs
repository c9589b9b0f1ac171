using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Catalog;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Metadata.Model;

namespace HasuraMigrations.Engine.Metadata.Schema;

/// <summary>Something of a table that expressions can name.</summary>
internal abstract record FieldInfo(string Name);

/// <summary>A column.</summary>
internal sealed record ColumnField(CatalogColumn Column) : FieldInfo(Column.Name);

/// <summary>A relationship.</summary>
/// <param name="Name">Its name.</param>
/// <param name="IsArray">Several rows.</param>
/// <param name="Target">The table it leads to.</param>
/// <param name="Columns">Columns and what they are matched with.</param>
internal sealed record RelationshipField(string Name, bool IsArray, QualifiedName Target, IReadOnlyList<(string Column, string Target)> Columns) : FieldInfo(Name);

/// <summary>A computed field.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Function">Its function.</param>
/// <param name="Table">The table it returns; null for a value.</param>
/// <param name="Type">The type of the value; null for a table.</param>
internal sealed record ComputedFieldInfo(string Name, QualifiedName Function, QualifiedName? Table, string? Type) : FieldInfo(Name);

/// <summary>A relationship to a native query.</summary>
/// <param name="Name">Its name.</param>
/// <param name="IsArray">Several rows.</param>
/// <param name="Query">Root field name of the native query.</param>
internal sealed record NativeQueryField(string Name, bool IsArray, string Query) : FieldInfo(Name);

/// <summary>A relationship that leaves the source.</summary>
internal sealed record RemoteField(string Name) : FieldInfo(Name);

/// <summary>A permission of a table.</summary>
/// <param name="Kind">What it permits: insert, select, update or delete.</param>
/// <param name="Role">Who has it.</param>
/// <param name="Text">What it says.</param>
internal readonly record struct TablePermission(string Kind, string Role, TreeText Text);

/// <summary>A tracked table that is there.</summary>
internal sealed class TableInfo(string source, QualifiedName name, JsonObject node, CatalogTable facts, DatabaseCatalog catalog)
{
    /// <summary>Its source.</summary>
    internal string Source => source;

    /// <summary>Its name.</summary>
    internal QualifiedName Name => name;

    /// <summary>Its entry in the document.</summary>
    internal JsonObject Node => node;

    /// <summary>The table in the database.</summary>
    internal CatalogTable Facts => facts;

    /// <summary>The database.</summary>
    internal DatabaseCatalog Catalog => catalog;

    /// <summary>Fields by name.</summary>
    internal Dictionary<string, FieldInfo> Fields { get; } = facts.Columns.ToDictionary(c => c.Name, c => (FieldInfo)new ColumnField(c), StringComparer.Ordinal);

    /// <summary>Its permissions that fit it.</summary>
    internal List<TablePermission> Permissions { get; } = [];

    /// <summary>What needs one of its columns: the column, and whether its type counts.</summary>
    internal Dictionary<(string Column, bool IsOnType), Need> Needs { get; } = [];

    /// <summary>What needs the table itself; null before anything does.</summary>
    internal Need? Own { get; set; }

    /// <summary>Names that GraphQL shows, of columns that have another one.</summary>
    internal Dictionary<string, string> CustomNames { get; } = new(StringComparer.Ordinal);

    /// <summary>Values of the columns that refer to an enum table.</summary>
    internal Dictionary<string, (QualifiedName Table, IReadOnlyList<string> Values)> EnumColumns { get; } = new(StringComparer.Ordinal);

    /// <summary>Its values, where it is an enum table.</summary>
    internal IReadOnlyList<string>? EnumValues { get; set; }
}
