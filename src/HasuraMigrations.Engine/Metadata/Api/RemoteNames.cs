using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Metadata.Api.Formats;
using HasuraMigrations.Engine.Metadata.Api.Types;

namespace HasuraMigrations.Engine.Metadata.Api;

/// <summary>How the names of a remote schema are changed.</summary>
/// <param name="customization">The customization in the document; null for none.</param>
internal sealed class RemoteNames(JsonNode? customization)
{
    private readonly string? _namespace = customization.Get("root_fields_namespace").AsText();
    private readonly Dictionary<string, string> _types = new(StringComparer.Ordinal);
    private readonly ILookup<string, JsonObject> _fields = customization.Get("field_names").AsObjects().ToLookup(f => f["parent_type"].AsText() ?? "");

    /// <summary>All root fields move into one field; then the roots are types as others.</summary>
    internal bool HasNamespace => _namespace is not null;

    /// <summary>Reads the types that are there to be renamed.</summary>
    internal void Read(ApiSchema remote)
    {
        var (names, roots) = (customization.Get("type_names"), new[] { remote.QueryType, remote.MutationType, remote.SubscriptionType });
        foreach (var type in remote.Types.Where(t => !t.IsIntrospection && !SdlSchemaWriter.BuiltIn.Contains(t.Name) && (HasNamespace || !roots.Contains(t.Name))))
        {
            _types[type.Name] = names.Get("mapping").Get(type.Name).AsText() ?? $"{names.Get("prefix").AsText()}{type.Name}{names.Get("suffix").AsText()}";
        }
    }

    /// <summary>The fields that a root of the remote schema adds.</summary>
    internal List<ApiField> RootFields(ApiSchema remote, string root)
    {
        if (_namespace is not null)
        {
            return [new ApiField(_namespace, new ApiTypeRef(_types.GetValueOrDefault(root, root)))];
        }

        return remote.Find(root) is { } type ? [.. Renamed(type).Fields] : [];
    }

    /// <summary>A type with its names changed, its members in the order of a server.</summary>
    internal ApiType Renamed(ApiType type) => type with
    {
        Name = _types.GetValueOrDefault(type.Name, type.Name),
        Fields = ApiSort.Sorted([.. type.Fields.Select(f => f with { Name = Field(type.Name, f.Name), Type = Renamed(f.Type), Arguments = ApiSort.Sorted([.. f.Arguments.Select(Renamed)]) })]),
        InputFields = ApiSort.Sorted([.. type.InputFields.Select(Renamed)]),
        EnumValues = ApiSort.Sorted([.. type.EnumValues]),
        Interfaces = [.. type.Interfaces.Select(n => _types.GetValueOrDefault(n, n)).Order(StringComparer.Ordinal)],
        PossibleTypes = [.. type.PossibleTypes.Select(n => _types.GetValueOrDefault(n, n)).Order(StringComparer.Ordinal)],
    };

    /// <summary>An argument with the name of its type changed.</summary>
    internal ApiInputValue Renamed(ApiInputValue value) => value with { Type = Renamed(value.Type) };

    /// <summary>A type with its name changed.</summary>
    internal ApiTypeRef Renamed(ApiTypeRef type) => type with { Name = _types.GetValueOrDefault(type.Name, type.Name) };

    private string Field(string type, string field)
    {
        foreach (var names in _fields[type])
        {
            return names["mapping"].Get(field).AsText() ?? $"{names["prefix"].AsText()}{field}{names["suffix"].AsText()}";
        }

        return field;
    }
}
