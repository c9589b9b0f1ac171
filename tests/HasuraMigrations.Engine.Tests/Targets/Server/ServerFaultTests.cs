using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Metadata;
using HasuraMigrations.Engine.Tests.Support;
using HasuraMigrations.TestServer;

namespace HasuraMigrations.Engine.Tests.Targets.Server;

/// <summary>Answers get lost; what is said about a write is true all the same.</summary>
public sealed class ServerFaultTests(PostgresServer server)
{
    private const string Replace = "replace_metadata";

    // A hundred of each is a proof for a quiet hour.
    private static readonly int Runs = int.TryParse(Environment.GetEnvironmentVariable("HASURA_TEST_FAULT_RUNS"), out var runs) ? runs : 5;

    [Theory]
    [InlineData(HasuraApi.V2, "504:after")]
    [InlineData(HasuraApi.V2, "502:after")]
    [InlineData(HasuraApi.V2, "200:after")]
    [InlineData(HasuraApi.V2, "drop:after")]
    [InlineData(HasuraApi.V2, "truncate")]
    [InlineData(HasuraApi.V1, "504:after")]
    [InlineData(HasuraApi.V1, "drop:after")]
    [InlineData(HasuraApi.V1, "truncate")]
    public async Task A_write_whose_answer_is_lost_is_found_to_have_happened(HasuraApi api, string fault)
    {
        await using var place = await Place.OpenAsync(server, api, withTable: false);
        for (var run = 0; run < Runs; run++)
        {
            var before = await place.Target.ExportAsync();
            place.Host.Forget();
            place.Host.FaultNext(fault, Replace);

            var replaced = await place.Target.ReplaceAsync(Document(api, run), new MetadataReplaceOptions { ExpectedToken = before.Token });

            var after = await place.Target.ExportAsync();
            Assert.Equal((after.Token, true), (replaced.Token, replaced.IsConsistent));
            Assert.Equal($"http://x/{run}", Url(after));
            Assert.Equal(before.ResourceVersion + 1, after.ResourceVersion);
            Assert.Single(place.Host.Requests, r => r.Type == Replace);
        }
    }

    [Theory]
    [InlineData(HasuraApi.V2, "504:before", "ServerGatewayFailed")]
    [InlineData(HasuraApi.V2, "drop:before", "ServerConnectionLost")]
    [InlineData(HasuraApi.V2, "200:before", "ServerAnswerInvalid")]
    [InlineData(HasuraApi.V1, "503:before", "ServerGatewayFailed")]
    [InlineData(HasuraApi.V1, "drop:before", "ServerConnectionLost")]
    public async Task A_write_that_got_lost_is_said_not_to_have_happened(HasuraApi api, string fault, string id)
    {
        await using var place = await Place.OpenAsync(server, api, withTable: false);
        await place.Target.ReplaceAsync(Document(api, 1000));
        for (var run = 0; run < Runs; run++)
        {
            var before = await place.Target.ExportAsync();
            place.Host.Forget();
            place.Host.FaultNext(fault, Replace);

            var error = Assert.IsType<HasuraServerException>(await place.Target.FailsAsync(Document(api, run), new MetadataReplaceOptions { ExpectedToken = before.Token }));

            Assert.Equal((id, false), (error.ErrorId, error.MayHaveRun));
            Assert.Contains("metadata was not written", error.Message);
            Assert.Equal("http://x/1000", Url(await place.Target.ExportAsync()));
            Assert.Single(place.Host.Requests, r => r.Type == Replace);
        }
    }

    [Fact]
    public async Task A_write_that_was_said_not_to_have_happened_is_refused_when_it_comes_late()
    {
        await using var place = await Place.OpenAsync(server, HasuraApi.V2, withTable: false);
        var before = await place.Target.ExportAsync();
        place.Host.FaultNext("504:before", Replace);
        await place.Target.FailsAsync(Document(HasuraApi.V2, 1), new MetadataReplaceOptions { ExpectedToken = before.Token });

        var late = await place.Host.PostAsync("/v1/metadata", place.Host.Requests.Single(r => r.Type == Replace).Body);

        Assert.Equal(409, late.Status);
        Assert.Null(Url(await place.Target.ExportAsync()));
    }

    [Fact]
    public async Task A_lost_answer_to_the_question_does_not_hide_the_truth()
    {
        await using var place = await Place.OpenAsync(server, HasuraApi.V2, withTable: false);
        var before = await place.Target.ExportAsync();
        place.Host.FaultNext("504:before", Replace);
        place.Host.FaultNext("drop:after", "reload_metadata");

        var error = Assert.IsType<HasuraServerException>(await place.Target.FailsAsync(Document(HasuraApi.V2, 1), new MetadataReplaceOptions { ExpectedToken = before.Token }));

        Assert.Equal(("ServerGatewayFailed", false), (error.ErrorId, error.MayHaveRun));
        Assert.Contains("was not written, and the pending request can no longer take effect", error.Message);
    }

    [Theory]
    [InlineData("504:during")]
    [InlineData("drop:during")]
    public async Task A_write_that_is_still_going_on_is_waited_for(string fault)
    {
        await using var place = await Place.OpenAsync(server, HasuraApi.V2, withTable: false);
        var before = await place.Target.ExportAsync();
        await using var other = await place.Database.OpenAsync();
        await using var transaction = await other.BeginTransactionAsync();
        await using (var hold = new Npgsql.NpgsqlCommand("SELECT 1 FROM hdb_catalog.hdb_metadata FOR UPDATE", other))
        {
            await hold.ExecuteScalarAsync();
        }

        place.Host.FaultNext(fault, Replace);
        var replacing = place.Target.ReplaceAsync(Document(HasuraApi.V2, 7), new MetadataReplaceOptions { ExpectedToken = before.Token });
        await Task.WhenAny(replacing, Task.Delay(500));
        Assert.False(replacing.IsCompleted);
        await transaction.RollbackAsync();

        Assert.Equal(before.ResourceVersion + 1, (await replacing).ResourceVersion);
        Assert.Equal("http://x/7", Url(await place.Target.ExportAsync()));
    }

    [Fact]
    public async Task Where_the_server_cannot_be_asked_the_outcome_is_called_unknown()
    {
        await using var place = await Place.OpenAsync(server, HasuraApi.V2, withTable: false);
        var before = await place.Target.ExportAsync();
        place.Host.FaultNext("drop:after", Replace);
        for (var i = 0; i < 4; i++)
        {
            place.Host.FaultNext("drop:before", "export_metadata");
        }

        var error = Assert.IsType<HasuraServerException>(await place.Target.FailsAsync(Document(HasuraApi.V2, 1), new MetadataReplaceOptions { ExpectedToken = before.Token }));

        Assert.Equal(("ServerOutcomeUnknown", true), (error.ErrorId, error.MayHaveRun));
        Assert.Equal("http://x/1", Url(await place.Target.ExportAsync()));
    }

    [Fact]
    public async Task What_somebody_else_wrote_behind_a_lost_answer_is_not_taken_for_ours()
    {
        await using var place = await Place.OpenAsync(server, HasuraApi.V2, withTable: false);
        var before = await place.Target.ExportAsync();
        place.Host.FaultNext("504:before", Replace);
        place.Host.FaultNext("delay:3000", "export_metadata");

        var replacing = place.Target.FailsAsync(Document(HasuraApi.V2, 1), new MetadataReplaceOptions { ExpectedToken = before.Token });
        while (place.Host.Requests[^1].Type != "export_metadata" || place.Host.Requests.All(r => r.Type != Replace))
        {
            await Task.Delay(20);
        }

        // Comes right before the look.
        await using var direct = place.Database.Target();
        await direct.ReplaceAsync(Document(HasuraApi.V2, 2));

        Assert.Equal("ServerOutcomeUnknown", (await replacing).ErrorId);
        Assert.Equal("http://x/2", Url(await place.Target.ExportAsync()));
    }

    [Fact]
    public async Task A_conflict_is_one_and_reading_is_repeated()
    {
        await using var place = await Place.OpenAsync(server, HasuraApi.V2, withTable: false);
        var before = await place.Target.ExportAsync();
        place.Host.FaultNext("409", Replace);

        var conflict = Assert.IsType<HasuraServerException>(await place.Target.FailsAsync(Document(HasuraApi.V2, 1), new MetadataReplaceOptions { ExpectedToken = before.Token }));
        Assert.Equal(("MetadataConflict", 409, "conflict", false), (conflict.ErrorId, conflict.Status, conflict.Code, conflict.MayHaveRun));

        foreach (var fault in new[] { "drop:before", "503:before", "truncate" })
        {
            place.Host.FaultNext(fault, "export_metadata");
        }

        Assert.Equal(before.Token, (await place.Target.ExportAsync()).Token);
    }

    private static string Document(HasuraApi api, int number)
    {
        var schema = $$$"""[{"name":"r","definition":{"url":"http://x/{{{number}}}"}}]""";
        return api == HasuraApi.V1
            ? $$"""{"version":2,"tables":[],"remote_schemas":{{schema}}}"""
            : $$$$$"""{"version":3,"sources":[{"name":"default","kind":"postgres","tables":[],"configuration":{"connection_info":{"database_url":{"from_env":"HASURA_GRAPHQL_DATABASE_URL"}}}}],"remote_schemas":{{{{{schema}}}}}}""";
    }

    private static string? Url(MetadataSnapshot snapshot) =>
        snapshot.Document.Root["remote_schemas"].AsObjects().SingleOrDefault()?["definition"]!["url"].AsText();
}
