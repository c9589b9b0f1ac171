using System.Management.Automation;
using HasuraMigrations.Abstractions;
using HasuraMigrations.Completion;
using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Projects;

namespace HasuraMigrations.Commands;

/// <summary>Writes the files of a new migration.</summary>
/// <remarks>
/// <para>
/// Creates the directory <c>&lt;version&gt;_&lt;name&gt;</c> in the migrations directory of a database, with the files up.sql and
/// down.sql. Existing files are never overwritten. Two calls never get the same version, even if they run at the same time.
/// </para>
/// <para>
/// With -UpSql, -DownSql, -UpPath or -DownPath, only the given steps are written. Without any of them, both files are created
/// empty, to be filled later. Empty files are ignored.
/// </para>
/// </remarks>
/// <output cref="HasuraMigration">The migration that was written.</output>
/// <notes>Files are written as UTF-8 without a byte order mark, with a line end after the last line.</notes>
/// <seealso cref="InvokeHasuraMigrationCommand"/>
/// <seealso href="about_HasuraMigrations_Projects"/>
[Cmdlet(VerbsCommon.New, "HasuraMigration", DefaultParameterSetName = "Text", SupportsShouldProcess = true, HelpUri = HelpPages.Base + "New-HasuraMigration.md")]
[OutputType(typeof(HasuraMigration))]
public sealed class NewHasuraMigrationCommand : HasuraProjectCmdlet
{
    /// <summary>
    /// Name of the migration, which becomes part of a directory name. Letters, digits, spaces, '-' and '_' are allowed; path
    /// separators, quotes, wildcards and control characters are refused.
    /// </summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true, HelpMessage = "Name of the migration, which becomes part of a directory name.")]
    [AllowEmptyString]
    public string Name { get; set; } = "";

    /// <summary>Text of the up step.</summary>
    [Parameter(ParameterSetName = "Text")]
    [ValidateNotNullOrEmpty]
    public string? UpSql { get; set; }

    /// <summary>Text of the down step.</summary>
    [Parameter(ParameterSetName = "Text")]
    [ValidateNotNullOrEmpty]
    public string? DownSql { get; set; }

    /// <summary>File with the text of the up step.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Path", HelpMessage = "File with the text of the up step.")]
    [ValidateNotNullOrEmpty]
    public string? UpPath { get; set; }

    /// <summary>File with the text of the down step.</summary>
    [Parameter(ParameterSetName = "Path")]
    [ValidateNotNullOrEmpty]
    public string? DownPath { get; set; }

    /// <summary>
    /// Version number, from 1 to 9223372036854775807. Without it, the time in milliseconds since 1970 is used, or the next free
    /// number.
    /// </summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Version { get; set; }

    /// <inheritdoc cref="HasuraDatabaseCmdlet.Database"/>
    [Parameter]
    [Alias("DatabaseName")]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(DatabaseCompleter))]
    public string[]? Database { get; set; }

    private protected override void OnRecord()
    {
        var migration = new NewMigration(Name, Version is null ? null : MigrationVersions.Parse(Version), Step(UpSql, UpPath), Step(DownSql, DownPath));
        var project = OpenProject();
        foreach (var database in DatabaseSelection.Select(project, Database, isAllByDefault: false, mayBeNew: true))
        {
            var writer = new MigrationWriter(project, database, TimeProvider.System);
            if (Confirmed(writer.Choose(migration).Directory, "Create migration"))
            {
                var written = writer.Write(migration);
                Report(written.Findings);
                WriteObject(written);
            }
        }
    }

    private string? Step(string? text, string? path) => path is null ? text : TextFile.Read(ResolvePath(path)).Text;
}
