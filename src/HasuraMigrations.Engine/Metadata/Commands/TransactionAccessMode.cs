using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Metadata.Model;

namespace HasuraMigrations.Engine.Metadata.Commands;

/// <summary>Whether the one transaction of a version 1 request is read-only.</summary>
internal static class TransactionAccessMode
{
    internal const string ReadOnly = "READ ONLY";
    internal const string ReadWrite = "READ WRITE";

    /// <summary>The mode that fits every item. What is no command is told where it is carried out, not here.</summary>
    /// <param name="type">The name of a command; <c>bulk</c> for several.</param>
    /// <param name="args">Its arguments.</param>
    /// <exception cref="MetadataCommandException">bad-request: two items force different modes.</exception>
    internal static string Of(string? type, JsonNode? args) => Forced(type, args) ?? ReadOnly;

    // Null for what fits both.
    private static string? Forced(string? type, JsonNode? args)
    {
        if (type != "bulk" || args is not JsonArray items)
        {
            return type is "select" or "count" ? null : type == "run_sql" && RunSqlArguments.IsReading(args) ? ReadOnly : ReadWrite;
        }

        string? expected = null;
        for (var i = 0; i < items.Count; i++)
        {
            var mode = Forced(items[i].Get("type").AsText(), items[i].Get("args"));
            expected ??= mode;
            if (mode is not null && mode != expected)
            {
                throw new MetadataCommandException("bad-request", $"incompatible access mode requirements in bulk query, expected access mode: {expected} but $.args[{i}] forces {mode}");
            }
        }

        return expected;
    }
}
