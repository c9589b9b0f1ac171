using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Metadata.Commands;

namespace HasuraMigrations.TestServer;

/// <summary>An error as Hasura answers it.</summary>
/// <param name="status">HTTP status.</param>
/// <param name="code">Hasura's code, such as <c>not-exists</c>.</param>
/// <param name="text">The message.</param>
/// <param name="path">Where in the request, from <c>$</c>.</param>
/// <param name="details">The member <c>internal</c>, if there is one.</param>
public sealed class HasuraError(int status, string code, string text, string path = "$", JsonNode? details = null) : Exception(text)
{
    /// <summary>HTTP status.</summary>
    public int Status => status;

    /// <summary>Hasura's code.</summary>
    public string Code => code;

    /// <summary>Where in the request.</summary>
    public string Path => path;

    /// <summary>A body, or arguments, of the wrong shape.</summary>
    public static HasuraError Parse(string text, string path = "$") => new(400, "parse-failed", text, path);

    /// <summary>Something that is not there.</summary>
    public static HasuraError NotExists(string text, string path = "$") => new(400, "not-exists", text, path);

    /// <summary>The same error seen from further out.</summary>
    public HasuraError Under(string prefix) => new(status, code, Message, "$" + prefix + path[1..], details);

    /// <summary>The body of the answer.</summary>
    public JsonObject ToJson() => new MetadataCommandException(code, Message, path, status, details).ToJson();
}
