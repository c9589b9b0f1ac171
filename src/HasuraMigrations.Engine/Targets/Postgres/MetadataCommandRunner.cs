using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Metadata;
using HasuraMigrations.Engine.Metadata.Commands;
using HasuraMigrations.Engine.Sql;
using HasuraMigrations.Engine.Targets.Server;
using Npgsql;

namespace HasuraMigrations.Engine.Targets.Postgres;

/// <summary>
/// Carries out commands of Hasura's API on a database, as a server would: metadata commands, <c>run_sql</c> with what it does
/// to tracked objects, and <c>bulk</c>. All of it happens in the transaction of the caller.
/// </summary>
/// <param name="session">The session, with a transaction open.</param>
/// <param name="metadata">The metadata in it.</param>
/// <param name="source">The source whose database it is.</param>
internal sealed class MetadataCommandRunner(NpgsqlConnection session, CommandSession metadata, string source)
{
    /// <summary>Carries out one command.</summary>
    /// <param name="body">An object with <c>type</c> and mostly <c>args</c>.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>What a server would answer.</returns>
    /// <exception cref="MetadataCommandException">It is refused, with the path in the command.</exception>
    /// <exception cref="PostgresException">SQL of it failed.</exception>
    internal async Task<JsonNode> RunAsync(JsonNode? body, CancellationToken cancellationToken)
    {
        if (body is not JsonObject command || command["type"].AsText() is not { } type)
        {
            throw MetadataCommandException.Parse("the key 'type' was not present");
        }

        var args = command["args"];
        try
        {
            return type switch
            {
                "bulk" => await RunBulkAsync(args, cancellationToken).ConfigureAwait(false),
                "bulk_keep_going" when !metadata.Era.IsVersion1 => await RunGoingOnAsync(args, cancellationToken).ConfigureAwait(false),
                "bulk_atomic" when !metadata.Era.IsVersion1 => await metadata.RunAllAsync(Items(args).Select(i => (i.Get("type").AsText() ?? "", i.Get("args"))), cancellationToken).ConfigureAwait(false),
                "run_sql" or "pg_run_sql" => await RunSqlAsync(args, cancellationToken).ConfigureAwait(false),
                _ when RowCommands.Find(type) is { } rows => await metadata.RunAsync(rows, args, session, cancellationToken).ConfigureAwait(false),
                _ when MetadataCommands.Find(type) is { } definition => await metadata.RunAsync(definition, args, Version(command), cancellationToken).ConfigureAwait(false),
                _ => throw Unknown(type),
            };
        }
        catch (MetadataCommandException e)
        {
            throw e.Under(".args");
        }
    }

    /// <summary>Carries out one command of a user.</summary>
    /// <exception cref="HasuraMigrationException">MetadataCommandRefused, with Hasura's code and path.</exception>
    internal async Task<JsonNode> AnswerAsync(JsonObject body, string description, CancellationToken cancellationToken)
    {
        try
        {
            return await RunAsync(body, cancellationToken).ConfigureAwait(false);
        }
        catch (MetadataCommandException e)
        {
            throw new HasuraServerException("MetadataCommandRefused", $"The command {body["type"].AsText()} was refused on {description}: {e.Message.TrimEnd('.')} ({e.Code} at {e.Path}).", description, e)
            {
                Code = e.Code,
                Path = e.Path,
                Status = e.Status,
            };
        }
        catch (PostgresException e)
        {
            throw new HasuraServerException("MetadataCommandRefused", $"SQL of the command {body["type"].AsText()} failed on {description}: {e.SqlState}: {e.MessageText.TrimEnd('.')}.", description, e)
            {
                Code = "postgres-error",
                SqlState = e.SqlState,
                DatabaseMessage = e.MessageText,
                DatabaseHint = e.Hint,
            };
        }
    }

    private static JsonArray Items(JsonNode? args) =>
        args as JsonArray ?? throw MetadataCommandException.Parse("parsing [] failed, expected Array");

    private static int Version(JsonObject command) => command["version"] is JsonValue value && value.TryGetValue<int>(out var version) ? version : 1;

    private async Task<JsonNode> RunBulkAsync(JsonNode? args, CancellationToken cancellationToken)
    {
        var answers = new JsonArray();
        foreach (var (item, index) in Items(args).Select((item, index) => (item, index)))
        {
            try
            {
                answers.Add(await RunAsync(item, cancellationToken).ConfigureAwait(false));
            }
            catch (MetadataCommandException e)
            {
                throw e.Under($"[{index}]");
            }
        }

        return answers;
    }

    // What fails is undone, and its error stands in its place.
    private async Task<JsonNode> RunGoingOnAsync(JsonNode? args, CancellationToken cancellationToken)
    {
        var answers = new JsonArray();
        foreach (var (item, index) in Items(args).Select((item, index) => (item, index)))
        {
            var mark = metadata.Mark();
            await session.ExecuteAsync("SAVEPOINT hasura_migrations_item", [], cancellationToken).ConfigureAwait(false);
            try
            {
                answers.Add(await RunAsync(item, cancellationToken).ConfigureAwait(false));
                await session.ExecuteAsync("RELEASE SAVEPOINT hasura_migrations_item", [], cancellationToken).ConfigureAwait(false);
                continue;
            }
            catch (MetadataCommandException e)
            {
                answers.Add((JsonNode)e.Under($".args[{index}]").ToJson());
            }
            catch (PostgresException e)
            {
                answers.Add((JsonNode)new MetadataCommandException("postgres-error", "query execution failed", $"$.args[{index}]", details: $"{e.SqlState}: {e.MessageText}").ToJson());
            }

            await session.ExecuteAsync("ROLLBACK TO SAVEPOINT hasura_migrations_item", [], cancellationToken).ConfigureAwait(false);
            metadata.Return(mark);
        }

        return answers;
    }

    // As a server says it, but for the list of all names: the nearest one is of more use.
    private static MetadataCommandException Unknown(string type) =>
        ServerOnlyCommands.Find(CommandNames.WithoutPrefix(type) ?? type)
        ?? MetadataCommandException.Parse($"unknown command \"{type}\"{(NearestName.Of(CommandNames.WithoutPrefix(type) ?? type, [.. MetadataCommands.Names, .. RowCommands.Names, "run_sql", "bulk"]) is { } nearest ? $"; did you mean \"{nearest}\"?" : "")}");

    private async Task<JsonNode> RunSqlAsync(JsonNode? args, CancellationToken cancellationToken)
    {
        var sql = args.Get("sql").AsText() ?? throw MetadataCommandException.Parse("key \"sql\" not found");
        var named = args.Get("source").AsText() ?? MetadataVersions.DefaultSource;
        if (named != source)
        {
            throw MetadataCommandException.NotExists($"source with name \"{named}\" is in another database than the one that is connected to");
        }

        var isChecked = !Flag(args, "read_only") && (args.Get("check_metadata_consistency") is JsonValue given && given.TryGetValue<bool>(out var check) ? check : RunSqlRule.IsChecked(sql));
        return await metadata.RunSqlAsync(source, isChecked, Flag(args, "cascade"), async after =>
        {
            var answer = await ExecuteAsync(sql, cancellationToken).ConfigureAwait(false);
            await after(session).ConfigureAwait(false);
            return answer;
        }, cancellationToken).ConfigureAwait(false);
    }

    // Only the result of the last statement is answered, all of it as text.
    private async Task<JsonNode> ExecuteAsync(string sql, CancellationToken cancellationToken)
    {
        var script = SqlScript.Parse(sql);
        if (script.TransactionControl is [var control, ..])
        {
            throw new MetadataCommandException("not-supported", $"statement {control.Ordinal} controls transactions, and the command is part of one");
        }

        JsonArray? rows = null;
        foreach (var statement in script.Statements)
        {
            await using var command = session.CreateCommand();
            command.CommandText = statement.Text;
            command.AllResultTypesAreUnknown = true;
            await using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
            rows = reader.FieldCount == 0 ? null : [new JsonArray([.. Enumerable.Range(0, reader.FieldCount).Select(i => (JsonNode)reader.GetName(i))])];
            while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
            {
                rows!.Add((JsonNode)new JsonArray([.. Enumerable.Range(0, reader.FieldCount).Select(i => (JsonNode)(reader.IsDBNull(i) ? "NULL" : reader.GetString(i)))]));
            }
        }

        return new JsonObject { ["result_type"] = rows is null ? "CommandOk" : "TuplesOk", ["result"] = rows };
    }

    private static bool Flag(JsonNode? args, string name) => args.Get(name) is JsonValue value && value.TryGetValue<bool>(out var flag) && flag;
}
