using HasuraMigrations.Engine.Connections;
using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Projects;
using HasuraMigrations.Engine.Variables;

namespace HasuraMigrations.Engine.Impacts;

/// <summary>The migrations of a change that is to be measured.</summary>
public static class PendingChange
{
    /// <summary>Plans them.</summary>
    /// <param name="project">The project.</param>
    /// <param name="database">The database.</param>
    /// <param name="connection">How it is reached.</param>
    /// <param name="versions">Versions; empty for all that are pending, with repeatable files.</param>
    /// <param name="variables">Values of variables in SQL files.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="HasuraMigrationException">PlanRefused, and the errors of connections.</exception>
    public static async Task<MigrationPlan> PlanAsync(HasuraProject project, ProjectDatabase database, ResolvedConnection connection, IReadOnlyList<long> versions, VariableSet variables, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(project);
        ArgumentNullException.ThrowIfNull(database);
        ArgumentNullException.ThrowIfNull(versions);
        var target = MigrationTargets.Open(connection, database.Name, project.ConfigVersion);
        await using (target.ConfigureAwait(false))
        {
            MigrationGoal goal = versions.Count == 0 ? new MigrationGoal.AllPending { WithRepeatables = true } : new MigrationGoal.Exactly([.. versions], MigrationDirection.Up);
            var plan = await new MigrationRunner(MigrationSource.Scan(project, database), target).PlanAsync(goal, new PlanOptions { Variables = variables }, cancellationToken).ConfigureAwait(false);
            plan.ThrowIfRefused();
            return plan;
        }
    }
}
