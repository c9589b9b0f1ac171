using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Sql;
using Npgsql;

namespace HasuraMigrations.Engine.Targets.Postgres;

/// <summary>Looks in the catalogue whether a statement that was interrupted outside a transaction did its work.</summary>
/// <param name="query">Answers a question, with the settings of the file.</param>
/// <param name="drop">Runs a DROP INDEX CONCURRENTLY.</param>
internal sealed class InDoubtProbe(Func<OwnStatement, Task<List<string?[]>>> query, Func<string, Task> drop)
{
    /// <summary>A probe on a session.</summary>
    internal static InDoubtProbe On(NpgsqlConnection session, CancellationToken cancellationToken) => new(
        statement => session.RowsAsync(statement.Sql, statement.Arguments, cancellationToken),
        async sql =>
        {
            await session.ExecuteAsync("SET lock_timeout = 0", [], cancellationToken).ConfigureAwait(false);
            await session.ExecuteAsync(sql, [], cancellationToken).ConfigureAwait(false);
        });

    /// <summary>
    /// True where the statement is done. Where a failed CREATE INDEX CONCURRENTLY left an invalid index of the name this
    /// statement gives, the index is removed, so that the statement can run again.
    /// </summary>
    /// <exception cref="HasuraMigrationException">StatementInDoubt, for a statement whose effect cannot be looked up.</exception>
    internal async Task<bool> IsDoneAsync(PlannedMigration migration, PlannedStep step, SqlStatement statement, bool isInDoubt)
    {
        switch (statement.Class)
        {
            case SqlStatementClass.CreateIndex when statement.Index is { Indexes: [var name, ..] } index:
                return await IsIndexMadeAsync(name with { Schema = name.Schema ?? index.Table?.Schema }).ConfigureAwait(false);
            case SqlStatementClass.DropIndex when statement.Index is { Indexes: [var name, ..] }:
                return await ValidityAsync(name).ConfigureAwait(false) is null && isInDoubt;
            case SqlStatementClass.Reindex or SqlStatementClass.Vacuum or SqlStatementClass.Cluster:
                return false;
            default:
                return !isInDoubt
                    ? false
                    : throw new HasuraMigrationException("StatementInDoubt", $"Statement {statement.Ordinal} of the interrupted migration {migration.Version}_{migration.Name} was running when the run ended, and whether it took effect cannot be looked up.", migration.Version)
                    {
                        File = step.Step.Path,
                        Line = statement.Position.Line,
                        Column = statement.Position.Column,
                    };
        }
    }

    private async Task<bool> IsIndexMadeAsync(SqlName name)
    {
        var isValid = await ValidityAsync(name).ConfigureAwait(false);
        if (isValid == false)
        {
            await drop($"DROP INDEX CONCURRENTLY {Quoted(name)}").ConfigureAwait(false);
        }

        return isValid == true;
    }

    private async Task<bool?> ValidityAsync(SqlName name)
    {
        var rows = await query(new OwnStatement("SELECT i.indisvalid::text AS valid FROM pg_catalog.pg_index i WHERE i.indexrelid = pg_catalog.to_regclass($1)", Quoted(name))).ConfigureAwait(false);
        return rows.Count == 0 ? null : rows[0][0] == "true";
    }

    private static string Quoted(SqlName name) => string.Join('.', new[] { name.Schema, name.Name }.Where(p => p is not null).Select(p => $"\"{p!.Replace("\"", "\"\"", StringComparison.Ordinal)}\""));
}
