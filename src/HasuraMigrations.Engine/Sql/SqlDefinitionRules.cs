using static HasuraMigrations.Engine.Sql.SqlStatementTraits;

namespace HasuraMigrations.Engine.Sql;

/// <summary>CREATE, ALTER and DROP, from behind their first word.</summary>
internal static class SqlDefinitionRules
{
    public static void Create(ref SqlCursor at, SqlStatementFacts facts)
    {
        facts.Class = SqlStatementClass.Create;
        at.Take("or", "replace");
        at.TakeEither("global", "local");
        if (at.Is("temp") || at.Is("temporary") || NamesTemporarySchema(at))
        {
            facts.Traits |= TemporaryObject | (EndsAtCommit(at) ? UntilCommit : None);
        }
        var isUnique = at.Take("unique");
        if (at.Take("index"))
        {
            SqlIndexRules.Create(ref at, facts, isUnique);
        }
        else if (at.TakeEither("database", "tablespace"))
        {
            facts.Traits |= NotInTransaction;
        }
        else if (at.Take("subscription"))
        {
            facts.Traits |= TurnsOff(at, "connect", "create_slot") ? None : NotInTransaction;
        }
        else
        {
            SqlObjectRules.Create(at, facts);
        }
    }

    public static void Drop(ref SqlCursor at, SqlStatementFacts facts)
    {
        facts.Class = SqlStatementClass.Drop;
        if (at.Take("index"))
        {
            SqlIndexRules.Drop(ref at, facts);
        }
        else if (at.TakeEither("database", "tablespace"))
        {
            facts.Traits |= NotInTransaction;
        }
        else if (at.Take("subscription"))
        {
            facts.Traits |= MaybeNotInTransaction;
        }
    }

    public static void Alter(ref SqlCursor at, SqlStatementFacts facts)
    {
        facts.Class = SqlStatementClass.Alter;
        if (at.Take("system"))
        {
            facts.Traits |= NotInTransaction;
        }
        else if (at.Take("database"))
        {
            facts.Traits |= at.TakeIdentifier(out _) && at.Take("set", "tablespace") ? NotInTransaction : None;
        }
        else if (at.Take("type"))
        {
            AlterType(ref at, facts);
        }
        else if (at.Take("table"))
        {
            AlterTable(ref at, facts);
        }
        else if (at.Take("subscription"))
        {
            AlterSubscription(ref at, facts);
        }
    }

    private static void AlterType(ref SqlCursor at, SqlStatementFacts facts)
    {
        if (!at.TakeName(out var type) || !at.Take("add", "value"))
        {
            return;
        }
        facts.Class = SqlStatementClass.AddEnumValue;
        var ifNotExists = at.Take("if", "not", "exists");
        if (at.TakeString(out var label))
        {
            facts.EnumValue = new(type, label ?? "", ifNotExists);
            facts.AddObject(new SqlObject(SqlObjectKind.EnumValue, new(type.Schema, label ?? ""), type.Name));
        }
    }

    private static void AlterTable(ref SqlCursor at, SqlStatementFacts facts)
    {
        at.Take("if", "exists");
        at.Take("only");
        if (!at.TakeName(out var table))
        {
            return;
        }
        SqlObjectRules.AlterTable(at, facts, table);
        if (at.Take("detach", "partition") && at.TakeName(out _) && at.Take("concurrently"))
        {
            facts.Traits |= Concurrent | NotInTransaction;
        }
    }

    /// <summary>
    /// A refresh refuses a transaction block; changing the publications refreshes unless told not to; changing some options
    /// asks the publisher, depending on the version.
    /// </summary>
    private static void AlterSubscription(ref SqlCursor at, SqlStatementFacts facts)
    {
        if (!at.TakeIdentifier(out _))
        {
            return;
        }
        if (at.Take("refresh"))
        {
            facts.Traits |= NotInTransaction;
        }
        else if (at.Take("set", "publication") || at.Take("add", "publication") || at.Take("drop", "publication"))
        {
            facts.Traits |= TurnsOff(at, "refresh", "refresh") ? None : MaybeNotInTransaction;
        }
        else if (at.Take("set"))
        {
            facts.Traits |= Mentions(at, "failover", "two_phase") ? MaybeNotInTransaction : None;
        }
    }

    /// <summary>ON COMMIT DROP or DELETE ROWS, which stands outside of parentheses.</summary>
    private static bool EndsAtCommit(SqlCursor at)
    {
        while (!at.AtEnd)
        {
            if (at.Take("on", "commit"))
            {
                return at.Is("drop") || at.Is("delete");
            }
            at.Skip();
        }
        return false;
    }

    private static bool TurnsOff(SqlCursor at, string option, string other)
    {
        while (!at.AtEnd)
        {
            if (!at.TakeEither(option, other))
            {
                at.Advance();
            }
            else if (at.TakeEquals() && at.TakeValue(out var value) && SqlBooleans.Parse(value) == false)
            {
                return true;
            }
        }
        return false;
    }

    private static bool Mentions(SqlCursor at, string option, string other)
    {
        while (!at.AtEnd && !at.Is(option) && !at.Is(other))
        {
            at.Advance();
        }
        return !at.AtEnd;
    }

    /// <summary>CREATE TABLE pg_temp.x and the like: the qualifier stands before any parenthesis and before AS.</summary>
    private static bool NamesTemporarySchema(SqlCursor at)
    {
        while (!at.AtEnd && !at.Is(SqlTokenKind.OpenParenthesis) && !at.Is("as"))
        {
            if (!at.TakeIdentifier(out var name))
            {
                at.Advance();
            }
            else if (name == "pg_temp" && at.Is(SqlTokenKind.Dot))
            {
                return true;
            }
        }
        return false;
    }
}
