namespace HasuraMigrations;

/// <summary>What a report is about.</summary>
public enum ReportKind
{
    /// <summary>Results, findings, changes and errors of commands.</summary>
    Results,

    /// <summary>A schema: tables, relationships and permissions.</summary>
    Schema,
}
