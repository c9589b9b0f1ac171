using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Metadata.Api.Types;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Metadata.Schema;
using HasuraMigrations.Engine.Metadata.Shapes;

namespace HasuraMigrations.Engine.Metadata.Api.Tables;

/// <summary>Makes the fields of tables that lead elsewhere, once all tables are there.</summary>
/// <param name="tables">All tables.</param>
/// <param name="queries">All native queries.</param>
internal sealed class ApiLinkReader(IReadOnlyDictionary<(string Source, QualifiedName Name), ApiTable> tables, IReadOnlyDictionary<(string Source, string Name), NativeQuery> queries)
{
    /// <summary>Adds the fields of a table.</summary>
    internal void Read(ApiTable table)
    {
        var node = table.Info.Node;
        var required = node["object_relationships"].AsObjects().Where(r => r["using"].Get("foreign_key_constraint_on") is JsonValue or JsonArray).Select(r => r["name"].AsText()).ToHashSet();
        var computed = new Lazy<Dictionary<string, JsonObject>>(() => ByName(node["computed_fields"]));
        var remote = new Lazy<Dictionary<string, JsonObject>>(() => ByName(node["remote_relationships"]));
        // Names that GraphQL does not know are left out of the schema (Hasura 2.48).
        foreach (var field in table.Info.Fields.Values.Where(f => f is not ColumnField && GraphQLText.IsName(f.Name)))
        {
            switch (field)
            {
                case RelationshipField relationship when Find(table.Source.Name, relationship.Target) is { } target:
                    var isRequired = required.Contains(field.Name) && relationship.Columns.All(c => table.Info.Facts.FindColumn(c.Column)?.IsNullable == false);
                    table.Links.Add(new ApiLink(relationship.IsArray ? ApiLinkKind.Array : ApiLinkKind.Object, field.Name, target, isRequired));
                    break;
                case NativeQueryField native when queries.TryGetValue((table.Source.Name, native.Query), out var query):
                    table.NativeLinks.Add(new ApiNativeLink(field.Name, native.IsArray, query));
                    break;
                case ComputedFieldInfo info when computed.Value.GetValueOrDefault(field.Name) is { } entry && Computed(table, info, entry) is { } made:
                    table.Computed.Add(made);
                    break;
                case RemoteField when remote.Value.GetValueOrDefault(field.Name) is { } entry:
                    AddRemote(table, field.Name, entry["definition"] ?? entry);
                    break;
            }
        }
    }

    private ApiTable? Find(string source, QualifiedName name) => tables.GetValueOrDefault((source, name));

    private void AddRemote(ApiTable table, string name, JsonNode entry)
    {
        var definition = entry.Get("to_source");
        // Servers still accept the form of 1.x, directly in the definition (Hasura 1.3.3 and 2.48).
        var remoteSchema = entry.Get("to_remote_schema") ?? entry;
        if (definition is null && remoteSchema.Get("remote_schema").AsText() is { } schema)
        {
            table.RemoteFields.Add(ApiRemoteField.Read(name, schema, remoteSchema));
        }
        else if (QualifiedName.Read(definition.Get("table")) is { } remote && Find(definition.Get("source").AsText() ?? "", remote) is { } target)
        {
            table.Links.Add(new ApiLink(definition.Get("relationship_type").AsText() == "array" ? ApiLinkKind.RemoteArray : ApiLinkKind.RemoteObject, name, target));
        }
    }

    private ApiComputedField? Computed(ApiTable table, ComputedFieldInfo info, JsonObject entry)
    {
        var (naming, catalog, definition) = (table.Source.Naming, table.Info.Catalog, entry["definition"]);
        var function = catalog.FindFunctions(info.Function.Schema, info.Function.Name).First();
        var comment = entry["comment"].AsText() ?? catalog.Texts.Functions.GetValueOrDefault(function.Oid) ?? $"A computed field, executes function \"{info.Function.InMessage()}\"";
        var arguments = ArgumentsOf(table, info.Name, FunctionArguments.Read(naming, function, catalog.Texts, (i, a) => IsGiven(definition, i, a.Name)));
        var field = new ApiComputedField(info.Name, comment.Length == 0 ? null : comment) { Arguments = arguments };
        if (info.Table is { } returned)
        {
            return Find(table.Source.Name, returned) is { } target ? field with { Link = new ApiLink(ApiLinkKind.Computed, info.Name, target) } : null;
        }

        var value = ApiValueType.Of(naming, table.Source.Filters, PostgresScalar.Of(info.Type!));
        return field with
        {
            Value = value,
            ValueField = new ApiField(info.Name, value.Type, field.Description)
            {
                Arguments = ApiSort.Of(arguments, value.IsJson ? new ApiInputValue("path", new ApiTypeRef("String"), "JSON select path") : null),
            },
        };
    }

    private static ApiInputValue? ArgumentsOf(ApiTable table, string field, (ApiInputValue[] Fields, bool IsRequired) arguments)
    {
        if (arguments.Fields.Length == 0)
        {
            return null;
        }

        // The convention does not change the name of the type (Hasura 2.48).
        var (naming, identifier) = (table.Source.Naming, table.Names.Identifier);
        var name = naming.IsGraphQLThroughout ? $"{ApiNaming.Upper(field)}{string.Concat(identifier.Pieces.Select(ApiNaming.Upper))}Args" : $"{field}_{identifier.Text}_args";
        var type = new ApiTypeRef(table.Source.Types.Keep(new ApiType(ApiTypeKind.InputObject, naming.Customized(name), null) { InputFields = arguments.Fields }));
        return new ApiInputValue("args", arguments.IsRequired ? type.NonNull() : type, $"input parameters for computed field \"{field}\" defined on table \"{table.Title}\"");
    }

    // The server gives the row, and the variables of the session.
    private static bool IsGiven(JsonNode? definition, int index, string name) =>
        (definition.Get("table_argument").AsText() is { } table ? name == table : index == 0) || (name.Length > 0 && name == definition.Get("session_argument").AsText());

    private static Dictionary<string, JsonObject> ByName(JsonNode? list)
    {
        var byName = new Dictionary<string, JsonObject>(StringComparer.Ordinal);
        foreach (var entry in list.AsObjects())
        {
            byName.TryAdd(entry["name"].AsText() ?? "", entry);
        }

        return byName;
    }
}
