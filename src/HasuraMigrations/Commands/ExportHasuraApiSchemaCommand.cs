using System.Management.Automation;
using System.Text;
using HasuraMigrations.Abstractions;
using HasuraMigrations.Completion;
using HasuraMigrations.Engine.Metadata.Api;
using HasuraMigrations.Engine.Metadata.Files;
using HasuraMigrations.Engine.Projects;
using HasuraMigrations.Engine.Proofs;

namespace HasuraMigrations.Commands;

/// <summary>Writes the GraphQL schema that a role sees.</summary>
/// <remarks>
/// <para>
/// With a connection to a database, the schema is computed of Hasura's metadata and the databases of its sources; no server is
/// needed. With -Sandbox, it is computed of the metadata files and of throwaway databases to which the migrations of the project
/// are applied; no database is connected to. From a server, the schema is its answer to a request for the introspection of the role.
/// </para>
/// <para>
/// Types and their members come in the order of a server. Without -Path, each schema is written to the pipeline, with its text.
/// </para>
/// <para>
/// A schema that is computed depends on settings of the server, which are given with -ServerSetting and -ServerVersion. What cannot be
/// known is never guessed: the property Holes names remote schemas whose SDL was not given with -RemoteSchemaPath, fields that lead to them, and sources
/// that are not PostgreSQL. Objects of the metadata that do not fit the databases are in no schema; each causes a warning.
/// </para>
/// </remarks>
/// <output cref="HasuraApiSchema">One object for each role.</output>
/// <seealso cref="ExportHasuraMetadataCommand"/>
/// <seealso cref="GetHasuraMetadataInconsistencyCommand"/>
[Cmdlet(VerbsData.Export, "HasuraApiSchema", SupportsShouldProcess = true, DefaultParameterSetName = "Role", HelpUri = HelpPages.Base + "Export-HasuraApiSchema.md")]
[OutputType(typeof(HasuraApiSchema))]
public sealed class ExportHasuraApiSchemaCommand : HasuraApiCmdlet
{
    /// <summary>The roles. The default is admin.</summary>
    [Parameter(Position = 0, ParameterSetName = "Role")]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(RoleCompleter))]
    public string[] Role { get; set; } = ["admin"];

    /// <summary>Writes the schemas of all roles that the metadata names, and of admin.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "AllRoles", HelpMessage = "Writes the schemas of all roles that the metadata names, and of admin.")]
    public SwitchParameter AllRoles { get; set; }

    /// <summary>Computes the schemas of the metadata files and the migrations of the project, which are applied to throwaway databases.</summary>
    [Parameter]
    public SwitchParameter Sandbox { get; set; }

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

    private string? FilePath => Path is not null && System.IO.Path.GetExtension(Path).ToLowerInvariant() is ".graphql" or ".gql" or ".json" && !Directory.Exists(ResolvePath(Path!)) ? ResolvePath(Path!) : null;

    private protected override void OnRecord()
    {
        var settings = ReadSettings();
        if (FilePath is not null && (AllRoles || Role.Length > 1))
        {
            throw new HasuraMigrationException("ApiSchemaPathInvalid", $"'{Path}' is a file, and the schemas of several roles need one each.", Path);
        }

        RequireSandbox(Sandbox);
        if (Sandbox)
        {
            var project = OpenProject();
            var document = DocumentOf(new MetadataInput(MetadataFiles.Read(project)));
            var proof = ReadProof();
            RunAsync(async cancellationToken => await WriteAsync(await new ProjectApi(proof, Informed).ReadAsync(project, document, settings, cancellationToken).ConfigureAwait(false), cancellationToken).ConfigureAwait(false));
            return;
        }

        WithTarget(OpenProjectOrNone(isNeeded: false), async (target, cancellationToken) =>
        {
            var schemas = await target.ReadApiAsync(settings, cancellationToken).ConfigureAwait(false);
            await WriteAsync(schemas, cancellationToken).ConfigureAwait(false);
        });
    }

    private async Task WriteAsync(IApiSchemas schemas, CancellationToken cancellationToken)
    {
        RequireRemoteSchemas(schemas);
        if (!AllRoles)
        {
            RequireRoles(Role, schemas.NamedRoles);
        }

        await OnPipelineAsync(() => WarnOfInconsistencies(schemas)).ConfigureAwait(false);
        foreach (var schema in await schemas.ReadAsync(AllRoles ? schemas.Roles : [.. Role.Distinct(StringComparer.Ordinal)], Backend, cancellationToken).ConfigureAwait(false))
        {
            await OnPipelineAsync(() => Write(schema)).ConfigureAwait(false);
        }
    }

    private void Write(RoleApiSchema schema)
    {
        WarnOfHoles(schema);
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
