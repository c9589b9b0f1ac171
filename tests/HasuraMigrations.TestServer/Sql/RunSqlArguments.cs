using System.Text.Json;
using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Targets.Server;

namespace HasuraMigrations.TestServer.Sql;

/// <summary>Arguments of <c>run_sql</c>.</summary>
/// <param name="Sql">The text.</param>
/// <param name="Source">The source.</param>
/// <param name="ReadOnly">In a transaction that may not write.</param>
/// <param name="NoTransaction">Statement by statement, without a transaction.</param>
/// <param name="Check">Whether metadata is checked; null to decide by words of the text.</param>
public sealed record RunSqlArguments(string Sql, string Source, bool ReadOnly, bool NoTransaction, bool? Check)
{
    /// <summary>Reads the arguments.</summary>
    /// <exception cref="HasuraError">parse-failed.</exception>
    public static RunSqlArguments Read(JsonNode? args)
    {
        if (args is not JsonObject map)
        {
            throw HasuraError.Parse("parsing RunSQL failed, expected Object", "$");
        }

        if (map["sql"] is not JsonValue sql || sql.GetValueKind() != JsonValueKind.String)
        {
            throw HasuraError.Parse("key \"sql\" not found", "$");
        }

        return new RunSqlArguments(sql.GetValue<string>(), map["source"]?.GetValue<string>() ?? "default", Flag(map, "read_only") ?? false, Flag(map, "no_transaction") ?? false, Flag(map, "check_metadata_consistency"));
    }

    /// <summary>True where the server would look at the metadata after the text ran.</summary>
    public bool IsChecked => !ReadOnly && (Check ?? RunSqlRule.IsChecked(Sql));

    private static bool? Flag(JsonObject map, string name) => map[name] switch
    {
        null => null,
        JsonValue value when value.GetValueKind() is JsonValueKind.True or JsonValueKind.False => value.GetValue<bool>(),
        _ => throw HasuraError.Parse("expected Bool", $"$.{name}"),
    };
}
