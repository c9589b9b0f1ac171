namespace HasuraMigrations.Engine.Sql;

/// <summary>The objects that CREATE and ALTER make, as far as they can be looked up by name.</summary>
internal static class SqlObjectRules
{
    private static readonly string[] Modifiers = ["unlogged", "foreign", "recursive", "materialized", "constraint", "procedural", "trusted"];

    /// <summary>Reads CREATE from behind its first words.</summary>
    public static void Create(SqlCursor at, SqlStatementFacts facts)
    {
        while (Modifiers.Any(at.Is))
        {
            at.Advance();
        }
        if (at.TakeEither("table", "view") || at.Take("sequence"))
        {
            AddNamed(at, facts, SqlObjectKind.Relation);
        }
        else if (at.TakeEither("function", "procedure") || at.Take("aggregate"))
        {
            AddNamed(at, facts, SqlObjectKind.Routine);
        }
        else if (at.TakeEither("type", "domain"))
        {
            AddNamed(at, facts, SqlObjectKind.Type);
        }
        else if (at.Take("trigger"))
        {
            AddOnTable(at, facts, SqlObjectKind.Trigger);
        }
        else if (at.Take("policy"))
        {
            AddOnTable(at, facts, SqlObjectKind.Policy);
        }
        else if (at.Take("schema"))
        {
            at.Take("if", "not", "exists");
            if (!at.Is("authorization"))
            {
                AddNamed(at, facts, SqlObjectKind.Schema);
            }
        }
        else if (at.Take("extension"))
        {
            AddNamed(at, facts, SqlObjectKind.Extension);
        }
    }

    /// <summary>Reads ALTER TABLE from behind the name of the table: each column and named constraint that it adds.</summary>
    public static void AlterTable(SqlCursor at, SqlStatementFacts facts, SqlName table)
    {
        do
        {
            if (at.Take("add"))
            {
                Add(ref at, facts, table);
            }
            while (!at.AtEnd && !at.Is(SqlTokenKind.Comma))
            {
                at.Skip();
            }
        }
        while (at.Take(SqlTokenKind.Comma));
    }

    private static void Add(ref SqlCursor at, SqlStatementFacts facts, SqlName table)
    {
        if (at.Take("constraint"))
        {
            if (at.TakeIdentifier(out var constraint))
            {
                facts.AddObject(new SqlObject(SqlObjectKind.Constraint, new(table.Schema, constraint), table.Name));
            }
            return;
        }
        if (at.Is("primary") || at.Is("unique") || at.Is("foreign") || at.Is("check") || at.Is("exclude"))
        {
            return;
        }
        at.Take("column");
        at.Take("if", "not", "exists");
        if (at.TakeIdentifier(out var column))
        {
            facts.AddObject(new SqlObject(SqlObjectKind.Column, new(table.Schema, column), table.Name));
        }
    }

    private static void AddNamed(SqlCursor at, SqlStatementFacts facts, SqlObjectKind kind)
    {
        at.Take("if", "not", "exists");
        if (at.TakeName(out var name))
        {
            facts.AddObject(new SqlObject(kind, name));
        }
    }

    // Between the name of a trigger and its table stand the events, none of which has an ON.
    private static void AddOnTable(SqlCursor at, SqlStatementFacts facts, SqlObjectKind kind)
    {
        if (!at.TakeIdentifier(out var name))
        {
            return;
        }
        while (!at.AtEnd && !at.Is("on"))
        {
            at.Skip();
        }
        if (at.Take("on") && at.TakeName(out var table))
        {
            facts.AddObject(new SqlObject(kind, new(table.Schema, name), table.Name));
        }
    }
}
