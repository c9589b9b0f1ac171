using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Metadata.Schema;

namespace HasuraMigrations.Engine.Metadata.Api;

/// <summary>A native query of a source.</summary>
internal sealed class NativeQuery
{
    private readonly JsonObject _node;
    private readonly ApiInputValue[] _arguments;

    internal NativeQuery(LogicalModel model, string name, JsonObject node)
    {
        (Model, Name, _node) = (model, name, node);
        HasLinks = Links(node).Any();
        _arguments = MakeArguments();
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
    internal ApiField Root => new(Name, ApiTypeRef.ListOf(RowName).NonNull(), _node["description"].AsText() is { Length: > 0 } text ? text : null) { Arguments = _arguments };

    /// <summary>A field of a row that leads to it.</summary>
    internal ApiField Field(string name, bool isArray) => isArray
        ? new ApiField(name, ApiTypeRef.ListOf(RowName), "An array relationship") { Arguments = _arguments }
        : new ApiField(name, new ApiTypeRef(RowName), "An object relationship");

    /// <summary>The type of a row for a role.</summary>
    /// <param name="permitted">The fields that it may read.</param>
    /// <param name="links">The fields that lead elsewhere.</param>
    internal ApiType Row((string Name, bool IsRedacted)[] permitted, IEnumerable<ApiField> links)
    {
        var fields = new List<ApiField>(links);
        foreach (var (name, isRedacted) in permitted)
        {
            var (_, value, isNullable, description) = Model.Fields.Find(f => f.Name == name);
            fields.Add(new ApiField(name, isNullable || isRedacted ? value.Type : value.Type.NonNull(), description)
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

    private ApiInputValue[] MakeArguments()
    {
        var naming = Model.Source.Naming;
        var arguments = (_node["arguments"] as JsonObject ?? []).OrderBy(a => a.Key, StringComparer.Ordinal).Select(a => Argument(a.Key, a.Value)).ToArray();
        var type = arguments.Length == 0 ? null : Model.Source.Types.Keep(new ApiType(ApiTypeKind.InputObject, $"{Name}_arguments", $"{Name}Native Query Arguments") { InputFields = arguments });
        return ApiSort.Of(
            type is null ? null : new ApiInputValue("args", new ApiTypeRef(type).NonNull(), $"{Name}Native Query Arguments"),
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
