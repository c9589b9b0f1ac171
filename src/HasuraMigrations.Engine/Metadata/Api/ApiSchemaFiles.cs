using System.Text.Json;
using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Metadata.Api.Formats;
using HasuraMigrations.Engine.Metadata.Api.Types;

namespace HasuraMigrations.Engine.Metadata.Api;

/// <summary>GraphQL schemas in files: a directory with a file for each role, or one file, which is that of whatever role is asked for.</summary>
public sealed class ApiSchemaFiles : IApiSchemas
{
    private const string BackendSuffix = ".backend";
    private static readonly string[] Extensions = [".graphql", ".gql", ".json"];

    private readonly string _path;
    private readonly Func<string, string> _read;
    private readonly bool _isDirectory;

    /// <summary>The schemas of a path.</summary>
    /// <param name="path">Full path of a directory or file.</param>
    /// <param name="read">Reads the text of a file.</param>
    public ApiSchemaFiles(string path, Func<string, string> read) => (_path, _read, _isDirectory) = (path, read, Directory.Exists(path));

    /// <summary>True where a path can be one of schemas.</summary>
    public static bool IsPath(string path) => Directory.Exists(path) || (File.Exists(path) && Extensions.Contains(Path.GetExtension(path).ToLowerInvariant()));

    /// <inheritdoc/>
    public IReadOnlyList<string> Roles => !_isDirectory ? [] :
    [
        .. Directory.EnumerateFiles(_path).Where(f => Extensions.Contains(Path.GetExtension(f).ToLowerInvariant()))
            .Select(f => Path.GetFileNameWithoutExtension(f)).Where(n => !n.EndsWith(BackendSuffix, StringComparison.Ordinal))
            .Select(Uri.UnescapeDataString).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal),
    ];

    /// <inheritdoc/>
    public IReadOnlyList<string> Inconsistencies => [];

    /// <inheritdoc/>
    /// <exception cref="HasuraMigrationException">ApiSchemaInvalid; FileUnreadable where there is none for the role.</exception>
    public Task<RoleApiSchema> ReadAsync(string role, bool isBackend, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var file = _isDirectory ? Extensions.Select(e => Path.Combine(_path, $"{Uri.EscapeDataString(role)}{(isBackend ? BackendSuffix : "")}{e}")).FirstOrDefault(File.Exists) : _path;
        if (file is null)
        {
            throw new HasuraMigrationException("FileUnreadable", $"The directory '{_path}' has no schema of the role '{role}'.", _path)
            {
                File = _path,
                RecommendedAction = File.Exists(Path.Combine(_path, "config.yaml"))
                    ? "It is the directory of a project: name it with -Project, and leave the parameter out."
                    : "Name a directory that Export-HasuraApiSchema wrote for this role.",
            };
        }

        return Task.FromResult(new RoleApiSchema(role, isBackend, Read(file, _read)));
    }

    /// <summary>The schema of a remote schema in a file.</summary>
    /// <param name="file">SDL, or with the extension .json an introspection.</param>
    /// <param name="read">Reads the text of a file.</param>
    /// <exception cref="HasuraMigrationException">ApiSchemaInvalid; FileUnreadable.</exception>
    public static RemoteApiSchema ReadRemote(string file, Func<string, string> read)
    {
        ArgumentNullException.ThrowIfNull(file);
        ArgumentNullException.ThrowIfNull(read);
        return new RemoteApiSchema(Read(file, read));
    }

    private static ApiSchema Read(string file, Func<string, string> read)
    {
        var text = read(file);
        if (!Path.GetExtension(file).Equals(".json", StringComparison.OrdinalIgnoreCase))
        {
            return SdlSchemaReader.Read(text, file);
        }

        try
        {
            return IntrospectionReader.Read(JsonNode.Parse(text), file);
        }
        catch (JsonException e)
        {
            throw new HasuraMigrationException("ApiSchemaInvalid", $"'{file}' is not valid JSON: {e.Message}", file, e) { File = file, Line = (int?)e.LineNumber + 1 };
        }
    }
}
