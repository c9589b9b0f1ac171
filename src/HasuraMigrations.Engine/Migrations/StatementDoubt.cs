using HasuraMigrations.Engine.Sql;

namespace HasuraMigrations.Engine.Migrations;

/// <summary>What to say where it is not known whether a statement outside of a transaction took effect.</summary>
internal static class StatementDoubt
{
    /// <summary>What is wrong.</summary>
    internal static string Message(PlannedMigration migration, SqlStatement statement) =>
        $"Statement {statement.Ordinal} of the interrupted {migration.Title} was running when the run ended, and whether it took effect cannot be determined.";

    /// <summary>The commands that settle it.</summary>
    internal static string Repairs(PlannedMigration migration) => migration.Mark is { } seed
        ? $"Invoke-HasuraSeed -Path '{seed.Path.Replace("'", "''", StringComparison.Ordinal)}' -Restart, after the file was changed so that its statements can run again"
        : $"Repair-HasuraMigration -Version {migration.Version} -As Run (it took effect; continue after it) or -As NotRun (it did not; run it again)";
}
