using System.Text.Json.Nodes;
using Npgsql;

namespace HasuraMigrations.Engine.Targets.Postgres.Api;

/// <summary>Sessions on the databases of sources.</summary>
internal interface ISourceSessions
{
    /// <summary>Works in the database of a source.</summary>
    /// <param name="source">The source.</param>
    /// <param name="configuration">Its configuration; null where it has none.</param>
    /// <param name="work">What is done.</param>
    /// <exception cref="SourceUnavailableException">The database cannot be reached.</exception>
    Task<T> UseAsync<T>(string source, JsonNode? configuration, Func<NpgsqlConnection, Task<T>> work);
}

/// <summary>The database of a source cannot be reached.</summary>
internal sealed class SourceUnavailableException(string message) : Exception(message)
{
    /// <summary>Nobody said where the database is, so that nothing is known of it.</summary>
    internal bool IsUnknown { get; init; }
}

/// <summary>One session for whatever source: they all lie in its database.</summary>
internal sealed class OneSession(NpgsqlConnection session) : ISourceSessions
{
    /// <inheritdoc/>
    public Task<T> UseAsync<T>(string source, JsonNode? configuration, Func<NpgsqlConnection, Task<T>> work) => work(session);
}

/// <summary>The session of the one source that lies in the database that is connected to; others cannot be looked into.</summary>
internal sealed class OwnSource(NpgsqlConnection session, string own) : ISourceSessions
{
    /// <inheritdoc/>
    public Task<T> UseAsync<T>(string source, JsonNode? configuration, Func<NpgsqlConnection, Task<T>> work) =>
        source == own ? work(session) : throw new SourceUnavailableException($"the source {source} is in another database") { IsUnknown = true };
}
