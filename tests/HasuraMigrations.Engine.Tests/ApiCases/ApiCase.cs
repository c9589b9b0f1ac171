using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Yaml;
using HasuraMigrations.TestServer;

namespace HasuraMigrations.Engine.Tests.ApiCases;

/// <summary>Cases that share a server, tables and metadata. tests/fixtures/api/README.md describes the format.</summary>
/// <param name="Name">Path below tests/fixtures/api, without the extension.</param>
/// <param name="Root">The content.</param>
internal sealed record ApiCaseFile(string Name, JsonObject Root)
{
    private static readonly string Directory = Path.Combine(AppContext.BaseDirectory, "fixtures", "api");

    /// <summary>All files in the order of their names.</summary>
    public static IReadOnlyList<ApiCaseFile> All { get; } = [.. System.IO.Directory.EnumerateFiles(Directory, "*.yaml", SearchOption.AllDirectories).Order(StringComparer.Ordinal).Select(Read)];

    /// <summary>The version of the server, such as <c>v2.48.16</c>.</summary>
    public string Server => Root["server"].AsText()!;

    /// <summary>The line of servers.</summary>
    public HasuraApi Api => Server.StartsWith("v1.", StringComparison.Ordinal) ? HasuraApi.V1 : HasuraApi.V2;

    /// <summary>The admin secret of the server; null for none.</summary>
    public string? AdminSecret => Root["admin_secret"].AsText();

    /// <summary>SQL that makes what each case finds in the database.</summary>
    public string Database => Root["database"].AsText() ?? "";

    /// <summary>Commands that make the metadata that each case finds.</summary>
    public JsonArray Metadata => Root["metadata"] as JsonArray ?? [];

    /// <summary>The cases, in their order.</summary>
    public IEnumerable<ApiCase> Cases => Root["cases"].AsObjects().Select(c => new ApiCase(this, c));

    private static ApiCaseFile Read(string path) =>
        new(Path.GetRelativePath(Directory, path).Replace('\\', '/')[..^".yaml".Length], YamlReader.Read(File.ReadAllText(path), path, new MetadataPositions())!.AsObject());
}

/// <summary>A request, what has to be there before it, what is answered and what it leaves.</summary>
/// <param name="File">The file that it stands in.</param>
/// <param name="Node">The content.</param>
internal sealed record ApiCase(ApiCaseFile File, JsonObject Node)
{
    private static readonly string[] Writing = ["run_sql", "event_trigger", "cron_trigger", "scheduled_event", "catalog_state", "clear_metadata", "drop_source"];

    /// <summary>All cases by file and name.</summary>
    public static IReadOnlyDictionary<(string File, string Name), ApiCase> All { get; } = ApiCaseFile.All.SelectMany(f => f.Cases).ToDictionary(c => (c.File.Name, c.Name));

    /// <summary>The behavior that it shows.</summary>
    public string Name => Node["name"].AsText()!;

    /// <summary>True where it may leave more than other metadata: it has SQL, or a command that writes rows or makes triggers.</summary>
    public bool ChangesDatabase =>
        Node["before"].AsTexts().Concat(Node["then"].AsTexts()).Any() || Writing.Any(w => Node.ToText().Contains(w, StringComparison.Ordinal));

    /// <summary>The request, and those after it.</summary>
    public IEnumerable<ApiStep> Steps => Node["then"].AsObjects().Prepend(Node).Select(n => new ApiStep(File, n));
}

/// <summary>One request of a case.</summary>
/// <param name="File">The file that it stands in.</param>
/// <param name="Node">The content.</param>
internal sealed record ApiStep(ApiCaseFile File, JsonObject Node)
{
    private static readonly string[] Sql = ["run_sql", "pg_run_sql", "concurrent_bulk"];

    /// <summary>GET or POST.</summary>
    public HttpMethod Method => Node["get"] is null ? HttpMethod.Post : HttpMethod.Get;

    /// <summary>The body; a text stands for itself.</summary>
    public JsonNode? Request => Node["request"];

    /// <summary>The command; null for a request without one.</summary>
    public string? Type => Request.Get("type").AsText();

    /// <summary>Where it is sent.</summary>
    public string Path => Node["get"].AsText() ?? Node["path"].AsText() ?? PathOf(File.Api, Request);

    /// <summary>The expected status.</summary>
    public int Status => (int)Node["status"]!.GetValue<long>();

    /// <summary>The headers, as <c>name: value</c>.</summary>
    public string[] Headers => [.. (Node["headers"] as JsonObject ?? []).Select(h => $"{h.Key}: {h.Value}")];

    /// <summary>The path that takes a command where a case names none.</summary>
    public static string PathOf(HasuraApi api, JsonNode? command) =>
        api == HasuraApi.V1 ? "/v1/query" : Sql.Contains(command.Get("type").AsText()) ? "/v2/query" : "/v1/metadata";
}
