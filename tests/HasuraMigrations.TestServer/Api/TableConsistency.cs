using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Metadata;

namespace HasuraMigrations.TestServer.Api;

/// <summary>The one rule of consistency this server knows: a tracked table is there.</summary>
/// <param name="root">The document.</param>
/// <param name="query">Asks the database of a source; null where it has none.</param>
internal sealed class TableConsistency(JsonObject root, Func<string, string, Task<List<string?[]>?>> query)
{
    private const string Present = "SELECT n.nspname || chr(31) || c.relname FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 't', 'v', 'm', 'f', 'p') AND n.nspname NOT IN ('information_schema', 'hdb_catalog') AND n.nspname NOT LIKE 'pg\\_%'";

    private readonly bool _isVersion3 = root["sources"] is JsonArray;

    /// <summary>Every object that does not fit, in the shape of the server's version.</summary>
    internal async Task<JsonArray> FindAsync()
    {
        var found = new JsonArray();
        foreach (var (source, node) in Sources())
        {
            if (await PresentAsync(source) is not { } present)
            {
                found.Add((JsonNode)Entry("source", $"source {source}", JsonValue.Create(source), "environment variable not set"));
                continue;
            }

            foreach (var name in Tables(node).Select(t => t.Name).Where(n => !present.Contains(Key(n))))
            {
                var text = name.Schema == "public" ? name.Name : name.ToString();
                var reason = _isVersion3 ? $"no such table/view exists in source: \"{text}\"" : $"no such table/view exists in postgres: \"{text}\"";
                found.Add((JsonNode)Entry("table", $"table {text} in source {source}", new JsonObject { ["schema"] = name.Schema, ["name"] = name.Name }, reason));
            }
        }

        return found;
    }

    /// <summary>Takes every table that is not there, with its members, out of the document.</summary>
    /// <returns>True where there was one.</returns>
    internal async Task<bool> DropAsync()
    {
        var gone = new List<JsonObject>();
        foreach (var (source, node) in Sources())
        {
            if (await PresentAsync(source) is { } present)
            {
                gone.AddRange(Tables(node).Where(t => !present.Contains(Key(t.Name))).Select(t => t.Node));
            }
            else
            {
                gone.Add(node);
            }
        }

        gone.ForEach(n => n.Parent!.AsArray().Remove(n));
        return gone.Count > 0;
    }

    private JsonObject Entry(string type, string name, JsonNode? definition, string reason)
    {
        var entry = new JsonObject { ["definition"] = definition, ["reason"] = _isVersion3 ? $"Inconsistent object: {reason}" : reason, ["type"] = type };
        if (_isVersion3)
        {
            entry["name"] = name;
        }

        return entry;
    }

    private async Task<HashSet<string>?> PresentAsync(string source) =>
        await query(source, Present) is { } rows ? [.. rows.Select(r => r[0]!)] : null;

    private IEnumerable<(string Name, JsonObject Node)> Sources() =>
        _isVersion3 ? root["sources"].AsObjects().Select(s => (s["name"].AsText() ?? "", s)) : [("default", root)];

    private static IEnumerable<(QualifiedName Name, JsonObject Node)> Tables(JsonObject source) =>
        from table in source["tables"].AsObjects()
        let name = QualifiedName.Read(table["table"])
        where name is not null
        select (name.Value, table);

    private static string Key(QualifiedName name) => $"{name.Schema}\u001f{name.Name}";
}
