using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Records;
using HasuraMigrations.Engine.Targets.Postgres.Sessions;

namespace HasuraMigrations.Engine.Targets.Postgres.Runs;

/// <summary>
/// Runs code with made-up values in another thread, while a command reads its files. A new process spends most of its time on loading and
/// compiling code, and this is code that each command on a database needs, whatever it is told. Nothing is read, sent or kept.
/// </summary>
internal static class EarlyLoading
{
    private static int _hasBegun;

    /// <summary>Begins, once in a process.</summary>
    internal static void Begin()
    {
        // A single processor would only do the same work in another order.
        if (Environment.ProcessorCount > 1 && Interlocked.Exchange(ref _hasBegun, 1) == 0)
        {
            // A thread of its own: the pool of a new process has few, and the command needs them. An exception stays in the task; what fails
            // here fails again where it is needed, and is reported there.
            Task.Factory.StartNew(Load, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        }
    }

    /// <summary>In the order in which a command needs it.</summary>
    internal static void Load()
    {
        PostgresConnector.LoadDriver();
        var version = new SourceMigration(1, "", "", [new SourceStep(MigrationStepKind.UpSql, StepText.Of(SqlResource.Probe))]);
        var row = HistoryStore.ToRow(["1", "", "up", "done", "{\"up.sql\": \"\"}", "false", "2000-01-01T00:00:00Z", "", "module", "0", null, "false", "false", null, null, null]);
        var source = new MigrationSource("", [version], []);
        MigrationStatusReader.Read(source, MigrationLedger.Reconcile("", new TargetSnapshot(HasHistory: true, [row], new StateSnapshot { Kind = StateStoreKind.None })));
    }
}
