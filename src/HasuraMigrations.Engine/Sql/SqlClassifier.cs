using System.Buffers;
using static HasuraMigrations.Engine.Sql.SqlStatementTraits;

namespace HasuraMigrations.Engine.Sql;

/// <summary>
/// Tells from its tokens what a statement is. The rules follow the grammar of the server (<c>gram.y</c>); the statements
/// that refuse a transaction block are those that call <c>PreventInTransactionBlock</c> in <c>utility.c</c> and below.
/// </summary>
internal static class SqlClassifier
{
    private static readonly SearchValues<char> LettersAndDigits = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789");

    public static SqlStatementFacts Classify(string text, int start, int end, bool standardConformingStrings)
    {
        var facts = new SqlStatementFacts();
        var at = new SqlCursor(text, start, end, standardConformingStrings);
        if (at.Is(SqlTokenKind.MetaCommand))
        {
            facts.Class = SqlStatementClass.MetaCommand;
            facts.Traits |= IsDumpGuard(text.AsSpan(start, end - start)) ? DumpGuard : None;
        }
        else if (at.Is(SqlTokenKind.OpenParenthesis))
        {
            SqlQueryRules.Query(ref at, facts);
        }
        else if (at.Is(SqlTokenKind.Word) && !SqlTransactionRules.TryClassify(ref at, facts, text, end))
        {
            ClassifyOther(ref at, facts, text, end);
        }
        return facts;
    }

    /// <summary>pg_dump writes these two since August 2025, with a key of letters and digits.</summary>
    private static bool IsDumpGuard(ReadOnlySpan<char> line)
    {
        line = line.TrimEnd();
        var at = line.IndexOf(' ');
        return at > 0 && line[..at] is @"\restrict" or @"\unrestrict" && !line[(at + 1)..].IsEmpty && !line[(at + 1)..].ContainsAnyExcept(LettersAndDigits);
    }


    private static void ClassifyOther(ref SqlCursor at, SqlStatementFacts facts, string text, int end)
    {
        if (at.Is("select") || at.Is("with") || at.Is("values") || at.Is("table"))
        {
            SqlQueryRules.Query(ref at, facts);
        }
        else if (at.Take("set"))
        {
            SqlSettingRules.Set(ref at, facts, text, end);
        }
        else if (at.Take("reset"))
        {
            SqlSettingRules.Reset(ref at, facts);
        }
        else if (at.Take("discard"))
        {
            Discard(ref at, facts);
        }
        else if (at.Take("create"))
        {
            SqlDefinitionRules.Create(ref at, facts);
        }
        else if (at.Take("drop"))
        {
            SqlDefinitionRules.Drop(ref at, facts);
        }
        else if (at.Take("alter"))
        {
            SqlDefinitionRules.Alter(ref at, facts);
        }
        else if (at.Take("reindex"))
        {
            SqlIndexRules.Reindex(ref at, facts);
        }
        else if (at.Take("copy"))
        {
            Copy(ref at, facts);
        }
        else
        {
            ClassifyByFirstWord(ref at, facts);
        }
    }

    private static void ClassifyByFirstWord(ref SqlCursor at, SqlStatementFacts facts)
    {
        if (at.Take("vacuum"))
        {
            Set(facts, SqlStatementClass.Vacuum, NotInTransaction);
        }
        else if (at.Take("cluster"))
        {
            Cluster(ref at, facts);
        }
        else if (at.Take("do"))
        {
            Set(facts, SqlStatementClass.Do, None);
        }
        else if (at.Take("call"))
        {
            Set(facts, SqlStatementClass.Call, None);
        }
        else if (at.Take("prepare"))
        {
            Set(facts, SqlStatementClass.Prepare, SessionObject);
        }
        else if (at.Take("declare"))
        {
            Set(facts, SqlStatementClass.Declare, SessionObject | UntilCommit);
        }
        else if (at.Take("listen"))
        {
            Set(facts, SqlStatementClass.Listen, SessionObject);
        }
        else if (at.Take("lock"))
        {
            Set(facts, SqlStatementClass.Other, UntilCommit);
        }
        else if (at.Take("load"))
        {
            Set(facts, SqlStatementClass.Other, SessionObject);
        }
    }

    private static void Set(SqlStatementFacts facts, SqlStatementClass @class, SqlStatementTraits traits)
    {
        facts.Class = @class;
        facts.Traits |= traits;
    }

    private static void Discard(ref SqlCursor at, SqlStatementFacts facts)
    {
        facts.Class = SqlStatementClass.Discard;
        if (at.Take("all"))
        {
            facts.Traits |= NotInTransaction;
            facts.Add(new("all", null, IsLocal: false, IsReset: true));
        }
    }

    /// <summary>Only CLUSTER of all tables refuses a transaction; a partitioned table does too, which no text can tell.</summary>
    private static void Cluster(ref SqlCursor at, SqlStatementFacts facts)
    {
        facts.Class = SqlStatementClass.Cluster;
        at.Take("verbose");
        if (at.Is(SqlTokenKind.OpenParenthesis))
        {
            at.Skip();
        }
        if (at.AtEnd)
        {
            facts.Traits |= NotInTransaction;
        }
    }

    /// <summary>The grammar takes STDIN and STDOUT for either direction.</summary>
    private static void Copy(ref SqlCursor at, SqlStatementFacts facts)
    {
        facts.Class = SqlStatementClass.Copy;
        while (!at.AtEnd)
        {
            var from = at.Is("from");
            if (!from && !at.Is("to"))
            {
                at.Skip();
                continue;
            }
            at.Advance();
            if (at.TakeEither("stdin", "stdout"))
            {
                facts.Traits |= from ? CopyFromClient : CopyToClient;
            }
            return;
        }
    }
}
