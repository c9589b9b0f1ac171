using HasuraMigrations.Engine.Connections;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Projects;

namespace HasuraMigrations.Engine.Impacts;

/// <summary>The metadata that is in use on a target.</summary>
public static class LiveMetadata
{
    /// <summary>Reads it; null where Hasura never was.</summary>
    /// <param name="project">The project.</param>
    /// <param name="connection">How a database of the project is reached.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="HasuraMigrationException">The errors of connections and servers.</exception>
    public static async Task<MetadataDocument?> ReadAsync(HasuraProject project, ResolvedConnection connection, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(connection);
        var places = new MetadataPlaces(connection.MetadataConnection ?? connection.Connection, connection.Connection, new Dictionary<string, HasuraConnection>());
        var target = MetadataTargets.Open(places, project);
        await using (target.ConfigureAwait(false))
        {
            var snapshot = await target.ExportAsync(cancellationToken).ConfigureAwait(false);
            return snapshot.Exists ? snapshot.Document : null;
        }
    }
}
