using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Sql;

namespace HasuraMigrations.Engine.Targets.Server;

/// <summary>
/// Tries files in requests that always roll back. No transaction stays open between requests, so that each one begins with the files that
/// work; of several that fail together, the first is found by halving.
/// </summary>
internal sealed class ServerFileTrial(ServerRunContext run) : IFileTrial
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    private readonly PassingWait _waiting = new(run.Options);

    public async Task<(int Works, MigrationFailedException? Error)> TryAsync(IReadOnlyList<PlannedMigration> working, IReadOnlyList<PlannedMigration> next, CancellationToken cancellationToken)
    {
        var (works, fails) = (0, next.Count);
        if (await ErrorOfAsync([.. working, .. next], cancellationToken).ConfigureAwait(false) is not { } error)
        {
            return (next.Count, null);
        }

        while (fails - works > 1)
        {
            var middle = (works + fails) / 2;
            if (await ErrorOfAsync([.. working, .. next.Take(middle)], cancellationToken).ConfigureAwait(false) is { } earlier)
            {
                (fails, error) = (middle, earlier);
            }
            else
            {
                works = middle;
            }
        }

        var failed = next[works];
        var found = run.Options.LocateError ? await new ServerStatementFinder(run).FindAsync([.. working, .. next.Take(fails)], cancellationToken).ConfigureAwait(false) : null;
        return (works, new ServerFailure(run).Build(new ServerWorkException(error, [], [], ""), failed, found?.Migration == failed ? found.Value.Statement : null));
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    /// <summary>What the database says of files; null where all work.</summary>
    private async Task<HasuraServerException?> ErrorOfAsync(IReadOnlyList<PlannedMigration> files, CancellationToken cancellationToken)
    {
        List<(PlannedMigration Migration, PlannedStep Step, SqlStatement Statement)> statements = [.. files.SelectMany(m => m.Steps.SelectMany(s => s.Statements.Select(statement => (m, s, statement))))];
        // A text without a statement is an error to the server.
        while (statements.Count > 0)
        {
            try
            {
                run.Observer.Informed($"Trying {files.Count} repeatable file(s), which are then rolled back.");
                await run.Sql.RunAsync(run.Scripts.Trial(statements), "", cancellationToken).ConfigureAwait(false);
                return null;
            }
            catch (HasuraServerException e) when (run.Scripts.IsOurs(e, ServerScripts.RolledBack))
            {
                return null;
            }
            catch (HasuraServerException e) when (run.Scripts.IsOurs(e, ServerScripts.Locked) || ServerAttempt.IsPassing(e))
            {
                if (!_waiting.MayTryAgain())
                {
                    throw;
                }

                await _waiting.PauseAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (HasuraServerException e) when (e.SqlState is not null)
            {
                return e;
            }
            catch (HasuraServerException e) when (e is { Code: null } && (e.MayHaveRun || e.ErrorId == "ServerUnreachable") && !run.Lost.AreTooMany)
            {
                // Whatever became of it, it was rolled back.
                run.Lost.Add();
                run.Observer.Informed($"{e.Message} Trying again.");
                await Task.Delay(Pause, cancellationToken).ConfigureAwait(false);
            }
        }

        return null;
    }
}
