using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Catalog;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Metadata.Commands;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Sql;
using HasuraMigrations.Engine.Targets.Postgres.Sessions;
using Npgsql;

namespace HasuraMigrations.Engine.Targets.Postgres.Api;

/// <summary>
/// Carries out commands of Hasura's API on a database, as a server would: metadata commands, <c>run_sql</c> with what it does
/// to tracked objects, and <c>bulk</c>. All of it happens in the transaction of the caller.
/// </summary>
/// <param name="session">The session, with a transaction open.</param>
/// <param name="metadata">The metadata in it.</param>
/// <param name="source">The source whose database it is.</param>
/// <param name="resourceVersion">The number of the metadata; null where it has none.</param>
internal sealed class MetadataCommandRunner(NpgsqlConnection session, CommandSession metadata, string source, long? resourceVersion)
{
    /// <summary>Carries out one command.</summary>
    /// <param name="body">An object with <c>type</c> and mostly <c>args</c>.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>What a server would answer.</returns>
    /// <exception cref="MetadataCommandException">It is refused, with the path in the command.</exception>
    /// <exception cref="PostgresException">SQL of it failed.</exception>
    internal async Task<JsonNode> RunAsync(JsonNode? body, CancellationToken cancellationToken)
    {
        var command = CommandEnvelope.Read(body);
        var era = metadata.Era;
        if (era.IsVersion1)
        {
            _ = TransactionAccessMode.Of(command.Type, command.Args);
        }

        var run = Find(command, cancellationToken) ?? throw Unknown(command);
        try
        {
            return await run().ConfigureAwait(false);
        }
        catch (MetadataCommandException e)
        {
            throw e.Under(".args");
        }
    }

    /// <summary>True for a command that changes nothing, and for several of the kind.</summary>
    internal static bool IsReading(JsonNode? body)
    {
        var args = body.Get("args");
        return body.Get("type").AsText() switch
        {
            "bulk" or "bulk_keep_going" or "concurrent_bulk" => args is JsonArray items && items.All(IsReading),
            "run_sql" or "pg_run_sql" => RunSqlArguments.IsReading(args),
            { } name => (CommandNames.WithoutPrefix(name) ?? name) is var plain && (MetadataCommands.IsReading(plain) || RowCommands.IsReading(plain)),
            null => false,
        };
    }

    /// <summary>Carries out one command of a user.</summary>
    /// <exception cref="HasuraMigrationException">MetadataCommandRefused, with Hasura's code and path.</exception>
    internal async Task<JsonNode> AnswerAsync(JsonObject body, string description, CancellationToken cancellationToken)
    {
        try
        {
            var answer = await RunAsync(body, cancellationToken).ConfigureAwait(false);
            RequireVersion(body);
            return answer;
        }
        catch (MetadataCommandException e)
        {
            var objects = MetadataReplacing.ObjectsOf(e);
            throw new HasuraServerException("MetadataCommandRefused", $"The command {body["type"].AsText()} was refused on {description}: {e.Message.ReplaceLineEndings(" ").TrimEnd('.')} ({e.Code} at {e.Path}).{InconsistencyReading.Describe(objects, t => t)}", description, e)
            {
                Inconsistencies = objects,
                Internal = e.Internal?.ToText(),
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

    // A server compares when it writes, behind everything else that can be refused.
    private void RequireVersion(JsonObject body)
    {
        if (metadata.IsModified && resourceVersion is { } present && CommandEnvelope.Read(body).ResourceVersion is { } referenced && referenced != present)
        {
            throw MetadataCommandException.Conflict(referenced);
        }
    }

    private async Task<JsonNode> RunDefinedAsync(CommandEnvelope command, CommandDefinition definition, CancellationToken cancellationToken)
    {
        var answer = await metadata.RunAsync(definition, command.Args, cancellationToken).ConfigureAwait(false);
        return command is { Type: "export_metadata", Version: 2 } ? new JsonObject { ["resource_version"] = resourceVersion, ["metadata"] = answer } : answer;
    }

    // What a command does; null for what is no command.
    private Func<Task<JsonNode>>? Find(CommandEnvelope command, CancellationToken cancellationToken)
    {
        var era = metadata.Era;
        return command.Type switch
        {
            _ when !CommandVersions.HasVersion(era, command.Type, command.Version) => null,
            "bulk" => () => RunBulkAsync(command, cancellationToken),
            "concurrent_bulk" when CommandVersions.IsKnown(era, command.Type) => RunConcurrently(command, cancellationToken),
            "bulk_keep_going" when CommandVersions.IsKnown(era, command.Type) => () => RunGoingOnAsync(command, cancellationToken),
            "bulk_atomic" when CommandVersions.IsKnown(era, command.Type) => () => metadata.RunAllAsync(command.Items.Select(i => CommandEnvelope.Read(i)).Select(i => (i.Type, i.Args)), cancellationToken),
            "run_sql" => () => RunSqlAsync(command, cancellationToken),
            "pg_run_sql" when !era.HasSpacedColons => () => RunSqlAsync(command, cancellationToken),
            _ when RowCommands.Find(era, command.Type) is { } rows => () => metadata.RunAsync(rows, command.Args, session, cancellationToken),
            _ when MetadataCommands.Find(era, command.Type, command.Version) is { } definition => () => RunDefinedAsync(command, definition, cancellationToken),
            _ => null,
        };
    }

    // One after the other: they have one session.
    private Func<Task<JsonNode>> RunConcurrently(CommandEnvelope command, CancellationToken cancellationToken)
    {
        var bulk = command.RequireReading();
        return () => RunBulkAsync(bulk, cancellationToken);
    }

    private async Task<JsonNode> RunBulkAsync(CommandEnvelope bulk, CancellationToken cancellationToken)
    {
        var answers = new JsonArray();
        foreach (var (item, index) in bulk.Items.Select((item, index) => (item, index)))
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
    private async Task<JsonNode> RunGoingOnAsync(CommandEnvelope bulk, CancellationToken cancellationToken)
    {
        var answers = new JsonArray();
        foreach (var (item, index) in bulk.Items.Select((item, index) => (item, index)))
        {
            var mark = metadata.Mark();
            await session.CommandAsync("SAVEPOINT hasura_migrations_item", cancellationToken).ConfigureAwait(false);
            try
            {
                answers.Add(await RunAsync(item, cancellationToken).ConfigureAwait(false));
                await session.CommandAsync("RELEASE SAVEPOINT hasura_migrations_item", cancellationToken).ConfigureAwait(false);
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

            await session.CommandAsync("ROLLBACK TO SAVEPOINT hasura_migrations_item", cancellationToken).ConfigureAwait(false);
            metadata.Return(mark);
        }

        return answers;
    }

    // As a server says it, but for the list of all names: the nearest one is of more use.
    private MetadataCommandException Unknown(CommandEnvelope command)
    {
        var refusal = MetadataCommands.Unknown(metadata.Era, command.Type, command.Version);
        var name = CommandNames.WithoutPrefix(command.Type) ?? command.Type;
        var nearest = NearestName.Of(name, [.. MetadataCommands.Names, .. RowCommands.Names, "run_sql", "bulk"]);
        return refusal.Code == "parse-failed" && nearest is not null && nearest != name
            ? MetadataCommandException.Parse($"unknown command \"{command.Type}\"; did you mean \"{command.Type[..^name.Length]}{nearest}\"?")
            : refusal;
    }

    private async Task<JsonNode> RunSqlAsync(CommandEnvelope command, CancellationToken cancellationToken)
    {
        var arguments = RunSqlArguments.Read(metadata.Era, command.Args);
        if (arguments.Source != source)
        {
            throw MetadataCommandException.NotExists($"source with name \"{arguments.Source}\" is in another database than the one that is connected to");
        }

        if (arguments.HasNoTransaction)
        {
            throw new MetadataCommandException("not-supported", "no_transaction has no meaning here: the command is part of a transaction");
        }

        return await metadata.RunSqlAsync(source, arguments.IsChecked, arguments.IsCascading, async after =>
        {
            var (answer, mark) = await (arguments.IsReadOnly ? ReadAsync(arguments.Sql, cancellationToken) : ExecuteAsync(arguments.Sql, cancellationToken)).ConfigureAwait(false);
            await after(session, mark).ConfigureAwait(false);
            return answer;
        }, cancellationToken).ConfigureAwait(false);
    }

    // A transaction that was made read-only stays so, but for what is undone up to a savepoint.
    private async Task<(JsonNode Answer, CatalogMark Mark)> ReadAsync(string sql, CancellationToken cancellationToken)
    {
        await session.CommandAsync(["SAVEPOINT hasura_migrations_read", "SET LOCAL transaction_read_only = on"], cancellationToken).ConfigureAwait(false);
        var answer = await ExecuteAsync(sql, cancellationToken).ConfigureAwait(false);
        await session.CommandAsync(["ROLLBACK TO SAVEPOINT hasura_migrations_read", "RELEASE SAVEPOINT hasura_migrations_read"], cancellationToken).ConfigureAwait(false);
        return answer;
    }

    // Only the result of the last statement is answered, all of it as text. In the same trip comes what the catalog is then.
    private async Task<(JsonNode Answer, CatalogMark Mark)> ExecuteAsync(string sql, CancellationToken cancellationToken)
    {
        var script = SqlScript.Parse(sql);
        if (script.TransactionControl is [var control, ..])
        {
            throw new MetadataCommandException("not-supported", $"statement {control.Ordinal} controls transactions, and the command is part of one");
        }

        if (script.Statements.Count == 0)
        {
            throw new MetadataCommandException("postgres-error", "query execution failed: the text has no statement");
        }

        if (script.Statements.Count > 1)
        {
            await using var first = Batch(script.Statements.SkipLast(1).Select(s => s.Text));
            await first.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
        }

        await using var batch = Batch([script.Statements[^1].Text, CatalogMark.Query]);
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        var (rows, next) = ((JsonArray?)null, await RowsAsync(reader, cancellationToken).ConfigureAwait(false));
        while (await reader.NextResultAsync(cancellationToken).ConfigureAwait(false))
        {
            (rows, next) = (next, await RowsAsync(reader, cancellationToken).ConfigureAwait(false));
        }

        return (Answer(rows), CatalogMark.Of(session, next![1]![0]!.GetValue<string>()));
    }

    private NpgsqlBatch Batch(IEnumerable<string> statements)
    {
        var batch = session.CreateBatch().OfAnyLength();
        TextResults.Ask(batch);
        foreach (var statement in statements)
        {
            batch.Add(statement);
        }

        return batch;
    }

    private static async Task<JsonArray?> RowsAsync(NpgsqlDataReader reader, CancellationToken cancellationToken)
    {
        if (reader.FieldCount == 0)
        {
            return null;
        }

        var fields = Enumerable.Range(0, reader.FieldCount);
        var rows = new JsonArray(new JsonArray([.. fields.Select(i => (JsonNode)reader.GetName(i))]));
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            rows.Add((JsonNode)new JsonArray([.. fields.Select(i => (JsonNode)(reader.IsDBNull(i) ? "NULL" : reader.GetString(i)))]));
        }

        return rows;
    }

    private static JsonObject Answer(JsonArray? rows) => new() { ["result_type"] = rows is null ? "CommandOk" : "TuplesOk", ["result"] = rows };
}
