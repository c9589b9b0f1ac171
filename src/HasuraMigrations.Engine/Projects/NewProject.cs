using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Yaml;

namespace HasuraMigrations.Engine.Projects;

/// <summary>A project that is to be created, with the configuration that Hasura's CLI gives a new one (<c>hasura init</c>).</summary>
/// <param name="Path">Full path of its directory.</param>
/// <param name="ConfigVersion">Config version: 1, 2 or 3.</param>
/// <param name="Endpoint">URL of its Hasura server; null for none.</param>
/// <param name="AdminSecret">Admin secret that is written into config.yaml; null for none.</param>
public sealed record NewProject(string Path, int ConfigVersion, string? Endpoint, string? AdminSecret)
{
    private const string Migrations = "migrations";
    private const string Seeds = "seeds";
    private const string Metadata = "metadata";

    /// <summary>Checks that it can be created; writes nothing.</summary>
    /// <exception cref="HasuraMigrationException"><c>ProjectExists</c>, <c>FileUnwritable</c>, <c>ServerEndpointInvalid</c>.</exception>
    public void Check()
    {
        if (File.Exists(Path) || System.IO.Path.GetPathRoot(Path) == Path)
        {
            throw new HasuraMigrationException("FileUnwritable", $"'{Path}' is {(File.Exists(Path) ? "a file" : "the root of a file system")}; a project requires a directory of its own.", Path);
        }

        if (File.Exists(ConfigPath))
        {
            throw new HasuraMigrationException("ProjectExists", $"'{Path}' already contains a project.", Path) { File = ConfigPath };
        }

        if (Endpoint is not null && !(Uri.TryCreate(Endpoint, UriKind.Absolute, out var url) && url.Scheme is "http" or "https"))
        {
            throw new HasuraMigrationException("ServerEndpointInvalid", $"The endpoint '{Endpoint}' is not an absolute http or https URL.", Endpoint);
        }
    }

    /// <summary>Creates the directories, and config.yaml last: what is not a project yet is none.</summary>
    /// <exception cref="HasuraMigrationException">As of <see cref="Check"/>.</exception>
    public void Create()
    {
        Check();
        try
        {
            foreach (var directory in Directories)
            {
                Directory.CreateDirectory(directory);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw WholeFile.Unwritable(Path, e);
        }

        WholeFile.Write(ConfigPath, YamlWriter.Write(Config(), MetadataFileStyle.Cli25), mayReplace: false);
    }

    /// <summary>Removes what <see cref="Create"/> made, as long as nothing else was written there.</summary>
    /// <exception cref="HasuraMigrationException"><c>FileUnwritable</c>.</exception>
    public void Remove()
    {
        try
        {
            File.Delete(ConfigPath);
            foreach (var directory in Directories.Append(Path).Where(d => Directory.Exists(d) && !Directory.EnumerateFileSystemEntries(d).Any()))
            {
                Directory.Delete(directory);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw WholeFile.Unwritable(Path, e);
        }
    }

    private IEnumerable<string> Directories => (ConfigVersion == 1 ? new[] { Migrations, Seeds } : [Migrations, Seeds, Metadata]).Select(n => System.IO.Path.Combine(Path, n));

    private string ConfigPath => System.IO.Path.Combine(Path, ConfigFile.Name);

    private JsonObject Config()
    {
        var config = new JsonObject();
        if (ConfigVersion > 1)
        {
            config["version"] = ConfigVersion;
        }

        if (Endpoint is not null)
        {
            config["endpoint"] = Endpoint;
        }

        if (AdminSecret is not null)
        {
            config["admin_secret"] = AdminSecret;
        }

        if (ConfigVersion > 1)
        {
            config["metadata_directory"] = Metadata;
            config["actions"] = new JsonObject { ["kind"] = "synchronous", ["handler_webhook_baseurl"] = "http://localhost:3000" };
        }

        return config;
    }
}
