using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Metadata.Api.Types;
using HasuraMigrations.Engine.Metadata.Schema;

namespace HasuraMigrations.Engine.Metadata.Api.Tables;

/// <summary>A logical model: what the rows of a native query are.</summary>
internal sealed class LogicalModel
{
    private readonly Dictionary<string, IReadOnlySet<string>> _permissions = new(StringComparer.Ordinal);

    internal LogicalModel(ApiSource source, string name, JsonObject node)
    {
        (Source, Name, Description) = (source, name, node["description"].AsText());
        foreach (var field in node["fields"].AsObjects())
        {
            if (Read(field) is { } read)
            {
                Fields.Add(read);
            }
        }

        Fields.Sort((a, b) => string.CompareOrdinal(a.Name, b.Name));
        All = Fields.Select(f => f.Name).ToHashSet(StringComparer.Ordinal);
        foreach (var permission in node["select_permissions"].AsObjects())
        {
            var columns = permission["permission"].Get("columns");
            _permissions[permission["role"].AsText() ?? ""] = columns.AsText() == "*" ? All : columns.AsTexts().ToHashSet(StringComparer.Ordinal);
        }
    }

    /// <summary>Its source.</summary>
    internal ApiSource Source { get; }

    /// <summary>Its name.</summary>
    internal string Name { get; }

    /// <summary>Its description; null for none.</summary>
    internal string? Description { get; }

    /// <summary>Its fields with a value, by name.</summary>
    internal List<(string Name, ApiValueType Value, bool IsNullable, string? Description)> Fields { get; } = [];

    /// <summary>Roles that may read it.</summary>
    internal IEnumerable<string> Roles => _permissions.Keys;

    // The names of all fields.
    private HashSet<string> All { get; }

    // Servers put the words behind it twice (Hasura 2.48).
    internal string FilterName => Source.Naming.Type(new ApiIdentifier(Name, true), "bool_exp_bool_exp");

    internal string OrderName => Source.Naming.Type(new ApiIdentifier(Name, true), "order_by");

    internal string ChoiceName => $"{Name}_enum_name";

    /// <summary>The fields that a role may read; null where it may read none.</summary>
    internal IReadOnlySet<string>? Permitted(RolePermissions permissions, string role) =>
        role == RolePermissions.Admin ? All : permissions.Inherited<IReadOnlySet<string>>(role, r => _permissions.GetValueOrDefault(r), all => all.SelectMany(p => p).ToHashSet(StringComparer.Ordinal));

    /// <summary>Its types that do not depend on a role.</summary>
    internal void KeepTypes()
    {
        var (types, naming, self) = (Source.Types, Source.Naming, new ApiTypeRef(FilterName));
        List<ApiInputValue> filters = [new("_and", self.NonNull().List()), new("_not", self), new("_or", self.NonNull().List())];
        filters.AddRange(Fields.Select(f => TableView.Value(f.Name, f.Value.Filter)));
        types.Keep(new ApiType(ApiTypeKind.InputObject, FilterName, $"Boolean expression to filter rows from the logical model for \"{Name}\". All fields are combined with a logical 'AND'.") { InputFields = ApiSort.Sorted(filters) });
        types.Keep(new ApiType(ApiTypeKind.InputObject, OrderName, $"Ordering options when selecting data from \"{Name}\".") { InputFields = [.. Fields.Select(f => TableView.Value(f.Name, types.OrderBy(naming)))] });
        types.Keep(new ApiType(ApiTypeKind.Enum, ChoiceName, null) { EnumValues = [.. Fields.Select(f => new ApiEnumValue(f.Name, "column name"))] });
    }

    // Models and arrays inside a model are shown by relationships only (Hasura 2.48).
    private (string, ApiValueType, bool, string?)? Read(JsonObject field)
    {
        var type = field["type"];
        return (type.AsText() ?? type.Get("scalar").AsText()) is not { } scalar ? null
            : (field["name"].AsText() ?? "", ApiValueType.Of(Source.Naming, Source.Filters, PostgresScalar.Of(scalar)), IsTrue(type.Get("nullable") ?? field["nullable"]), field["description"].AsText());
    }

    internal static bool IsTrue(JsonNode? node) => node is JsonValue value && value.TryGetValue<bool>(out var isTrue) && isTrue;
}
