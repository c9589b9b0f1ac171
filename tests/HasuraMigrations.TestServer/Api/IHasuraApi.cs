using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Metadata.Commands;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Metadata.Schema;

namespace HasuraMigrations.TestServer.Api;

/// <summary>The commands of one line of servers.</summary>
internal interface IHasuraApi
{
    /// <summary>Where commands are posted.</summary>
    IReadOnlyList<string> Paths { get; }

    /// <summary>Makes the catalog where there is none yet.</summary>
    Task PrepareAsync(CancellationToken cancellationToken);

    /// <summary>Carries out a command.</summary>
    /// <param name="path">The path it was posted to, one of <see cref="Paths"/>.</param>
    /// <param name="command">The command.</param>
    /// <param name="cancellationToken">Stops the server, not the client's going away.</param>
    /// <exception cref="MetadataCommandException">What to answer instead.</exception>
    Task<JsonNode> ExecuteAsync(string path, CommandEnvelope command, CancellationToken cancellationToken);

    /// <summary>Every object of the metadata that does not fit the databases.</summary>
    Task<JsonArray> InconsistentAsync(CancellationToken cancellationToken);

    /// <summary>The metadata and the databases, for GraphQL schemas.</summary>
    Task<MetadataState> DescribeAsync(CancellationToken cancellationToken);

    /// <summary>The database of a source.</summary>
    /// <exception cref="MetadataCommandException">There is no such source.</exception>
    string DatabaseOf(string source);
}
