using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Metadata.Comparing;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Targets.Server;
using HasuraMigrations.Engine.Tests.Support;
using HasuraMigrations.Engine.Tests.Targets.Server;

namespace HasuraMigrations.Engine.Tests.Releases;

/// <summary>
/// What Hasura's own CLI deployed, released with this engine on a server in the same state: it ends with the same record, tables, rows and
/// metadata. Where a migration fails, the CLI leaves the metadata of tables that do not exist; here the metadata is what it was.
/// </summary>
public sealed class ReleaseTranscriptTests(PostgresServer server)
{
    private const string NoSources = """{"type":"replace_metadata","args":{"version":3,"sources":[]}}""";

    private const string Objects = """
        SELECT concat_ws(E'\n',
            (SELECT string_agg(table_name || '.' || column_name, ',' ORDER BY table_name, column_name) FROM information_schema.columns WHERE table_schema = 'public'),
            (SELECT xpath('//row/name/text()', query_to_xml('SELECT name FROM authors', false, false, ''))::text))
        """;

    public static TheoryData<string> Names => [.. Transcript.All().Where(n => n == "absent" || Transcript.Read(n).Arguments is ["deploy", ..])];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_release_ends_as_a_deployment_of_the_CLI_or_better(string name)
    {
        var transcript = Transcript.Read(name);
        await using var database = await server.CreateDatabaseAsync();
        await using var theirs = await server.CreateDatabaseAsync();
        await using var host = await transcript.ServeAsync(database, null);
        if (name.Contains("fresh", StringComparison.Ordinal))
        {
            await host.PostAsync("/v1/metadata", NoSources);
        }

        using var project = Project(transcript, name, out var document);
        await using var target = new ServerMetadataTarget(new HasuraServerConnection(host.Endpoint.AbsoluteUri));
        var before = (await target.ExportAsync(CancellationToken.None)).Document;

        var result = await ReleaseRuns.RunAsync(project.Directory, host.Endpoint.AbsoluteUri, isOnce: false, hasSeeds: transcript.Arguments.Contains("--with-seeds"));

        var fails = name.Contains("fail", StringComparison.Ordinal);
        Assert.Equal(!fails, result.Succeeded);
        var recorded = transcript.ConfigVersion == 3
            ? Transcript.Versions(JsonNode.Parse(await database.ScalarAsync<string>("SELECT cli_state::text FROM hdb_catalog.hdb_version") ?? "{}"), "default")
            : await database.ScalarAsync<string>("SELECT string_agg(version::text, ',' ORDER BY version) FROM hdb_catalog.schema_migrations");
        Assert.Equal(transcript.EndVersions("default"), recorded);
        foreach (var sql in transcript.SqlRun.Where(s => !s.Contains("FAIL", StringComparison.Ordinal)))
        {
            await theirs.ExecuteAsync(sql);
        }

        Assert.Equal(await theirs.ScalarAsync<string>(Objects), await database.ScalarAsync<string>(Objects));
        Assert.Empty(MetadataComparer.Compare((await target.ExportAsync(CancellationToken.None)).Document, fails ? before : document));
    }

    private static TestProject Project(Transcript transcript, string name, out MetadataDocument document)
    {
        var project = new TestProject(transcript.ConfigVersion);
        foreach (var (version, up, down) in Transcript.Steps)
        {
            project.Add(version, name.Contains("fail", StringComparison.Ordinal) && version == Transcript.Steps[1].Version ? "SELECT FAIL;\n" : up, down);
        }

        var args = transcript.Requests.Select(r => r["request_body"]).First(b => b.Get("type").AsText() == "replace_metadata").Get("args");
        document = new MetadataDocument((args.Get("metadata") ?? args)!.DeepClone().AsObject());
        project.Write("config.yaml", $"version: {transcript.ConfigVersion}\nmetadata_file: metadata.json\n").Write("metadata.json", document.ToJson(isIndented: true));
        var seeds = transcript.ConfigVersion == 3 ? "seeds/default" : "seeds";
        return project.Write($"{seeds}/1_authors.sql", "INSERT INTO authors (name) VALUES ('ada');").Write($"{seeds}/2_articles.sql", "INSERT INTO articles (author_id) VALUES (1);");
    }
}
