using Npgsql;

namespace HasuraMigrations.Engine.Targets.Postgres;

/// <summary>Small queries of our own; every value comes as text, so that no type has to be known.</summary>
internal static class SessionQueries
{
    /// <summary>All rows of a query.</summary>
    internal static async Task<List<string?[]>> RowsAsync(this NpgsqlConnection session, string sql, object?[] arguments, CancellationToken cancellationToken)
    {
        await using var command = Command(session, sql, arguments);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
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
        await using var command = Command(session, sql, arguments);
        return await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Adds a statement to a batch.</summary>
    internal static NpgsqlBatchCommand Add(this NpgsqlBatch batch, string sql, params object?[] arguments)
    {
        var command = new NpgsqlBatchCommand(sql);
        foreach (var argument in arguments)
        {
            command.Parameters.Add(Parameter(argument));
        }

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
        CheckOpen(session);
        await using var batch = session.CreateBatch();
        foreach (var statement in statements)
        {
            batch.Add(statement);
        }

        await batch.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Runs several statements without results in one trip, and asks for one text after them.</summary>
    internal static async Task<string> ExecuteAllAsync(this NpgsqlConnection session, IEnumerable<string> statements, string question, CancellationToken cancellationToken)
    {
        CheckOpen(session);
        await using var batch = session.CreateBatch();
        foreach (var statement in statements.Append(question))
        {
            batch.Add(statement);
        }

        return (string)(await batch.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false))!;
    }

    private static NpgsqlCommand Command(NpgsqlConnection session, string sql, object?[] arguments)
    {
        CheckOpen(session);
        var command = session.CreateCommand();
        command.CommandText = sql;
        command.AllResultTypesAreUnknown = true;
        foreach (var argument in arguments)
        {
            command.Parameters.Add(Parameter(argument));
        }

        return command;
    }

    // The driver may find out between two statements that a session has ended, and calls the next one a misuse.
    private static void CheckOpen(NpgsqlConnection session)
    {
        if (session.State != System.Data.ConnectionState.Open)
        {
            throw new NpgsqlException("the session has ended");
        }
    }

    private static NpgsqlParameter Parameter(object? value) => value switch
    {
        null => new NpgsqlParameter { Value = DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Text },
        SqlNull.Uuid => new NpgsqlParameter { Value = DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Uuid },
        SqlNull.Bytes => new NpgsqlParameter { Value = DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Bytea },
        _ => new NpgsqlParameter { Value = value },
    };
}
