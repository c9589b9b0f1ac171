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
        // A session that was just closed may still end.
        string[] release = template is null ? [] : [$"SELECT pg_catalog.pg_terminate_backend(pid) FROM pg_catalog.pg_stat_activity WHERE datname OPERATOR(pg_catalog.=) '{template}'"];
        await UseAsync(sandbox.ConnectionString, async session =>
        {
            foreach (var statement in release.Append($"CREATE DATABASE {name} TEMPLATE {template ?? "template0"}"))
            {
                await using var command = NewCommand(session, statement);
                await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
            }

            return name;
        }, cancellationToken).ConfigureAwait(false);
        return new NpgsqlConnectionStringBuilder(sandbox.ConnectionString) { Database = name, Pooling = false }.ConnectionString;
    }

    /// <summary>Names of all roles, in order.</summary>
    /// <exception cref="HasuraMigrationException">QueryFailed.</exception>
    internal Task<IReadOnlyList<string>> RolesAsync(CancellationToken cancellationToken) => UseAsync<IReadOnlyList<string>>(sandbox.ConnectionString, async session =>
    {
        var names = new List<string>();
        await using var command = NewCommand(session, "SELECT rolname::pg_catalog.text FROM pg_catalog.pg_roles ORDER BY 1");
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
        UseAsync(connectionString, async session =>
        {
            await using var command = NewCommand(session, sql);
            return await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
        }, cancellationToken);

    /// <summary>Settings of a session that only prepares a throwaway database, and ends at once: what has sessions cannot be copied.</summary>
    /// <param name="connectionString">Keyword connection string of the database.</param>
    internal static NpgsqlConnectionStringBuilder Session(string connectionString) => new(connectionString)
    {
        Pooling = false,
        // What the driver would ask of the types of a new database takes as long as the session itself, and texts are all that is read.
        ["Server Compatibility Mode"] = "NoTypeLoading",
    };

    private static NpgsqlCommand NewCommand(NpgsqlConnection session, string sql) => new(sql, session) { CommandTimeout = 0 };

    private static async Task<T> UseAsync<T>(string connectionString, Func<NpgsqlConnection, Task<T>> use, CancellationToken cancellationToken)
    {
        try
        {
            await using var connection = new NpgsqlConnection(Session(connectionString).ConnectionString);
            await connection.OpenAsync(cancellationToken).ConfigureAwait(false);
            return await use(connection).ConfigureAwait(false);
        }
        catch (NpgsqlException e)
        {
            throw new HasuraMigrationException("QueryFailed", $"In the throwaway database: {(e is PostgresException server ? $"{server.SqlState}: {server.MessageText}" : e.Message)}", null, e);
        }
    }
}
