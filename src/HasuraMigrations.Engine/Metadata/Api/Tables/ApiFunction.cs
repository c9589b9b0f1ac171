using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Catalog;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Metadata.Api.Types;
using HasuraMigrations.Engine.Metadata.Model;

namespace HasuraMigrations.Engine.Metadata.Api.Tables;

/// <summary>A tracked function.</summary>
internal sealed class ApiFunction
{
    private readonly string _name;
    private readonly string _aggregate;
    private readonly string? _arguments;
    private readonly bool _isRequired;
    private readonly bool _returnsSet;
    private readonly string _title;
    private readonly string? _comment;

    internal ApiFunction(ApiTable table, QualifiedName name, CatalogFunction function, CatalogTexts texts, JsonObject entry)
    {
        var (naming, configuration) = (table.Source.Naming, entry["configuration"]);
        (Table, Name, _title, _returnsSet, _comment) = (table, name, name.InMessage(), function.ReturnsSet, entry["comment"].AsText());
        var custom = configuration.Get("custom_name").AsText();
        var identifier = custom is null ? ApiIdentifier.Of(name) : new ApiIdentifier(custom, true);
        var roots = configuration.Get("custom_root_fields");
        _name = Root(roots, "function") ?? naming.Field(identifier);
        // A name that the metadata gives gets its ending as it is (Hasura 2.48).
        _aggregate = Root(roots, "function_aggregate") ?? (custom is null ? naming.Field("", identifier, "aggregate") : $"{custom}_aggregate");
        IsMutation = (configuration.Get("exposed_as").AsText() ?? (function.Volatility == 'v' ? "mutation" : "query")) == "mutation";
        var session = configuration.Get("session_argument").AsText();
        (var fields, _isRequired) = FunctionArguments.Read(naming, function, texts, (_, a) => a.Name.Length > 0 && a.Name == session);
        if (fields.Length > 0)
        {
            // The type is named as a field is, and graphql-default changes a name that the metadata gives, too (Hasura 2.48).
            var type = naming.Field("", custom is null ? identifier : new ApiIdentifier(custom), "args");
            _arguments = table.Source.Types.Keep(new ApiType(ApiTypeKind.InputObject, naming.Customized(naming.IsGraphQLThroughout ? ApiNaming.Upper(type) : type), null) { InputFields = fields });
        }
    }

    /// <summary>The table whose rows it returns.</summary>
    internal ApiTable Table { get; }

    /// <summary>Its name.</summary>
    internal QualifiedName Name { get; }

    /// <summary>It is called in mutations.</summary>
    internal bool IsMutation { get; }

    /// <summary>The field that calls it.</summary>
    internal ApiField Field(bool hasColumns)
    {
        var row = new ApiTypeRef(Table.Names.Row);
        var text = IsMutation ? $"execute VOLATILE function \"{_title}\" which returns \"{Table.Title}\""
            : _comment is null ? $"execute function \"{_title}\" which returns \"{Table.Title}\""
            : _comment.Length == 0 ? null : _comment;
        return new ApiField(Table.Source.Naming.Root(_name), _returnsSet ? ApiTypeRef.ListOf(row.Name).NonNull() : row, text) { Arguments = Arguments(_name, hasColumns) };
    }

    /// <summary>The field that aggregates what it returns.</summary>
    internal ApiField Aggregate(bool hasColumns) =>
        new(Table.Source.Naming.Root(_aggregate), new ApiTypeRef(Table.Names.Aggregate).NonNull(), $"execute function \"{_title}\" and query aggregates on result of table type \"{Table.Title}\"")
        {
            Arguments = Arguments(_aggregate, hasColumns),
            LeavesTypeWithoutText = true,
        };

    private ApiInputValue[] Arguments(string field, bool hasColumns)
    {
        if (_arguments is null)
        {
            return Table.Arguments(hasColumns);
        }

        var type = new ApiTypeRef(_arguments);
        return [new ApiInputValue("args", _isRequired ? type.NonNull() : type, $"input parameters for function \"{field}\""), .. Table.Arguments(hasColumns)];
    }

    private static string? Root(JsonNode? roots, string key) => roots.Get(key).AsText() ?? roots.Get(key).Get("name").AsText();
}
