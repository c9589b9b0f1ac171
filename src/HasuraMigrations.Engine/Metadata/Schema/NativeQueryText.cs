using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Sql;

namespace HasuraMigrations.Engine.Metadata.Schema;

/// <summary>The SQL of a native query, as a database is asked whether it can run it.</summary>
internal static partial class NativeQueryText
{
    /// <summary>The arguments that SQL names, each once.</summary>
    internal static IEnumerable<string> ArgumentsOf(string code) => Argument().Matches(code).Select(m => m.Groups[1].Value).Distinct();

    /// <summary>The native queries of a source, as <see cref="Catalog.QueryTrialReader.Preparation"/> takes them.</summary>
    internal static IEnumerable<string> AllOf(JsonObject source) => source["native_queries"].AsObjects().Select(q => Of(q, source)).OfType<string>();

    /// <summary>A native query as <see cref="Catalog.QueryTrialReader.Preparation"/> takes it: a server prepares it, and reads the fields of its logical model (Hasura, native queries).</summary>
    /// <param name="query">The native query.</param>
    /// <param name="source">What has the logical models.</param>
    /// <returns>The text; null where it cannot be sent as the one query that it is.</returns>
    internal static string? Of(JsonObject query, JsonObject source)
    {
        if (query["code"].AsText() is not { } code || Single(code) is not { } single)
        {
            return null;
        }

        var arguments = (query["arguments"] as JsonObject ?? []).Select(a => (a.Key, Type: a.Value.Get("type").AsText() ?? "")).ToList();
        if (!arguments.TrueForAll(a => IsType(a.Type)))
        {
            return null;
        }

        var numbers = arguments.Select((a, i) => (a.Key, Number: i + 1)).ToDictionary(a => a.Key, a => a.Number, StringComparer.Ordinal);
        var sql = Argument().Replace(single, m => numbers.TryGetValue(m.Groups[1].Value, out var number) ? $"${number}" : m.Value);
        var columns = string.Join(", ", ColumnsOf(query, source).Select(c => $"q.{SqlName.Quote(c.Name)}"));
        var types = arguments.Count == 0 ? "" : $"({string.Join(", ", arguments.Select(a => a.Type))}) ";
        // The code can end with a comment up to the end of the line.
        return $"{types}AS WITH q AS (\n{sql}\n) SELECT {(columns.Length == 0 ? "q.*" : columns)} FROM q";
    }

    /// <summary>The fields that a native query gives, in their order, with the type of each; null for one that is no scalar.</summary>
    internal static IEnumerable<(string Name, string? Type)> ColumnsOf(JsonObject query, JsonObject source)
    {
        var model = query["returns"] as JsonObject ?? source.EntryAt("logical_models", "name", query["returns"].AsText() ?? "");
        // A field of a logical model is no column of the query.
        return (model?["fields"]).AsObjects().Where(f => f["type"].Get("logical_model") is null && f["type"].Get("array").Get("logical_model") is null).Select(f => (f["name"].AsText() ?? "", f["type"].Get("scalar").AsText()));
    }

    // A semicolon would end the statement, and a parenthesis too many the query: what follows would be run.
    private static string? Single(string code)
    {
        var lexer = new SqlLexer(code, 0, code.Length, standardConformingStrings: true);
        var (depth, end) = (0, -1);
        for (var token = lexer.Next(); token.Kind != SqlTokenKind.End; token = lexer.Next())
        {
            if (token.Kind == SqlTokenKind.Semicolon)
            {
                end = end < 0 ? token.Start : end;
                continue;
            }

            depth += token.Kind switch { SqlTokenKind.OpenParenthesis => 1, SqlTokenKind.CloseParenthesis => -1, _ => 0 };
            if (end >= 0 || depth < 0 || !token.IsTerminated || token.Kind is SqlTokenKind.MetaCommand)
            {
                return null;
            }
        }

        return end < 0 ? code : code[..end];
    }

    private static bool IsType(string type) => TypeName().IsMatch(type);

    [GeneratedRegex(@"\{\{\s*(\w+)\s*\}\}")]
    private static partial Regex Argument();

    // As in PREPARE: words or quoted names, perhaps a length, perhaps an array.
    [GeneratedRegex("""^\s*(?:"[^"]+"|[A-Za-z_][\w ]*)(?:\.(?:"[^"]+"|[A-Za-z_][\w ]*))?\s*(?:\(\s*\d+\s*(?:,\s*\d+\s*)?\))?[A-Za-z ]*(?:\[\s*\d*\s*\])*\s*$""")]
    private static partial Regex TypeName();
}
