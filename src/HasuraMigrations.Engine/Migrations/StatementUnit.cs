using HasuraMigrations.Engine.Sql;

namespace HasuraMigrations.Engine.Migrations;

/// <summary>How the statements of a unit are sent.</summary>
internal enum StatementUnitKind
{
    /// <summary>In one transaction with the count of finished statements.</summary>
    Counted,

    /// <summary>A block that leaves nothing behind: rolled back, or read only. It is sent, and counted afterwards.</summary>
    Discarded,

    /// <summary>One statement outside of a transaction, marked in doubt while it runs.</summary>
    Alone,
}

/// <summary>What commits at once when a file runs statement by statement: one statement, or a block from BEGIN to its end.</summary>
/// <param name="Kind">How it is sent.</param>
/// <param name="First">First statement; the BEGIN of a block.</param>
/// <param name="Last">Last statement; the COMMIT or ROLLBACK of a block.</param>
/// <param name="Inner">What is sent between BEGIN and the end.</param>
/// <param name="Options">Modes of the transaction; empty for those of the session.</param>
internal sealed record StatementUnit(StatementUnitKind Kind, SqlStatement First, SqlStatement Last, IReadOnlyList<SqlStatement> Inner, string Options)
{
    /// <summary>True for a block whose work is rolled back.</summary>
    internal bool IsRolledBack => Last.Class == SqlStatementClass.Rollback;

    /// <summary>
    /// True where an error answer does not prove that nothing happened: a procedure, or a block that ends transactions
    /// itself, may have committed a part before it failed.
    /// </summary>
    internal bool MayCommitInside => Kind == StatementUnitKind.Alone && (Last.Class == SqlStatementClass.Call || (Last.Class == SqlStatementClass.Do && MayEndTransactions(Last.Text)));

    /// <summary>True where a failure leaves an invalid index behind, which is in the way of a second run.</summary>
    internal bool MayLeaveIndex => Last is { Class: SqlStatementClass.CreateIndex, IsConcurrent: true };

    /// <summary>True where the catalog tells whether it took effect, or where a second run does no harm.</summary>
    internal bool CanBeLookedUp => Kind != StatementUnitKind.Alone || Last.Class switch
    {
        SqlStatementClass.CreateIndex or SqlStatementClass.DropIndex => Last.Index is { Indexes.Count: > 0 },
        SqlStatementClass.Reindex or SqlStatementClass.Vacuum or SqlStatementClass.Cluster => true,
        _ => false,
    };

    /// <summary>
    /// The statements before this unit that set something for the session and still hold, ready to be sent again in another
    /// session. Settings of a block keep its savepoints, since going back to one takes settings back.
    /// </summary>
    /// <param name="units">All units of the file.</param>
    /// <param name="isInTransaction">True where they are sent inside a transaction, where a block becomes a savepoint.</param>
    internal IEnumerable<string> SettingsBefore(IReadOnlyList<StatementUnit> units, bool isInTransaction) =>
        units.TakeWhile(u => u.Last.Ordinal < First.Ordinal)
            .Reverse().TakeWhile(u => !u.DiscardsAll).Reverse()
            .Where(u => !u.IsRolledBack)
            .SelectMany(u => u.Settings(isInTransaction));

    private bool DiscardsAll => Last is { Class: SqlStatementClass.Discard, CannotRunInTransaction: true };

    private IEnumerable<string> Settings(bool isInTransaction)
    {
        var settings = Inner.Where(s => s.Has(SqlStatementTraits.SessionSetting) && !s.CannotRunInTransaction).ToList();
        if (settings.Count == 0 || Inner.All(s => s.Class != SqlStatementClass.RollbackToSavepoint))
        {
            return settings.Select(s => s.Text);
        }

        var kept = Inner.Where(s => settings.Contains(s) || s.Class is SqlStatementClass.Savepoint or SqlStatementClass.ReleaseSavepoint or SqlStatementClass.RollbackToSavepoint).Select(s => s.Text);
        return isInTransaction ? ["SAVEPOINT hasura_migrations_block", .. kept, "RELEASE SAVEPOINT hasura_migrations_block"] : ["BEGIN", .. kept, "COMMIT"];
    }

    private static bool MayEndTransactions(string block) =>
        new[] { "commit", "rollback", "call", "execute" }.Any(word => block.Contains(word, StringComparison.OrdinalIgnoreCase));
}
