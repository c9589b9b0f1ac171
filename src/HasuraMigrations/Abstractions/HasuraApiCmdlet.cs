using System.Collections;
using System.Management.Automation;
using HasuraMigrations.Engine.Connections;
using HasuraMigrations.Engine.Metadata.Api;
using HasuraMigrations.Engine.Metadata.Api.Types;
using HasuraMigrations.Engine.Projects;

namespace HasuraMigrations.Abstractions;

/// <summary>Base of the cmdlets that work on the GraphQL schemas of roles.</summary>
public abstract class HasuraApiCmdlet : HasuraThrowawayCmdlet
{
    private protected HasuraApiCmdlet()
    {
    }

    /// <summary>Uses the schemas of requests that ask for permissions of backends, which have mutations with backend_only permissions.</summary>
    [Parameter]
    public SwitchParameter Backend { get; set; }

    /// <summary>
    /// Uses the schemas of the endpoint of Relay, /v1beta1/relay: connections of tables with a primary key, and rows by a global id. Of
    /// functions, native queries, actions, remote schemas and tables without a primary key, it is not known what that endpoint shows;
    /// they are missing in schemas that are computed, with a warning.
    /// </summary>
    [Parameter]
    public SwitchParameter Relay { get; set; }

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

    /// <summary>
    /// Files with the schemas of remote schemas, as a hashtable of names of remote schemas and paths: SDL, or introspections in files with
    /// the extension .json.
    /// </summary>
    [Parameter]
    [ValidateNotNull]
    public IDictionary? RemoteSchemaPath { get; set; }

    /// <summary>What was said of the server.</summary>
    /// <exception cref="HasuraMigrationException">FileUnreadable, and those of settings.</exception>
    private protected ApiSettings ReadSettings()
    {
        var remote = new Dictionary<string, RemoteApiSchema>(StringComparer.Ordinal);
        foreach (var (name, path) in VariableInput.Read(RemoteSchemaPath, "-RemoteSchemaPath"))
        {
            remote[name] = ApiSchemaFiles.ReadRemote(ResolvePath(path), file => TextFile.Read(file).Text);
        }

        return ApiSettings.Of(VariableInput.Read(ServerSetting, "-ServerSetting"), ServerVersion, Relay) with { RemoteSchemas = remote };
    }

    /// <summary>Refuses roles that nobody knows.</summary>
    /// <exception cref="HasuraMigrationException">ApiRoleUnknown.</exception>
    private protected static void RequireRoles(IEnumerable<string> asked, IReadOnlyList<string> known)
    {
        if (known.Count > 0 && asked.FirstOrDefault(r => !known.Contains(r, StringComparer.Ordinal)) is { } unknown)
        {
            var nearest = ApiRoles.Nearest(unknown, known);
            throw new HasuraMigrationException("ApiRoleUnknown", $"There is no role '{unknown}'{(nearest is null ? "" : $"; the nearest name is '{nearest}'")}. The roles are '{string.Join("', '", known)}'.", unknown);
        }
    }

    /// <summary>Refuses files for remote schemas that no side has.</summary>
    /// <exception cref="HasuraMigrationException">RemoteSchemaUnknown.</exception>
    private protected void RequireRemoteSchemas(params IReadOnlyList<IApiSchemas> sides)
    {
        if (sides.Any(s => s.RemoteSchemas is null))
        {
            return;
        }

        var known = sides.SelectMany(s => s.RemoteSchemas!).Distinct(StringComparer.Ordinal).ToList();
        if (VariableInput.Read(RemoteSchemaPath, "-RemoteSchemaPath").Select(p => p.Key).FirstOrDefault(n => !known.Contains(n)) is { } unknown)
        {
            throw new HasuraMigrationException("RemoteSchemaUnknown", $"-RemoteSchemaPath names the remote schema '{unknown}', which the metadata does not have. {(known.Count == 0 ? "It has none." : $"Its remote schemas are '{string.Join("', '", known)}'.")}", unknown);
        }
    }

    /// <summary>The schemas of a database or server.</summary>
    private protected async Task<IApiSchemas> ReadAsync(MetadataPlaces places, HasuraProject project, ApiSettings settings, CancellationToken cancellationToken)
    {
        var target = MetadataTargets.Open(places, project);
        await using (target.ConfigureAwait(false))
        {
            var schemas = await target.ReadApiAsync(settings, cancellationToken).ConfigureAwait(false);
            // What a server shows is asked for while it is open.
            return places.Metadata.Server is null ? schemas : await KeptAsync(schemas, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<IApiSchemas> KeptAsync(IApiSchemas schemas, CancellationToken cancellationToken)
    {
        var kept = new Dictionary<string, RoleApiSchema>(StringComparer.Ordinal);
        foreach (var role in schemas.Roles)
        {
            kept[role] = await schemas.ReadAsync(role, Backend, cancellationToken).ConfigureAwait(false);
        }

        return new KeptApiSchemas(kept, schemas.Inconsistencies);
    }

    /// <summary>The schemas of files that a value names; null where it names something else.</summary>
    /// <exception cref="HasuraMigrationException">FileUnreadable.</exception>
    private protected ApiSchemaFiles? PlaceOf(object? value)
    {
        var path = Secrets.Bare(value) switch
        {
            FileSystemInfo file => file.FullName,
            string text when !Secrets.LooksLikeConnection(text) => ResolvePath(text),
            _ => null,
        };
        return path is null ? null
            : ApiSchemaFiles.IsPath(path) ? new ApiSchemaFiles(path, file => TextFile.Read(file).Text)
            : throw new HasuraMigrationException("FileUnreadable", $"'{path}' is neither a directory nor a file with the extension .graphql, .gql or .json.", path) { File = path };
    }

    /// <summary>The place that a value names, or the connection parameters where it is null; null where none is needed.</summary>
    private protected MetadataPlaces? Places(HasuraProject project, object? value, bool isNeeded)
    {
        if (!isNeeded)
        {
            return null;
        }

        var request = value is null ? ReadRequest() : RequestOf(value, MetadataConnectionString, AdminSecret, AllowInsecureEndpoint);
        var places = new ConnectionResolver(project, request, databaseCount: 1).ResolveMetadataPlaces();
        ReportOnce(places.Metadata.Findings);
        return places;
    }

    /// <summary>Warns of objects that are in no schema.</summary>
    private protected void WarnOfInconsistencies(IApiSchemas schemas)
    {
        foreach (var one in schemas.Inconsistencies)
        {
            WriteWarning($"Not in any schema: {one}");
        }
    }

    /// <summary>Warns of what is not known of a schema.</summary>
    private protected void WarnOfHoles(RoleApiSchema schema)
    {
        foreach (var sentence in schema.Holes.Concat(schema.Faults))
        {
            WriteWarning($"Role {schema.Role}: {sentence}");
        }
    }

    private sealed class KeptApiSchemas(Dictionary<string, RoleApiSchema> schemas, IReadOnlyList<string> inconsistencies) : IApiSchemas
    {
        public IReadOnlyList<string> Roles => [.. schemas.Keys];

        public IReadOnlyList<string> Inconsistencies => inconsistencies;

        public Task<RoleApiSchema> ReadAsync(string role, bool isBackend, CancellationToken cancellationToken) =>
            schemas.TryGetValue(role, out var known) ? Task.FromResult(known) : throw new HasuraMigrationException("ApiSchemaInvalid", $"The server has no schema of the role '{role}': its metadata does not name it.");
    }
}
