using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Json;

namespace HasuraMigrations.Engine.Metadata.Api;

/// <summary>The names and descriptions of the root fields of a table.</summary>
internal sealed class TableRootNames
{
    private readonly Dictionary<string, (string Name, string? Text)> _fields = new(StringComparer.Ordinal);

    internal TableRootNames(ApiNaming naming, ApiIdentifier name, string title, JsonNode? custom)
    {
        void Add(string key, string before, string behind, string text)
        {
            var node = custom.Get(key);
            var given = node.AsText() ?? node.Get("name").AsText();
            // A comment does nothing for streams, and an empty one takes the text away (Hasura 2.48).
            var comment = key == "select_stream" ? null : node.Get("comment").AsText();
            _fields[key] = (naming.Root(given ?? naming.Field(before, name, behind)), comment is null ? text : comment.Length == 0 ? null : comment);
        }

        Add("select", "", "", $"fetch data from the table: \"{title}\"");
        Add("select_by_pk", "", "by_pk", $"fetch data from the table: \"{title}\" using primary key columns");
        Add("select_aggregate", "", "aggregate", $"fetch aggregated fields from the table: \"{title}\"");
        Add("select_stream", "", "stream", $"fetch data from the table in a streaming manner: \"{title}\"");
        Add("insert", "insert", "", $"insert data into the table: \"{title}\"");
        Add("insert_one", "insert", "one", $"insert a single row into the table: \"{title}\"");
        Add("update", "update", "", $"update data of the table: \"{title}\"");
        Add("update_by_pk", "update", "by_pk", $"update single row of the table: \"{title}\"");
        Add("update_many", "update", "many", $"update multiples rows of table: \"{title}\"");
        Add("delete", "delete", "", $"delete data from the table: \"{title}\"");
        Add("delete_by_pk", "delete", "by_pk", $"delete single row from the table: \"{title}\"");
    }

    /// <summary>The name of a root field.</summary>
    internal string NameOf(string key) => _fields[key].Name;

    /// <summary>A root field.</summary>
    internal ApiField Field(string key, ApiTypeRef type, IReadOnlyList<ApiInputValue> arguments) =>
        new(_fields[key].Name, type, _fields[key].Text) { Arguments = arguments };
}
