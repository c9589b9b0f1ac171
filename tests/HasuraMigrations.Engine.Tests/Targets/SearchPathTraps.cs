using HasuraMigrations.Engine.Tests.Support;
using Npgsql;

namespace HasuraMigrations.Engine.Tests.Targets;

/// <summary>
/// A database in which a low role has laid traps: operators, functions and types of the names that SQL of the module uses. Those
/// of operators in <c>public</c> have operand types that <c>pg_catalog</c> has no operator of exactly; the others lie in the schema
/// <c>evil</c>, which comes first in the search path of the database. A trap that runs counts, and fails.
/// </summary>
internal sealed class SearchPathTraps : IAsyncDisposable
{
    private readonly string _low;

    private SearchPathTraps(TestDatabase database, string id)
    {
        (Database, _low) = (database, $"trap_low_{id}");
        Roles = [.. new[] { "super", "owner", "plain" }.Select(kind => $"trap_{kind}_{id}")];
    }

    public TestDatabase Database { get; }

    /// <summary>A superuser, the owner of the database, and a role that may create schemas.</summary>
    public IReadOnlyList<string> Roles { get; }

    /// <summary>How many traps there are.</summary>
    public long Count { get; private set; }

    public static async Task<SearchPathTraps> LayAsync(PostgresServer server)
    {
        var id = Guid.NewGuid().ToString("N")[..10];
        var traps = new SearchPathTraps(await server.CreateDatabaseAsync(), id);
        await traps.LayAsync();
        return traps;
    }

    public string ConnectionString(string role) => new NpgsqlConnectionStringBuilder(Database.ConnectionString) { Username = role, Password = "p" }.ConnectionString;

    /// <summary>How many traps ran, in transactions that came to nothing too.</summary>
    public Task<long> SprungAsync() => Database.ScalarAsync<long>("SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM evil.sprung");

    /// <summary>Takes away what a role made, so that the next one makes it all anew.</summary>
    public async Task ClearAsync(string role)
    {
        await Database.ExecuteAsync($"SET search_path = pg_catalog; DROP SCHEMA IF EXISTS hasura_migrations, hdb_catalog, hdb_views, work CASCADE; DROP EXTENSION IF EXISTS pgcrypto; CREATE SCHEMA work AUTHORIZATION {role};");
    }

    public async ValueTask DisposeAsync()
    {
        await Database.DisposeAsync();
        await using var session = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(Database.ConnectionString) { Database = "postgres" }.ConnectionString);
        await session.OpenAsync();
        await using var command = new NpgsqlCommand(string.Join("; ", Roles.Append(_low).Select(r => $"DROP ROLE IF EXISTS {r}")), session);
        await command.ExecuteNonQueryAsync();
    }

    private async Task LayAsync()
    {
        var (super, owner, plain) = (Roles[0], Roles[1], Roles[2]);
        await Database.ExecuteAsync($"""
            CREATE ROLE {super} LOGIN SUPERUSER PASSWORD 'p';
            CREATE ROLE {owner} LOGIN PASSWORD 'p';
            CREATE ROLE {plain} LOGIN PASSWORD 'p';
            CREATE ROLE {_low} LOGIN PASSWORD 'p';
            ALTER DATABASE {Database.Name} OWNER TO {owner};
            GRANT CREATE ON DATABASE {Database.Name} TO {plain};
            GRANT CREATE ON SCHEMA public TO {_low}, {owner}, {plain};
            CREATE SCHEMA evil AUTHORIZATION {_low};
            GRANT USAGE ON SCHEMA evil TO public;
            """);
        await using (var session = new NpgsqlConnection(ConnectionString(_low)))
        {
            await session.OpenAsync();
            await using var command = new NpgsqlCommand(TrapScripts.Lay, session);
            await command.ExecuteNonQueryAsync();
        }

        Count = await Database.ScalarAsync<long>(TrapScripts.Operators(_low));

        await Database.ExecuteAsync($"""
            ALTER DATABASE {Database.Name} SET search_path = evil, pg_catalog, public;
            ALTER ROLE {super} SET search_path = evil, public;
            """);
    }
}
