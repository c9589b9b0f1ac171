using System.Text.Json;
using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Json;

namespace HasuraMigrations.Engine.Metadata.Model;

/// <summary>Name of a table or function as metadata writes it: text, an object with a schema or dataset, or a list of texts.</summary>
/// <param name="Schema">Schema, dataset, or all but the last part of a list; empty where there is none.</param>
/// <param name="Name">Name.</param>
internal readonly record struct QualifiedName(string Schema, string Name) : IComparable<QualifiedName>
{
    private const string DefaultSchema = "public";

    /// <summary>Reads a name; null for what is none.</summary>
    internal static QualifiedName? Read(JsonNode? node) => node switch
    {
        JsonValue value when value.GetValueKind() == JsonValueKind.String => new QualifiedName(DefaultSchema, value.GetValue<string>()),
        JsonObject map when TextOf(map["name"]) is { } name => new QualifiedName(TextOf(map["schema"]) ?? TextOf(map["dataset"]) ?? DefaultSchema, name),
        JsonArray { Count: > 0 } list when list.All(p => TextOf(p) is not null) => new QualifiedName(string.Join('.', list.SkipLast(1).Select(TextOf)), TextOf(list[^1])!),
        _ => null,
    };

    /// <summary>Schema first, then name, by code unit; as a server sorts.</summary>
    public int CompareTo(QualifiedName other)
    {
        var bySchema = string.CompareOrdinal(Schema, other.Schema);
        return bySchema != 0 ? bySchema : string.CompareOrdinal(Name, other.Name);
    }

    /// <summary><c>schema.name</c>.</summary>
    public override string ToString() => Schema.Length == 0 ? Name : $"{Schema}.{Name}";

    /// <summary>What GraphQL names are made of: the schema comes first, unless it is <c>public</c>.</summary>
    internal string InGraphQL => Schema == DefaultSchema ? Name : $"{Schema}_{Name}";

    /// <summary>The object form.</summary>
    internal JsonObject ToNode() => new() { ["name"] = Name, ["schema"] = Schema };

    private static string? TextOf(JsonNode? node) => node.AsText();
}
