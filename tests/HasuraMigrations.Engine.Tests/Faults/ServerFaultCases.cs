using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Tests.Support;
using HasuraMigrations.Engine.Tests.Targets.Server;
using HasuraMigrations.TestServer;

namespace HasuraMigrations.Engine.Tests.Faults;

/// <summary>
/// What can go wrong between a run and a server, each many times. After every run history equals effects and the command
/// told the truth; at the end every migration ran exactly once and the state equals the history.
/// </summary>
/// <param name="server">Gives databases.</param>
/// <param name="runs">How many runs with a fault in each case, half up, half down.</param>
internal sealed class ServerFaultCases(PostgresServer server, int runs)
{
    private static readonly RunOptions Watchful = new() { WatchInterval = TimeSpan.FromMilliseconds(250) };

    private const string Slow = " SELECT pg_sleep(0.1);";

    private int Half => (runs + 1) / 2;

    internal IEnumerable<FaultCase> All()
    {
        foreach (var api in new[] { HasuraApi.V2, HasuraApi.V1 })
        {
            yield return Answered(api, "504:after", "");
            yield return Answered(api, "504:during", Slow);
            yield return Answered(api, "drop:after", "");
            yield return Answered(api, "drop:before", "");
            yield return Answered(api, "drop:during", Slow);
            yield return Answered(api, "200:after", "");
            yield return Answered(api, "200:before", "");
            yield return Answered(api, "truncate", "");
            yield return Answered(api, "repeat:after", "");
            yield return Answered(api, "repeat:during", Slow);
            yield return Answered(api, "swallow:after", "");
            yield return Answered(api, "swallow:during", Slow);
            yield return Answered(api, "swallow:before", "");
            yield return Answered(api, "delay:200", "");
            yield return TwoAtOnce(api);
        }

        foreach (var fault in new[] { "504:after", "drop:before", "repeat:after", "swallow:after" })
        {
            yield return Answered(HasuraApi.V2, fault, "", isElsewhere: true);
        }

        yield return StateFails();
        yield return Beside();
    }

    /// <summary>The answer to the work is lost in a way; the command ends well all the same.</summary>
    private FaultCase Answered(HasuraApi api, string fault, string more, bool isElsewhere = false) => new($"{api} {fault}{(isElsewhere ? ", metadata elsewhere" : "")}, {runs} runs", async () =>
    {
        await using var place = await Place.OpenAsync(server, api, withTable: false, hasMetadata: isElsewhere);
        using var project = await ProjectAsync(place, api, Half, more);
        var flaws = new List<string>();
        var resolved = 0;
        foreach (var (goal, count) in new (MigrationGoal, int)[] { (new MigrationGoal.Next(1), Half), (new MigrationGoal.Last(1), Half) })
        {
            for (var run = 0; run < count; run++)
            {
                place.Host.FaultNext(fault, IsWork);
                var observer = await project.RunAsync(place.Host, goal, options: Watchful);
                resolved += observer.Results.Count(r => r.IsResolved);
                if (observer.Results.Count != 1)
                {
                    flaws.Add($"run {run} told of {observer.Results.Count} migrations");
                }

                await CompareAsync(place, api, flaws, $"run {run}");
            }
        }

        await ExpectOnceAsync(place, Half, isDown: true, flaws);
        return new CaseResult(flaws, $"{resolved} answers looked up");
    });

    /// <summary>Two runs of the same migrations at once.</summary>
    private FaultCase TwoAtOnce(HasuraApi api) => new($"{api} two runs at once, {runs} migrations", async () =>
    {
        await using var place = await Place.OpenAsync(server, api, withTable: false);
        using var project = await ProjectAsync(place, api, runs, "");
        var flaws = new List<string>();
        var observers = await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => Task.Run(() => project.RunAsync(place.Host))));
        var told = observers.SelectMany(o => o.Results).Select(r => r.Version).ToList();
        if (told.Count != runs || told.Distinct().Count() != runs)
        {
            flaws.Add($"{told.Count} results for {told.Distinct().Count()} of {runs} migrations");
        }

        await CompareAsync(place, api, flaws, "the end");
        await ExpectOnceAsync(place, runs, isDown: false, flaws);
        return new CaseResult(flaws, string.Join(" and ", observers.Select(o => o.Results.Count)));
    });

    /// <summary>The state cannot be written: the command says so, and the next run writes it.</summary>
    private FaultCase StateFails() => new($"the state write fails, {runs} runs", async () =>
    {
        await using var place = await Place.OpenAsync(server, HasuraApi.V2, withTable: false);
        using var project = await ProjectAsync(place, HasuraApi.V2, runs, "");
        var flaws = new List<string>();
        for (var run = 0; run < runs; run++)
        {
            var isRefused = run % 2 == 0;
            for (var i = 0; i < (isRefused ? 5 : 1); i++)
            {
                place.Host.FaultNext(isRefused ? "503:before" : "drop:after", "set_catalog_state");
            }

            var observer = new RecordingObserver();
            var error = await Record.ExceptionAsync(() => project.RunAsync(place.Host, new MigrationGoal.Next(1), observer: observer));
            if (observer.Results.Count != 1 || (error as HasuraMigrationException)?.ErrorId != (isRefused ? "StateStoreFailed" : null))
            {
                flaws.Add($"run {run} told of {observer.Results.Count} migrations and {error?.Message ?? "no error"}");
            }

            await CompareAsync(place, HasuraApi.V2, flaws, $"run {run}", isStateBehind: isRefused);
            place.Host.Heal();
        }

        await project.RunAsync(place.Host);
        await CompareAsync(place, HasuraApi.V2, flaws, "the next run");
        await ExpectOnceAsync(place, runs, isDown: false, flaws);
        return new CaseResult(flaws, "");
    });

    /// <summary>A client beside the run reads the state and writes it back, as Hasura's CLI does even for its status.</summary>
    private FaultCase Beside() => new($"a client that writes the state back, {runs} runs", async () =>
    {
        await using var place = await Place.OpenAsync(server, HasuraApi.V2, withTable: false);
        using var project = await ProjectAsync(place, HasuraApi.V2, runs, "");
        var flaws = new List<string>();
        var (contended, behind) = (0, 0);
        for (var run = 0; run < runs; run++)
        {
            using var stop = new CancellationTokenSource();
            var client = Task.Run(() => WriteBackAsync(place, stop.Token));
            var observer = await project.RunAsync(place.Host, new MigrationGoal.Next(1));
            await stop.CancelAsync();
            await client;
            contended += observer.Findings.Count(f => f.Id == "StateContended");
            await CompareAsync(place, HasuraApi.V2, flaws, $"run {run}", isStateBehind: true);
            behind += await place.StateAsync(3) == await HistoryAsync(place) ? 0 : 1;
            // The run after it, whatever it does.
            await project.RunAsync(place.Host, new MigrationGoal.Exactly([], MigrationDirection.Up));
            await CompareAsync(place, HasuraApi.V2, flaws, $"the run after run {run}");
        }

        await ExpectOnceAsync(place, runs, isDown: false, flaws);
        return new CaseResult(flaws, $"{contended} contended, {behind} behind until the next run");
    });

    private static async Task WriteBackAsync(Place place, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            var (_, body) = await place.Host.PostAsync("/v1/metadata", """{"type":"get_catalog_state","args":{}}""");
            var args = new JsonObject { ["type"] = "cli", ["state"] = JsonNode.Parse(body)!["cli_state"]!.DeepClone() };
            await place.Host.PostAsync("/v1/metadata", new JsonObject { ["type"] = "set_catalog_state", ["args"] = args }.ToJsonString());
        }
    }

    private static async Task<TestProject> ProjectAsync(Place place, HasuraApi api, int count, string more)
    {
        var project = new TestProject(api == HasuraApi.V2 ? 3 : 2);
        for (var i = 1; i <= count; i++)
        {
            project.Add(i, $"INSERT INTO effects VALUES ({i}, 'up');{more}", $"INSERT INTO effects VALUES ({i}, 'down');{more}");
        }

        await place.Database.ExecuteAsync("CREATE TABLE effects (version bigint, direction text)");
        return project;
    }

    private static bool IsWork(RecordedRequest request) => request.Type is "run_sql" or "bulk" && request.Body.Contains("INSERT INTO effects", StringComparison.Ordinal);

    private static async Task<string> HistoryAsync(Place place) =>
        await place.Database.ScalarAsync<string>("SELECT string_agg(version::text, ',' ORDER BY version) FROM hasura_migrations.history WHERE direction = 'up'") ?? "";

    private static async Task CompareAsync(Place place, HasuraApi api, List<string> flaws, string when, bool isStateBehind = false)
    {
        var effects = await place.Database.ScalarAsync<string>("SELECT string_agg(version::text, ',' ORDER BY version) FROM (SELECT version FROM effects GROUP BY version HAVING count(*) FILTER (WHERE direction = 'up') > count(*) FILTER (WHERE direction = 'down')) e") ?? "";
        var history = await HistoryAsync(place);
        if (history != effects)
        {
            flaws.Add($"after {when} the history has {history} and the effects are {effects}");
        }

        var state = await place.StateAsync(api == HasuraApi.V2 ? 3 : 2);
        if (!isStateBehind && state != history)
        {
            flaws.Add($"after {when} the history has {history} and the state {state}");
        }
    }

    private static async Task ExpectOnceAsync(Place place, int count, bool isDown, List<string> flaws)
    {
        var wrong = await place.Database.ScalarAsync<string>($"SELECT string_agg(version || ' ' || direction || ' ' || n, ', ') FROM (SELECT version, direction, count(*) AS n FROM effects GROUP BY 1, 2) e WHERE n <> 1");
        var total = await place.Database.ScalarAsync<long>("SELECT count(*) FROM effects");
        if (wrong is not null || total != (isDown ? 2 : 1) * count)
        {
            flaws.Add($"{total} effects; more than once: {wrong ?? "none"}");
        }
    }
}
