namespace HasuraMigrations.Engine.Reports;

/// <summary>How something of a report stands.</summary>
internal enum ReportMark
{
    /// <summary>It was done.</summary>
    Done,

    /// <summary>It is still to be done.</summary>
    Waiting,

    /// <summary>Someone should look at it.</summary>
    Attention,

    /// <summary>It failed.</summary>
    Failed,
}

/// <summary>A place in a file. All texts of a report are printable.</summary>
/// <param name="Path">Path from the root with slashes; a full path outside it.</param>
/// <param name="IsRelative">True for a path from the root.</param>
/// <param name="Line">Line, from 1; null where none can be named.</param>
/// <param name="Column">Column in characters, from 1; null where none can be named.</param>
internal sealed record ReportPlace(string Path, bool IsRelative, int? Line, int? Column)
{
    /// <summary>Path, line and column, as compilers write them.</summary>
    public override string ToString() => Line is null ? Path : Column is null ? $"{Path}:{Line}" : $"{Path}:{Line}:{Column}";
}

/// <summary>A migration of a report.</summary>
/// <param name="Database">Source name of the database.</param>
/// <param name="Version">Version number.</param>
/// <param name="Name">Name; empty where it is not known.</param>
/// <param name="Mark">What that means.</param>
/// <param name="Status">What became of it, or where it stands, in a word or two.</param>
internal sealed record ReportMigration(string Database, long Version, string Name, ReportMark Mark, string Status)
{
    /// <summary>Time on the server; null where it is not known.</summary>
    internal TimeSpan? Duration { get; init; }

    /// <summary>When that was; null where it is not known.</summary>
    internal DateTimeOffset? At { get; init; }

    /// <summary>What is to be noted; empty where nothing is.</summary>
    internal string Notes { get; init; } = "";

    /// <summary>What it failed with.</summary>
    internal ReportProblem? Failure { get; init; }

    /// <summary>The version; of a file without one, its path.</summary>
    internal string Label => Version == 0 ? Name : $"{Version}";

    /// <summary>Version and name, as directories of migrations are named; of a file without a version, its path.</summary>
    internal string Title => Name.Length == 0 ? $"{Version}" : Version == 0 ? Name : $"{Version}_{Name}";
}

/// <summary>A finding or an error of a report.</summary>
/// <param name="Severity">How much it matters.</param>
/// <param name="Id">Stable identifier.</param>
/// <param name="Message">What was found or failed, on one line.</param>
internal sealed record ReportProblem(FindingSeverity Severity, string Id, string Message)
{
    /// <summary>Source name of the database; empty without.</summary>
    internal string Database { get; init; } = "";

    /// <summary>Version of the migration; null without.</summary>
    internal long? Version { get; init; }

    /// <summary>Where it is; null where no file is known.</summary>
    internal ReportPlace? Place { get; init; }

    /// <summary>The line of the file, the server's detail and hint, ... one text for each line.</summary>
    internal IReadOnlyList<string> Lines { get; init; } = [];

    /// <summary>What to do next; empty without.</summary>
    internal string Action { get; init; } = "";

    /// <summary>What it is about: database and version, or either, unless something else was given; empty without.</summary>
    internal string Subject
    {
        get => field ?? string.Join('/', new[] { Database, $"{Version}" }.Where(p => p.Length > 0));
        init;
    }
}

/// <summary>A difference of metadata.</summary>
/// <param name="Change">How the object differs.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Id">What tells it apart from others.</param>
/// <param name="Description">What a person understands.</param>
/// <param name="Fields">The members that differ: path, old and new value.</param>
/// <param name="Place">Where it is; null where no file is known.</param>
internal sealed record ReportChange(MetadataChangeKind Change, string Kind, string Id, string Description, IReadOnlyList<(string Path, string Old, string New)> Fields, ReportPlace? Place);

/// <summary>An import of metadata.</summary>
/// <param name="Target">Where it was written.</param>
/// <param name="Outcome">What it did, in a sentence.</param>
/// <param name="Mark">What that means.</param>
internal sealed record ReportImport(string Target, string Outcome, ReportMark Mark);
