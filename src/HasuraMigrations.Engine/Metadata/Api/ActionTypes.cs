using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Metadata.Api.Tables;
using HasuraMigrations.Engine.Metadata.Api.Types;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Metadata.Schema;

namespace HasuraMigrations.Engine.Metadata.Api;

/// <summary>Custom types and actions.</summary>
internal sealed class ActionTypes
{
    private readonly ApiModel _model;
    private readonly Dictionary<string, JsonObject> _objects = new(StringComparer.Ordinal);
    private readonly List<JsonObject> _actions = [];

    internal ActionTypes(ApiModel model)
    {
        _model = model;
        var types = model.Root["custom_types"];
        // Where custom types are inconsistent, nothing of them is there (Hasura 2.48).
        if (model.Cache.Inconsistencies.Found.All(i => i.Id.Kind != ObjectKind.CustomTypes))
        {
            foreach (var one in types.Get("objects").AsObjects())
            {
                _objects.TryAdd(NameOf(one), one);
            }

            KeepTypes(types);
        }

        _actions.AddRange(model.Root["actions"].AsObjects().Where(a => model.Cache.Objects.ContainsKey(ObjectId.OfGlobal(ObjectKind.Action, NameOf(a)))));
    }

    /// <summary>Names of actions.</summary>
    internal IEnumerable<string> Names => _actions.Select(NameOf);

    /// <summary>Roles with a permission of an action.</summary>
    internal IEnumerable<string> Roles => _actions.SelectMany(a => a["permissions"].AsObjects()).Select(p => p["role"].AsText()).OfType<string>();

    /// <summary>The actions that one of several roles may call.</summary>
    /// <param name="roles">The roles; null for one that may do everything.</param>
    internal List<JsonObject> Permitted(IReadOnlyCollection<string>? roles) =>
        _actions.FindAll(a => roles is null || a["permissions"].AsObjects().Any(p => roles.Contains(p["role"].AsText() ?? "")));

    /// <summary>Adds the fields of the actions that a role may call, and its object types.</summary>
    internal void Add(RoleSchema schema)
    {
        foreach (var action in schema.Rights.Actions)
        {
            Add(schema, action);
        }

        AddObjects(schema);
    }

    // Only what an action returns: another object may have the name of a table that the role sees.
    private void AddObjects(RoleSchema schema)
    {
        var (waiting, added) = (new Queue<string>(schema.Rights.Actions.Select(a => TypeOf(a["definition"].Get("output_type")).Name)), new HashSet<string>(StringComparer.Ordinal));
        while (waiting.TryDequeue(out var name))
        {
            if (_objects.GetValueOrDefault(name) is { } type && added.Add(name))
            {
                schema.Add(ObjectType(schema, type));
                foreach (var field in type["fields"].AsObjects())
                {
                    waiting.Enqueue(TypeOf(field["type"]).Name);
                }
            }
        }
    }

    private void Add(RoleSchema schema, JsonObject action)
    {
        var (name, definition) = (NameOf(action), action["definition"]);
        var comment = schema.Model.Features.Texts.Action(name, action["comment"].AsText() is { Length: > 0 } text ? text : null);
        var output = Output(definition);
        var arguments = ApiSort.Sorted(definition.Get("arguments").AsObjects().Select(a => new ApiInputValue(NameOf(a), TypeOf(a["type"]), TextOf(a))).ToList());
        if (definition.Get("type").AsText() == "query")
        {
            schema.Queries.Add(new ApiField(name, output, comment) { Arguments = arguments });
            return;
        }

        var isAsynchronous = definition.Get("kind").AsText() == "asynchronous";
        schema.Mutations.Add(new ApiField(name, isAsynchronous ? new ApiTypeRef("uuid").NonNull() : output, comment) { Arguments = arguments });
        if (!isAsynchronous)
        {
            return;
        }

        var answer = new ApiField(name, new ApiTypeRef(name), comment) { Arguments = [new ApiInputValue("id", new ApiTypeRef("uuid").NonNull(), "the unique id of an action")] };
        schema.Queries.Add(answer);
        schema.Subscriptions.Add(answer);
        schema.Add(new ApiType(ApiTypeKind.Object, name, $"fields of action: \"{name}\"")
        {
            Fields =
            [
                new ApiField("created_at", new ApiTypeRef("timestamptz").NonNull(), "the time at which this action was created"),
                new ApiField("errors", new ApiTypeRef("json"), "errors related to the invocation"),
                new ApiField("id", new ApiTypeRef("uuid").NonNull(), "the unique id of an action"),
                new ApiField("output", output, "the output fields of this action"),
            ],
        });
    }

    // An object is as it is written; of a scalar only the name counts (Hasura 2.48).
    private ApiTypeRef Output(JsonNode? definition)
    {
        var type = TypeOf(definition.Get("output_type"));
        return _objects.ContainsKey(type.Name) ? type : new ApiTypeRef(type.Name).NonNull();
    }

    private ApiType ObjectType(RoleSchema schema, JsonObject type)
    {
        var fields = type["fields"].AsObjects().Select(f => new ApiField(NameOf(f), TypeOf(f["type"]), TextOf(f))).ToList();
        foreach (var relationship in type["relationships"].AsObjects())
        {
            var name = QualifiedName.Read(relationship["remote_table"]) ?? default;
            var table = _model.FindTable(relationship["source"].AsText() ?? MetadataDocument.DefaultSource, name);
            if (table is not null && schema.Permissions[table.Index].Select is { } select)
            {
                AddRelationship(schema, fields, NameOf(relationship), relationship["type"].AsText() == "array", table, select);
            }
        }

        return new ApiType(ApiTypeKind.Object, NameOf(type), TextOf(type)) { Fields = ApiSort.Sorted(fields) };
    }

    private static void AddRelationship(RoleSchema schema, List<ApiField> fields, string name, bool isArray, ApiTable table, SelectPermission select)
    {
        if (!isArray)
        {
            fields.Add(new ApiField(name, new ApiTypeRef(table.Names.Row)));
            return;
        }

        var arguments = table.Arguments(select.Columns.Length > 0);
        fields.Add(new ApiField(name, ApiTypeRef.ListOf(table.Names.Row).NonNull(), schema.Texts.Other(table, name, false)) { Arguments = arguments });
        if (select.HasAggregates)
        {
            var aggregate = ApiLink.OtherAggregateName(table.Source.Naming, name);
            fields.Add(new ApiField(aggregate, new ApiTypeRef(table.Names.Aggregate).NonNull(), schema.Texts.Other(table, aggregate, true)) { Arguments = arguments });
        }
    }

    private void KeepTypes(JsonNode? types)
    {
        foreach (var type in types.Get("input_objects").AsObjects())
        {
            var fields = type["fields"].AsObjects().Select(f => new ApiInputValue(NameOf(f), TypeOf(f["type"]), TextOf(f))).ToList();
            _model.Types.Keep(new ApiType(ApiTypeKind.InputObject, NameOf(type), TextOf(type)) { InputFields = ApiSort.Sorted(fields) });
        }

        foreach (var type in types.Get("enums").AsObjects())
        {
            var values = type["values"].AsObjects().Select(v => new ApiEnumValue(v["value"].AsText() ?? "", TextOf(v))).ToList();
            _model.Types.Keep(new ApiType(ApiTypeKind.Enum, NameOf(type), TextOf(type)) { EnumValues = ApiSort.Sorted(values) });
        }

        foreach (var type in types.Get("scalars").AsObjects())
        {
            _model.Types.Keep(new ApiType(ApiTypeKind.Scalar, NameOf(type), TextOf(type)));
        }
    }

    private static string NameOf(JsonObject node) => node["name"].AsText() ?? "";

    private static string? TextOf(JsonObject node) => node["description"].AsText() is { Length: > 0 } text ? text : null;

    private static ApiTypeRef TypeOf(JsonNode? type) => ApiTypeRef.Parse(type.AsText() ?? "") ?? new ApiTypeRef(type.AsText() ?? "");
}
