using System.Text.Json.Nodes;

namespace HasuraMigrations.Engine.Metadata.Model;

/// <summary>A metadata command is refused, as a server would refuse it.</summary>
/// <param name="code">Hasura's code, such as <c>not-exists</c>.</param>
/// <param name="message">The message.</param>
/// <param name="path">Where in the arguments, from <c>$</c>.</param>
/// <param name="status">HTTP status.</param>
/// <param name="details">The member <c>internal</c>, if there is one.</param>
internal sealed class MetadataCommandException(string code, string message, string path = "$", int status = 400, JsonNode? details = null) : Exception(message)
{
    /// <summary>Hasura's code.</summary>
    internal string Code => code;

    /// <summary>Where in the arguments, from <c>$</c>.</summary>
    internal string Path => path;

    /// <summary>HTTP status.</summary>
    internal int Status => status;

    /// <summary>The member <c>internal</c>; null for none.</summary>
    internal JsonNode? Internal => details;

    /// <summary>The body of an answer that tells it.</summary>
    internal JsonObject ToJson()
    {
        var body = new JsonObject { ["path"] = path, ["error"] = Message, ["code"] = code };
        if (details is not null)
        {
            body["internal"] = details.DeepClone();
        }

        return body;
    }

    /// <summary>The same error seen from further out.</summary>
    internal MetadataCommandException Under(string prefix) => new(code, Message, $"${prefix}{path[1..]}", status, details);

    /// <summary>The arguments do not have the shape of the command.</summary>
    internal static MetadataCommandException Parse(string message, string path = "$") => new("parse-failed", message, path);

    /// <summary>The metadata is not what the client saw.</summary>
    /// <param name="referenced">The number that the client named.</param>
    internal static MetadataCommandException Conflict(long referenced) =>
        new("conflict", $"metadata resource version referenced ({referenced}) did not match current version", status: 409);

    /// <summary>SQL on the catalog of version 1 fails, mostly because it has the row already.</summary>
    internal static MetadataCommandException CatalogQuery() => new("unexpected", "database query error", status: 500);

    /// <summary>Something is not there.</summary>
    internal static MetadataCommandException NotExists(string message, string path = "$") => new("not-exists", message, path);

    /// <summary>Something is there already.</summary>
    internal static MetadataCommandException Exists(string message) => new("already-exists", message);
}
