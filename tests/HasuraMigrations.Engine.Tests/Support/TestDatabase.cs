using Npgsql;

namespace HasuraMigrations.Engine.Tests.Support;

/// <summary>A database of one test. Disposing it drops it, even with sessions still open.</summary>
public sealed class TestDatabase : IAsyncDisposable
{
    private readonly PostgresServer _server;
    private readonly Dictionary<string, IAsyncDisposable> _kept = [];

    internal TestDatabase(PostgresServer server, string name, string connectionString)
    {
        _server = server;
        Name = name;
        ConnectionString = connectionString;
    }

    /// <summary>Name of the database.</summary>
    public string Name { get; }

    /// <summary>Keyword connection string of a superuser.</summary>
    public string ConnectionString { get; }

    /// <summary>Opens a connection.</summary>
    public async Task<NpgsqlConnection> OpenAsync()
    {
        var connection = new NpgsqlConnection(ConnectionString);
        await connection.OpenAsync();
        return connection;
    }

    /// <summary>Runs statements that return nothing.</summary>
    public async Task ExecuteAsync(string sql)
    {
        await using var connection = await OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>The first column of the first row; null for no row and for NULL.</summary>
    public async Task<T?> ScalarAsync<T>(string sql)
    {
        await using var connection = await OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync() is T value ? value : default;
    }

    /// <summary>Something of which the database has one for each name; it is disposed with the database.</summary>
    internal T Kept<T>(string name, Func<T> make) where T : IAsyncDisposable
    {
        lock (_kept)
        {
            if (!_kept.TryGetValue(name, out var found))
            {
                _kept.Add(name, found = make());
            }

            return (T)found;
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var kept in _kept.Values)
        {
            await kept.DisposeAsync();
        }

        await using (var connection = new NpgsqlConnection(ConnectionString))
        {
            NpgsqlConnection.ClearPool(connection);
        }

        await _server.DropDatabaseAsync(Name);
    }
}
