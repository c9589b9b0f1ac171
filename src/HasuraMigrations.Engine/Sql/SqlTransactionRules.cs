using static HasuraMigrations.Engine.Sql.SqlStatementTraits;

namespace HasuraMigrations.Engine.Sql;

/// <summary>Statements that start, end or divide a transaction.</summary>
internal static class SqlTransactionRules
{
    public static bool TryClassify(ref SqlCursor at, SqlStatementFacts facts, string text, int end)
    {
        if (at.Take("begin"))
        {
            TakeNoise(ref at);
            Begin(at, facts, text, end);
        }
        else if (at.Take("start", "transaction"))
        {
            Begin(at, facts, text, end);
        }
        else if (at.Take("commit", "prepared"))
        {
            Set(facts, SqlStatementClass.CommitPrepared, TransactionControl | NotInTransaction);
        }
        else if (at.Take("rollback", "prepared"))
        {
            Set(facts, SqlStatementClass.RollbackPrepared, TransactionControl | NotInTransaction);
        }
        else if (at.TakeEither("commit", "end"))
        {
            TakeNoise(ref at);
            Set(facts, SqlStatementClass.Commit, TransactionControl | Chained(ref at));
        }
        else if (at.TakeEither("rollback", "abort"))
        {
            Rollback(ref at, facts);
        }
        else if (at.Take("prepare", "transaction"))
        {
            Set(facts, SqlStatementClass.PrepareTransaction, TransactionControl);
        }
        else if (at.Take("savepoint"))
        {
            Set(facts, SqlStatementClass.Savepoint, None);
        }
        else if (at.Take("release"))
        {
            Set(facts, SqlStatementClass.ReleaseSavepoint, None);
        }
        return facts.Class != SqlStatementClass.Other;
    }

    /// <summary>The rest of a statement as written, without the white space and comments around it.</summary>
    public static string Rest(SqlCursor at, string text, int end) => at.AtEnd ? "" : text[at.Current.Start..end];

    private static void Begin(SqlCursor at, SqlStatementFacts facts, string text, int end)
    {
        Set(facts, SqlStatementClass.Begin, TransactionControl);
        Modes(at, facts, text, end);
    }

    /// <summary>The modes of a transaction from here to the end; of READ ONLY and READ WRITE the last one is used.</summary>
    public static void Modes(SqlCursor at, SqlStatementFacts facts, string text, int end)
    {
        facts.TransactionModes = Rest(at, text, end);
        var isReadOnly = false;
        for (; !at.AtEnd; at.Advance())
        {
            var ahead = at;
            if (ahead.Take("read"))
            {
                isReadOnly = ahead.Is("only") || (isReadOnly && !ahead.Is("write"));
            }
        }
        facts.Traits |= isReadOnly ? ReadOnly : None;
    }

    private static void Rollback(ref SqlCursor at, SqlStatementFacts facts)
    {
        TakeNoise(ref at);
        if (at.Is("to"))
        {
            facts.Class = SqlStatementClass.RollbackToSavepoint;
            return;
        }
        Set(facts, SqlStatementClass.Rollback, TransactionControl | Chained(ref at));
    }

    private static SqlStatementTraits Chained(ref SqlCursor at) => at.Take("and", "chain") ? Chain : None;

    private static void TakeNoise(ref SqlCursor at) => at.TakeEither("work", "transaction");

    private static void Set(SqlStatementFacts facts, SqlStatementClass @class, SqlStatementTraits traits)
    {
        facts.Class = @class;
        facts.Traits |= traits;
    }
}
