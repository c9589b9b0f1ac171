using HasuraMigrations.Engine.Connections;
using HasuraMigrations.Engine.Dumps;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Projects;
using HasuraMigrations.Engine.Targets.Postgres.ConnectionStrings;
using HasuraMigrations.Engine.Targets.Postgres.Store;
using HasuraMigrations.Engine.Variables;

namespace HasuraMigrations.Engine.Proofs;

/// <summary>A throwaway database of a proof.</summary>
/// <param name="connectionString">How it is reached.</param>
/// <param name="configVersion">Config version of the project. Migrations of version 1 have actions on metadata.</param>
/// <param name="variables">Values of the variables in SQL files.</param>
internal sealed class ProofDatabase(string connectionString, int configVersion, VariableSet variables)
{
    // Where Hasura keeps its own record is not what is proven.
    private readonly int _configVersion = configVersion == 1 ? 1 : 2;

    private bool HasMetadata => _configVersion == 1;

    /// <summary>Applies migrations.</summary>
    /// <exception cref="HasuraMigrationException">What a run may raise.</exception>
    internal Task ApplyAsync(MigrationSource source, CancellationToken cancellationToken) => RunAsync(source, new MigrationGoal.AllPending(), cancellationToken);

    /// <summary>Rolls migrations back.</summary>
    /// <exception cref="HasuraMigrationException">What a run may raise.</exception>
    internal Task RollBackAsync(MigrationSource source, IReadOnlyList<long> versions, CancellationToken cancellationToken) =>
        RunAsync(source, new MigrationGoal.Exactly([.. versions], MigrationDirection.Down), cancellationToken);

    /// <summary>Reads what it contains.</summary>
    /// <exception cref="HasuraMigrationException">DumpProgramMissing, DumpFailed.</exception>
    internal async Task<DatabaseContents> ReadAsync(CancellationToken cancellationToken)
    {
        var target = MigrationTargets.OpenForDumps(Connection, HasuraProject.DefaultDatabase, _configVersion);
        await using (target.ConfigureAwait(false))
        {
            return DatabaseContents.Of(await target.DumpAsync([.. DatabaseContents.Options, .. SchemaSelection.All.Options], cancellationToken).ConfigureAwait(false));
        }
    }

    /// <summary>Reads its metadata; null where migrations have none.</summary>
    internal async Task<MetadataDocument?> ReadMetadataAsync(CancellationToken cancellationToken)
    {
        if (!HasMetadata)
        {
            return null;
        }

        var target = new PostgresMetadataTarget(Connection.Connection, null, _configVersion);
        await using (target.ConfigureAwait(false))
        {
            return (await target.ExportAsync(cancellationToken).ConfigureAwait(false)).Document;
        }
    }

    private ResolvedConnection Connection => new(PostgresConnectionString.Read(connectionString), null);

    private async Task RunAsync(MigrationSource source, MigrationGoal goal, CancellationToken cancellationToken)
    {
        var target = MigrationTargets.Open(Connection, HasuraProject.DefaultDatabase, _configVersion);
        await using (target.ConfigureAwait(false))
        {
            var runner = new MigrationRunner(source, target);
            var options = new RunOptions { NoStoreText = true, NoReload = true, CreateStateStore = HasMetadata };
            await runner.RunAsync(goal, new PlanOptions { AllowEmptyDown = true, Variables = variables }, options, null, new SilentObserver(), cancellationToken).ConfigureAwait(false);
        }
    }
}
