using Npgsql;

namespace HasuraMigrations.Engine.Sandbox;

/// <summary>Databases and roles of a sandbox.</summary>
/// <param name="sandbox">The sandbox.</param>
internal sealed class SandboxDatabases(PostgresSandbox sandbox)
{
    /// <summary>Creates a database.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="template">Name of the database to copy, which nobody uses; null for an empty one.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>Its connection string.</returns>
    /// <exception cref="HasuraMigrationException">QueryFailed.</exception>
    internal async Task<string> CreateAsync(string name, string? template, CancellationToken cancellationToken)
    {
        if (template is not null)
        {
            // A session that was just closed may still end.
            await ExecuteAsync(sandbox.ConnectionString, $"SELECT pg_catalog.pg_terminate_backend(pid) FROM pg_catalog.pg_stat_activity WHERE datname OPERATOR(pg_catalog.=) '{template}'", cancellationToken).ConfigureAwait(false);
        }

        await ExecuteAsync(sandbox.ConnectionString, $"CREATE DATABASE {name} TEMPLATE {template ?? "template0"}", cancellationToken).ConfigureAwait(false);
        return new NpgsqlConnectionStringBuilder(sandbox.ConnectionString) { Database = name, Pooling = false }.ConnectionString;
    }

    /// <summary>Names of all roles, in order.</summary>
    /// <exception cref="HasuraMigrationException">QueryFailed.</exception>
    internal Task<IReadOnlyList<string>> RolesAsync(CancellationToken cancellationToken) => UseAsync<IReadOnlyList<string>>(sandbox.ConnectionString, "SELECT rolname::pg_catalog.text FROM pg_catalog.pg_roles ORDER BY 1", async command =>
    {
        var names = new List<string>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            names.Add(reader.GetString(0));
        }

        return names;
    }, cancellationToken);

    /// <summary>Runs SQL.</summary>
    /// <exception cref="HasuraMigrationException">QueryFailed.</exception>
    internal static Task ExecuteAsync(string connectionString, string sql, CancellationToken cancellationToken) =>
        UseAsync(connectionString, sql, command => command.ExecuteNonQueryAsync(cancellationToken), cancellationToken);

    private static async Task<T> UseAsync<T>(string connectionString, string sql, Func<NpgsqlCommand, Task<T>> use, CancellationToken cancellationToken)
    {
        try
        {
            await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false }.ConnectionString);
            await connection.OpenAsync(cancellationToken).ConfigureAwait(false);
            await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
            return await use(command).ConfigureAwait(false);
        }
        catch (NpgsqlException e)
        {
            throw new HasuraMigrationException("QueryFailed", $"In the throwaway database: {(e is PostgresException server ? $"{server.SqlState}: {server.MessageText}" : e.Message)}", null, e);
        }
    }
}
