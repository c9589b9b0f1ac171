namespace HasuraMigrations.Engine.Sql;

/// <summary>What REINDEX works on.</summary>
public enum SqlReindexTarget
{
    /// <summary>One index.</summary>
    Index,

    /// <summary>All indexes of a table.</summary>
    Table,

    /// <summary>All indexes of a schema.</summary>
    Schema,

    /// <summary>All indexes of the database except those on system catalogs.</summary>
    Database,

    /// <summary>All indexes on system catalogs.</summary>
    System,
}

/// <summary>The objects that CREATE INDEX, DROP INDEX or REINDEX names, so that the catalog can be asked about them.</summary>
public sealed record SqlIndexCommand
{
    /// <summary>The indexes named: one for CREATE INDEX, none where it leaves the choice to the server, several for DROP.</summary>
    public IReadOnlyList<SqlName> Indexes { get; init; } = [];

    /// <summary>The table of CREATE INDEX, whose schema is the index's schema, or of REINDEX TABLE; else null.</summary>
    public SqlName? Table { get; init; }

    /// <summary>The schema of REINDEX SCHEMA, the database of REINDEX DATABASE or SYSTEM, where given.</summary>
    public string? Container { get; init; }

    /// <summary>What REINDEX works on; null for CREATE and DROP.</summary>
    public SqlReindexTarget? ReindexTarget { get; init; }

    /// <summary>CREATE UNIQUE INDEX.</summary>
    public bool IsUnique { get; init; }

    /// <summary>CREATE INDEX IF NOT EXISTS.</summary>
    public bool IfNotExists { get; init; }

    /// <summary>DROP INDEX IF EXISTS.</summary>
    public bool IfExists { get; init; }
}
