using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Metadata;
using HasuraMigrations.Engine.Targets.Postgres.Sessions;
using HasuraMigrations.Engine.Targets.Server;
using HasuraMigrations.Engine.Tests.Support;
using HasuraMigrations.TestServer;

namespace HasuraMigrations.Engine.Tests.Targets.Server;

/// <summary>Metadata through a server of either version.</summary>
public sealed class ServerMetadataTargetTests(PostgresServer server)
{
    private const string Two = """{"version":2,"tables":[{"table":{"schema":"public","name":"t"}}]}""";
    private const string Three = """{"version":3,"sources":[{"name":"default","kind":"postgres","tables":[{"table":{"name":"t","schema":"public"}}],"configuration":{"connection_info":{"database_url":{"from_env":"HASURA_GRAPHQL_DATABASE_URL"},"isolation_level":"read-committed","use_prepared_statements":false}}}]}""";

    [Theory]
    [InlineData(HasuraApi.V1, Two)]
    [InlineData(HasuraApi.V2, Three)]
    public async Task A_document_comes_back_as_it_was_written(HasuraApi api, string document)
    {
        await using var place = await Place.OpenAsync(server, api);
        var before = await place.Target.ExportAsync();

        var replaced = await place.Target.ReplaceAsync(document, new MetadataReplaceOptions { ExpectedToken = before.Token });
        var after = await place.Target.ExportAsync();

        Assert.Equal(document, after.Document.Root.ToJsonString());
        Assert.Equal((after.ResourceVersion, after.Token, true), (replaced.ResourceVersion, replaced.Token, replaced.IsConsistent));
        Assert.Equal(api == HasuraApi.V2 ? before.ResourceVersion + 1 : null, after.ResourceVersion);
        Assert.NotEqual(before.Token, after.Token);
        Assert.Empty(replaced.Inconsistencies);
    }

    [Fact]
    public async Task A_server_is_probed_once_and_a_write_is_one_request()
    {
        await using var place = await Place.OpenAsync(server, HasuraApi.V2);

        var before = await place.Target.ExportAsync();
        await place.Target.ReplaceAsync(Three, new MetadataReplaceOptions { ExpectedToken = before.Token });

        Assert.Equal([null, "export_metadata", "replace_metadata"], place.Host.Requests.Select(r => r.Type));
        Assert.Equal(new ServerCapabilities("v2.48.16", 3), await place.Client.ProbeAsync(CancellationToken.None));
        Assert.Equal(3, place.Host.Requests.Count);
    }

    [Theory]
    [InlineData(HasuraApi.V1, Two)]
    [InlineData(HasuraApi.V2, Three)]
    public async Task Of_two_writers_the_second_is_told(HasuraApi api, string document)
    {
        await using var place = await Place.OpenAsync(server, api);
        var token = (await place.Target.ExportAsync()).Token;
        await place.Target.ReplaceAsync(document, new MetadataReplaceOptions { ExpectedToken = token });

        var other = document.Replace("{\"version\":", "{\"allowlist\":[{\"collection\":\"c\"}],\"query_collections\":[{\"name\":\"c\",\"definition\":{\"queries\":[]}}],\"version\":", StringComparison.Ordinal);
        Assert.Equal("MetadataConflict", (await place.Target.FailsAsync(other, new MetadataReplaceOptions { ExpectedToken = token })).ErrorId);
        Assert.True((await place.Target.ReplaceAsync(document)).IsConsistent);
    }

    [Fact]
    public async Task A_write_that_a_gateway_repeats_is_no_conflict()
    {
        await using var place = await Place.OpenAsync(server, HasuraApi.V2);
        var token = (await place.Target.ExportAsync()).Token;
        await place.Target.ReplaceAsync(Three, new MetadataReplaceOptions { ExpectedToken = token });

        // The answer to the first request is lost, and that to the second is the one that comes.
        var repeated = await place.Target.ReplaceAsync(Three, new MetadataReplaceOptions { ExpectedToken = token });

        Assert.True(repeated.IsConsistent);
        Assert.Equal((await place.Target.ExportAsync()).Token, repeated.Token);
    }

    [Fact]
    public async Task Writers_at_once_lose_nothing()
    {
        var writers = LongForm.Count(20, 6);
        await using var place = await Place.OpenAsync(server, HasuraApi.V2);

        await Task.WhenAll(Enumerable.Range(0, writers).Select(i => place.Target.ChangeAsync(root =>
            root["remote_schemas"] = new JsonArray([.. root["remote_schemas"].AsObjects().Select(r => r.DeepClone()), JsonNode.Parse($$$"""{"name":"r{{{i}}}","definition":{"url":"http://x"}}""")]))));

        Assert.Equal(writers, (await place.Target.ExportAsync()).Document.Root["remote_schemas"]!.AsArray().Count);
    }

    [Theory]
    [InlineData(HasuraApi.V1, Two, null)]
    [InlineData(HasuraApi.V2, Three, "table t in source default")]
    public async Task What_does_not_fit_is_refused_with_the_objects(HasuraApi api, string document, string? name)
    {
        await using var place = await Place.OpenAsync(server, api, withTable: false);
        var before = await place.Target.ExportAsync();

        var refused = Assert.IsType<HasuraServerException>(await place.Target.FailsAsync(document));

        Assert.Equal(("MetadataInconsistent", "unexpected", "$.args"), (refused.ErrorId, refused.Code, refused.Path));
        Assert.Equal(("table", name, """{"schema":"public","name":"t"}"""), (refused.Inconsistencies.Single().Type, refused.Inconsistencies.Single().Name, refused.Inconsistencies.Single().Definition));
        Assert.Contains("no such table/view exists", refused.Message);
        Assert.Equal(before.Token, (await place.Target.ExportAsync()).Token);
    }

    [Fact]
    public async Task What_does_not_fit_is_written_listed_reloaded_and_dropped_on_request()
    {
        await using var place = await Place.OpenAsync(server, HasuraApi.V2, withTable: false);

        var replaced = await place.Target.ReplaceAsync(Three, new MetadataReplaceOptions { AllowInconsistent = true });
        Assert.False(replaced.IsConsistent);
        Assert.Equal("Inconsistent object: no such table/view exists in source: \"t\"", replaced.Inconsistencies.Single().Reason);
        Assert.Equal(replaced.Inconsistencies, (await place.Target.ReadConsistencyAsync(CancellationToken.None)).Inconsistencies);
        Assert.False((await place.Target.ReloadAsync(new MetadataReloadOptions { Sources = MetadataReloadScope.Of(["default"]) }, CancellationToken.None)).IsConsistent);
        Assert.Equal("""{"type":"reload_metadata","args":{"reload_sources":["default"],"reload_remote_schemas":true,"recreate_event_triggers":false}}""", place.Host.Requests[^1].Body);

        await place.Target.DropInconsistenciesAsync(CancellationToken.None);

        Assert.True((await place.Target.ReadConsistencyAsync(CancellationToken.None)).IsConsistent);
        Assert.Contains("\"tables\":[]", (await place.Target.ExportAsync()).Document.Root.ToJsonString());
        Assert.Contains("Source with name \"x\" not found", (await Assert.ThrowsAsync<HasuraServerException>(() => place.Target.ReloadAsync(new MetadataReloadOptions { Sources = MetadataReloadScope.Of(["x"]) }, CancellationToken.None))).Message);
    }

    [Theory]
    [InlineData(HasuraApi.V1, Two)]
    [InlineData(HasuraApi.V2, Three)]
    public async Task Everything_is_cleared_and_reloaded(HasuraApi api, string document)
    {
        await using var place = await Place.OpenAsync(server, api);
        await place.Target.ReplaceAsync(document);

        var cleared = await place.Target.ClearAsync(null, CancellationToken.None);
        await place.Target.ReloadAsync(CancellationToken.None);

        Assert.True(cleared.IsConsistent);
        Assert.Contains("\"tables\":[]", (await place.Target.ExportAsync()).Document.Root.ToJsonString());
    }

    [Theory]
    [InlineData("""{"type":"run_sql","args":{"sql":"SELECT 1"}}""", "/v2/query")]
    [InlineData("""{"type":"bulk","args":[{"type":"run_sql","args":{"sql":"SELECT 1"}},{"type":"run_sql","args":{"sql":"SELECT 1"}}]}""", "/v2/query")]
    [InlineData("""{"type":"bulk","args":[{"type":"pg_track_table","args":{"table":"t"}},{"type":"reload_metadata","args":{}}]}""", "/v1/metadata")]
    [InlineData("""{"type":"bulk","args":[{"type":"run_sql","args":{"sql":"SELECT 1"}},{"type":"track_table","args":"t"}]}""", "/v1/query")]
    [InlineData("""{"type":"bulk","args":[{"type":"bulk","args":[{"type":"run_sql","args":{"sql":"SELECT 1"}}]},{"type":"bulk","args":[{"type":"track_table","args":"t"}]}]}""", "/v1/query")]
    public async Task A_command_goes_to_the_API_that_takes_all_of_it(string body, string path)
    {
        await using var place = await Place.OpenAsync(server, HasuraApi.V2);

        Assert.NotNull(await place.Target.ExecuteAsync(JsonNode.Parse(body)!.AsObject(), CancellationToken.None));

        Assert.Equal(path, place.Host.Requests[^1].Path);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_import_tells_what_is_warned_of_through_a_server_and_without_one(bool isDirect)
    {
        const string trigger = """{"name":"a b","definition":{"enable_manual":true,"insert":{"columns":"*"}},"retry_conf":{"num_retries":0,"interval_sec":10,"timeout_sec":60},"webhook":"http://x"}""";
        await using var place = await Place.OpenAsync(server, HasuraApi.V2);
        var document = Three.Replace("\"schema\":\"public\"}", $"\"schema\":\"public\"}},\"event_triggers\":[{trigger}]", StringComparison.Ordinal);
        var importer = new MetadataImporter(isDirect ? place.Database.Target() : place.Target);

        var plan = await importer.PlanAsync(TestStores.Document(document), new MetadataImportOptions(), CancellationToken.None);
        var result = await importer.ExecuteAsync(plan, new MetadataImportOptions(), CancellationToken.None);

        var warning = Assert.Single(result.Findings.Except(plan.Findings));
        Assert.Equal(("MetadataWarning", FindingSeverity.Warning), (warning.Id, warning.Severity));
        Assert.Equal("event_trigger a b in table t in source default: The event trigger with name \"a b\" may not work as expected, hasura suggests to use only alphanumeric, underscore and hyphens in an event trigger name (illegal-event-trigger-name).", warning.Message);
    }

    [Fact]
    public async Task An_import_tells_what_the_server_found()
    {
        await using var place = await Place.OpenAsync(server, HasuraApi.V2, withTable: false);
        var importer = new MetadataImporter(place.Target);
        var options = new MetadataImportOptions { AllowInconsistent = true };

        var result = await importer.ExecuteAsync(await importer.PlanAsync(TestStores.Document(Three), options, CancellationToken.None), options, CancellationToken.None);
        var again = await importer.ExecuteAsync(await importer.PlanAsync(TestStores.Document(Three), options, CancellationToken.None), options, CancellationToken.None);

        Assert.Equal((true, false, 1), (result.Changed, result.IsConsistent, result.Inconsistencies.Count));
        Assert.Equal((false, false, 1), (again.Changed, again.IsConsistent, again.Inconsistencies.Count));
    }
}
