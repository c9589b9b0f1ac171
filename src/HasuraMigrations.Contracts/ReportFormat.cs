namespace HasuraMigrations;

/// <summary>The formats of reports.</summary>
public enum ReportFormat
{
    /// <summary>JUnit XML, which build servers read as test results.</summary>
    JUnit,

    /// <summary>SARIF 2.1.0, which code scanning reads.</summary>
    Sarif,

    /// <summary>Markdown, for summaries of pipeline runs.</summary>
    Markdown,

    /// <summary>One page of HTML for people.</summary>
    Html,
}
