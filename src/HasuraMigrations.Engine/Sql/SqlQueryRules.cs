namespace HasuraMigrations.Engine.Sql;

/// <summary>What a query can leave behind: settings by set_config, and a temporary table by SELECT ... INTO TEMP.</summary>
internal static class SqlQueryRules
{
    private const int ArgumentTokens = 200;

    public static void Query(ref SqlCursor at, SqlStatementFacts facts)
    {
        facts.Class = SqlStatementClass.Query;
        while (!at.AtEnd)
        {
            if (at.Take("into"))
            {
                Into(ref at, facts);
            }
            else if (at.TakeIdentifier(out var name))
            {
                if (name == "set_config" && at.Take(SqlTokenKind.OpenParenthesis))
                {
                    SetConfig(ref at, facts);
                }
            }
            else
            {
                at.Advance();
            }
        }
    }

    private static void Into(ref SqlCursor at, SqlStatementFacts facts)
    {
        _ = at.TakeEither("local", "global");
        if (at.Is("temp") || at.Is("temporary")
            || (at.TakeIdentifier(out var schema) && schema == "pg_temp" && at.Is(SqlTokenKind.Dot)))
        {
            facts.Traits |= SqlStatementTraits.TemporaryObject;
        }
    }

    /// <summary>Only a third argument that is plainly true makes the change local.</summary>
    private static void SetConfig(ref SqlCursor at, SqlStatementFacts facts)
    {
        var ahead = at;
        string? value = null;
        var name = ahead.TakeString(out var text) && ahead.Take(SqlTokenKind.Comma) ? text?.ToLowerInvariant() : null;
        if (name is not null && !(ahead.TakeString(out value) && ahead.Is(SqlTokenKind.Comma)))
        {
            value = null;
        }
        facts.Add(new(name, value, IsTrue(LastArgument(at)), IsReset: false));
    }

    /// <summary>Looks only so far ahead, since calls may be nested and each of them is looked at.</summary>
    private static SqlCursor LastArgument(SqlCursor at)
    {
        var argument = at;
        var depth = 0;
        for (var left = ArgumentTokens; left > 0 && depth >= 0; left--)
        {
            depth += at.Is(SqlTokenKind.OpenParenthesis) ? 1 : at.Is(SqlTokenKind.CloseParenthesis) ? -1 : 0;
            var isComma = depth == 0 && at.Is(SqlTokenKind.Comma);
            at.Advance();
            argument = isComma ? at : argument;
        }
        return argument;
    }

    private static bool IsTrue(SqlCursor at) =>
        at.TakeValue(out var value) && SqlBooleans.IsTrue(value) && at.Is(SqlTokenKind.CloseParenthesis);
}
