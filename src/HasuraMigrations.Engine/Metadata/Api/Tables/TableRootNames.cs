using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Metadata.Api.Types;

namespace HasuraMigrations.Engine.Metadata.Api.Tables;

/// <summary>The names and descriptions of the root fields of a table.</summary>
internal sealed class TableRootNames
{
    private static readonly Dictionary<string, (string Before, string Behind, Func<string, string> Text)> All = new(StringComparer.Ordinal)
    {
        ["select"] = ("", "", t => $"{UnstableText.OfRows}\"{t}\""),
        ["select_by_pk"] = ("", "by_pk", t => $"fetch data from the table: \"{t}\" using primary key columns"),
        ["select_aggregate"] = ("", "aggregate", t => $"{UnstableText.OfAggregatedRows}\"{t}\""),
        ["select_stream"] = ("", "stream", t => $"fetch data from the table in a streaming manner: \"{t}\""),
        ["insert"] = ("insert", "", t => $"insert data into the table: \"{t}\""),
        ["insert_one"] = ("insert", "one", t => $"insert a single row into the table: \"{t}\""),
        ["update"] = ("update", "", t => $"update data of the table: \"{t}\""),
        ["update_by_pk"] = ("update", "by_pk", t => $"update single row of the table: \"{t}\""),
        ["update_many"] = ("update", "many", t => $"update multiples rows of table: \"{t}\""),
        ["delete"] = ("delete", "", t => $"delete data from the table: \"{t}\""),
        ["delete_by_pk"] = ("delete", "by_pk", t => $"delete single row from the table: \"{t}\""),
    };

    private readonly ApiNaming _naming;
    private readonly ApiIdentifier _name;
    private readonly string _title;
    private readonly Dictionary<string, (string? Name, string? Comment)>? _custom;
    private readonly Dictionary<(string Key, bool HasColumns), ApiField> _shared = [];
    private readonly Dictionary<string, (string Name, string? Text)> _fields = new(StringComparer.Ordinal);

    internal TableRootNames(ApiNaming naming, ApiIdentifier name, string title, JsonNode? custom)
    {
        (_naming, _name, _title) = (naming, name, title);
        // Read here: roles are built in several threads, and nodes of JSON are not made for that.
        foreach (var (key, node) in custom as JsonObject ?? [])
        {
            _custom ??= new(StringComparer.Ordinal);
            _custom[key] = (node.AsText() ?? node.Get("name").AsText(), node.Get("comment").AsText());
        }
    }

    /// <summary>The root field of the endpoint of Relay.</summary>
    internal ApiField Connection(ApiTypeRef type, ApiInputValue[] arguments) =>
        new(_naming.Root(_naming.Field("", _name, "connection")), type, All["select"].Text(_title)) { Arguments = arguments };

    /// <summary>A root field that is the same for all roles that have it.</summary>
    /// <param name="view">The table as one of them sees it.</param>
    /// <param name="key">Its key in the metadata.</param>
    /// <param name="hasColumns">Those roles may read a column.</param>
    /// <param name="make">Makes its type and arguments.</param>
    internal ApiField Shared(TableView view, string key, bool hasColumns, Func<TableView, bool, (ApiTypeRef Type, ApiInputValue[] Arguments)> make)
    {
        lock (_fields)
        {
            if (!_shared.TryGetValue((key, hasColumns), out var field))
            {
                var (type, arguments) = make(view, hasColumns);
                _shared[(key, hasColumns)] = field = Field(key, type, arguments);
            }

            return field;
        }
    }

    /// <summary>A root field.</summary>
    internal ApiField Field(string key, ApiTypeRef type, ApiInputValue[] arguments)
    {
        lock (_fields)
        {
            if (!_fields.TryGetValue(key, out var field))
            {
                _fields[key] = field = Make(key);
            }

            return new ApiField(field.Name, type, field.Text) { Arguments = arguments };
        }
    }

    private (string Name, string? Text) Make(string key)
    {
        var (before, behind, text) = All[key];
        var (given, comment) = _custom?.GetValueOrDefault(key) ?? default;
        // A comment does nothing for streams, and an empty one takes the text away (Hasura 2.48).
        comment = key == "select_stream" ? null : comment;
        return (_naming.Root(given ?? _naming.Field(before, _name, behind)), comment is null ? text(_title) : comment.Length == 0 ? null : comment);
    }
}
