using static HasuraMigrations.Engine.Sql.SqlStatementTraits;

namespace HasuraMigrations.Engine.Sql;

/// <summary>CREATE INDEX, DROP INDEX and REINDEX, from behind their first words.</summary>
internal static class SqlIndexRules
{
    public static void Create(ref SqlCursor at, SqlStatementFacts facts, bool isUnique)
    {
        facts.Class = SqlStatementClass.CreateIndex;
        TakeConcurrently(ref at, facts);
        var ifNotExists = at.Take("if", "not", "exists");
        var name = !at.Is("on") && at.TakeName(out var found) ? found : null;
        _ = at.Take("on") && at.Take("only");
        var table = at.TakeName(out var owner) ? owner : null;
        if (name is not null)
        {
            facts.AddObject(new SqlObject(SqlObjectKind.Relation, new(name.Schema ?? table?.Schema, name.Name)));
        }
        facts.Index = new()
        {
            Indexes = name is null ? [] : [name],
            Table = table,
            IsUnique = isUnique,
            IfNotExists = ifNotExists,
        };
    }

    public static void Drop(ref SqlCursor at, SqlStatementFacts facts)
    {
        facts.Class = SqlStatementClass.DropIndex;
        TakeConcurrently(ref at, facts);
        var ifExists = at.Take("if", "exists");
        var names = new List<SqlName>();
        do
        {
            if (at.TakeName(out var name))
            {
                names.Add(name);
            }
        }
        while (at.Take(SqlTokenKind.Comma));
        facts.Index = new() { IfExists = ifExists, Indexes = names };
    }

    public static void Reindex(ref SqlCursor at, SqlStatementFacts facts)
    {
        facts.Class = SqlStatementClass.Reindex;
        if (at.Take(SqlTokenKind.OpenParenthesis))
        {
            ReindexOptions(ref at, facts);
        }
        var target = TakeTarget(ref at);
        TakeConcurrently(ref at, facts);
        if (target is SqlReindexTarget.Schema or SqlReindexTarget.Database or SqlReindexTarget.System)
        {
            facts.Traits |= NotInTransaction;
        }
        var name = at.TakeName(out var found) ? found : null;
        facts.Index = new()
        {
            ReindexTarget = target,
            Indexes = target == SqlReindexTarget.Index && name is not null ? [name] : [],
            Table = target == SqlReindexTarget.Table ? name : null,
            Container = target is SqlReindexTarget.Index or SqlReindexTarget.Table ? null : name?.Name,
        };
    }

    private static void TakeConcurrently(ref SqlCursor at, SqlStatementFacts facts)
    {
        if (at.Take("concurrently"))
        {
            facts.Traits |= Concurrent | NotInTransaction;
        }
    }

    /// <summary>The last mention of CONCURRENTLY counts, as for the server.</summary>
    private static void ReindexOptions(ref SqlCursor at, SqlStatementFacts facts)
    {
        var concurrently = false;
        while (!at.AtEnd && !at.Take(SqlTokenKind.CloseParenthesis))
        {
            if (at.Take("concurrently"))
            {
                concurrently = !at.TakeValue(out var value) || SqlBooleans.IsTrue(value);
            }
            else
            {
                at.Advance();
            }
        }
        if (concurrently)
        {
            facts.Traits |= Concurrent | NotInTransaction;
        }
    }

    private static SqlReindexTarget? TakeTarget(ref SqlCursor at) =>
        at.Take("index") ? SqlReindexTarget.Index
        : at.Take("table") ? SqlReindexTarget.Table
        : at.Take("schema") ? SqlReindexTarget.Schema
        : at.Take("database") ? SqlReindexTarget.Database
        : at.Take("system") ? SqlReindexTarget.System
        : null;
}
