using System.Management.Automation;
using System.Security;
using System.Text.Json.Nodes;
using HasuraMigrations.Abstractions;
using HasuraMigrations.Engine.Connections;
using HasuraMigrations.Engine.Dumps;
using HasuraMigrations.Engine.Metadata.Files;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Projects;

namespace HasuraMigrations.Commands;

/// <summary>Creates a project.</summary>
/// <remarks>
/// <para>
/// Creates config.yaml, the directories migrations and seeds and, in config versions 2 and 3, the directory metadata with the files of empty
/// metadata. Existing files are never overwritten; a directory that already contains a project is refused.
/// </para>
/// <para>
/// With -FromConnection, the project describes an existing database or Hasura server: its metadata is exported, and for each database a
/// migration 'init' creates what the database has, as New-HasuraMigration -FromDatabase and -FromServer make it. Each migration is
/// proven in a throwaway PostgreSQL, and recorded as applied.
/// </para>
/// <para>
/// The admin secret of a server is written into config.yaml only with -SaveAdminSecret. A connection string is never written.
/// </para>
/// </remarks>
/// <output cref="HasuraProjectInfo">The project.</output>
/// <output cref="HasuraMigration">With -FromConnection, the migration of each database.</output>
/// <notes>
/// If the metadata cannot be read, nothing is kept. If a migration cannot be made or proven, the project is kept; complete it with
/// New-HasuraMigration -FromDatabase or -FromServer.
/// </notes>
/// <seealso cref="GetHasuraProjectCommand"/>
/// <seealso cref="NewHasuraMigrationCommand"/>
/// <seealso cref="ExportHasuraMetadataCommand"/>
/// <seealso href="about_HasuraMigrations_Projects"/>
[Cmdlet(VerbsData.Initialize, "HasuraProject", DefaultParameterSetName = "Empty", SupportsShouldProcess = true, HelpUri = HelpPages.Base + "Initialize-HasuraProject.md")]
[OutputType(typeof(HasuraProjectInfo), typeof(HasuraMigration))]
public sealed class InitializeHasuraProjectCommand : AsyncCmdlet
{
    private const string FirstMigration = "init";

    /// <summary>Directory of the project, which is created if it does not exist. The default is the current location of the shell.</summary>
    [Parameter(Position = 0)]
    [ValidateNotNullOrEmpty]
    public string? Path { get; set; }

    /// <summary>Config version of the project: 1, 2 or 3. The default is 3, which servers of version 2 have; 1 is for old servers.</summary>
    [Parameter]
    [ValidateRange(1, 3)]
    public int ConfigVersion { get; set; } = 3;

    /// <summary>
    /// URL of the Hasura server of the project, which is written into config.yaml. With -FromConnection, it is that of the server given
    /// there.
    /// </summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Endpoint { get; set; }

    /// <summary>
    /// An existing database or server: an object of Connect-HasuraServer or Start-HasuraSandbox, a connection string (PostgreSQL URL or
    /// keyword string), or the URL of a Hasura server.
    /// </summary>
    [Parameter(Mandatory = true, ParameterSetName = "FromConnection", HelpMessage = "An existing database or server:")]
    [ValidateNotNull]
    public object? FromConnection { get; set; }

    /// <summary>Connection string of Hasura's metadata database, as text or SecureString, if it is not the database of -FromConnection.</summary>
    [Parameter(ParameterSetName = "FromConnection")]
    [ValidateNotNull]
    public object? MetadataConnectionString { get; set; }

    /// <summary>Admin secret of the server, as a SecureString.</summary>
    [Parameter]
    [ValidateNotNull]
    public SecureString? AdminSecret { get; set; }

    /// <summary>Writes the admin secret into config.yaml, where anyone who reads the project can read it.</summary>
    [Parameter]
    public SwitchParameter SaveAdminSecret { get; set; }

    /// <summary>
    /// Allows plain http to a host other than this machine. The admin secret and all data are then sent unencrypted. For other settings of
    /// a connection, pass an object of Connect-HasuraServer to -FromConnection.
    /// </summary>
    [Parameter(ParameterSetName = "FromConnection")]
    public SwitchParameter AllowInsecureEndpoint { get; set; }

    /// <summary>Names of schemas that the migrations contain. Without it, they contain all schemas. Case counts.</summary>
    [Parameter(ParameterSetName = "FromConnection")]
    [ValidateNotNullOrEmpty]
    public string[]? Schema { get; set; }

    /// <summary>Names of schemas that the migrations do not contain. Case counts.</summary>
    [Parameter(ParameterSetName = "FromConnection")]
    [ValidateNotNullOrEmpty]
    public string[]? ExcludeSchema { get; set; }

    /// <summary>Does not record the migrations as applied.</summary>
    [Parameter(ParameterSetName = "FromConnection")]
    public SwitchParameter NoRecord { get; set; }

    /// <summary>Writes the migrations without proving that they create the schemas of the databases.</summary>
    [Parameter(ParameterSetName = "FromConnection")]
    public SwitchParameter SkipProof { get; set; }

    /// <summary>Allows npm to install a PostgreSQL server for the proof if this machine has none of the version of the database.</summary>
    [Parameter(ParameterSetName = "FromConnection")]
    public SwitchParameter AllowDownload { get; set; }

    private protected override void OnEnd()
    {
        if (SaveAdminSecret && AdminSecret is null)
        {
            throw new HasuraMigrationException("ServerHeaderInvalid", "-SaveAdminSecret requires -AdminSecret.") { RecommendedAction = "Give the admin secret with -AdminSecret, as a SecureString." };
        }

        var directory = Path is null ? SessionState.Path.CurrentFileSystemLocation.ProviderPath : UserPath.Resolve(SessionState, Path);
        var request = FromConnection is null ? null : HasuraTargetCmdlet.RequestOf(FromConnection, MetadataConnectionString, AdminSecret, AllowInsecureEndpoint);
        var project = new NewProject(
            System.IO.Path.TrimEndingDirectorySeparator(directory),
            ConfigVersion,
            Endpoint ?? request?.Endpoint ?? request?.Connection?.Server?.Endpoint.ToString(),
            SaveAdminSecret ? Secrets.AdminSecret(AdminSecret) : null);
        project.Check();
        if (!Confirmed(project.Path, $"Create project of config version {ConfigVersion}"))
        {
            return;
        }

        project.Create();
        var opened = Open(project.Path);
        if (request is null)
        {
            WriteMetadata(opened, Empty());
            WriteObject(Open(project.Path).ToInfo());
            return;
        }

        try
        {
            ImportMetadata(opened, request);
        }
        catch
        {
            // A second try finds the directory as the first did.
            project.Remove();
            throw;
        }

        MakeMigrations(Open(project.Path), request);
    }

    private void ImportMetadata(HasuraProject project, ConnectionRequest request) => RunAsync(async cancellationToken =>
    {
        var target = MetadataTargets.Open(new ConnectionResolver(project, request, databaseCount: 1).ResolveMetadataPlaces(), project);
        await using (target.ConfigureAwait(false))
        {
            var snapshot = await target.ExportAsync(cancellationToken).ConfigureAwait(false);
            WriteMetadata(project, snapshot.Exists ? snapshot.Document : Empty());
        }
    });

    private void MakeMigrations(HasuraProject project, ConnectionRequest request)
    {
        WriteObject(project.ToInfo());
        var maker = new SchemaMigrationMaker(project, new SchemaMigrationOptions(new SchemaSelection(Schema ?? [], ExcludeSchema ?? []), SkipProof, AllowDownload, NoRecord), NewWriter());
        foreach (var database in Databases(project, request))
        {
            var connection = new ConnectionResolver(project, request, databaseCount: 1).Resolve(database);
            RunAsync(async cancellationToken =>
            {
                if (await maker.MakeAsync(database, connection, new NewMigration(FirstMigration), cancellationToken).ConfigureAwait(false) is { } made)
                {
                    await OnPipelineAsync(() => WriteObject(made)).ConfigureAwait(false);
                }
            });
        }
    }

    // A server reaches all its sources; a connection string reaches one database.
    private IEnumerable<ProjectDatabase> Databases(HasuraProject project, ConnectionRequest request)
    {
        var isServer = request.Endpoint is not null || request.Connection?.Server is not null;
        var own = project.Databases.FirstOrDefault(d => d.Name == HasuraProject.DefaultDatabase) ?? project.DatabaseOrNew(HasuraProject.DefaultDatabase);
        var known = project.Databases.Count == 1 ? project.Databases : isServer ? project.Databases : [own];
        foreach (var other in project.Databases.Where(d => !known.Contains(d)))
        {
            WriteWarning($"No migration was made of database '{other.Name}', which -FromConnection does not reach. Run New-HasuraMigration {FirstMigration} -FromDatabase -Database {other.Name}.");
        }

        return project.Databases.Count == 0 ? [own] : known;
    }

    private MetadataDocument Empty() => new(ConfigVersion == 3
        ? new JsonObject { ["version"] = 3, ["sources"] = new JsonArray() }
        : new JsonObject { ["version"] = 2, ["tables"] = new JsonArray() });

    private void WriteMetadata(HasuraProject project, MetadataDocument document)
    {
        if (ConfigVersion == 1)
        {
            return;
        }

        var layout = MetadataFiles.LayoutOf(project);
        MetadataFiles.Plan(MetadataFiles.Fit(document, layout, null, []), layout).Apply();
    }

    private HasuraProject Open(string path)
    {
        var project = HasuraProject.Open(new ProjectOptions { Path = path, IsExplicit = true });
        foreach (var finding in project.Findings.Where(f => f.Severity != FindingSeverity.Information))
        {
            WriteWarning(Formatting._Format.FindingText(finding));
        }

        return project;
    }

    private CmdletWriter NewWriter() => new(this, OnPipelineAsync, PostToPipeline, f => WriteWarning(Formatting._Format.FindingText(f)), WriteObject);
}
