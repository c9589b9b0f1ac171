using HasuraMigrations.Engine.Sql;

namespace HasuraMigrations.Engine.Proofs;

/// <summary>What a throwaway database lacks that others have before their first migration.</summary>
internal static class ProofRepairs
{
    private const string MissingObject = "42704";
    private const string MissingFunction = "42883";

    private static readonly string[] OfPgcrypto = ["gen_random_uuid(", "gen_random_bytes(", "gen_salt(", "crypt(", "digest(", "hmac("];

    /// <summary>The SQL that creates what a migration failed for; null where it failed for something else.</summary>
    internal static string? Of(MigrationFailedException failure) =>
        MissingRole(failure) is { } role ? CreateRole(role)
        // A Hasura server creates this extension when it first starts on a database.
        : failure.SqlState == MissingFunction && OfPgcrypto.Any(f => failure.ServerMessage?.Contains(f, StringComparison.Ordinal) == true) ? "CREATE EXTENSION pgcrypto SCHEMA public"
        : null;

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
