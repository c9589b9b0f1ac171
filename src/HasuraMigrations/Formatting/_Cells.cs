using System.ComponentModel;
using System.Management.Automation;

namespace HasuraMigrations.Formatting;

/// <summary>
/// Getters of the hidden properties that the table views show. PowerShell calls them directly; a script block in a view is compiled in
/// each process and costs several times as much for each row.
/// </summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class _Cells
{
    // The sequences of $PSStyle. PowerShell removes them where the output has no colour.
    private const string Red = "\x1b[31m";
    private const string Green = "\x1b[32m";
    private const string Yellow = "\x1b[33m";
    private const string Dim = "\x1b[2m";
    private const string Reset = "\x1b[0m";

    /// <summary>The name of the database, which heads the rows of its group.</summary>
    public static string Database(PSObject row) => _Format.Text(row?.BaseObject switch
    {
        HasuraMigration migration => migration.Database,
        PlannedMigrationInfo planned => planned.Database,
        MigrationResult result => result.Database,
        MigrationLogEntry entry => entry.Database,
        _ => null,
    });

    /// <summary>The name with the notes of a migration, red where its files have changed.</summary>
    public static string Name(PSObject row) => row?.BaseObject switch
    {
        HasuraMigration migration => Coloured(_Format.NameAndNotes(migration.Name, migration.Notes), migration.ChecksumState == MigrationChecksumState.Changed ? Red : null),
        PlannedMigrationInfo planned => _Format.NameAndNotes(planned.Name, planned.Notes),
        MigrationResult result => _Format.NameAndNotes(result.Name, result.Notes),
        _ => "",
    };

    /// <summary>The status of a migration.</summary>
    public static string Status(PSObject row) => row?.BaseObject is not HasuraMigration migration
        ? ""
        : Coloured(migration.Status.ToString(), migration switch
        {
            { IsMissing: true } => Dim,
            { Status: MigrationState.Applied } => Green,
            { Status: MigrationState.Pending } => Yellow,
            _ => Red,
        });

    /// <summary>The moment of a migration or of an entry of the log, in local time.</summary>
    public static string Moment(PSObject row) => _Format.Moment(row?.BaseObject switch
    {
        HasuraMigration migration => migration.AppliedAt,
        MigrationLogEntry entry => entry.LoggedAt,
        _ => null,
    });

    /// <summary>The direction of a planned migration.</summary>
    public static string Direction(PSObject row) => row?.BaseObject is not PlannedMigrationInfo planned
        ? ""
        : Coloured(planned.Direction.ToString(), planned.Direction switch
        {
            MigrationDirection.Up => Green,
            MigrationDirection.Down => Yellow,
            _ => null,
        });

    /// <summary>What became of a migration, or of an attempt in the log.</summary>
    public static string Outcome(PSObject row) => row?.BaseObject switch
    {
        MigrationResult result => Coloured(result.Outcome.ToString(), result.Outcome switch
        {
            MigrationOutcome.Applied or MigrationOutcome.Recorded => Green,
            MigrationOutcome.RolledBack or MigrationOutcome.Forgotten => Yellow,
            _ => null,
        }),
        MigrationLogEntry entry => Coloured(_Format.Outcome(entry), entry.Outcome == "failed" ? Red : null),
        _ => "",
    };

    /// <summary>How long a migration took.</summary>
    public static string Duration(PSObject row) => _Format.Duration((row?.BaseObject as MigrationResult)?.Duration);

    /// <summary>The severity of a finding.</summary>
    public static string Severity(PSObject row) => row?.BaseObject is not Finding finding
        ? ""
        : Coloured(finding.Severity.ToString(), finding.Severity switch
        {
            FindingSeverity.Error => Red,
            FindingSeverity.Warning => Yellow,
            _ => null,
        });

    /// <summary>The message of a finding, with its place and the recommended action.</summary>
    public static string Message(PSObject row) => row?.BaseObject is Finding finding ? _Format.PlacedMessage(finding) : "";

    /// <summary>The kind of a change of metadata or of a file.</summary>
    public static string Change(PSObject row) => row?.BaseObject switch
    {
        MetadataChange change => Coloured(change.Change.ToString(), ColourOf(change.Change)),
        MetadataFileResult file => Coloured(file.Change.ToString(), file.Change switch
        {
            MetadataFileChangeKind.Added => Green,
            MetadataFileChangeKind.Deleted => Red,
            _ => Yellow,
        }),
        _ => "",
    };

    /// <summary>The description of a change of metadata.</summary>
    public static string Description(PSObject row) => _Format.Text((row?.BaseObject as MetadataChange)?.Description);

    /// <summary>The path of a file.</summary>
    public static string Path(PSObject row) => _Format.Text(row?.BaseObject switch
    {
        MetadataFileResult file => file.Path,
        HasuraApiSchema schema => schema.Path,
        _ => null,
    });

    /// <summary>The status of an operation.</summary>
    public static string OperationStatus(PSObject row) => row?.BaseObject is not HasuraOperation operation
        ? ""
        : Coloured(operation.Status.ToString(), operation.Status switch
        {
            HasuraOperationStatus.Valid or HasuraOperationStatus.Mended => Green,
            HasuraOperationStatus.Unknown => Yellow,
            _ => Red,
        });

    /// <summary>Where an operation or its first problem is, and the problem.</summary>
    public static string OperationProblem(PSObject row) => row?.BaseObject is not HasuraOperation operation
        ? ""
        : _Format.Text(string.Join(": ", new[] { operation.File is null ? null : _Format.Where(operation.File, operation.Line), operation.Message }.OfType<string>()));

    private static string ColourOf(MetadataChangeKind change) => change switch
    {
        MetadataChangeKind.Added => Green,
        MetadataChangeKind.Removed => Red,
        _ => Yellow,
    };

    private static string Coloured(string text, string? colour) => colour is null ? text : $"{colour}{text}{Reset}";
}
