using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Sql;

namespace HasuraMigrations.Engine.Records;

/// <summary>Looks in the catalog whether a statement that was interrupted outside a transaction did its work.</summary>
/// <param name="query">Answers a question, with the settings of the file.</param>
/// <param name="drop">Runs a DROP INDEX CONCURRENTLY.</param>
internal sealed class InDoubtProbe(Func<OwnStatement, Task<List<string?[]>>> query, Func<string, Task> drop)
{
    /// <summary>
    /// True where the statement is done. Where a failed CREATE INDEX CONCURRENTLY left an invalid index of the name this
    /// statement gives, the index is removed, so that the statement can run again.
    /// </summary>
    /// <exception cref="HasuraMigrationException">StatementInDoubt, for a statement whose effect cannot be looked up.</exception>
    internal async Task<bool> IsDoneAsync(PlannedMigration migration, PlannedStep step, StatementUnit unit)
    {
        var statement = unit.Last;
        if (!unit.CanBeLookedUp)
        {
            throw new HasuraMigrationException("StatementInDoubt", StatementDoubt.Message(migration, statement), migration.Version)
            {
                File = step.Step.Path,
                Line = statement.Position.Line,
                Column = statement.Position.Column,
                RecommendedAction = $"Find out whether it took effect, then run {StatementDoubt.Repairs(migration)}.",
            };
        }

        return statement.Class switch
        {
            // CREATE INDEX takes no schema: the index is created in the schema of its table (PostgreSQL manual, CREATE INDEX).
            SqlStatementClass.CreateIndex when statement.Index is { Indexes: [var name, ..] } index => await IsIndexMadeAsync(name with { Schema = name.Schema ?? index.Table?.Schema }).ConfigureAwait(false),
            // DROP INDEX CONCURRENTLY takes one name only (PostgreSQL manual, DROP INDEX).
            SqlStatementClass.DropIndex when statement.Index is { Indexes: [var name, ..] } => await ValidityAsync(name).ConfigureAwait(false) is null,
            // REINDEX, VACUUM and CLUSTER: a second run does no harm.
            _ => false,
        };
    }

    /// <summary>Removes an invalid index that a failed CREATE INDEX CONCURRENTLY of this unit left.</summary>
    internal async Task RemoveLeftoverAsync(StatementUnit unit)
    {
        if (unit.MayLeaveIndex && unit.Last.Index is { Indexes: [var name, ..] } index)
        {
            await IsIndexMadeAsync(name with { Schema = name.Schema ?? index.Table?.Schema }).ConfigureAwait(false);
        }
    }

    private async Task<bool> IsIndexMadeAsync(SqlName name)
    {
        var isValid = await ValidityAsync(name).ConfigureAwait(false);
        if (isValid == false)
        {
            // CONCURRENTLY as in the statement of the file: the table may be in use.
            await drop($"DROP INDEX CONCURRENTLY {Quoted(name)}").ConfigureAwait(false);
        }

        return isValid == true;
    }

    private async Task<bool?> ValidityAsync(SqlName name)
    {
        // to_regclass gives null for a name that does not exist, where a cast to regclass fails.
        var rows = await query(new OwnStatement("SELECT i.indisvalid::pg_catalog.text AS valid FROM pg_catalog.pg_index i WHERE i.indexrelid OPERATOR(pg_catalog.=) pg_catalog.to_regclass($1)::pg_catalog.oid", Quoted(name)) { NeedsPathOfSession = true }).ConfigureAwait(false);
        return rows.Count == 0 ? null : rows[0][0] == "true";
    }

    private static string Quoted(SqlName name) => string.Join('.', new[] { name.Schema, name.Name }.Where(p => p is not null).Select(p => SqlName.Quote(p!)));
}
