using HasuraMigrations.Engine.Metadata.Model;

namespace HasuraMigrations.TestServer;

/// <summary>Lets in who knows the admin secret and asks for no other role.</summary>
internal sealed class AdminCheck(TestServerOptions options)
{
    private const string Secret = "X-Hasura-Admin-Secret";
    private const string OldSecret = "X-Hasura-Access-Key";

    private readonly string _quote = options.Api == HasuraApi.V1 ? "" : "\"";

    /// <exception cref="MetadataCommandException">access-denied.</exception>
    internal void Require(RecordedRequest request, string path, string message)
    {
        if (options.AdminSecret is { } secret)
        {
            var sent = request.Headers.GetValueOrDefault(Secret) ?? request.Headers.GetValueOrDefault(OldSecret);
            var names = $"{_quote}{Secret.ToLowerInvariant()}{_quote}/{_quote}{OldSecret.ToLowerInvariant()}{_quote}";
            if (sent != secret)
            {
                throw new MetadataCommandException("access-denied", sent is null ? $"{names} required, but not found" : $"invalid {names}", status: 401);
            }
        }

        if (request.Headers.GetValueOrDefault("X-Hasura-Role") is { } role && role != "admin")
        {
            throw new MetadataCommandException("access-denied", message, path);
        }
    }
}
