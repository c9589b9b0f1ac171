using System.Data;
using HasuraMigrations.Engine.Sql;
using Npgsql;

namespace HasuraMigrations.Engine.Catalog;

/// <summary>
/// SQL of this module in one trip, with <see cref="OwnPath"/>. The session, and the transaction it may be in, keep the path
/// they had. Every statement of ours that is not part of a larger batch goes this way.
/// </summary>
internal sealed class OwnBatch : IAsyncDisposable
{
    private readonly NpgsqlBatch _batch;

    internal OwnBatch(NpgsqlConnection session)
    {
        _batch = session.CreateBatch();
        _batch.BatchCommands.Add(new NpgsqlBatchCommand(OwnPath.Enter));
    }

    /// <summary>Adds a statement.</summary>
    internal OwnBatch Add(NpgsqlBatchCommand command)
    {
        _batch.BatchCommands.Add(command);
        return this;
    }

    /// <summary>Changes how the batch is sent.</summary>
    internal OwnBatch With(Action<NpgsqlBatch> change)
    {
        change(_batch);
        return this;
    }

    /// <summary>Runs it and returns the number of rows it touched.</summary>
    internal Task<int> ExecuteAsync(CancellationToken cancellationToken) => Closed().ExecuteNonQueryAsync(cancellationToken);

    /// <summary>Runs it. The reader stands at the first result of ours.</summary>
    internal async Task<NpgsqlDataReader> ReadAsync(CommandBehavior behavior, CancellationToken cancellationToken)
    {
        var reader = await Closed().ExecuteReaderAsync(behavior, cancellationToken).ConfigureAwait(false);
        try
        {
            await reader.NextResultAsync(cancellationToken).ConfigureAwait(false);
            return reader;
        }
        catch
        {
            await reader.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    public ValueTask DisposeAsync() => _batch.DisposeAsync();

    private NpgsqlBatch Closed()
    {
        _batch.BatchCommands.Add(new NpgsqlBatchCommand(OwnPath.Leave));
        return _batch;
    }
}
