namespace HasuraMigrations.Engine.Targets.Server;

/// <summary>Looks whether a server is ready.</summary>
public static class ServerProbe
{
    /// <summary>Probes the server once. Problems are part of the result; nothing is thrown.</summary>
    /// <param name="server">The server.</param>
    /// <param name="limit">How long all of it may take; null for the time limit of each request alone.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public static async Task<HasuraServerInfo> RunAsync(HasuraServerConnection server, TimeSpan? limit, CancellationToken cancellationToken)
    {
        using var clock = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        if (limit is { } time)
        {
            clock.CancelAfter(time);
        }

        using var client = new HasuraClient(server);
        try
        {
            await client.CheckHealthAsync(clock.Token).ConfigureAwait(false);
            var found = await client.ProbeAsync(clock.Token).ConfigureAwait(false);
            var target = new ServerMetadataTarget(client);
            var consistency = await target.ReadConsistencyAsync(clock.Token).ConfigureAwait(false);
            return new HasuraServerInfo
            {
                Endpoint = client.Description,
                IsReady = true,
                Version = found.Version,
                MetadataVersion = found.MetadataVersion,
                IsConsistent = consistency.IsConsistent,
                Inconsistencies = consistency.Inconsistencies,
            };
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return NotReady(client, $"ServerTimeout: {client.Description} did not answer within {limit!.Value.TotalSeconds:0.#} s.");
        }
        catch (HasuraMigrationException e)
        {
            return NotReady(client, $"{e.ErrorId}: {e.Message}");
        }
    }

    private static HasuraServerInfo NotReady(HasuraClient client, string problem) => new() { Endpoint = client.Description, IsReady = false, Problem = problem };
}
