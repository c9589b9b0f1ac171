using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Sql;

namespace HasuraMigrations.Engine.Targets.Server;

/// <summary>
/// Finds the statement that fails. The server tells no position, so beginnings of the work are tried in transactions that
/// always roll back; each try halves what is left.
/// </summary>
internal sealed class ServerStatementFinder(ServerRunContext run)
{
    /// <summary>The first statement with which the work fails; null where it does not fail any more.</summary>
    internal async Task<(PlannedMigration Migration, SqlStatement Statement)?> FindAsync(IReadOnlyList<PlannedMigration> migrations, CancellationToken cancellationToken)
    {
        var all = migrations.SelectMany(m => m.Steps.SelectMany(s => s.Statements.Select(statement => (Migration: m, Step: s, Statement: statement)))).ToList();
        var (works, fails) = (0, all.Count);
        if (fails == 0 || !await FailsAsync(fails).ConfigureAwait(false))
        {
            return null;
        }

        while (fails - works > 1)
        {
            var middle = (works + fails) / 2;
            (works, fails) = await FailsAsync(middle).ConfigureAwait(false) ? (works, middle) : (middle, fails);
        }

        return (all[fails - 1].Migration, all[fails - 1].Statement);

        async Task<bool> FailsAsync(int count)
        {
            run.Observer.Informed($"Trying the first {count} of {all.Count} statement(s), which is then rolled back.");
            try
            {
                await run.Sql.RunAsync(run.Scripts.Trial(all[..count]), "", cancellationToken).ConfigureAwait(false);
                return false;
            }
            catch (HasuraServerException e) when (e.SqlState is not null)
            {
                return !run.Scripts.IsOurs(e, ServerScripts.RolledBack);
            }
        }
    }
}
