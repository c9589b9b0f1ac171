using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Metadata;
using HasuraMigrations.Engine.Metadata.Api;
using HasuraMigrations.Engine.Metadata.Api.Types;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Tests.Support;

namespace HasuraMigrations.Engine.Tests.Metadata;

public sealed class MetadataImporterTests
{
    private const string Users = """{"table":{"name":"users","schema":"public"}}""";

    [Fact]
    public async Task Writes_nothing_where_nothing_differs()
    {
        var target = new FakeTarget(MetadataExamples.Small($"[{Users}]"));

        var result = await ImportAsync(target, MetadataExamples.Small("""[{"is_enum":false,"table":"users"}]"""));

        Assert.False(result.Changed);
        Assert.Empty(result.Changes);
        Assert.Equal(7, result.ResourceVersion);
        Assert.Equal(0, target.Writes);
    }

    [Fact]
    public async Task Writes_over_what_it_saw()
    {
        var target = new FakeTarget(MetadataExamples.Small());

        var result = await ImportAsync(target, MetadataExamples.Small($"[{Users}]"));

        Assert.True(result.Changed);
        Assert.Equal("table public.users is now tracked", Assert.Single(result.Changes).Description);
        Assert.Null(result.IsConsistent);
        Assert.Equal("7", target.Expected);
        Assert.Equal(8, result.ResourceVersion);
    }

    [Fact]
    public async Task Refuses_a_document_with_errors_before_it_reads_anything()
    {
        var target = new FakeTarget(MetadataExamples.Small());

        var e = await Assert.ThrowsAsync<HasuraMigrationException>(() => ImportAsync(target, MetadataExamples.Small("""[{"table":"t","wrong":1}]""")));

        Assert.Equal("MetadataInvalid", e.ErrorId);
        Assert.Equal((0, 0), (target.Reads, target.Writes));
    }

    [Theory]
    [InlineData("""[{"table":"users"}]""", "", "[]", "", "every table of the source 'default' (1)")]
    [InlineData("[]", """ "cron_triggers":[{"name":"a","webhook":"w","schedule":"* * * * *","include_in_metadata":true}] """, "[]", "", "every cron trigger (1)")]
    [InlineData("[]", """ "custom_types":{"scalars":[{"name":"A"},{"name":"B"}]} """, "[]", "", "every scalar type (2)")]
    public async Task Refuses_to_drop_every_object_of_a_kind(string tables, string rest, string newTables, string newRest, string words)
    {
        var target = new FakeTarget(MetadataExamples.Small(tables, rest));

        var e = await Assert.ThrowsAsync<HasuraMigrationException>(() => ImportAsync(target, MetadataExamples.Small(newTables, newRest)));

        Assert.Equal("MetadataDropsObjects", e.ErrorId);
        Assert.Contains(words, e.Message);
        Assert.Equal(0, target.Writes);
        var forced = await ImportAsync(target, MetadataExamples.Small(newTables, newRest), new MetadataImportOptions { Force = true });
        Assert.True(forced.Changed);
    }

    [Fact]
    public async Task Refuses_to_drop_a_source()
    {
        var present = MetadataExamples.Small();
        present.Root["sources"]!.AsArray().Add(System.Text.Json.Nodes.JsonNode.Parse("""{"name":"other","kind":"postgres","tables":[{"table":"t"}],"configuration":{}}"""));

        var e = await Assert.ThrowsAsync<HasuraMigrationException>(() => ImportAsync(new FakeTarget(present), MetadataExamples.Small()));

        Assert.Equal("MetadataDropsObjects", e.ErrorId);
        Assert.Contains("the source 'other' with 1 table", e.Message);
    }

    [Theory]
    [InlineData(6L, null)]
    [InlineData(null, "6")]
    public async Task Refuses_where_the_target_moved_on(long? version, string? token)
    {
        var e = await Assert.ThrowsAsync<HasuraMigrationException>(() => ImportAsync(
            new FakeTarget(MetadataExamples.Small()),
            MetadataExamples.Small($"[{Users}]"),
            new MetadataImportOptions { ExpectedResourceVersion = version, ExpectedToken = token }));

        Assert.Equal("MetadataConflict", e.ErrorId);
    }

    [Fact]
    public async Task Clearing_keeps_the_configuration_of_the_default_source()
    {
        var target = new FakeTarget(MetadataExamples.Small($"[{Users}]", """ "actions":[] """));
        var importer = new MetadataImporter(target);

        var plan = await importer.PlanClearAsync(CancellationToken.None);
        await importer.ExecuteAsync(plan, new MetadataImportOptions(), CancellationToken.None);

        Assert.Equal("""{"version":3,"sources":[{"name":"default","kind":"postgres","tables":[],"configuration":{"connection_info":{"database_url":{"from_env":"URL"}}}}]}""", target.Document.ToJson(isIndented: false));
    }

    [Fact]
    public async Task Carries_an_older_document_onto_the_sources_that_are_there()
    {
        var target = new FakeTarget(MetadataExamples.Small($"[{Users}]"));

        await ImportAsync(target, new MetadataDocument(System.Text.Json.Nodes.JsonNode.Parse("""{"version":2,"tables":[{"table":"users"},{"table":"posts"}]}""")!.AsObject()));

        Assert.Equal(3, target.Document.Version);
        Assert.Equal(2, target.Document.Sources.Single()["tables"]!.AsArray().Count);
    }

    private static async Task<MetadataImportResult> ImportAsync(FakeTarget target, MetadataDocument document, MetadataImportOptions? options = null)
    {
        var importer = new MetadataImporter(target);
        options ??= new MetadataImportOptions();
        return await importer.ExecuteAsync(await importer.PlanAsync(document, options, CancellationToken.None), options, CancellationToken.None);
    }

    private sealed class FakeTarget(MetadataDocument document) : IMetadataTarget
    {
        public MetadataDocument Document { get; private set; } = document;

        public int Reads { get; private set; }

        public int Writes { get; private set; }

        public string? Expected { get; private set; }

        public string Description => "a target";

        public Task<string> ReadIdentityAsync(CancellationToken cancellationToken) => Task.FromResult("a target");

        public Task<IApiSchemas> ReadApiAsync(ApiSettings settings, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<MetadataSnapshot> ExportAsync(CancellationToken cancellationToken)
        {
            Reads++;
            return Task.FromResult(new MetadataSnapshot(Document, 7, "7"));
        }

        public Task<MetadataReplaced> ReplaceAsync(MetadataDocument document, MetadataReplaceOptions options, CancellationToken cancellationToken)
        {
            Writes++;
            Expected = options.ExpectedToken;
            Document = document;
            return Task.FromResult(new MetadataReplaced(8, "8", [], null));
        }

        public Task<JsonNode?> ExecuteAsync(JsonObject body, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task ReloadAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task<MetadataConsistency> ReadConsistencyAsync(CancellationToken cancellationToken) => Task.FromResult(new MetadataConsistency(true, []));

        public Task DropInconsistenciesAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<IAsyncDisposable?> LockReleaseAsync(TimeSpan timeout, Action<Finding> waiting, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
