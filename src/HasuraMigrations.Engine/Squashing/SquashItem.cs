using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Sql;

namespace HasuraMigrations.Engine.Squashing;

/// <summary>One thing that the steps of a range do: the SQL of a file, or one action on metadata.</summary>
/// <param name="Migration">The migration it comes from.</param>
/// <param name="File">Its file.</param>
/// <param name="Position">Where it begins there.</param>
internal sealed record SquashItem(SourceMigration Migration, string File, SqlPosition Position)
{
    private const string RunSql = "run_sql";

    // Other arguments change how a server runs the SQL, which a file cannot say.
    private static readonly string[] PlainArguments = ["sql", "source"];

    /// <summary>The action; null for SQL of a file.</summary>
    internal JsonObject? Action { get; private init; }

    /// <summary>The SQL; null for any other action.</summary>
    internal string? Sql { get; private init; }

    /// <summary>The statements of the SQL.</summary>
    internal IReadOnlyList<string> Statements { get; private init; } = [];

    /// <summary>What the statements of the SQL leave in the session.</summary>
    internal SessionLeftovers Leftovers { get; private init; } = SessionLeftovers.None;

    /// <summary>Type of the action; SQL of a file is of the type of the action that runs SQL.</summary>
    internal string Type => Action?["type"].AsText() ?? RunSql;

    /// <summary>Arguments of the action.</summary>
    internal JsonNode? Arguments => Action?["args"];

    /// <summary>True for SQL that means the same in a file.</summary>
    internal bool FitsIntoFile => Sql is not null && (Arguments is not JsonObject arguments || arguments.All(a => PlainArguments.Contains(a.Key) || IsOff(a.Value)));

    /// <summary>Takes the SQL of a file.</summary>
    internal static SquashItem OfFile(SourceMigration migration, PlannedStep step) => new(migration, step.Step.Place, new SqlPosition(1, 1))
    {
        Sql = SqlFragment.Of(step),
        Statements = [.. step.Statements.Select(s => s.Text)],
        Leftovers = SessionLeftovers.Of(step.Statements),
    };

    /// <summary>Takes an action; those of a bulk one by one.</summary>
    internal static IEnumerable<SquashItem> OfAction(SourceMigration migration, string file, SqlPosition position, JsonObject action)
    {
        if (action["type"].AsText() == "bulk" && action["args"] is JsonArray list && list.All(a => a.Get("type").AsText() is not null))
        {
            return list.OfType<JsonObject>().SelectMany(a => OfAction(migration, file, position, a));
        }

        var item = new SquashItem(migration, file, position) { Action = (JsonObject)action.DeepClone() };
        if (StepAction.IsSql(item.Type))
        {
            item.Action["type"] = RunSql;
        }

        if (item.Type != RunSql || item.Arguments.Get("sql").AsText() is not { } sql)
        {
            return [item];
        }

        var script = SqlScript.Parse(sql);
        return [item with { Sql = SqlFragment.Of(script, []), Statements = [.. script.Statements.Select(s => s.Text)], Leftovers = SessionLeftovers.Of(script.Statements) }];
    }

    /// <summary>Takes statements that stand between two migrations.</summary>
    internal static SquashItem Between(SquashItem before, IReadOnlyList<string> statements) => new(before.Migration, before.File, before.Position)
    {
        Sql = string.Concat(statements.Select(s => $"{s};\n")),
        Statements = statements,
    };

    /// <summary>The same with an action that may be changed.</summary>
    internal SquashItem Copy() => this with { Action = (JsonObject?)Action?.DeepClone() };

    /// <summary>The action to write.</summary>
    internal JsonObject ToAction() => Action is not null
        ? (JsonObject)Action.DeepClone()
        : new JsonObject { ["type"] = RunSql, ["args"] = new JsonObject { ["sql"] = Sql!.TrimEnd() + "\n" } };

    /// <summary>Place and kind, for messages.</summary>
    public override string ToString() => $"{Type} ({File}:{Position.Line})";

    private static bool IsOff(JsonNode? value) => value is null || (value is JsonValue flag && flag.TryGetValue(out bool isOn) && !isOn);
}
