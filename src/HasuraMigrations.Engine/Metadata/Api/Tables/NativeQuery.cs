using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Metadata.Api.Types;
using HasuraMigrations.Engine.Metadata.Schema;

namespace HasuraMigrations.Engine.Metadata.Api.Tables;

/// <summary>A native query of a source.</summary>
internal sealed class NativeQuery
{
    private readonly JsonObject _node;
    private readonly ApiInputValue[] _given;

    internal NativeQuery(LogicalModel model, string name, JsonObject node)
    {
        (Model, Name, _node) = (model, name, node);
        HasLinks = Links(node).Any();
        _given = [.. (node["arguments"] as JsonObject ?? []).OrderBy(a => a.Key, StringComparer.Ordinal).Select(a => Argument(a.Key, a.Value))];
        Root = new ApiField(name, ApiTypeRef.ListOf(RowName).NonNull(), node["description"].AsText() is { Length: > 0 } text ? text : null) { Arguments = ListArguments(name) };
    }

    /// <summary>What its rows are.</summary>
    internal LogicalModel Model { get; }

    /// <summary>The name of its root field.</summary>
    internal string Name { get; }

    /// <summary>It has fields that lead elsewhere: its rows have a type of their own.</summary>
    internal bool HasLinks { get; }

    /// <summary>The name of the type of a row.</summary>
    internal string RowName => HasLinks ? Name : Model.Name;

    /// <summary>Its root field.</summary>
    internal ApiField Root { get; }

    /// <summary>A field of a row that leads to it.</summary>
    internal ApiField Field(string name, bool isArray) => isArray
        ? new ApiField(name, ApiTypeRef.ListOf(RowName), UnstableText.OfArray) { Arguments = ListArguments(name) }
        : new ApiField(name, new ApiTypeRef(RowName), "An object relationship") { Arguments = ApiSort.Of(Given(name)) };

    /// <summary>The type of a row for a role.</summary>
    /// <param name="permitted">The fields that it may read.</param>
    /// <param name="links">The fields that lead elsewhere.</param>
    internal ApiType Row(IReadOnlySet<string> permitted, IEnumerable<ApiField> links)
    {
        var fields = new List<ApiField>(links);
        // What one of several parents does not show stays as the model declares it (Hasura 2.48).
        foreach (var (name, value, isNullable, description) in Model.Fields.Where(f => permitted.Contains(f.Name)))
        {
            fields.Add(new ApiField(name, isNullable ? value.Type : value.Type.NonNull(), description)
            {
                Arguments = value.IsJson ? [new ApiInputValue("path", new ApiTypeRef("String"), "JSON select path")] : [],
            });
        }

        return new ApiType(ApiTypeKind.Object, RowName, Model.Description) { Fields = ApiSort.Sorted(fields) };
    }

    /// <summary>Its relationships: name, many rows, and where they lead.</summary>
    internal static IEnumerable<(string Name, bool IsArray, JsonNode? Target)> Links(JsonObject node) =>
        new[] { "object_relationships", "array_relationships" }.SelectMany(l => node[l].AsObjects().Select(r => (r["name"].AsText() ?? "", l[0] == 'a', r["using"])));

    /// <summary>Its relationships.</summary>
    internal IEnumerable<(string Name, bool IsArray, JsonNode? Target)> OwnLinks => Links(_node);

    // The type of the arguments is named after the field that takes them (Hasura 2.48).
    private ApiInputValue? Given(string field)
    {
        if (_given.Length == 0)
        {
            return null;
        }

        var text = $"{field}Native Query Arguments";
        var type = Model.Source.Types.Keep(new ApiType(ApiTypeKind.InputObject, $"{field}_arguments", text) { InputFields = _given });
        return new ApiInputValue("args", new ApiTypeRef(type).NonNull(), text);
    }

    private ApiInputValue[] ListArguments(string field)
    {
        var naming = Model.Source.Naming;
        return ApiSort.Of(
            Given(field),
            new ApiInputValue(naming.Word("distinct_on"), ApiTypeRef.ListOf(Model.ChoiceName), "distinct select on columns"),
            new ApiInputValue("limit", new ApiTypeRef("Int"), "limit the number of rows returned"),
            new ApiInputValue("offset", new ApiTypeRef("Int"), "skip the first n rows. Use only with order_by"),
            new ApiInputValue(naming.Word("order_by"), ApiTypeRef.ListOf(Model.OrderName), "sort the rows by one or more columns"),
            new ApiInputValue("where", new ApiTypeRef(Model.FilterName), "filter the rows returned"));
    }

    private ApiInputValue Argument(string name, JsonNode? node)
    {
        var type = ApiValueType.Of(Model.Source.Naming, Model.Source.Filters, PostgresScalar.Of(node.Get("type").AsText() ?? node.Get("type").Get("scalar").AsText() ?? "")).Type;
        return new ApiInputValue(name, LogicalModel.IsTrue(node.Get("nullable")) ? type : type.NonNull(), node.Get("description").AsText() ?? $"Native Query argument {name}");
    }
}
