using HasuraMigrations.Engine.Sql;

namespace HasuraMigrations.Engine.Migrations;

/// <summary>A statement that a plan refuses or leaves out, and why.</summary>
/// <param name="Statement">The statement.</param>
/// <param name="Id">Id of the finding.</param>
/// <param name="Message">What is wrong with it.</param>
/// <param name="Advice">What to do about it.</param>
internal sealed record StatementRemark(SqlStatement Statement, string Id, string Message, string Advice);

/// <summary>
/// A file without a transaction, cut into units as psql runs it in autocommit mode. Every statement is in a unit, refused,
/// or skipped.
/// </summary>
internal sealed class StatementUnits
{
    private const string PairAdvice = "Write each transaction as one BEGIN ... COMMIT.";

    private readonly List<StatementUnit> _units = [];
    private readonly List<StatementRemark> _refused = [];
    private readonly List<StatementRemark> _skipped = [];
    private readonly IReadOnlyList<SqlStatement> _statements;

    private StatementUnits(SqlScript script)
    {
        _statements = script.Statements;
        for (var i = 0; i < _statements.Count; i++)
        {
            i = _statements[i].Class == SqlStatementClass.Begin ? AddBlock(i) : AddSingle(i);
        }
    }

    /// <summary>The units, in order.</summary>
    internal IReadOnlyList<StatementUnit> Units => _units;

    /// <summary>Statements that cannot be run as they are.</summary>
    internal IReadOnlyList<StatementRemark> Refused => _refused;

    /// <summary>Statements that do nothing and are not sent.</summary>
    internal IReadOnlyList<StatementRemark> Skipped => _skipped;

    /// <summary>Cuts a file.</summary>
    internal static StatementUnits Cut(SqlScript script) => new(script);

    private int AddSingle(int index)
    {
        var statement = _statements[index];
        switch (statement.Class)
        {
            case SqlStatementClass.MetaCommand when statement.Has(SqlStatementTraits.DumpGuard):
                // The finding comes from the inspection of all files.
                break;
            case SqlStatementClass.Commit or SqlStatementClass.Rollback when statement.Has(SqlStatementTraits.Chain):
            case SqlStatementClass.Savepoint or SqlStatementClass.ReleaseSavepoint or SqlStatementClass.RollbackToSavepoint:
                Refuse(statement, "TransactionControl", "The server accepts this statement only in a transaction block, and none is open here.", PairAdvice);
                break;
            case SqlStatementClass.Commit or SqlStatementClass.Rollback or SqlStatementClass.SetTransaction:
                Skip(statement, "No transaction block is open here, so the statement does nothing; it is skipped.");
                break;
            case SqlStatementClass.PrepareTransaction:
                RefusePrepared(statement);
                break;
            default:
                RefuseReadOnly(statement);
                _units.Add(new StatementUnit(IsAlone(statement) ? StatementUnitKind.Alone : StatementUnitKind.Counted, statement, statement, [statement], ""));
                break;
        }

        return index;
    }

    /// <summary>Adds the block that begins at an index; returns the index of its last statement.</summary>
    private int AddBlock(int begin)
    {
        var first = _statements[begin];
        var body = begin + 1;
        var modes = _statements.Skip(body).TakeWhile(TransactionMerge.IsBeforeWork).Where(TransactionMerge.IsMode).Prepend(first).ToList();
        var end = body;
        while (end < _statements.Count && _statements[end].Class is not (SqlStatementClass.Commit or SqlStatementClass.Rollback or SqlStatementClass.PrepareTransaction))
        {
            InspectInner(_statements[end], modes.Contains(_statements[end]));
            end++;
        }

        if (end == _statements.Count)
        {
            Refuse(first, "TransactionUnfinished", "The transaction block that begins here is never ended, so all of it would be lost.", "Write COMMIT where the block should end.");
            return end;
        }

        var last = _statements[end];
        if (last.Class == SqlStatementClass.PrepareTransaction)
        {
            RefusePrepared(last);
        }
        else if (last.Has(SqlStatementTraits.Chain))
        {
            Refuse(last, "TransactionControl", "AND CHAIN begins another transaction, whose record would not be part of it.", "Write COMMIT or ROLLBACK, and BEGIN with the required modes.");
        }

        var isDiscarded = last.Class == SqlStatementClass.Rollback || IsReadOnly(modes);
        _units.Add(new StatementUnit(
            isDiscarded ? StatementUnitKind.Discarded : StatementUnitKind.Counted,
            first,
            last,
            [.. _statements.Skip(body).Take(end - body).Where(s => !s.Has(SqlStatementTraits.DumpGuard) && !modes.Contains(s))],
            string.Join(", ", modes.Select(m => m.TransactionModes).Where(m => !string.IsNullOrEmpty(m)))));
        return end;
    }

    private void InspectInner(SqlStatement statement, bool isMode)
    {
        if (statement.CannotRunInTransaction)
        {
            Refuse(statement, "NotInTransaction", "The server does not run this statement in a transaction block, and one is open here.", "Put it before the BEGIN or after the COMMIT of the block.");
        }

        if (!isMode)
        {
            RefuseReadOnly(statement);
        }
    }

    // The count could not be written.
    private void RefuseReadOnly(SqlStatement statement)
    {
        if (statement.Has(SqlStatementTraits.ReadOnly))
        {
            Refuse(statement, "TransactionReadOnly", "It makes transactions read only, and the record could not be written in them.", "Remove it, or write BEGIN READ ONLY for the block it is meant for.");
        }
    }

    private void RefusePrepared(SqlStatement statement) =>
        Refuse(statement, "TransactionControl", "PREPARE TRANSACTION leaves the transaction to be ended later, so the record of the migration cannot be part of it.", "Write COMMIT.");

    private void Refuse(SqlStatement statement, string id, string message, string advice) => _refused.Add(new StatementRemark(statement, id, message, advice));

    private void Skip(SqlStatement statement, string message) => _skipped.Add(new StatementRemark(statement, "StatementSkipped", message, PairAdvice));

    // The last mention counts.
    private static bool IsReadOnly(List<SqlStatement> modes) =>
        modes.FindLast(m => m.TransactionModes?.Contains("read", StringComparison.OrdinalIgnoreCase) == true && MentionsAccess(m)) is { } last && last.Has(SqlStatementTraits.ReadOnly);

    private static bool MentionsAccess(SqlStatement statement) =>
        statement.Has(SqlStatementTraits.ReadOnly) || statement.TransactionModes!.Contains("write", StringComparison.OrdinalIgnoreCase);

    // A procedure or block may end transactions itself, which the server allows only outside of one.
    private static bool IsAlone(SqlStatement statement) =>
        statement.CannotRunInTransaction || statement.Has(SqlStatementTraits.MaybeNotInTransaction) || statement.Class is SqlStatementClass.Do or SqlStatementClass.Call;
}
