using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace HasuraMigrations.Benchmarks;

/// <summary>
/// The requests of Hasura's CLI (April 2026) for <c>migrate apply</c> in a project of config version 3, as recordings of it show them: 11
/// to begin with, and 3 for each migration, one after the other on one connection.
/// </summary>
internal sealed class CliReplay(Uri endpoint) : IDisposable
{
    private readonly HttpClient _client = new(new SocketsHttpHandler { MaxConnectionsPerServer = 1 }) { BaseAddress = endpoint };

    /// <summary>Requests sent so far.</summary>
    internal int Requests { get; private set; }

    internal async Task ApplyAsync(IReadOnlyList<(long Version, string Sql)> migrations)
    {
        await GetAsync("v1/version");
        await GetAsync("v1/version");
        await GetAsync("v1alpha1/config");
        await PostAsync("v1/query", "export_metadata", new JsonObject());
        await ReadStateAsync();
        await PostAsync("v1/metadata", "export_metadata", new JsonObject());
        var state = await ReadStateAsync();
        state["migrations"] ??= new JsonObject();
        var versions = state["migrations"]!.AsObject();
        versions["default"] ??= new JsonObject();
        state["settings"] = new JsonObject { ["migration_mode"] = "true" };
        state["isStateCopyCompleted"] = true;
        await WriteStateAsync(state);
        await ReadStateAsync();
        await ReadStateAsync();
        await ReadStateAsync();
        foreach (var (version, sql) in migrations)
        {
            await PostAsync("v2/query", "run_sql", new JsonObject { ["sql"] = sql, ["source"] = "default", ["check_metadata_consistency"] = false });
            state = await ReadStateAsync();
            state["migrations"]!["default"]![$"{version}"] = false;
            await WriteStateAsync(state);
        }
    }

    public void Dispose() => _client.Dispose();

    private async Task<JsonObject> ReadStateAsync() =>
        (await PostAsync("v1/metadata", "get_catalog_state", new JsonObject()))["cli_state"]?.DeepClone().AsObject() ?? [];

    private Task WriteStateAsync(JsonObject state) =>
        PostAsync("v1/metadata", "set_catalog_state", new JsonObject { ["type"] = "cli", ["state"] = state.DeepClone() });

    private async Task GetAsync(string path)
    {
        Requests++;
        using var answer = await _client.GetAsync(path);
        answer.EnsureSuccessStatusCode();
    }

    private async Task<JsonObject> PostAsync(string path, string type, JsonObject args)
    {
        Requests++;
        using var answer = await _client.PostAsJsonAsync(path, new JsonObject { ["type"] = type, ["args"] = args });
        answer.EnsureSuccessStatusCode();
        return JsonNode.Parse(await answer.Content.ReadAsStringAsync())!.AsObject();
    }
}
