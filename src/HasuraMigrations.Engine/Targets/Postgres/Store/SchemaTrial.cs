using HasuraMigrations.Engine.Catalog;
using HasuraMigrations.Engine.Targets.Postgres.Sessions;
using Npgsql;

namespace HasuraMigrations.Engine.Targets.Postgres.Store;

/// <summary>Tries statements in a throwaway database, and tells what the catalog is after each of them.</summary>
/// <param name="database">The throwaway database.</param>
internal sealed class SchemaTrial(HasuraConnection database)
{
    /// <summary>Runs statements, which remain done.</summary>
    /// <param name="statements">The statements in their order.</param>
    /// <param name="isTransactional">They run in one transaction.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>The catalog before them, and after each one that changed it, with the index of the statement.</returns>
    /// <exception cref="StatementFailedException">A statement failed.</exception>
    /// <exception cref="HasuraMigrationException">The errors of connections.</exception>
    internal async Task<IReadOnlyList<(int Statement, DatabaseCatalog Catalog)>> RunAsync(IReadOnlyList<string> statements, bool isTransactional, CancellationToken cancellationToken)
    {
        var connector = new PostgresConnector(database);
        await using (connector.ConfigureAwait(false))
        {
            var session = await connector.OpenAsync("trial", keepAlive: false, cancellationToken).ConfigureAwait(false);
            await using (session.ConfigureAwait(false))
            {
                await using var transaction = isTransactional ? await session.BeginTransactionAsync(cancellationToken).ConfigureAwait(false) : null;
                var found = await RunAsync(session, statements, isTransactional, cancellationToken).ConfigureAwait(false);
                if (transaction is not null)
                {
                    await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
                }

                return found;
            }
        }
    }

    private static async Task<IReadOnlyList<(int Statement, DatabaseCatalog Catalog)>> RunAsync(NpgsqlConnection session, IReadOnlyList<string> statements, bool isTransactional, CancellationToken cancellationToken)
    {
        var found = new List<(int, DatabaseCatalog)> { (-1, await CatalogFactsReader.ReadAsync(session, withSystem: false, cancellationToken).ConfigureAwait(false)) };
        for (var i = 0; i < statements.Count; i++)
        {
            try
            {
                // A batch is sent as it is; the text of a command would be searched for parameters.
                await using var batch = session.CreateBatch();
                batch.Timeout = 0;
                batch.BatchCommands.Add(new NpgsqlBatchCommand(statements[i]));
                await batch.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (PostgresException e)
            {
                throw new StatementFailedException(i, e.SqlState, e.MessageText, e);
            }

            var known = found[^1].Item2;
            // What a transaction has changed is known by its own marks; without one, everything is read again.
            var now = isTransactional
                ? await CatalogFactsReader.RefreshAsync(session, known, null, null, cancellationToken).ConfigureAwait(false)
                : await CatalogFactsReader.ReadAsync(session, withSystem: false, cancellationToken).ConfigureAwait(false);
            if (!ReferenceEquals(now, known))
            {
                found.Add((i, now));
            }
        }

        return found;
    }
}

/// <summary>A statement failed in a throwaway database.</summary>
/// <param name="statement">Its index.</param>
/// <param name="sqlState">SQLSTATE of the error.</param>
/// <param name="message">What the server said.</param>
/// <param name="cause">The error.</param>
internal sealed class StatementFailedException(int statement, string sqlState, string message, Exception cause) : Exception(message, cause)
{
    /// <summary>Its index.</summary>
    internal int Statement => statement;

    /// <summary>SQLSTATE of the error.</summary>
    internal string SqlState => sqlState;
}
