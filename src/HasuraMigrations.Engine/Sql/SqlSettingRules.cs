namespace HasuraMigrations.Engine.Sql;

/// <summary>SET and RESET in all their spellings.</summary>
internal static class SqlSettingRules
{
    public static void Set(ref SqlCursor at, SqlStatementFacts facts, string text, int end)
    {
        if (at.Take("constraints"))
        {
            facts.Class = SqlStatementClass.SetConstraints;
            facts.Traits |= SqlStatementTraits.UntilCommit;
            return;
        }
        var isLocal = at.Take("local");
        if (!isLocal && at.Take("session", "characteristics"))
        {
            SqlTransactionRules.Modes(at, facts, text, end);
            facts.TransactionModes = null;
            SetValue(ref at, facts, "session characteristics", isLocal, hasValue: false);
            return;
        }
        if (!isLocal && !IsSessionAuthorization(at))
        {
            at.Take("session");
        }
        if (at.Take("transaction"))
        {
            facts.Class = SqlStatementClass.SetTransaction;
            facts.Traits |= SqlStatementTraits.UntilCommit;
            SqlTransactionRules.Modes(at, facts, text, end);
            return;
        }
        SetNamed(ref at, facts, isLocal);
    }

    public static void Reset(ref SqlCursor at, SqlStatementFacts facts)
    {
        facts.Class = SqlStatementClass.Reset;
        var name = SpecialName(ref at);
        if (name is null && at.Take("transaction", "isolation", "level"))
        {
            name = "transaction_isolation";
        }
        if (name is not null || TakeSettingName(ref at, out name))
        {
            facts.Add(new(name, null, IsLocal: false, IsReset: true));
        }
    }

    private static void SetNamed(ref SqlCursor at, SqlStatementFacts facts, bool isLocal)
    {
        var special = at.Take("session", "characteristics") ? "session characteristics" : SpecialName(ref at);
        if (special is not null)
        {
            SetValue(ref at, facts, special, isLocal, hasValue: special != "session characteristics");
        }
        else if (TakeSettingName(ref at, out var name) && (at.Take("to") || at.TakeEquals()))
        {
            SetValue(ref at, facts, name, isLocal, hasValue: true);
        }
    }

    private static void SetValue(ref SqlCursor at, SqlStatementFacts facts, string name, bool isLocal, bool hasValue)
    {
        facts.Class = SqlStatementClass.Set;
        var isDefault = hasValue && (at.AtEnd || at.Take("default"));
        string? value = null;
        if (hasValue && !isDefault && !(at.TakeValue(out value) && at.AtEnd))
        {
            value = null;
        }
        facts.Add(new(name, value, isLocal, isDefault));
    }

    /// <summary>SESSION AUTHORIZATION is a setting; a SESSION before it, or before any other name, is noise.</summary>
    private static bool IsSessionAuthorization(SqlCursor at) => at.Take("session", "authorization");

    private static string? SpecialName(ref SqlCursor at)
    {
        if (at.Take("time", "zone"))
        {
            return "timezone";
        }
        if (at.Take("session", "authorization"))
        {
            return "session_authorization";
        }
        if (at.Take("xml", "option"))
        {
            return "xmloption";
        }
        var ahead = at;
        var name = ahead.Take("schema") ? "search_path" : ahead.Take("names") ? "client_encoding"
            : ahead.Take("role") ? "role" : null;
        if (name is null || ahead.Is("to") || ahead.TakeEquals())
        {
            return null;
        }
        at = ahead;
        return name;
    }

    /// <summary>Names of settings are not cut, and compared without case; a prefix with a dot belongs to the name.</summary>
    private static bool TakeSettingName(ref SqlCursor at, out string name)
    {
        if (!at.TakeIdentifier(out name))
        {
            return false;
        }
        while (at.Take(SqlTokenKind.Dot) && at.TakeIdentifier(out var part))
        {
            name += "." + part;
        }
        name = name.ToLowerInvariant();
        return true;
    }
}
