using HasuraMigrations.Engine.Dumps;
using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Seeds;
using HasuraMigrations.Engine.Targets.Postgres.Runs;
using HasuraMigrations.Engine.Targets.Server;

namespace HasuraMigrations.Engine.Connections;

/// <summary>Opens the target that a connection leads to.</summary>
public static class MigrationTargets
{
    /// <summary>Begins to load the code for databases in another thread; for the beginning of a command, which reads its files meanwhile.</summary>
    public static void BeginLoading() => EarlyLoading.Begin();

    /// <summary>A target for seed files that connects when it is first used.</summary>
    /// <param name="connection">How the database is reached.</param>
    /// <param name="database">Source name.</param>
    /// <param name="configVersion">Config version of the project.</param>
    /// <exception cref="HasuraMigrationException">ServerInsecure, ServerCertificateAuthorityInvalid.</exception>
    public static ISeedTarget OpenForSeeds(ResolvedConnection connection, string database, int configVersion) => connection.Connection.Server is { } server
        ? new ServerMigrationTarget(server, database, configVersion)
        : new PostgresMigrationTarget(connection.Connection, connection.MetadataConnection, database, configVersion, connection.MetadataCandidates);

    /// <summary>One target for migrations and for seed files that connects when it is first used.</summary>
    /// <param name="connection">How the database is reached.</param>
    /// <param name="database">Source name.</param>
    /// <param name="configVersion">Config version of the project.</param>
    /// <exception cref="HasuraMigrationException">ServerInsecure, ServerCertificateAuthorityInvalid.</exception>
    public static (IMigrationTarget Migrations, ISeedTarget Seeds) OpenForBoth(ResolvedConnection connection, string database, int configVersion)
    {
        var seeds = OpenForSeeds(connection, database, configVersion);
        return ((IMigrationTarget)seeds, seeds);
    }

    /// <summary>A target for dumps that connects when it is first used.</summary>
    /// <param name="connection">How the database is reached.</param>
    /// <param name="database">Source name.</param>
    /// <param name="configVersion">Config version of the project.</param>
    /// <exception cref="HasuraMigrationException">ServerInsecure, ServerCertificateAuthorityInvalid.</exception>
    public static IDumpTarget OpenForDumps(ResolvedConnection connection, string database, int configVersion) => OpenForSeeds(connection, database, configVersion);

    /// <summary>A target that connects when it is first used.</summary>
    /// <param name="connection">How the database is reached.</param>
    /// <param name="database">Source name.</param>
    /// <param name="configVersion">Config version of the project, which tells where Hasura keeps its state.</param>
    /// <exception cref="HasuraMigrationException">ServerInsecure, ServerCertificateAuthorityInvalid.</exception>
    public static IMigrationTarget Open(ResolvedConnection connection, string database, int configVersion) => connection.Connection.Server is { } server
        ? new ServerMigrationTarget(server, database, configVersion)
        : new PostgresMigrationTarget(connection.Connection, connection.MetadataConnection, database, configVersion, connection.MetadataCandidates);
}
