using HasuraMigrations.Engine.Metadata.Commands;
using HasuraMigrations.Engine.Records;
using HasuraMigrations.Engine.Sql;

namespace HasuraMigrations.Engine.Proofs;

/// <summary>What is added to a throwaway database.</summary>
/// <param name="Title">Words for it.</param>
/// <param name="Sql">The SQL that creates it.</param>
internal sealed record ProofRepair(string Title, string Sql);

/// <summary>What a throwaway database lacks that others have before their first migration.</summary>
internal static class ProofRepairs
{
    private const string MissingObject = "42704";
    private const string MissingFunction = "42883";
    private const string MissingTable = "42P01";
    private const string MissingSchema = "3F000";

    private static readonly string[] OfEvents = ["event_log", "event_invocation_logs", "hdb_event_log_cleanups", "hdb_source_catalog_version", "insert_event_log"];

    private static readonly ProofRepair Events = new("the tables of event triggers in the schema hdb_catalog", string.Join(";\n", EventTriggerSql.Prepare()));
    private static readonly ProofRepair Store = new("the tables of a Hasura server in the schema hdb_catalog", SqlResource.CreateCatalogState);

    private static readonly string[] OfPgcrypto = ["gen_random_uuid(", "gen_random_bytes(", "gen_salt(", "crypt(", "digest(", "hmac("];

    /// <summary>What a migration failed for; null where it failed for something else.</summary>
    internal static ProofRepair? Of(MigrationFailedException failure) =>
        MissingRole(failure) is { } role ? Statement(CreateRole(role))
        // A Hasura server creates this extension when it first starts on a database.
        : failure.SqlState == MissingFunction && OfPgcrypto.Any(f => failure.ServerMessage?.Contains(f, StringComparison.Ordinal) == true) ? Statement("CREATE EXTENSION pgcrypto SCHEMA public")
        : OfServer(failure);

    private static ProofRepair Statement(string sql) => new(sql, sql);

    // Migrations may use the tables of the server, such as in a view of its events.
    private static ProofRepair? OfServer(MigrationFailedException failure)
    {
        const string Schema = "hdb_catalog";
        if (failure.SqlState is not (MissingTable or MissingFunction or MissingSchema) || failure.ServerMessage is not { } message)
        {
            return null;
        }

        var start = message.IndexOf(Schema + ".", StringComparison.Ordinal);
        return start < 0 ? (message.Contains($"\"{Schema}\"", StringComparison.Ordinal) ? Store : null)
            : OfEvents.Any(n => message.AsSpan(start + Schema.Length + 1).StartsWith(n, StringComparison.Ordinal)) ? Events
            : Store;
    }

    /// <summary>The SQL that creates a role.</summary>
    internal static string CreateRole(string role) => $"CREATE ROLE {SqlName.Quote(role)} NOLOGIN";

    /// <summary>The role that a migration failed for; null where it failed for something else.</summary>
    internal static string? MissingRole(MigrationFailedException failure) =>
        failure.SqlState == MissingObject && failure.ServerMessage is { } message ? RoleIn(message) : null;

    /// <summary>The role that an error says does not exist; null where it is about something else.</summary>
    internal static string? RoleIn(string message) =>
        message.StartsWith("role \"", StringComparison.Ordinal) && message.EndsWith("\" does not exist", StringComparison.Ordinal)
            ? message["role \"".Length..^"\" does not exist".Length]
            : null;

    /// <summary>True where a migration failed since the server lacks an extension.</summary>
    internal static bool IsMissingExtension(MigrationFailedException failure) => failure.Message.Contains("extension control file", StringComparison.Ordinal);
}
