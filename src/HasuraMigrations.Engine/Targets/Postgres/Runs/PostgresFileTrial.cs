using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Records;
using HasuraMigrations.Engine.Targets.Postgres.Sessions;
using Npgsql;

namespace HasuraMigrations.Engine.Targets.Postgres.Runs;

/// <summary>Tries files in one transaction, each behind a savepoint, so that one that fails does not take the others with it.</summary>
internal sealed class PostgresFileTrial(RunContext context, WorkSession work) : IFileTrial
{
    private const string Savepoint = "SAVEPOINT hasura_migrations_file";
    private const string Release = "RELEASE SAVEPOINT hasura_migrations_file";
    private const string Back = "ROLLBACK TO SAVEPOINT hasura_migrations_file";

    // Files of one trip, so that the memory is bounded.
    private const int MostFiles = 64;
    private const int MostCharacters = 4 * 1024 * 1024;

    private readonly FailureBuilder _failures = new(context);
    private readonly PassingWait _waiting = new(context.Options);
    private bool _isOpen;

    public async Task<(int Works, MigrationFailedException? Error)> TryAsync(IReadOnlyList<PlannedMigration> working, IReadOnlyList<PlannedMigration> next, CancellationToken cancellationToken)
    {
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (!_isOpen && !await OpenAsync(working, cancellationToken).ConfigureAwait(false))
            {
                continue;
            }

            var group = Group(next);
            Dictionary<NpgsqlBatchCommand, CommandOrigin> origins = [];
            if (await SendAsync([], group, origins, cancellationToken).ConfigureAwait(false) is not { } error)
            {
                return (group.Count, null);
            }

            if (PostgresErrors.ServerError(error) is { } server && server.BatchCommand is NpgsqlBatchCommand command && origins.TryGetValue(command, out var origin) && !FailureBuilder.IsPassing(server) && !PostgresErrors.IsBroken(error, work.Session))
            {
                var failed = group[origin.Index];
                await work.Session.CommandAsync(Back, cancellationToken).ConfigureAwait(false);
                return (origin.Index, _failures.Build(_failures.IdOf(server, origin), error, failed, origin));
            }

            await HandleAsync(error, group[0], isOpening: false, cancellationToken).ConfigureAwait(false);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_isOpen && !work.IsBroken)
        {
            await work.RollbackAsync(CancellationToken.None).ConfigureAwait(false);
        }
    }

    /// <summary>Opens the transaction and runs the files that work; false where that has to be done again.</summary>
    private async Task<bool> OpenAsync(IReadOnlyList<PlannedMigration> working, CancellationToken cancellationToken)
    {
        string[] opening = ["DISCARD ALL", "BEGIN", .. context.Fence()];
        if (await SendAsync(opening, [], [], cancellationToken).ConfigureAwait(false) is { } refused)
        {
            await HandleAsync(refused, working.Count > 0 ? working[0] : null, isOpening: true, cancellationToken).ConfigureAwait(false);
            return false;
        }

        for (var done = 0; done < working.Count;)
        {
            var group = Group([.. working.Skip(done)]);
            if (await SendAsync([], group, [], cancellationToken).ConfigureAwait(false) is { } error)
            {
                await HandleAsync(error, group[0], isOpening: false, cancellationToken).ConfigureAwait(false);
                return false;
            }

            done += group.Count;
        }

        return _isOpen = true;
    }

    private static List<PlannedMigration> Group(IReadOnlyList<PlannedMigration> files)
    {
        var characters = 0L;
        return
        [
            .. files.Take(MostFiles).TakeWhile((file, i) =>
            {
                characters += file.Steps.Sum(s => (long)s.Script.Content.Length);
                return i == 0 || characters <= MostCharacters;
            }),
        ];
    }

    /// <summary>Sends one trip; returns what stopped it.</summary>
    private async Task<Exception?> SendAsync(string[] before, List<PlannedMigration> files, Dictionary<NpgsqlBatchCommand, CommandOrigin> origins, CancellationToken cancellationToken)
    {
        await using var batch = work.Session.CreateBatch().OfAnyLength();
        TextResults.Ask(batch);
        foreach (var sql in before)
        {
            batch.Add(sql);
        }

        for (var i = 0; i < files.Count; i++)
        {
            AddFile(batch, files[i], i, origins);
        }

        try
        {
            await work.RunAsync(batch.ExecuteNonQueryAsync, cancellationToken).ConfigureAwait(false);
            return null;
        }
        catch (Exception e) when (e is NpgsqlException or OperationCanceledException or IOException)
        {
            return e;
        }
    }

    // As in the run itself, where each file but the first finds the session clean, and its deferred constraints are checked at its end.
    private void AddFile(NpgsqlBatch batch, PlannedMigration file, int index, Dictionary<NpgsqlBatchCommand, CommandOrigin> origins)
    {
        var frame = new CommandOrigin(index, Kind: CommandKind.Frame);
        origins[batch.Add(Savepoint)] = frame;
        foreach (var sql in MigrationBatch.CleanInTransaction.Append(context.Settings()))
        {
            origins[batch.Add(sql)] = frame;
        }

        foreach (var step in file.Steps)
        {
            foreach (var statement in step.Statements)
            {
                var command = new NpgsqlBatchCommand(statement.Text);
                batch.BatchCommands.Add(command);
                origins[command] = new CommandOrigin(index, step, statement);
            }
        }

        foreach (var sql in context.AfterFile().Append(Release))
        {
            origins[batch.Add(sql)] = frame;
        }
    }

    /// <summary>Returns where the transaction can be begun again; throws where that is of no use.</summary>
    private async Task HandleAsync(Exception error, PlannedMigration? file, bool isOpening, CancellationToken cancellationToken)
    {
        _isOpen = false;
        if (PostgresErrors.IsBroken(error, work.Session))
        {
            context.Lost.Add();
            await work.RecoverAsync(cancellationToken.IsCancellationRequested ? CancellationToken.None : cancellationToken).ConfigureAwait(false);
            cancellationToken.ThrowIfCancellationRequested();
            if (context.Lost.AreTooMany)
            {
                throw PostgresErrors.Query(error as NpgsqlException ?? new NpgsqlException(error.Message, error), "trying repeatable files", context.Connector.Description);
            }

            return;
        }

        await work.RollbackAsync(CancellationToken.None).ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
        var server = PostgresErrors.ServerError(error);
        if (isOpening && server?.SqlState is (AdvisoryLocks.WorkBusy or AdvisoryLocks.RunLockLost) and var state)
        {
            await work.RegainAsync(state, cancellationToken).ConfigureAwait(false);
            return;
        }

        if (server is null || !FailureBuilder.IsPassing(server) || file is null || !_waiting.MayTryAgain())
        {
            throw file is null ? PostgresErrors.Query(error as NpgsqlException ?? new NpgsqlException(error.Message, error), "trying repeatable files", context.Connector.Description)
                : _failures.Build(server is not null && FailureBuilder.IsPassing(server) ? "DdlLockTimeout" : "MigrationFailed", error, file, null);
        }

        context.ReportWait(file, server.MessageText);
        await _waiting.PauseAsync(cancellationToken).ConfigureAwait(false);
    }
}
