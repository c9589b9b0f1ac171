using System.Data;
using HasuraMigrations.Engine.Sql;
using Npgsql;

namespace HasuraMigrations.Engine.Catalog;

/// <summary>A query of ours that may fail. The transaction of the session, if it is in one, goes on as if the query had not run.</summary>
/// <param name="session">The session.</param>
/// <param name="isExpected">Tells the errors that do not end the work.</param>
internal sealed class SavepointQuery(NpgsqlConnection session, Func<PostgresException, bool> isExpected)
{
    private const string Name = "hasura_migrations_query";
    private static readonly string[] Back = [$"ROLLBACK TO SAVEPOINT {Name}", $"RELEASE SAVEPOINT {Name}"];

    /// <summary>Runs it.</summary>
    /// <param name="query">The query, which runs with <see cref="OwnPath"/>.</param>
    /// <param name="before">A statement that runs before it with the path of the session; null for none.</param>
    /// <param name="after">A statement that runs after it; null for none.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>Its rows.</returns>
    /// <exception cref="PostgresException">A statement failed.</exception>
    internal async Task<List<string?[]>> ReadAsync(string query, string? before, string? after, CancellationToken cancellationToken)
    {
        string?[] own = [before, OwnPath.Enter, query, OwnPath.Leave, after];
        try
        {
            return await RowsAsync([$"SAVEPOINT {Name}", .. own.OfType<string>(), .. Back], cancellationToken).ConfigureAwait(false);
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.NoActiveSqlTransaction)
        {
            // The statements of a batch are one transaction then (PostgreSQL manual, Message Flow).
            return await RowsAsync([.. own.OfType<string>()], cancellationToken).ConfigureAwait(false);
        }
        catch (PostgresException e) when (isExpected(e))
        {
            await using var back = Batch(Back);
            await back.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
            throw;
        }
    }

    private async Task<List<string?[]>> RowsAsync(IEnumerable<string> statements, CancellationToken cancellationToken)
    {
        await using var batch = Batch(statements);
        await using var reader = await batch.ExecuteReaderAsync(CommandBehavior.Default, cancellationToken).ConfigureAwait(false);
        // Only statements that return rows have a result: the first is that of the path.
        await reader.NextResultAsync(cancellationToken).ConfigureAwait(false);
        return await CatalogRead.ListAsync(reader, r => r, cancellationToken).ConfigureAwait(false);
    }

    private NpgsqlBatch Batch(IEnumerable<string> statements)
    {
        var batch = session.CreateBatch();
        foreach (var statement in statements)
        {
            batch.BatchCommands.Add(new NpgsqlBatchCommand(statement));
        }

        return batch;
    }
}
