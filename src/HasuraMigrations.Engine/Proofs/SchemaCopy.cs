using HasuraMigrations.Engine.Dumps;
using HasuraMigrations.Engine.Sandbox;
using HasuraMigrations.Engine.Targets.Postgres.ConnectionStrings;
using Npgsql;

namespace HasuraMigrations.Engine.Proofs;

/// <summary>
/// A throwaway database with the schema of another one. The text comes from a database whose owners need not be trusted, so it, and what
/// runs after it, have no rights of the superuser.
/// </summary>
public sealed class SchemaCopy : IAsyncDisposable
{
    private const string MissingObject = "42704";
    private const int MaximumRoles = 1000;

    private readonly PostgresSandbox _sandbox;

    private SchemaCopy(PostgresSandbox sandbox, HasuraConnection connection) => (_sandbox, Connection) = (sandbox, connection);

    /// <summary>How the copy is reached.</summary>
    public HasuraConnection Connection { get; }

    /// <summary>Copies a schema.</summary>
    /// <param name="schema">Its text.</param>
    /// <param name="options">How throwaway databases are made.</param>
    /// <param name="inform">Is told what is being done.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="HasuraMigrationException">ImpactNotMeasured, and what the start of a sandbox may raise.</exception>
    public static async Task<SchemaCopy> MakeAsync(SchemaText schema, ProofOptions options, Action<string> inform, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(schema);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(inform);
        inform($"Starting a throwaway PostgreSQL {options.PostgresVersion ?? schema.MajorVersion}, and copying the schema.");
        var sandbox = await PostgresSandbox.StartAsync(new SandboxOptions { Version = options.PostgresVersion ?? schema.MajorVersion, AllowDownload = options.AllowDownload }, cancellationToken).ConfigureAwait(false);
        try
        {
            var database = await ConfinedDatabase.CreateAsync(sandbox, cancellationToken).ConfigureAwait(false);
            if (options.SetupSql is { } setup)
            {
                Check(await database.ExecuteAsync([setup], cancellationToken).ConfigureAwait(false));
            }

            Check(await database.CreateExtensionsAsync(schema.Of(SchemaStatementKind.Schema), schema.Of(SchemaStatementKind.Extension), cancellationToken).ConfigureAwait(false));
            await RunAsync(database, schema, cancellationToken).ConfigureAwait(false);
            return new SchemaCopy(sandbox, PostgresConnectionString.Read(database.ConnectionString));
        }
        catch
        {
            await sandbox.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Stops the server and deletes its databases.</summary>
    public ValueTask DisposeAsync() => _sandbox.DisposeAsync();

    private static async Task RunAsync(ConfinedDatabase database, SchemaText schema, CancellationToken cancellationToken)
    {
        await using var session = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(database.ConnectionString) { Pooling = false }.ConnectionString);
        await session.OpenAsync(cancellationToken).ConfigureAwait(false);
        var roles = new HashSet<string>(StringComparer.Ordinal);
        foreach (var statement in schema.Of(SchemaStatementKind.Other))
        {
            for (var isDone = false; !isDone;)
            {
                try
                {
                    await using var batch = session.CreateBatch();
                    batch.Timeout = 0;
                    batch.BatchCommands.Add(new NpgsqlBatchCommand(statement));
                    await batch.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
                    isDone = true;
                }
                catch (PostgresException e) when (MissingRole(e) is { } role && roles.Count < MaximumRoles && roles.Add(role))
                {
                    // Policies name roles, which belong to the cluster: no dump of a database contains them.
                    Check(await database.ExecuteAsync([ProofRepairs.CreateRole(role)], cancellationToken).ConfigureAwait(false));
                }
                catch (PostgresException e)
                {
                    throw NotMeasured(statement, e.SqlState, e.MessageText, e);
                }
            }
        }
    }

    private static string? MissingRole(PostgresException e) => e.SqlState == MissingObject ? ProofRepairs.RoleIn(e.MessageText) : null;

    private static void Check(RefusedStatement? refused)
    {
        if (refused is not null)
        {
            throw NotMeasured(refused.Statement, refused.SqlState, refused.Message, null);
        }
    }

    private static HasuraMigrationException NotMeasured(string statement, string sqlState, string message, Exception? cause)
    {
        var line = Printable.Of(statement.ReplaceLineEndings(" "));
        return new HasuraMigrationException("ImpactNotMeasured", $"The schema of the database cannot be copied into a throwaway PostgreSQL: {sqlState}: {message}. Statement: '{(line.Length > 300 ? $"{line[..300]} ..." : line)}'", null, cause);
    }
}
