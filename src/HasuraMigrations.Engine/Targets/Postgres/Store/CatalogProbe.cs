using System.Globalization;
using HasuraMigrations.Engine.Records;
using HasuraMigrations.Engine.Sql;
using HasuraMigrations.Engine.Targets.Postgres.Sessions;
using Npgsql;

namespace HasuraMigrations.Engine.Targets.Postgres.Store;

/// <summary>What there is of a Hasura catalog in a database, before anything is read from it.</summary>
/// <param name="HasSchema">Schema hdb_catalog is there.</param>
/// <param name="MayUse">This role may use it.</param>
/// <param name="Role">The role.</param>
/// <param name="IsReadOnly">The server takes no writes.</param>
/// <param name="Relations">Tables and views in the schema.</param>
/// <param name="Columns">Columns of some of them that came with later versions, as <c>table.column</c>.</param>
/// <param name="Database">Name of the database.</param>
/// <param name="Untrusted">Code of roles that are not trusted, in words; null for none.</param>
/// <param name="Version">Catalog version; null where there is none, or it is no number.</param>
internal sealed record CatalogProbe(bool HasSchema, bool MayUse, string Role, bool IsReadOnly, HashSet<string> Relations, HashSet<string> Columns, string Database, string? Untrusted, int? Version)
{
    /// <summary>The tables that this module makes for Hasura's CLI, which hold no metadata.</summary>
    private static readonly string[] StateTables = ["schema_migrations", "migration_settings"];

    /// <summary>The document of version 3 is there, in one row.</summary>
    internal bool HasDocument => Relations.Contains("hdb_metadata");

    /// <summary>The rows of a server of version 1 are there.</summary>
    internal bool HasRows => Relations.Contains("hdb_table") && !HasDocument;

    internal bool HasTableState => Relations.Contains("schema_migrations");

    /// <summary>True where a catalog can be made without touching one that is there in part.</summary>
    internal bool IsFree => Relations.All(StateTables.Contains);

    /// <summary>Only the event log of a source, whose metadata lies elsewhere.</summary>
    internal bool IsSourceOnly => !HasDocument && !HasRows && Relations.Contains("event_log");

    /// <exception cref="HasuraMigrationException">PermissionMissing, CatalogUntrusted.</exception>
    internal static async Task<CatalogProbe> ReadAsync(NpgsqlConnection session, string description, CancellationToken cancellationToken)
    {
        var row = (await session.RowsAsync(SqlResource.ProbeMetadata, [], cancellationToken).ConfigureAwait(false))[0];
        bool Is(int i) => row[i] is "t" or "true";
        HashSet<string> Names(int i) => new((row[i] ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries), StringComparer.Ordinal);
        var probe = new CatalogProbe(Is(0), Is(1), row[2] ?? "", Is(3), Names(4), Names(5), session.Database, (await session.UntrustedCodeAsync(row[6], cancellationToken).ConfigureAwait(false)).Catalog, null);
        if (probe.Untrusted is not null)
        {
            throw new HasuraMigrationException("CatalogUntrusted", $"The schema hdb_catalog on {description} is not used, because role '{probe.Role}' would run code of another role: {probe.Untrusted}.", description);
        }

        if (probe is { HasSchema: true, MayUse: false })
        {
            throw probe.Denied(description, null);
        }

        return probe.Relations.Contains("hdb_version") && !probe.IsSourceOnly
            ? probe with { Version = await ReadVersionAsync(session, probe, description, cancellationToken).ConfigureAwait(false) }
            : probe;
    }

    /// <summary>Says which right lacks, and how to grant it.</summary>
    internal HasuraMigrationException Denied(string description, PostgresException? cause)
    {
        var reason = cause is null ? "may not use schema hdb_catalog" : $"lacks a right ({cause.MessageText})";
        return new HasuraMigrationException("PermissionMissing", $"Role '{Role}' {reason} on {description}, so Hasura's metadata cannot be read or written. To grant it: {Grants}", description, cause);
    }

    private static async Task<int?> ReadVersionAsync(NpgsqlConnection session, CatalogProbe probe, string description, CancellationToken cancellationToken)
    {
        try
        {
            var rows = await session.RowsAsync("SELECT version FROM hdb_catalog.hdb_version", [], cancellationToken).ConfigureAwait(false);
            return rows.Count == 1 && int.TryParse(rows[0][0], NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
        }
        catch (PostgresException e) when (e.SqlState == "42501")
        {
            throw probe.Denied(description, e);
        }
    }

    private string Grants => HasSchema
        ? $"GRANT USAGE ON SCHEMA hdb_catalog TO {SqlName.Quote(Role)}; GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA hdb_catalog TO {SqlName.Quote(Role)};"
        : $"GRANT CREATE ON DATABASE {SqlName.Quote(Database)} TO {SqlName.Quote(Role)};";
}
