using System.Text;
using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Targets.Server;
using HasuraMigrations.Engine.Tests.Support;

namespace HasuraMigrations.Engine.Tests.Targets.Server;

/// <summary>What a server answers in place of a result is told with all that it says, in each form that servers have for it.</summary>
public sealed class ServerErrorsTests
{
    private const string Failed = """{"statement":"x","prepared":false,"arguments":[],"error":{"exec_status":"FatalError","status_code":"42P07","message":"relation \"a\" already exists","description":null,"hint":"h"}}""";

    [Theory]
    [InlineData(Failed)]
    [InlineData($"[{Failed}]")]
    public async Task What_the_database_said_is_found_alone_and_in_a_list(string details)
    {
        var error = await RefusedAsync("400 Bad Request", $$"""{"code":"postgres-error","error":"query execution failed","path":"$","internal":{{details}}}""");

        Assert.Equal(("ServerError", "42P07", "relation \"a\" already exists", "h"), (error.ErrorId, error.SqlState, error.DatabaseMessage, error.DatabaseHint));
        Assert.Contains("query execution failed: 42P07: relation \"a\" already exists", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"no such table\"", "no such table")]
    [InlineData("""["no such table", "no such column"]""", "no such table; no such column")]
    public async Task Reasons_of_an_inconsistent_object_are_a_text_or_a_list(string reason, string expected)
    {
        var error = await RefusedAsync("400 Bad Request", $$"""{"code":"unexpected","error":"cannot continue due to inconsistent metadata","path":"$.args","internal":[{"type":"table","name":"table t","reason":{{reason}},"definition":"t"}]}""");

        Assert.Equal(("MetadataInconsistent", expected), (error.ErrorId, Assert.Single(error.Inconsistencies).Reason));
        Assert.Contains($"table t: {expected}", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("202 Accepted")]
    [InlineData("203 Non-Authoritative Information")]
    [InlineData("206 Partial Content")]
    public async Task Only_the_status_200_is_a_success(string status)
    {
        var error = await RefusedAsync(status, """{"result_type":"CommandOk","result":null}""");

        Assert.Equal(("ServerAnswerInvalid", int.Parse(status[..3]), true), (error.ErrorId, error.Status, error.MayHaveRun));
    }

    private static async Task<HasuraServerException> RefusedAsync(string status, string body)
    {
        await using var odd = OddServer.Answering($"HTTP/1.1 {status}\nContent-Type: application/json", Encoding.UTF8.GetBytes(body));
        using var client = new HasuraClient(new HasuraServerConnection(odd.Endpoint));
        return await Assert.ThrowsAsync<HasuraServerException>(() => client.CallAsync(new ServerCommand(ServerApi.V2Query, "run_sql", new JsonObject { ["sql"] = "x" }), CancellationToken.None));
    }
}
