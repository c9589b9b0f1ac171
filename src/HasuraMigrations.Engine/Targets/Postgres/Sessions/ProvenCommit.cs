using System.Diagnostics;
using HasuraMigrations.Engine.Migrations;
using Npgsql;

namespace HasuraMigrations.Engine.Targets.Postgres.Sessions;

/// <summary>
/// Commits a transaction. If the answer is lost, the server is asked for the status of the transaction, so that a commit
/// that went through is not reported as a failure, nor the other way round.
/// </summary>
/// <param name="connector">Opens the session that asks.</param>
/// <param name="doing">What the transaction does, for messages.</param>
internal sealed class ProvenCommit(PostgresConnector connector, string doing)
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(250);

    /// <summary>Commits.</summary>
    /// <exception cref="NpgsqlException">It was not committed.</exception>
    /// <exception cref="HasuraMigrationException">DatabaseUnreachable: the connection broke, and nothing was committed.
    /// OutcomeUnknown: the server did not come back within <see cref="RunOptions.DefaultReconnectTimeout"/>, or no longer knows.</exception>
    internal async Task RunAsync(NpgsqlConnection session, NpgsqlTransaction transaction, CancellationToken cancellationToken)
    {
        // A transaction that wrote nothing has no number, and nothing to lose.
        var number = (await session.RowsAsync("SELECT pg_catalog.txid_current_if_assigned()", [], cancellationToken).ConfigureAwait(false))[0][0];
        try
        {
            await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (NpgsqlException e) when (number is not null && PostgresErrors.IsBroken(e, session))
        {
            // It may hold the connection open, and the server its locks.
            await session.DisposeAsync().ConfigureAwait(false);
            if (!await IsCommittedAsync(number, e, cancellationToken).ConfigureAwait(false))
            {
                throw new HasuraMigrationException("DatabaseUnreachable", $"The connection to {connector.Description} broke while {doing}, and the server reports that nothing was committed: {Cause(e)}.", connector.Description, e);
            }
        }
    }

    private async Task<bool> IsCommittedAsync(string number, NpgsqlException lost, CancellationToken cancellationToken)
    {
        var clock = Stopwatch.StartNew();
        var last = "the transaction was still in progress";
        while (clock.Elapsed < RunOptions.DefaultReconnectTimeout)
        {
            try
            {
                await using var session = await connector.OpenAsync("metadata", keepAlive: false, cancellationToken, RunOptions.DefaultReconnectTimeout).ConfigureAwait(false);
                switch ((await session.RowsAsync("SELECT pg_catalog.txid_status($1::pg_catalog.text::pg_catalog.int8)", [number], cancellationToken).ConfigureAwait(false))[0][0])
                {
                    case "committed":
                        return true;
                    case "aborted":
                        return false;
                    case null:
                        throw Unknown(lost, "the server no longer keeps the status of the transaction");
                }
            }
            catch (HasuraMigrationException e) when (e.Kind is ErrorKind.ConnectionError or ErrorKind.ResourceBusy && e.ErrorId != "OutcomeUnknown")
            {
                last = e.Message;
            }
            catch (NpgsqlException e)
            {
                last = Cause(e);
            }

            await Task.Delay(PollInterval, cancellationToken).ConfigureAwait(false);
        }

        throw Unknown(lost, last);
    }

    private HasuraMigrationException Unknown(NpgsqlException lost, string why) =>
        new("OutcomeUnknown", $"The connection to {connector.Description} broke while {doing}, and it is unknown whether the change was committed: {why.TrimEnd('.')}.", connector.Description, lost);

    private static string Cause(Exception e) => (e.InnerException ?? e).Message.TrimEnd('.');
}
