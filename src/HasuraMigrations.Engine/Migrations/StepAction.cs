using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Sql;
using HasuraMigrations.Engine.Yaml;

namespace HasuraMigrations.Engine.Migrations;

/// <summary>One action of a YAML step: a call of the metadata API, sent as it is.</summary>
/// <param name="Ordinal">Number in its file, from 1.</param>
/// <param name="Body">An object with <c>type</c> and mostly <c>args</c>.</param>
/// <param name="Position">Where it stands in the file.</param>
public sealed record StepAction(int Ordinal, JsonObject Body, SqlPosition Position)
{
    private const string InvalidId = "MigrationYamlInvalid";

    /// <summary>Its type, such as <c>track_table</c>.</summary>
    public string Type => Body["type"].AsText()!;

    /// <summary>The SQL in it: that of <c>run_sql</c>, also inside a <c>bulk</c>.</summary>
    public IEnumerable<string> Sql => SqlOf(Body);

    /// <summary>True where a file holds no action: empty, null, or an empty list.</summary>
    /// <param name="text">Its text.</param>
    /// <param name="file">Its name, for errors.</param>
    /// <exception cref="HasuraMigrationException">MigrationYamlInvalid, with line and column.</exception>
    public static bool IsEmpty(string text, string file)
    {
        var positions = new MetadataPositions();
        return YamlReader.Read(text, file, positions, errorId: InvalidId) switch
        {
            null => true,
            JsonArray list => list.Count == 0,
            var node => throw NoList(file, positions.Near(node)),
        };
    }

    /// <summary>Reads a file.</summary>
    /// <param name="text">Its text.</param>
    /// <param name="file">Its name, for errors.</param>
    /// <exception cref="HasuraMigrationException">MigrationYamlInvalid, with line and column.</exception>
    public static IReadOnlyList<StepAction> Read(string text, string file)
    {
        var positions = new MetadataPositions();
        // Only the first document is read, and what the others hold would be taken for done.
        if (YamlReader.Read(text, file, positions, passOver: p => throw Invalid($"A second YAML document begins on line {p.Line} of '{file}', whose actions would not run.", file, p.Line, p.Column), errorId: InvalidId) is not JsonArray list)
        {
            throw NoList(file, null);
        }

        return [.. list.Select((node, i) => Action(i + 1, node, list, positions, file))];
    }

    private static StepAction Action(int ordinal, JsonNode? node, JsonArray list, MetadataPositions positions, string file)
    {
        var place = positions.Near(node ?? list);
        var position = new SqlPosition(place?.Line ?? 1, place?.Column ?? 1);
        return node is JsonObject body && body["type"].AsText() is { Length: > 0 }
            ? new StepAction(ordinal, body, position)
            : throw Invalid($"Action {ordinal} of '{file}' is not an object with a string 'type'.", file, position.Line, position.Column);
    }

    /// <summary>True for an action that runs SQL, also under its name of version 2 servers.</summary>
    internal static bool IsSql(string? type) => type is "run_sql" or "pg_run_sql";

    private static IEnumerable<string> SqlOf(JsonNode? body) => body.Get("type").AsText() switch
    {
        var type when IsSql(type) => body.Get("args").Get("sql").AsText() is { } sql ? [sql] : [],
        "bulk" or "bulk_keep_going" => (body.Get("args") as JsonArray ?? []).SelectMany(SqlOf),
        _ => [],
    };

    private static HasuraMigrationException NoList(string file, SourcePosition? place) =>
        Invalid($"The file '{file}' must hold a list of actions.", file, place?.Line ?? 1, place?.Column ?? 1);

    private static HasuraMigrationException Invalid(string message, string file, int? line, int? column) =>
        new(InvalidId, message, file) { File = file, Line = line, Column = column };
}
