using HasuraMigrations.Engine.Metadata;
using HasuraMigrations.Engine.Projects;
using HasuraMigrations.Engine.Targets.Postgres.Store;
using HasuraMigrations.Engine.Targets.Server;

namespace HasuraMigrations.Engine.Connections;

/// <summary>Opens the place where Hasura keeps metadata.</summary>
public static class MetadataTargets
{
    /// <summary>A target that connects when it is first used.</summary>
    /// <param name="places">Where the metadata and the databases of its sources are.</param>
    /// <param name="project">The project.</param>
    /// <exception cref="HasuraMigrationException">ServerInsecure, ServerCertificateAuthorityInvalid.</exception>
    public static IMetadataTarget Open(MetadataPlaces places, HasuraProject project) => places.Metadata.Server is { } server
        ? new ServerMetadataTarget(server)
        : new PostgresMetadataTarget(places.Metadata, places.Own, places.Sources, project.IsThere ? project.ConfigVersion : 3);
}
