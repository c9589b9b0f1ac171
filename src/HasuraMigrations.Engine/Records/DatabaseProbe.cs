using HasuraMigrations.Engine.Sql;

namespace HasuraMigrations.Engine.Records;

/// <summary>What there is in a database before anything is read from it: one trip.</summary>
internal sealed record DatabaseProbe(
    bool HasHistory,
    bool HasLog,
    bool HasSchema,
    string? Format,
    bool MayUse,
    bool MayCreate,
    bool HasCatalogSchema,
    bool MayUseCatalog,
    bool HasTableState,
    bool HasTableSettings,
    bool HasCatalogState,
    bool HasMetadata,
    bool HasNotifications,
    bool HasUpdateEvent,
    bool IsReadOnly,
    string Role,
    bool MayWriteHistory,
    bool MayWriteTableState,
    bool HasInvalidations,
    string? ServerVersion,
    string? OpenSchemas,
    bool LacksLogIndex,
    bool HasSeed,
    bool MayWriteSeed,
    bool HasRepeatable,
    bool MayWriteRepeatable,
    string? UntrustedHistory,
    string? UntrustedState,
    string? UntrustedNotice)
{
    /// <summary>Takes the rows of <see cref="SqlResource.Probe"/> and of <see cref="SqlResource.Untrusted"/>, as texts.</summary>
    internal static DatabaseProbe Of(string?[] row, UntrustedCode untrusted)
    {
        bool Is(int i) => row[i] is "t" or "true";
        return new DatabaseProbe(Is(0), Is(1), Is(2), row[3], Is(4), Is(5), Is(6), Is(7), Is(8), Is(9), Is(10), Is(11), Is(12), Is(13), Is(14), row[15] ?? "", Is(16), Is(17), Is(18), row[19], row[20] is "NULL" or "" ? null : row[20], Is(21), Is(22), Is(23), Is(24), Is(25), untrusted.History, untrusted.State, untrusted.Notice);
    }

    /// <summary>Refuses a history that is there in part, of another format, or of somebody else.</summary>
    /// <exception cref="HasuraMigrationException">ServerNotPostgres, HistoryUntrusted, CatalogUntrusted, HistoryUnreadable, HistoryTooNew, PermissionMissing.</exception>
    internal void CheckHistory(string description)
    {
        LookalikeServers.Refuse(ServerVersion, description);
        if (UntrustedHistory is not null)
        {
            throw new HasuraMigrationException("HistoryUntrusted", $"The schema hasura_migrations on {description} is not used, because role '{Role}' would run code of another role: {UntrustedHistory}.", description);
        }

        CheckState(description);
        if (HasSchema && !MayUse)
        {
            throw new HasuraMigrationException("PermissionMissing", $"Role '{Role}' may not use schema hasura_migrations on {description}. To grant it: GRANT USAGE ON SCHEMA hasura_migrations TO {SqlName.Quote(Role)}; GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA hasura_migrations TO {SqlName.Quote(Role)}.", description);
        }

        if (HasHistory != HasLog)
        {
            throw new HasuraMigrationException("HistoryUnreadable", $"Schema hasura_migrations on {description} has the table {(HasHistory ? "history" : "log")} but not the table {(HasHistory ? "log" : "history")}.", description);
        }

        if (HasHistory && Format != "hasura-migrations format 1")
        {
            var isNewer = Format?.StartsWith("hasura-migrations format ", StringComparison.Ordinal) == true;
            throw new HasuraMigrationException(isNewer ? "HistoryTooNew" : "HistoryUnreadable", $"The table hasura_migrations.history on {description} {(isNewer ? $"has the unknown format '{Format}'" : "was not made by this module, or its comment was lost")}.", description);
        }

        if (HasCatalogSchema && !MayUseCatalog)
        {
            throw new HasuraMigrationException("PermissionMissing", $"Role '{Role}' may not use schema hdb_catalog on {description}, so Hasura's own record cannot be read. To grant it: GRANT USAGE ON SCHEMA hdb_catalog TO {SqlName.Quote(Role)}; GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA hdb_catalog TO {SqlName.Quote(Role)}.", description);
        }
    }

    /// <summary>Refuses a run of seed files that could not record what it does.</summary>
    /// <exception cref="HasuraMigrationException">ServerReadOnly, HistoryWriteDenied.</exception>
    internal void CheckSeedWrite(string description)
    {
        if (IsReadOnly)
        {
            throw new HasuraMigrationException("ServerReadOnly", $"{description} does not accept writes: it is a replica, or the session is read-only.", description);
        }

        if (!MayWriteHistory || !MayWriteSeed)
        {
            throw new HasuraMigrationException("HistoryWriteDenied", $"Role '{Role}' may not write the log of migrations and seed files on {description}. To grant it: GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA hasura_migrations TO {SqlName.Quote(Role)};", description);
        }
    }

    /// <summary>Refuses a state of Hasura's with code of somebody else.</summary>
    /// <exception cref="HasuraMigrationException">CatalogUntrusted.</exception>
    internal void CheckState(string description)
    {
        if (UntrustedState is not null)
        {
            throw new HasuraMigrationException("CatalogUntrusted", $"The schema hdb_catalog on {description} is not used, because role '{Role}' would run code of another role: {UntrustedState}.", description);
        }
    }

    /// <summary>Warns a superuser whose SQL looks up names where others may create objects.</summary>
    /// <param name="database">Source name.</param>
    /// <param name="description">The database.</param>
    /// <returns>The warning; null without reason.</returns>
    internal Finding? WarnOfOpenSchemas(string database, string description) => OpenSchemas is null ? null : new Finding
    {
        Id = "SearchPathOpen",
        Severity = FindingSeverity.Warning,
        Message = $"Role '{Role}' on {description} is a superuser, and others may create objects in its search path ({OpenSchemas}). SQL of a migration that names a function or an operator without its schema can run what they put there, as a superuser.",
        Database = database,
        RecommendedAction = "Connect as the role that owns the tables (docs/security.md), or take the right away, for example with REVOKE CREATE ON SCHEMA public FROM PUBLIC.",
    };

    /// <summary>Refuses a run that could not record what it does.</summary>
    /// <exception cref="HasuraMigrationException">ServerReadOnly, HistoryWriteDenied, PermissionMissing.</exception>
    internal void CheckWrite(string description)
    {
        if (IsReadOnly)
        {
            throw new HasuraMigrationException("ServerReadOnly", $"{description} does not accept writes: it is a replica, or the session is read-only.", description);
        }

        if (!MayWriteHistory || !MayWriteRepeatable)
        {
            throw new HasuraMigrationException("HistoryWriteDenied", $"Role '{Role}' may not write the migration history on {description}. To grant it: GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA hasura_migrations TO {SqlName.Quote(Role)};", description);
        }

        if (!MayWriteTableState)
        {
            throw new HasuraMigrationException("PermissionMissing", $"Role '{Role}' may not write Hasura's record of migrations on {description}. To grant it: GRANT SELECT, INSERT, UPDATE, DELETE ON hdb_catalog.schema_migrations TO {SqlName.Quote(Role)};", description);
        }
    }
}
