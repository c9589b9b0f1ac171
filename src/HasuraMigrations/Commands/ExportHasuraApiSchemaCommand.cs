using System.Collections;
using System.Management.Automation;
using System.Text;
using HasuraMigrations.Abstractions;
using HasuraMigrations.Engine.Metadata.Api;
using HasuraMigrations.Engine.Metadata.Files;
using HasuraMigrations.Engine.Projects;
using HasuraMigrations.Engine.Proofs;
using HasuraMigrations.Engine.Variables;

namespace HasuraMigrations.Commands;

/// <summary>Writes the GraphQL schema that a role sees.</summary>
/// <remarks>
/// <para>
/// With a connection to a database, the schema is computed of Hasura's metadata and the databases of its sources; no server is
/// needed. With -FromProject, it is computed of the metadata files and of throwaway databases to which the migrations of the project
/// are applied; no database is connected to. From a server, the schema is its answer to a request for the introspection of the role.
/// </para>
/// <para>
/// Types and their members come in the order of a server. Without -Path, each schema is written to the pipeline, with its text.
/// </para>
/// <para>
/// A schema that is computed depends on settings of the server, which are given with -ServerSetting and -ServerVersion. What cannot be
/// known is never guessed, but told: the property Holes names remote schemas whose SDL was not given with -RemoteSchemaPath, and sources
/// that are not PostgreSQL. Objects of the metadata that do not fit the databases are in no schema; each causes a warning.
/// </para>
/// </remarks>
/// <output cref="HasuraApiSchema">One object for each role.</output>
/// <notes>The endpoint of Relay is not written.</notes>
/// <seealso cref="ExportHasuraMetadataCommand"/>
/// <seealso cref="GetHasuraMetadataInconsistencyCommand"/>
[Cmdlet(VerbsData.Export, "HasuraApiSchema", SupportsShouldProcess = true, DefaultParameterSetName = "Role", HelpUri = HelpPages.Base + "Export-HasuraApiSchema.md")]
[OutputType(typeof(HasuraApiSchema))]
public sealed class ExportHasuraApiSchemaCommand : HasuraMetadataCmdlet
{
    /// <summary>The roles. The default is admin.</summary>
    [Parameter(Position = 0, ParameterSetName = "Role")]
    [ValidateNotNullOrEmpty]
    public string[] Role { get; set; } = ["admin"];

    /// <summary>Writes the schemas of all roles that the metadata names, and of admin.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "AllRoles", HelpMessage = "Writes the schemas of all roles that the metadata names, and of admin.")]
    public SwitchParameter AllRoles { get; set; }

    /// <summary>
    /// A directory to write to, in which each role has a file with its name, or, for one role, a file with the extension .graphql, .gql
    /// or .json. Existing files are replaced.
    /// </summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Path { get; set; }

    /// <summary>Sdl for the schema definition language of GraphQL, Introspection for JSON. The default is Introspection if -Path is a file with the extension .json, else Sdl.</summary>
    [Parameter]
    public ApiSchemaFormat? Format { get; set; }

    /// <summary>Writes the schemas of requests that ask for permissions of backends, which have mutations with backend_only permissions.</summary>
    [Parameter]
    public SwitchParameter Backend { get; set; }

    /// <summary>Computes the schemas of the metadata files and the migrations of the project, which are applied to throwaway databases.</summary>
    [Parameter]
    public SwitchParameter FromProject { get; set; }

    /// <summary>
    /// Environment variables of the server, as a hashtable of names and values, such as
    /// @{ HASURA_GRAPHQL_EXPERIMENTAL_FEATURES = 'naming_convention' }. Those that do not change the schema are ignored, and a server
    /// that is asked has its own.
    /// </summary>
    [Parameter]
    [ValidateNotNull]
    public IDictionary? ServerSetting { get; set; }

    /// <summary>Version of the server, such as v2.36.0. The default is the newest one that is known, or 1.3 if the metadata is of such a server.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? ServerVersion { get; set; }

    /// <summary>Files with the schemas of remote schemas in SDL, as a hashtable of names of remote schemas and paths.</summary>
    [Parameter]
    [ValidateNotNull]
    public IDictionary? RemoteSchemaPath { get; set; }

    /// <summary>With -FromProject, a file with SQL that runs first in each throwaway database, such as CREATE EXTENSION or roles.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? SetupPath { get; set; }

    /// <summary>With -FromProject, the major version of the throwaway PostgreSQL. The default is the newest one that is found.</summary>
    [Parameter]
    [ValidateRange(12, 99)]
    public int? PostgresVersion { get; set; }

    /// <summary>With -FromProject, allows npm to install a PostgreSQL server if this machine has none.</summary>
    [Parameter]
    public SwitchParameter AllowDownload { get; set; }

    private string? FilePath => Path is not null && System.IO.Path.GetExtension(Path).ToLowerInvariant() is ".graphql" or ".gql" or ".json" && !Directory.Exists(ResolvePath(Path!)) ? ResolvePath(Path!) : null;

    private protected override void OnRecord()
    {
        var settings = ReadSettings();
        if (FilePath is not null && (AllRoles || Role.Length > 1))
        {
            throw new HasuraMigrationException("ApiSchemaPathInvalid", $"'{Path}' is a file, and the schemas of several roles need one each.", Path);
        }

        if (FromProject)
        {
            var project = OpenProject();
            var reading = MetadataFiles.Read(project);
            Report(reading.Findings);
            var setup = SetupPath is null ? null : TextFile.Read(ResolvePath(SetupPath)).Text;
            var options = new ProofOptions(AllowDownload, setup, PostgresVersion) { Variables = VariableSet.Create(new Dictionary<string, string>(), null) };
            RunAsync(async cancellationToken =>
            {
                var schemas = await new ProjectApi(options, message => PostToPipeline(() => WriteVerbose(message))).ReadAsync(project, reading.Document, settings, cancellationToken).ConfigureAwait(false);
                await WriteAsync(schemas, cancellationToken).ConfigureAwait(false);
            });
            return;
        }

        WithTarget(OpenProjectOrNone(isNeeded: false), async (target, cancellationToken) =>
        {
            var schemas = await target.ReadApiAsync(settings, cancellationToken).ConfigureAwait(false);
            await WriteAsync(schemas, cancellationToken).ConfigureAwait(false);
        });
    }

    private ApiSettings ReadSettings()
    {
        var remote = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, path) in VariableInput.Read(RemoteSchemaPath, "-RemoteSchemaPath"))
        {
            remote[name] = TextFile.Read(ResolvePath(path)).Text;
        }

        return ApiSettings.Of(VariableInput.Read(ServerSetting, "-ServerSetting"), ServerVersion) with { RemoteSchemas = remote };
    }

    private async Task WriteAsync(IApiSchemas schemas, CancellationToken cancellationToken)
    {
        if (schemas.Inconsistencies.Count > 0)
        {
            await OnPipelineAsync(() =>
            {
                foreach (var one in schemas.Inconsistencies)
                {
                    WriteWarning($"Not in any schema: {one}");
                }
            }).ConfigureAwait(false);
        }

        foreach (var role in AllRoles ? schemas.Roles : Role.Distinct(StringComparer.Ordinal))
        {
            var schema = await schemas.ReadAsync(role, Backend, cancellationToken).ConfigureAwait(false);
            await OnPipelineAsync(() => Write(schema)).ConfigureAwait(false);
        }
    }

    private void Write(RoleApiSchema schema)
    {
        foreach (var sentence in schema.Holes.Concat(schema.Faults))
        {
            WriteWarning($"Role {schema.Role}: {sentence}");
        }

        var format = Format ?? (FilePath is { } file && System.IO.Path.GetExtension(file).Equals(".json", StringComparison.OrdinalIgnoreCase) ? ApiSchemaFormat.Introspection : ApiSchemaFormat.Sdl);
        using var text = new MemoryStream();
        schema.Write(format, text);
        var result = new HasuraApiSchema(schema.Role, format, schema.TypeCount) { IsBackend = schema.IsBackend, Holes = schema.Holes, Faults = schema.Faults };
        if (Path is null)
        {
            WriteObject(result with { Text = Encoding.UTF8.GetString(text.ToArray()) });
            return;
        }

        var path = FilePath ?? System.IO.Path.Combine(ResolvePath(Path), FileName(schema, format));
        if (Confirmed(path, "Write GraphQL schema"))
        {
            CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
            WholeFile.Write(path, Encoding.UTF8.GetString(text.ToArray()), mayReplace: true);
            WriteObject(result with { Path = path });
        }
    }

    private static void CreateDirectory(string directory)
    {
        try
        {
            Directory.CreateDirectory(directory);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new HasuraMigrationException("FileUnwritable", $"The directory '{directory}' could not be created: {e.Message}", directory, e) { File = directory };
        }
    }

    // A role can have any name.
    private static string FileName(RoleApiSchema schema, ApiSchemaFormat format) =>
        $"{Uri.EscapeDataString(schema.Role)}{(schema.IsBackend ? ".backend" : "")}{(format == ApiSchemaFormat.Introspection ? ".json" : ".graphql")}";
}
