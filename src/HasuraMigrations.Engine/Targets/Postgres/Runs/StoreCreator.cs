using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Records;
using HasuraMigrations.Engine.Sql;
using HasuraMigrations.Engine.Targets.Postgres.Sessions;
using Npgsql;

namespace HasuraMigrations.Engine.Targets.Postgres.Runs;

/// <summary>Makes the history, and on request Hasura's record, whole or not at all.</summary>
internal static class StoreCreator
{
    internal static async Task CreateHistoryAsync(NpgsqlConnection session, DatabaseProbe probe, string description, CancellationToken cancellationToken)
    {
        try
        {
            await RunAsync(session, probe.HasSchema ? SqlResource.CreateHistory : SqlResource.CreateHistorySchema + SqlResource.CreateHistory, cancellationToken).ConfigureAwait(false);
        }
        catch (PostgresException e) when (e.SqlState == "42501")
        {
            var grant = probe.HasSchema
                ? $"GRANT CREATE, USAGE ON SCHEMA hasura_migrations TO {SqlName.Quote(probe.Role)}"
                : $"GRANT CREATE ON DATABASE {SqlName.Quote(session.Database)} TO {SqlName.Quote(probe.Role)}";
            throw new HasuraMigrationException("HistoryWriteDenied", $"Role '{probe.Role}' may not create the migration history on {description}: {e.MessageText}. To grant it: {grant};", session.Database, e);
        }
        catch (NpgsqlException e)
        {
            throw PostgresErrors.Query(e, "creating the migration history", description);
        }
    }

    /// <summary>Makes the table of a kind of files.</summary>
    internal static async Task CreateFilesAsync(NpgsqlConnection session, FileKind kind, DatabaseProbe probe, string description, CancellationToken cancellationToken)
    {
        try
        {
            await RunAsync(session, SqlResource.CreateFiles(kind), cancellationToken).ConfigureAwait(false);
        }
        catch (PostgresException e) when (e.SqlState == "42501")
        {
            throw new HasuraMigrationException("HistoryWriteDenied", $"Role '{probe.Role}' may not create the table hasura_migrations.{FileRecords.Table(kind)} on {description}: {e.MessageText}. To grant it: GRANT CREATE, USAGE ON SCHEMA hasura_migrations TO {SqlName.Quote(probe.Role)};", session.Database, e);
        }
        catch (NpgsqlException e)
        {
            throw PostgresErrors.Query(e, $"creating the table hasura_migrations.{FileRecords.Table(kind)}", description);
        }
    }

    /// <summary>Gives the log of an early version of this module its indexes.</summary>
    internal static async Task IndexLogAsync(NpgsqlConnection session, string description, CancellationToken cancellationToken)
    {
        try
        {
            await RunAsync(session, SqlResource.IndexLog, cancellationToken).ConfigureAwait(false);
        }
        catch (NpgsqlException e)
        {
            throw PostgresErrors.Query(e, "creating the indexes of the migration log", description);
        }
    }

    /// <summary>Makes the tables that servers leave to whoever runs the migrations of a project.</summary>
    internal static async Task AddTableStateAsync(NpgsqlConnection session, DatabaseProbe probe, string description, CancellationToken cancellationToken)
    {
        try
        {
            await RunAsync(session, SqlResource.AddTableState, cancellationToken).ConfigureAwait(false);
        }
        catch (PostgresException e) when (e.SqlState == "42501")
        {
            throw new HasuraMigrationException("PermissionMissing", $"Role '{probe.Role}' may not create Hasura's record of migrations on {description}: {e.MessageText}. To grant it: GRANT CREATE, USAGE ON SCHEMA hdb_catalog TO {SqlName.Quote(probe.Role)};", session.Database, e);
        }
        catch (NpgsqlException e)
        {
            throw PostgresErrors.Query(e, "creating Hasura's record of migrations", description);
        }
    }

    internal static async Task CreateStateAsync(NpgsqlConnection session, NpgsqlConnection? metadata, DatabaseProbe probe, DatabaseProbe metadataProbe, bool isCatalog, string description, CancellationToken cancellationToken)
    {
        var (place, placeProbe) = isCatalog ? (metadata ?? session, metadataProbe) : (session, probe);
        if (placeProbe.HasCatalogSchema)
        {
            throw new HasuraMigrationException("StateStoreExists", $"Schema hdb_catalog already exists on {description}, without the record of migrations that this project needs.", session.Database);
        }

        try
        {
            await RunAsync(place, isCatalog ? SqlResource.CreateCatalogState : SqlResource.CreateTableState, cancellationToken).ConfigureAwait(false);
        }
        catch (NpgsqlException e)
        {
            throw PostgresErrors.Query(e, "creating Hasura's record", description);
        }
    }

    private static async Task RunAsync(NpgsqlConnection session, string script, CancellationToken cancellationToken)
    {
        try
        {
            await session.CommandAsync(["BEGIN", OwnPath.Local, .. SqlScript.Parse(script).Statements.Select(s => s.Text), "COMMIT"], cancellationToken).ConfigureAwait(false);
        }
        catch (PostgresException)
        {
            await session.CommandAsync("ROLLBACK", CancellationToken.None).ConfigureAwait(false);
            throw;
        }
    }
}
