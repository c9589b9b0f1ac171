using System.Diagnostics;
using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Records;
using HasuraMigrations.Engine.Tests.Support;

namespace HasuraMigrations.Engine.Tests.Faults;

/// <summary>What can be done to a run, and what has to hold after it and the run that follows at once.</summary>
/// <param name="server">Where the databases are made.</param>
/// <param name="sleep">How long half of the migrations sleep.</param>
/// <param name="inChild">Let the run that follows be a process of its own too.</param>
/// <param name="hasActions">The migrations act on metadata, too.</param>
/// <param name="hasMetadata">Hasura's metadata is in a database of its own.</param>
internal sealed class FaultCases(PostgresServer server, TimeSpan sleep, bool inChild, bool hasActions = false, bool hasMetadata = false)
{
    private const int Migrations = 6;

    private static readonly RunOptions Watchful = new() { WatchInterval = TimeSpan.FromMilliseconds(500), ReconnectTimeout = TimeSpan.FromSeconds(10) };

    // Runs in this process share the hook; each sees its own.
    private static readonly AsyncLocal<Action<string>?> OwnHook = new();

    static FaultCases() => FaultPoints.Hook = name => OwnHook.Value?.Invoke(name);

    /// <summary>The longest a run with nothing in its way takes, roughly.</summary>
    internal TimeSpan Length => (sleep * (Migrations / 2)) + TimeSpan.FromSeconds(1);

    /// <summary>Does something at each named point of a run in this process.</summary>
    internal static async Task<T> AtPointsAsync<T>(Action<string> reached, Func<Task<T>> run)
    {
        OwnHook.Value = reached;
        try
        {
            return await run();
        }
        finally
        {
            OwnHook.Value = null;
        }
    }

    /// <summary>The process kills itself at a point.</summary>
    internal FaultCase KillAt(string point, int occurrence, bool isDown, bool hasState) => Case($"kill at {point} #{occurrence}", isDown, hasState, async proof =>
    {
        using var run = await RunProcess.StartAsync(proof, isDown, point, occurrence);
        return await run.EndAsync() is { } end ? ([$"the point was not reached: {end}"], "") : ([], "killed");
    });

    /// <summary>The process is killed at an instant.</summary>
    internal FaultCase KillAfter(TimeSpan instant, bool isDown, bool hasState) => Case($"kill after {instant.TotalMilliseconds:N0} ms", isDown, hasState, async proof =>
    {
        using var run = await RunProcess.StartAsync(proof, isDown);
        await Task.Delay(instant);
        run.Kill();
        return ([], await run.EndAsync() is { } end ? $"had ended: {end}" : "killed");
    });

    /// <summary>The process is killed when the server has committed and the answer is still on its way.</summary>
    internal FaultCase KillAfterCommit(bool isDown, bool hasState) => Case("kill after commit, before its answer", isDown, hasState, async proof =>
    {
        await using var relay = TcpRelay.Before(proof.ConnectionString, out var through);
        using var run = await RunProcess.StartAsync(proof, isDown, "before-send", 1, "pause", through);
        if (!await run.PausedAsync())
        {
            return (["the point was not reached"], "");
        }

        relay.HoldAnswers();
        await run.ResumeAsync();
        await CommittedAsync(proof, isDown);
        run.Kill();
        return ([], await run.EndAsync() is null ? "killed" : throw new InvalidOperationException("It got an answer."));
    });

    /// <summary>Both directions are cut at an instant.</summary>
    internal FaultCase CutAfter(TimeSpan instant, bool isDown, bool hasState) => Case($"cut after {instant.TotalMilliseconds:N0} ms", isDown, hasState, async proof =>
    {
        await using var relay = TcpRelay.Before(proof.ConnectionString, out var through);
        var running = RunEnd.OfAsync(proof.Directory, proof.ConfigVersion, isDown, through, proof.MetadataConnectionString);
        await Task.WhenAny(running, Task.Delay(instant));
        relay.Cut();
        return await JudgeAsync(proof, await running, isDown);
    });

    /// <summary>Both directions are cut at a point.</summary>
    /// <param name="delay">How long what passes is under way, each way.</param>
    internal FaultCase CutAt(string point, int occurrence, bool isDown, bool hasState, TimeSpan delay = default) =>
        RelayAt($"cut{(delay > TimeSpan.Zero ? $", {delay.TotalMilliseconds:N0} ms away," : "")}", relay => relay.Cut(), point, occurrence, isDown, hasState, delay);

    /// <summary>From a point on, what passes on the connections of the run is lost without a sign: answers, or both ways.</summary>
    internal FaultCase LoseAt(string point, int occurrence, bool isHalfOpen, bool isDown, bool hasState) =>
        RelayAt(isHalfOpen ? "half open" : "answers swallowed", relay => (isHalfOpen ? (Action)relay.HalfOpen : relay.Swallow)(), point, occurrence, isDown, hasState, default);

    /// <summary>The session to a metadata database of its own is ended at a point.</summary>
    internal FaultCase EndMetadataAt(string point, int occurrence, bool isDown) => Case($"metadata session ended at {point} #{occurrence}", isDown, hasState: false, async proof =>
    {
        var seen = 0;
        var end = await AtPointsAsync(
            name =>
            {
                if (name == point && Interlocked.Increment(ref seen) == occurrence)
                {
                    proof.EndMetadataSessions();
                }
            },
            () => RunEnd.OfAsync(proof.Directory, proof.ConfigVersion, isDown, proof.ConnectionString, proof.MetadataConnectionString));
        return seen < occurrence ? ([$"the point was not reached: {end}"], "") : await JudgeAsync(proof, end, isDown, mayFail: false);
    });

    private FaultCase RelayAt(string name, Action<TcpRelay> disturb, string point, int occurrence, bool isDown, bool hasState, TimeSpan delay) => Case($"{name} at {point} #{occurrence}", isDown, hasState, async proof =>
    {
        await using var relay = TcpRelay.Before(proof.ConnectionString, out var through, delay);
        var seen = 0;
        var end = await AtPointsAsync(
            reached =>
            {
                if (reached == point && Interlocked.Increment(ref seen) == occurrence)
                {
                    disturb(relay);
                }
            },
            () => RunEnd.OfAsync(proof.Directory, proof.ConfigVersion, isDown, through, proof.MetadataConnectionString, Watchful));
        return seen < occurrence ? ([$"the point was not reached: {end}"], "") : await JudgeAsync(proof, end, isDown, mayFail: false);
    });

    /// <summary>Both directions are cut when the server has committed and the answer is still on its way.</summary>
    internal FaultCase CutAfterCommit(bool isDown, bool hasState) => Case("cut after commit, before its answer", isDown, hasState, async proof =>
    {
        await using var relay = TcpRelay.Before(proof.ConnectionString, out var through);
        var sent = 0;
        OwnHook.Value = name =>
        {
            if (name == "before-send" && Interlocked.Increment(ref sent) == 1)
            {
                relay.HoldAnswers();
            }
        };
        var running = RunEnd.OfAsync(proof.Directory, proof.ConfigVersion, isDown, through, proof.MetadataConnectionString);
        OwnHook.Value = null;
        await CommittedAsync(proof, isDown);
        relay.CutAndRelease();
        return await JudgeAsync(proof, await running, isDown);
    });

    /// <summary>A session of the run is ended by an administrator at an instant.</summary>
    internal FaultCase TerminateAfter(string purpose, TimeSpan instant, bool isDown, bool hasState) => Case($"terminate the {purpose} session after {instant.TotalMilliseconds:N0} ms", isDown, hasState, async proof =>
    {
        var running = RunEnd.OfAsync(proof.Directory, proof.ConfigVersion, isDown, proof.ConnectionString, proof.MetadataConnectionString);
        await Task.WhenAny(running, Task.Delay(instant));
        var ended = await proof.ListAsync($"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE '% {purpose}'");
        var (flaws, note) = await JudgeAsync(proof, await running, isDown);
        return (flaws, $"{ended.Count} ended; {note}");
    });

    /// <summary>Several processes at once: one does all the work.</summary>
    internal FaultCase AtOnce(int processes, int migrations) => new($"{processes} processes at once on {migrations} migrations", async () =>
    {
        await using var proof = await ProofDatabase.CreateAsync(server, migrations, TimeSpan.FromMilliseconds(20), hasState: true);
        var ends = await Task.WhenAll(Enumerable.Range(0, processes).Select(async _ =>
        {
            using var run = await RunProcess.StartAsync(proof, isDown: false);
            return await run.EndAsync();
        }));
        var flaws = await proof.FlawsAsync(isDown: false, mayLogFailures: false);
        flaws.AddRange(ends.Where(e => e?.ErrorId is not null || (e?.Reported.Count is not 0 and var n && n != migrations)).Select(e => $"a process ended with {e?.ToString() ?? "nothing"}"));
        var workers = ends.Count(e => e?.Reported.Count == migrations);
        return new CaseResult(workers == 1 ? flaws : [.. flaws, $"{workers} did the work"], $"applied {string.Join(' ', ends.Select(e => e?.Reported.Count))}");
    });

    /// <summary>A run loses its lock, or both sessions, at a point while another one waits, which then does the rest; the first comes back after it.</summary>
    internal FaultCase TakeOverAt(string point, int occurrence, bool isCut, bool isDown, bool hasState) => Case($"another takes over at {point} #{occurrence} after {(isCut ? "a cut" : "the lock was ended")}", isDown, hasState, async proof =>
    {
        await using var relay = TcpRelay.Before(proof.ConnectionString, out var through);
        var (seen, reached) = (0, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        using var go = new ManualResetEventSlim();
        OwnHook.Value = name =>
        {
            if (name == point && Interlocked.Increment(ref seen) == occurrence)
            {
                reached.SetResult();
                go.Wait();
            }
        };
        // On a thread of its own, since the hook holds it.
        var first = Task.Run(() => RunEnd.OfAsync(proof.Directory, proof.ConfigVersion, isDown, through, proof.MetadataConnectionString));
        OwnHook.Value = null;
        await Task.WhenAny(first, reached.Task);
        var second = RunEnd.OfAsync(proof.Directory, proof.ConfigVersion, isDown, proof.ConnectionString, proof.MetadataConnectionString);
        await UntilAsync(proof, "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE '% lock' OFFSET 1");
        if (isCut)
        {
            relay.Cut();
        }
        else
        {
            await proof.ExecuteAsync($"SELECT pg_terminate_backend(l.pid) FROM pg_locks l WHERE l.locktype = 'advisory' AND l.granted AND l.classid = {AdvisoryLocks.Run >> 32} AND l.objid = {AdvisoryLocks.Run & 0xFFFFFFFF} AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())");
        }

        // The second run holds the lock before the first one goes on.
        await UntilAsync(proof, $"SELECT 1 FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid WHERE l.locktype = 'advisory' AND l.granted AND l.classid = {AdvisoryLocks.Run >> 32} AND l.objid = {AdvisoryLocks.Run & 0xFFFFFFFF} AND a.datname = current_database() AND a.client_port NOT IN ({string.Join(',', relay.PortsToServer.DefaultIfEmpty(0))})");
        go.Set();
        var ends = await Task.WhenAll(first, second);
        List<string> flaws = [.. ends.Where(e => e.ErrorId is not null).Select(e => $"a run ended with {e}")];
        flaws.AddRange(ends.SelectMany(e => e.Reported).GroupBy(v => v).Where(g => g.Count() != 1).Select(g => $"version {g.Key} was reported {g.Count()} times"));
        return (flaws, $"reported {ends[0].Reported.Count} and {ends[1].Reported.Count}");
    });

    private FaultCase Case(string name, bool isDown, bool hasState, Func<ProofDatabase, Task<(List<string> Flaws, string Note)>> disturbAsync) =>
        new($"{(hasActions ? "actions " : hasMetadata ? "metadata elsewhere " : "")}{(isDown ? "down" : "up")}: {name}", async () =>
        {
            await using var proof = await ProofDatabase.CreateAsync(server, Migrations, isDown ? TimeSpan.Zero : sleep, hasState, hasActions, hasMetadata);
            if (isDown)
            {
                var before = await RunEnd.OfAsync(proof.Directory, proof.ConfigVersion, isDown: false, proof.ConnectionString, proof.MetadataConnectionString);
                Debug.Assert(before.ErrorId is null, before.ToString());
                await proof.PaceAsync(sleep);
            }

            var (flaws, note) = await disturbAsync(proof);
            // At once: what the server still does for the first run is under way. And without help: it has to succeed.
            var next = await NextAsync(proof, isDown);
            if (next.ErrorId is not null)
            {
                flaws.Add($"the next run failed: {next}");
            }

            flaws.AddRange(await proof.FlawsAsync(isDown, mayLogFailures: note.Contains("ConnectionLost", StringComparison.Ordinal)));
            return new CaseResult(flaws, note);
        });

    private async Task<RunEnd> NextAsync(ProofDatabase proof, bool isDown)
    {
        if (!inChild)
        {
            return await RunEnd.OfAsync(proof.Directory, proof.ConfigVersion, isDown, proof.ConnectionString, proof.MetadataConnectionString);
        }

        using var run = await RunProcess.StartAsync(proof, isDown);
        return await run.EndAsync() ?? new RunEnd([], "Died", null, "The process died.");
    }

    /// <summary>A run that lived through the fault: what it said has to be true.</summary>
    private static async Task<(List<string> Flaws, string Note)> JudgeAsync(ProofDatabase proof, RunEnd end, bool isDown, bool mayFail = true)
    {
        var flaws = new List<string>();
        var done = await proof.DoneAsync(isDown);
        flaws.AddRange(end.Reported.Where(v => !done.Contains(v)).Select(v => $"version {v} was reported and is not done"));
        flaws.AddRange(end.Reported.GroupBy(v => v).Where(g => g.Count() > 1).Select(g => $"version {g.Key} was reported {g.Count()} times"));
        switch (end.ErrorId)
        {
            case null when done.Count != proof.Count:
                flaws.Add($"it ended well with {done.Count} of {proof.Count} done");
                break;
            case "ConnectionLost" when end.ErrorVersion is { } version && done.Contains(version):
                flaws.Add($"it said that {version} was lost, found done");
                break;
            case null:
            case "ConnectionLost" or "DatabaseUnreachable" when mayFail:
                break;
            default:
                flaws.Add($"it ended with {end}");
                break;
        }

        return (flaws, end.ToString());
    }

    // Of the first batch: a down run begins with a file without a transaction, which is sent otherwise.
    private static Task CommittedAsync(ProofDatabase proof, bool isDown) => UntilAsync(proof, $"SELECT v FROM {(isDown ? "undone" : "done")} WHERE v % 3 <> 0");

    private static async Task UntilAsync(ProofDatabase proof, string sql)
    {
        while ((await proof.ListAsync(sql)).Count == 0)
        {
            await Task.Delay(5);
        }
    }
}
