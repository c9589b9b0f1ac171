using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Catalog;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Metadata.Api;
using HasuraMigrations.Engine.Metadata.Api.Types;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Metadata.Schema;
using HasuraMigrations.Engine.Tests.Metadata.Api;
using HasuraMigrations.Engine.Tests.Support;
using HasuraMigrations.TestServer;

namespace HasuraMigrations.Engine.Tests.Vectors;

/// <summary>Runs one case: commands go to a server, requests of GraphQL are answered from the schema that is computed of its metadata and databases.</summary>
internal sealed class ApiSchemaVectorRun(JsonObject entry, Func<string, JsonNode?> read, TestDatabase database, TestDatabase? other, TestServerHost server)
{
    private readonly bool _isVersion1 = entry["era"]!.ToString().StartsWith("v1.3", StringComparison.Ordinal);
    private readonly Dictionary<string, DatabaseCatalog> _enums = [];

    public async Task RunAsync()
    {
        foreach (var source in entry["sources"].AsObjects())
        {
            var arguments = new JsonObject { ["name"] = source["name"]!.DeepClone(), ["configuration"] = JsonNode.Parse("""{"connection_info":{"database_url":{"from_env":"HASURA_GRAPHQL_PG_SOURCE_URL_1"}}}"""), ["customization"] = source["customization"]?.DeepClone() };
            await SendAsync("/v1/metadata", new JsonObject { ["type"] = "pg_add_source", ["args"] = arguments }, "source");
        }

        var steps = read(entry["file"]!.ToString());
        foreach (var file in entry["setup"].AsTexts().Concat(steps.Get("setup").AsTexts()).Distinct())
        {
            var document = read(file);
            foreach (var body in document is JsonArray list ? list.ToArray() : [document])
            {
                await (body.Get("query") is { } query ? SendAsync(body.Get("url").AsText() ?? "/v1/query", query, file) : SendAsync("/v1/query", body, file));
            }
        }

        await SchemaAsync([]);
        foreach (var step in (steps.Get("steps") ?? steps) is JsonArray all ? all.AsObjects() : [steps!.AsObject()])
        {
            await StepAsync(step);
        }
    }

    private async Task StepAsync(JsonObject step)
    {
        var url = step["url"].AsText() ?? "/v1/query";
        if (url != "/v1/graphql")
        {
            var (status, text) = await server.PostAsync(url, step["query"].ToText());
            Assert.True($"{status}" == (step["status"]?.ToString() ?? "200"), $"{text}\n{step["query"].ToText()}");
            // Servers read enum tables when they build their schema, not when rows change.
            if (step["query"].Get("type").AsText() != "run_sql")
            {
                _enums.Clear();
                await SchemaAsync([]);
            }

            return;
        }

        var schema = await SchemaAsync(step["headers"] as JsonObject ?? []);
        var query = step["query"]!["query"]!.ToString();
        if (IntrospectionAnswer.Of(schema, query) is { } answer)
        {
            Assert.True(AnswerMatch.Fits(step["response"], answer, step["match"].AsText() ?? "exact"), $"expected {step["response"].ToText()}\nactual   {answer.ToText()}");
            return;
        }

        OperationAnswer.Compare(schema, query, step["response"]);
    }

    private async Task SendAsync(string url, JsonNode? body, string what)
    {
        var (status, text) = await server.PostAsync(url, body.ToText());
        Assert.True(status == 200, $"{what} was refused: {text}");
    }

    private async Task<ApiSchema> SchemaAsync(JsonObject headers)
    {
        var (_, body) = await server.PostAsync(_isVersion1 ? "/v1/query" : "/v1/metadata", """{"type":"export_metadata","args":{}}""");
        var root = JsonNode.Parse(body)!.AsObject();
        var facts = new Dictionary<string, SourceFacts>();
        foreach (var (name, source) in MetadataTree.SourcesOf(root))
        {
            facts[name] = new SourceFacts(await CatalogAsync(name, source));
        }

        var settings = Settings();
        var builder = new ApiSchemaBuilder(new MetadataState(settings.Era, root, facts), settings);
        string? Header(string name) => headers.FirstOrDefault(h => string.Equals(h.Key, name, StringComparison.OrdinalIgnoreCase)).Value?.ToString();
        var schema = builder.Build(Header("X-Hasura-Role") ?? "admin", Header("x-hasura-use-backend-only-permissions") == "true");
        Assert.Empty(schema.Faults);
        return schema;
    }

    private async Task<DatabaseCatalog> CatalogAsync(string name, JsonObject source)
    {
        var isOther = source["configuration"].ToText().Contains("PG_SOURCE_URL_1", StringComparison.Ordinal);
        await using var session = await (isOther ? other! : database).OpenAsync();
        await using var transaction = await session.BeginTransactionAsync();
        var catalog = await CatalogFactsReader.ReadAsync(session, withSystem: false, CancellationToken.None);
        var enums = MetadataTree.TablesOf(source).Where(t => t.Node["is_enum"]?.ToString() == "true").Select(t => new CatalogName(t.Name.Schema, t.Name.Name)).ToList();
        if (!_enums.TryGetValue(name, out var known))
        {
            _enums[name] = known = await EnumRowsReader.ReadAsync(session, catalog, enums, CancellationToken.None);
        }

        var rows = enums.Where(e => known.FindEnumRows(e.Schema, e.Name) is not null).ToDictionary(e => e, e => known.FindEnumRows(e.Schema, e.Name)!);
        return await CatalogTextsReader.ReadAsync(session, catalog.With(rows), CancellationToken.None);
    }

    private ApiSettings Settings()
    {
        var variables = entry["server_env"] as JsonObject ?? read(entry["file"]!.ToString()).Get("server_env") as JsonObject ?? [];
        return new ApiSettings
        {
            Era = _isVersion1 ? MetadataEra.Version1 : MetadataEra.Version2,
            ExperimentalFeatures = (variables["HASURA_GRAPHQL_EXPERIMENTAL_FEATURES"].AsText() ?? "").Split(',').ToHashSet(),
            DefaultNamingConvention = variables["HASURA_GRAPHQL_DEFAULT_NAMING_CONVENTION"].AsText(),
            HasNamingOfSeptember2023 = variables["HASURA_FF_NAMING_CONVENTION_SEP_2023"]?.ToString() is "True" or "true",
        };
    }
}
