using System.Data;
using HasuraMigrations.Engine.Catalog;
using HasuraMigrations.Engine.Records;
using HasuraMigrations.Engine.Sql;
using Npgsql;

namespace HasuraMigrations.Engine.Targets.Postgres.Sessions;

/// <summary>
/// Statements of our own, with our own search path (<see cref="OwnBatch"/>); every value comes as text, so that no type has to
/// be known. What neither names nor computes anything goes as a command.
/// </summary>
internal static class SessionQueries
{
    /// <summary>All rows of a query.</summary>
    internal static async Task<List<string?[]>> RowsAsync(this NpgsqlConnection session, string sql, object?[] arguments, CancellationToken cancellationToken)
    {
        await using var batch = Batch(session).With(TextResults.Ask).Add(Command(sql, arguments));
        await using var reader = await batch.ReadAsync(CommandBehavior.Default, cancellationToken).ConfigureAwait(false);
        // A statement without a result is passed over.
        return reader.GetName(0) == OwnPath.LeaveColumn ? [] : await RowsAsync(reader, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>All rows of a query of ours.</summary>
    internal static async Task<List<string?[]>> RowsAsync(this NpgsqlConnection session, OwnStatement statement, CancellationToken cancellationToken)
    {
        if (!statement.NeedsPathOfSession)
        {
            return await session.RowsAsync(statement.Sql, statement.Arguments, cancellationToken).ConfigureAwait(false);
        }

        CheckOpen(session);
        await using var batch = session.CreateBatch();
        TextResults.Ask(batch);
        batch.Add(statement);
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        return await RowsAsync(reader, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The rows of several queries of ours, in one trip.</summary>
    internal static async Task<List<List<string?[]>>> RowsAsync(this NpgsqlConnection session, IReadOnlyList<OwnStatement> queries, CancellationToken cancellationToken)
    {
        var answers = new List<List<string?[]>>();
        if (queries.Count > 0)
        {
            await using var batch = Batch(session).With(TextResults.Ask);
            foreach (var query in queries)
            {
                batch.Add(Command(query));
            }

            await using var reader = await batch.ReadAsync(CommandBehavior.Default, cancellationToken).ConfigureAwait(false);
            while (answers.Count < queries.Count)
            {
                answers.Add(await RowsAsync(reader, cancellationToken).ConfigureAwait(false));
                await reader.NextResultAsync(cancellationToken).ConfigureAwait(false);
            }
        }

        return answers;
    }

    private static async Task<List<string?[]>> RowsAsync(NpgsqlDataReader reader, CancellationToken cancellationToken)
    {
        var rows = new List<string?[]>();
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            var row = new string?[reader.FieldCount];
            for (var i = 0; i < row.Length; i++)
            {
                row[i] = reader.IsDBNull(i) ? null : reader.GetString(i);
            }

            rows.Add(row);
        }

        return rows;
    }

    /// <summary>Runs a statement and returns the number of rows it touched.</summary>
    internal static async Task<int> ExecuteAsync(this NpgsqlConnection session, string sql, object?[] arguments, CancellationToken cancellationToken)
    {
        await using var batch = Batch(session).Add(Command(sql, arguments));
        return await batch.ExecuteAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Runs statements that neither name nor compute anything, such as BEGIN and SET, as they are and in one trip.</summary>
    internal static async Task CommandAsync(this NpgsqlConnection session, IEnumerable<string> statements, CancellationToken cancellationToken)
    {
        CheckOpen(session);
        // A COMMIT runs the deferred triggers of users.
        await using var batch = session.CreateBatch().OfAnyLength();
        foreach (var statement in statements)
        {
            batch.Add(statement);
        }

        await batch.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Runs a statement that neither names nor computes anything.</summary>
    internal static Task CommandAsync(this NpgsqlConnection session, string statement, CancellationToken cancellationToken) =>
        session.CommandAsync([statement], cancellationToken);

    /// <summary>Takes the limit of time away that statements of ours have.</summary>
    internal static NpgsqlBatch OfAnyLength(this NpgsqlBatch batch)
    {
        batch.Timeout = 0;
        return batch;
    }

    /// <summary>Adds a statement to a batch.</summary>
    internal static NpgsqlBatchCommand Add(this NpgsqlBatch batch, string sql, params object?[] arguments)
    {
        var command = Command(sql, arguments);
        batch.BatchCommands.Add(command);
        return command;
    }

    /// <summary>Adds a statement of ours to a batch.</summary>
    internal static NpgsqlBatchCommand Add(this NpgsqlBatch batch, OwnStatement statement) => batch.Add(statement.Sql, statement.Arguments);

    /// <summary>Runs a statement of ours and returns the number of rows it touched.</summary>
    internal static Task<int> ExecuteAsync(this NpgsqlConnection session, OwnStatement statement, CancellationToken cancellationToken) =>
        session.ExecuteAsync(statement.Sql, statement.Arguments, cancellationToken);

    /// <summary>Runs several statements in one trip.</summary>
    internal static async Task ExecuteAllAsync(this NpgsqlConnection session, IEnumerable<string> statements, CancellationToken cancellationToken)
    {
        await using var batch = Batch(session);
        foreach (var statement in statements)
        {
            batch.Add(Command(statement, []));
        }

        await batch.ExecuteAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Runs several statements of ours in one trip.</summary>
    /// <returns>The number of rows they touched.</returns>
    internal static async Task<int> ExecuteAllAsync(this NpgsqlConnection session, IEnumerable<OwnStatement> statements, CancellationToken cancellationToken)
    {
        await using var batch = Batch(session);
        foreach (var statement in statements)
        {
            batch.Add(Command(statement.Sql, statement.Arguments));
        }

        return await batch.ExecuteAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Runs several statements without results in one trip, and asks for one text after them.</summary>
    internal static async Task<string> ExecuteAllAsync(this NpgsqlConnection session, IEnumerable<string> statements, string question, CancellationToken cancellationToken)
    {
        await using var batch = Batch(session);
        foreach (var statement in statements.Append(question))
        {
            batch.Add(Command(statement, []));
        }

        await using var reader = await batch.ReadAsync(CommandBehavior.Default, cancellationToken).ConfigureAwait(false);
        await reader.ReadAsync(cancellationToken).ConfigureAwait(false);
        return reader.GetString(0);
    }

    private static OwnBatch Batch(NpgsqlConnection session)
    {
        CheckOpen(session);
        return new OwnBatch(session);
    }

    /// <summary>A statement of ours for a batch.</summary>
    internal static NpgsqlBatchCommand Command(OwnStatement statement) => Command(statement.Sql, statement.Arguments);

    /// <summary>A statement for a batch, with values for <c>$1</c> and so on.</summary>
    internal static NpgsqlBatchCommand Command(string sql, params object?[] arguments)
    {
        var command = new NpgsqlBatchCommand(sql);
        foreach (var argument in arguments)
        {
            command.Parameters.Add(Parameter(argument));
        }

        return command;
    }

    // The driver may find out between two statements that a session has ended, and calls the next one a misuse.
    /// <summary>Throws what a lost connection throws where the session has ended.</summary>
    /// <exception cref="NpgsqlException">It has ended.</exception>
    internal static void CheckOpen(NpgsqlConnection session)
    {
        if (session.State != System.Data.ConnectionState.Open)
        {
            throw new NpgsqlException("the session has ended");
        }
    }

    private static NpgsqlParameter Parameter(object? value) => value switch
    {
        null => new NpgsqlParameter { Value = DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Text },
        PackedSteps steps => new NpgsqlParameter { Value = steps.OpenRead(), NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Bytea },
        SqlNull.Uuid => new NpgsqlParameter { Value = DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Uuid },
        SqlNull.Bytes => new NpgsqlParameter { Value = DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Bytea },
        _ => new NpgsqlParameter { Value = value },
    };
}
