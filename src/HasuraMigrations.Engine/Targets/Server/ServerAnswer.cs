using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using HasuraMigrations.Engine.Metadata.Model;

namespace HasuraMigrations.Engine.Targets.Server;

/// <summary>An answer as it came.</summary>
/// <param name="Status">HTTP status.</param>
/// <param name="ContentType">Media type; null where none is told.</param>
/// <param name="Location">Where a redirection leads.</param>
/// <param name="Body">The bytes.</param>
internal sealed partial record ServerAnswer(int Status, string? ContentType, Uri? Location, byte[] Body)
{
    private const int LongestTitle = 80;

    /// <summary>True for the only status that Hasura answers a success with; any other comes from something in between.</summary>
    internal bool IsSuccess => Status == 200;

    internal bool IsRedirect => Status is 301 or 302 or 303 or 307 or 308;

    /// <summary>True for what gateways answer when the server behind them does not.</summary>
    internal bool IsOfGateway => Status is 502 or 503 or 504;

    internal string Text => System.Text.Encoding.UTF8.GetString(Body);

    /// <summary>The body as JSON.</summary>
    /// <returns>False where it is none, such as a page of HTML.</returns>
    internal bool TryRead(out JsonNode? json)
    {
        try
        {
            json = StoredJson.Parse(Body);
            return true;
        }
        catch (JsonException)
        {
            json = null;
            return false;
        }
    }

    /// <summary>What it looks like, for a message.</summary>
    internal string Describe()
    {
        var title = Title().Match(Text) is { Success: true } match ? match.Groups[1].Value.Trim() : "";
        var what = Body.Length == 0 ? "without a body" : $"with {ContentType ?? "data of no type"}";
        return title.Length == 0 ? $"HTTP {Status} {what}" : $"HTTP {Status} {what} titled '{(title.Length > LongestTitle ? title[..LongestTitle] : title)}'";
    }

    [GeneratedRegex("<title>([^<]*)</title>", RegexOptions.IgnoreCase)]
    private static partial Regex Title();
}
