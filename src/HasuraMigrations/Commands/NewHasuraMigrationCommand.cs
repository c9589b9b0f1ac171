using System.Management.Automation;
using HasuraMigrations.Abstractions;
using HasuraMigrations.Completion;
using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Projects;

namespace HasuraMigrations.Commands;

/// <summary>Writes a new migration.</summary>
[Cmdlet(VerbsCommon.New, "HasuraMigration", DefaultParameterSetName = "Text", SupportsShouldProcess = true)]
[OutputType(typeof(HasuraMigration))]
public sealed class NewHasuraMigrationCommand : HasuraProjectCmdlet
{
    /// <summary>Name of the migration.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true, HelpMessage = "Name of the migration.")]
    [AllowEmptyString]
    public string Name { get; set; } = "";

    /// <summary>Text of the up step.</summary>
    [Parameter(ParameterSetName = "Text", HelpMessage = "Text of the up step.")]
    [ValidateNotNullOrEmpty]
    public string? UpSql { get; set; }

    /// <summary>Text of the down step.</summary>
    [Parameter(ParameterSetName = "Text", HelpMessage = "Text of the down step.")]
    [ValidateNotNullOrEmpty]
    public string? DownSql { get; set; }

    /// <summary>File whose text becomes the up step.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Path", HelpMessage = "File whose text becomes the up step.")]
    [ValidateNotNullOrEmpty]
    public string? UpPath { get; set; }

    /// <summary>File whose text becomes the down step.</summary>
    [Parameter(ParameterSetName = "Path", HelpMessage = "File whose text becomes the down step.")]
    [ValidateNotNullOrEmpty]
    public string? DownPath { get; set; }

    /// <summary>Version; the time in milliseconds where left out, or the next free number.</summary>
    [Parameter(HelpMessage = "Version; from the clock where left out.")]
    [ValidateNotNullOrEmpty]
    public string? Version { get; set; }

    /// <summary>Name of the database (source) that the migration is for.</summary>
    [Parameter(HelpMessage = "Database (source) of the project.")]
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
                Tell(written.Findings);
                WriteObject(written);
            }
        }
    }

    private string? Step(string? text, string? path) => path is null ? text : TextFile.Read(ResolvePath(path)).Text;
}
