using System.Security.Cryptography;
using Npgsql;

namespace HasuraMigrations.Engine.Sandbox;

/// <summary>
/// A database of a sandbox for SQL that is not trusted. PostgreSQL calls functions while it creates some objects, such as materialized
/// views and indexes; a role that owns the database and has no other rights cannot run programs or read files of this machine with them.
/// </summary>
public sealed class ConfinedDatabase
{
    private const int PasswordBytes = 24;
    private const string Name = "confined";

    // The superuser is asked only for what nobody else may do, and no object of the database is in its search path.
    private const string SafePath = "pg_catalog";

    private const string Grants = $$"""
        DO $$
        DECLARE s record;
        BEGIN
          FOR s IN SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema' LOOP
            EXECUTE format('GRANT ALL ON SCHEMA %1$I TO {{Name}}; GRANT SELECT, REFERENCES, TRIGGER ON ALL TABLES IN SCHEMA %1$I TO {{Name}}; GRANT USAGE ON ALL SEQUENCES IN SCHEMA %1$I TO {{Name}}', s.nspname);
          END LOOP;
          FOR s IN SELECT fdwname FROM pg_foreign_data_wrapper LOOP
            EXECUTE format('GRANT USAGE ON FOREIGN DATA WRAPPER %I TO {{Name}}', s.fdwname);
          END LOOP;
        END $$;
        """;

    private readonly string _superuser;

    private ConfinedDatabase(string superuser, string connectionString)
    {
        _superuser = superuser;
        ConnectionString = connectionString;
    }

    /// <summary>Connection string of the owner of the database. Holds a password: never print or log it.</summary>
    public string ConnectionString { get; }

    /// <summary>Creates the database, and a role that owns it and its schema <c>public</c>. A sandbox has one of them.</summary>
    /// <param name="sandbox">The server.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public static async Task<ConfinedDatabase> CreateAsync(PostgresSandbox sandbox, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(sandbox);
        var password = Convert.ToHexString(RandomNumberGenerator.GetBytes(PasswordBytes));
        var superuser = SandboxDatabases.Session(sandbox.ConnectionString);
        superuser.SearchPath = SafePath;
        await ExecuteAsync(superuser.ConnectionString, [$"CREATE ROLE {Name} LOGIN NOSUPERUSER PASSWORD '{password}'", $"CREATE DATABASE {Name} OWNER {Name} TEMPLATE template0"], cancellationToken).ConfigureAwait(false);
        superuser.Database = Name;
        await ExecuteAsync(superuser.ConnectionString, [$"ALTER SCHEMA public OWNER TO {Name}"], cancellationToken).ConfigureAwait(false);
        var owner = new NpgsqlConnectionStringBuilder(sandbox.ConnectionString) { Username = Name, Password = password, Database = Name };
        return new ConfinedDatabase(superuser.ConnectionString, owner.ConnectionString);
    }

    /// <summary>Creates schemas that belong to the owner, and extensions in them, with the rights to use these.</summary>
    /// <param name="schemas">Statements CREATE SCHEMA, without an owner.</param>
    /// <param name="extensions">Statements CREATE EXTENSION.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>The statement that failed; null for none.</returns>
    public Task<RefusedStatement?> CreateExtensionsAsync(IEnumerable<string> schemas, IEnumerable<string> extensions, CancellationToken cancellationToken) =>
        ExecuteAsync([.. schemas.Select(s => $"{s} AUTHORIZATION {Name}"), .. extensions, Grants], cancellationToken);

    /// <summary>
    /// Runs statements as the superuser, in one session. They must not call functions of the database; a login trigger that they create must be the
    /// last thing that the superuser does here.
    /// </summary>
    /// <param name="statements">The statements.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>The statement that failed; null for none.</returns>
    public async Task<RefusedStatement?> ExecuteAsync(IReadOnlyList<string> statements, CancellationToken cancellationToken)
    {
        if (statements.Count == 0)
        {
            return null;
        }

        await using var connection = new NpgsqlConnection(_superuser);
        await connection.OpenAsync(cancellationToken).ConfigureAwait(false);
        foreach (var statement in statements)
        {
            try
            {
                await using var command = new NpgsqlCommand(statement, connection);
                await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (PostgresException e)
            {
                return new RefusedStatement(statement, e.SqlState, e.MessageText);
            }
        }

        return null;
    }

    /// <summary>Runs statements as the owner, in one session.</summary>
    /// <param name="statements">The statements, one each.</param>
    /// <param name="repair">Mends what a statement was refused for, and tells whether it is to be run again.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>The statement that failed; null for none.</returns>
    public async Task<RefusedStatement?> ExecuteAsOwnerAsync(IReadOnlyList<string> statements, Func<RefusedStatement, Task<bool>> repair, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(statements);
        ArgumentNullException.ThrowIfNull(repair);
        await using var connection = new NpgsqlConnection(SandboxDatabases.Session(ConnectionString).ConnectionString);
        await connection.OpenAsync(cancellationToken).ConfigureAwait(false);
        for (var i = 0; i < statements.Count;)
        {
            try
            {
                // A batch is sent as it is; the text of a command would be searched for parameters.
                await using var batch = connection.CreateBatch();
                batch.Timeout = 0;
                batch.BatchCommands.Add(new NpgsqlBatchCommand(statements[i]));
                await batch.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
                i++;
            }
            catch (PostgresException e)
            {
                var refused = new RefusedStatement(statements[i], e.SqlState, e.MessageText);
                if (!await repair(refused).ConfigureAwait(false))
                {
                    return refused;
                }
            }
        }

        return null;
    }

    private static async Task ExecuteAsync(string connectionString, IEnumerable<string> statements, CancellationToken cancellationToken)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync(cancellationToken).ConfigureAwait(false);
        foreach (var statement in statements)
        {
            await using var command = new NpgsqlCommand(statement, connection);
            await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
        }
    }
}

/// <summary>A statement that a server refused.</summary>
/// <param name="Statement">The statement.</param>
/// <param name="SqlState">SQLSTATE of the error.</param>
/// <param name="Message">What the server said.</param>
public sealed record RefusedStatement(string Statement, string SqlState, string Message);
