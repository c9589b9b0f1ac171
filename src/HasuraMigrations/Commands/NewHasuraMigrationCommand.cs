using System.Management.Automation;
using HasuraMigrations.Abstractions;
using HasuraMigrations.Engine.Connections;
using HasuraMigrations.Engine.Dumps;
using HasuraMigrations.Engine.Metadata.Files;
using HasuraMigrations.Engine.Metadata.Model;
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
/// <para>
/// With -FromDatabase or -FromServer, the up step creates what the database has: its schemas, extensions, types, tables, views, functions,
/// triggers and policies, without rows, owners and privileges. The schemas of Hasura and of this module are left out, as are the
/// triggers that Hasura creates for event triggers. Before the file is written, the migration is proven: it is applied to a
/// throwaway database, whose schema is then compared with that of the database. The version is then recorded as applied.
/// </para>
/// </remarks>
/// <output cref="HasuraMigration">The migration that was written.</output>
/// <notes>
/// Files are written as UTF-8 without a byte order mark, with a line end after the last line. -FromDatabase requires pg_dump in the
/// version of the server or newer; a Hasura server has its own. Only -FromDatabase and -FromServer require a connection.
/// </notes>
/// <seealso cref="InvokeHasuraMigrationCommand"/>
/// <seealso href="about_HasuraMigrations_Projects"/>
/// <seealso href="about_HasuraMigrations_Connections"/>
[Cmdlet(VerbsCommon.New, "HasuraMigration", DefaultParameterSetName = "Text", SupportsShouldProcess = true, HelpUri = HelpPages.Base + "New-HasuraMigration.md")]
[OutputType(typeof(HasuraMigration))]
public sealed class NewHasuraMigrationCommand : HasuraDatabaseCmdlet
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

    /// <summary>Writes the schema of the database, read directly from PostgreSQL with pg_dump.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "FromDatabase", HelpMessage = "Writes the schema of the database, read directly from PostgreSQL with pg_dump.")]
    public SwitchParameter FromDatabase { get; set; }

    /// <summary>Writes the schema of the database, read through the pg_dump API of a Hasura server.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "FromServer", HelpMessage = "Writes the schema of the database, read through the pg_dump API of a Hasura server.")]
    public SwitchParameter FromServer { get; set; }

    /// <summary>
    /// Writes the metadata of the database or server as the step up.yaml, which replaces the metadata. Only in projects of config version 1;
    /// in others, Export-HasuraMetadata writes it to files of its own. Without -FromDatabase and -FromServer, no SQL is written.
    /// </summary>
    [Parameter(ParameterSetName = "FromDatabase")]
    [Parameter(ParameterSetName = "FromServer")]
    [Parameter(Mandatory = true, ParameterSetName = "FromMetadata", HelpMessage = "Writes the metadata of the database or server as the step up.yaml, which replaces the metadata.")]
    public SwitchParameter MetadataFromServer { get; set; }

    /// <summary>
    /// Metadata directory, or file with a whole document, that is written as the step up.yaml, which replaces the metadata. Only in projects
    /// of config version 1.
    /// </summary>
    [Parameter(ParameterSetName = "Text")]
    [Parameter(ParameterSetName = "Path")]
    [ValidateNotNullOrEmpty]
    public string? MetadataPath { get; set; }

    /// <summary>
    /// Names of schemas to write. Without it, all schemas are written. Extensions are written if they are in one of these schemas or in
    /// public. Case counts.
    /// </summary>
    [Parameter(ParameterSetName = "FromDatabase")]
    [Parameter(ParameterSetName = "FromServer")]
    [ValidateNotNullOrEmpty]
    public string[]? Schema { get; set; }

    /// <summary>Names of schemas that are not written. Case counts.</summary>
    [Parameter(ParameterSetName = "FromDatabase")]
    [Parameter(ParameterSetName = "FromServer")]
    [ValidateNotNullOrEmpty]
    public string[]? ExcludeSchema { get; set; }

    /// <summary>Does not record the version as applied to the database.</summary>
    [Parameter(ParameterSetName = "FromDatabase")]
    [Parameter(ParameterSetName = "FromServer")]
    public SwitchParameter NoRecord { get; set; }

    /// <summary>Writes the migration without proving that it creates the schema of the database.</summary>
    [Parameter(ParameterSetName = "FromDatabase")]
    [Parameter(ParameterSetName = "FromServer")]
    public SwitchParameter SkipProof { get; set; }

    /// <summary>Allows npm to install a PostgreSQL server for the proof if this machine has none of the version of the database.</summary>
    [Parameter(ParameterSetName = "FromDatabase")]
    [Parameter(ParameterSetName = "FromServer")]
    public SwitchParameter AllowDownload { get; set; }

    private protected override void OnBegin()
    {
        // Where the settings of the project name both a database and a server, the switch says which is meant.
        if ((FromDatabase || FromServer) && Connection is null && ConnectionString is null && Endpoint is null)
        {
            Target ??= FromDatabase ? HasuraTargetKind.Postgres : HasuraTargetKind.Server;
        }
    }

    private protected override void OnRecord()
    {
        var migration = new NewMigration(Name, Version is null ? null : MigrationVersions.ParseNew(Version), Step(UpSql, UpPath), Step(DownSql, DownPath));
        var isDump = FromDatabase || FromServer;
        var project = OpenProject();
        var databases = DatabaseSelection.Select(project, Database, isAllByDefault: false, mayBeNew: !isDump)
            .Where(d => Confirmed(WriterOf(project, d).Choose(migration).Directory, "Create migration")).ToList();
        if (databases.Count > 0 && (MetadataFromServer || MetadataPath is not null))
        {
            migration = migration with { UpYaml = MetadataStep(project) };
        }

        if (isDump)
        {
            ForEachConnection(project, databases, (database, connection, cancellationToken) => DumpAsync(project, database, connection, migration, cancellationToken));
            return;
        }

        databases.ForEach(d => WriteObject(Write(project, d, migration)));
    }

    private async Task DumpAsync(HasuraProject project, ProjectDatabase database, ResolvedConnection connection, NewMigration migration, CancellationToken cancellationToken)
    {
        RequireKind(connection.Connection);
        var options = new SchemaMigrationOptions(new SchemaSelection(Schema ?? [], ExcludeSchema ?? []), SkipProof, AllowDownload, NoRecord);
        var made = await new SchemaMigrationMaker(project, options, NewWriter()).MakeAsync(database, connection, migration, cancellationToken).ConfigureAwait(false)
            ?? throw new HasuraMigrationException("SchemaEmpty", $"Database '{database.Name}' on {connection.Connection} has no objects in the schemas selected, so there is nothing to write.", connection.Connection.ToString());
        await OnPipelineAsync(() => WriteObject(made)).ConfigureAwait(false);
    }

    private string MetadataStep(HasuraProject project)
    {
        if (project.ConfigVersion != 1)
        {
            throw new HasuraMigrationException("MetadataStepNotSupported", $"The project has config version {project.ConfigVersion}; migrations contain actions on metadata only in config version 1.", project.Directory);
        }

        var findings = new List<Finding>();
        var document = MetadataPath is null ? ReadMetadata(project) : MetadataFiles.Read(ResolvePath(MetadataPath)).Document;
        var step = MetadataFiles.ToMigrationStep(MetadataFiles.Fit(document, MetadataFiles.LayoutOf(project), null, findings));
        Report(findings);
        return step;
    }

    private MetadataDocument ReadMetadata(HasuraProject project)
    {
        MetadataDocument? document = null;
        RunAsync(async cancellationToken =>
        {
            var target = MetadataTargets.Open(new ConnectionResolver(project, ReadRequest(), databaseCount: 1).ResolveMetadataPlaces(), project);
            await using (target.ConfigureAwait(false))
            {
                var snapshot = await target.ExportAsync(cancellationToken).ConfigureAwait(false);
                document = snapshot.Exists ? snapshot.Document : throw new HasuraMigrationException("MetadataStoreMissing", $"{target.Description} contains no Hasura metadata.", target.Description);
            }
        });
        return document!;
    }

    private HasuraMigration Write(HasuraProject project, ProjectDatabase database, NewMigration migration)
    {
        var written = WriterOf(project, database).Write(migration);
        Report(written.Findings);
        return written;
    }

    private void RequireKind(HasuraConnection connection)
    {
        if (connection.Kind != (FromServer ? HasuraTargetKind.Server : HasuraTargetKind.Postgres))
        {
            throw new HasuraMigrationException("TargetNotSupported", $"{connection} is {(FromServer ? "a database, and -FromServer reads through a Hasura server" : "a Hasura server, and -FromDatabase reads directly from PostgreSQL")}.", connection.ToString())
            {
                RecommendedAction = FromServer ? "Use -FromDatabase, or give the endpoint of a server." : "Use -FromServer, or give a connection string.",
            };
        }
    }

    private static MigrationWriter WriterOf(HasuraProject project, ProjectDatabase database) => new(project, database, TimeProvider.System);

    private string? Step(string? text, string? path) => path is null ? text : TextFile.Read(ResolvePath(path)).Text;
}
