using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Sql;
using Npgsql;

namespace HasuraMigrations.Engine.Targets.Postgres;

/// <summary>Looks in the catalogue whether a statement that was interrupted outside a transaction did its work.</summary>
internal static class InDoubtProbe
{
    /// <summary>
    /// True where the statement is done. Where a failed CREATE INDEX CONCURRENTLY left an invalid index of the name this
    /// statement gives, the index is removed, so that the statement can run again.
    /// </summary>
    /// <exception cref="HasuraMigrationException">StatementInDoubt, for a statement whose effect cannot be looked up.</exception>
    internal static async Task<bool> IsDoneAsync(NpgsqlConnection session, PlannedMigration migration, PlannedStep step, SqlStatement statement, string database, CancellationToken cancellationToken)
    {
        switch (statement.Class)
        {
            case SqlStatementClass.CreateIndex when statement.Index is { Indexes: [var name, ..] } index:
                return await IsIndexMadeAsync(session, name with { Schema = name.Schema ?? index.Table?.Schema }, cancellationToken).ConfigureAwait(false);
            case SqlStatementClass.DropIndex when statement.Index is { Indexes: [var name, ..] }:
                return await ValidityAsync(session, name, cancellationToken).ConfigureAwait(false) is null && migration.Entry!.Row!.IsNextInDoubt;
            case SqlStatementClass.Reindex or SqlStatementClass.Vacuum or SqlStatementClass.Cluster:
                return false;
            default:
                return !migration.Entry!.Row!.IsNextInDoubt
                    ? false
                    : throw new HasuraMigrationException("StatementInDoubt", $"Statement {statement.Ordinal} of the interrupted migration {migration.Version}_{migration.Name} was running when the run ended, and whether it took effect cannot be looked up.", migration.Version)
                    {
                        File = step.Step.Path,
                        Line = statement.Position.Line,
                        Column = statement.Position.Column,
                    };
        }
    }

    private static async Task<bool> IsIndexMadeAsync(NpgsqlConnection session, SqlName name, CancellationToken cancellationToken)
    {
        var isValid = await ValidityAsync(session, name, cancellationToken).ConfigureAwait(false);
        if (isValid == false)
        {
            await session.ExecuteAsync("SET lock_timeout = 0", [], cancellationToken).ConfigureAwait(false);
            await session.ExecuteAsync($"DROP INDEX CONCURRENTLY {Quoted(name)}", [], cancellationToken).ConfigureAwait(false);
        }

        return isValid == true;
    }

    private static async Task<bool?> ValidityAsync(NpgsqlConnection session, SqlName name, CancellationToken cancellationToken)
    {
        var rows = await session.RowsAsync("SELECT i.indisvalid::text FROM pg_catalog.pg_index i WHERE i.indexrelid = pg_catalog.to_regclass($1)", [Quoted(name)], cancellationToken).ConfigureAwait(false);
        return rows.Count == 0 ? null : rows[0][0] == "true";
    }

    private static string Quoted(SqlName name) => string.Join('.', new[] { name.Schema, name.Name }.Where(p => p is not null).Select(p => $"\"{p!.Replace("\"", "\"\"", StringComparison.Ordinal)}\""));
}
