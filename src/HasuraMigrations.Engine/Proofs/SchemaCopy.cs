using HasuraMigrations.Engine.Dumps;
using HasuraMigrations.Engine.Sandbox;
using HasuraMigrations.Engine.Targets.Postgres.ConnectionStrings;

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
    /// <param name="rows">Statements that bring the rows that are needed.</param>
    /// <param name="options">How throwaway databases are made.</param>
    /// <param name="inform">Is told what is being done.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="HasuraMigrationException">ImpactNotMeasured, and what the start of a sandbox may raise.</exception>
    public static async Task<SchemaCopy> MakeAsync(SchemaText schema, IReadOnlyList<string> rows, ProofOptions options, Action<string> inform, CancellationToken cancellationToken)
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
            Check(await database.ExecuteAsOwnerAsync(rows, _ => Task.FromResult(false), cancellationToken).ConfigureAwait(false));
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
        var roles = new HashSet<string>(StringComparer.Ordinal);
        Check(await database.ExecuteAsOwnerAsync([.. schema.Of(SchemaStatementKind.Other)], async refused =>
        {
            // Policies name roles, which belong to the cluster: no dump of a database contains them.
            if (refused.SqlState != MissingObject || ProofRepairs.RoleIn(refused.Message) is not { } role || roles.Count >= MaximumRoles || !roles.Add(role))
            {
                return false;
            }

            Check(await database.ExecuteAsync([ProofRepairs.CreateRole(role)], cancellationToken).ConfigureAwait(false));
            return true;
        }, cancellationToken).ConfigureAwait(false));
    }

    private static void Check(RefusedStatement? refused)
    {
        if (refused is not null)
        {
            throw NotMeasured(refused.Statement, refused.SqlState, refused.Message);
        }
    }

    private static HasuraMigrationException NotMeasured(string statement, string sqlState, string message)
    {
        var line = Printable.Of(statement.ReplaceLineEndings(" "));
        return new HasuraMigrationException("ImpactNotMeasured", $"The schema of the database cannot be copied into a throwaway PostgreSQL: {sqlState}: {message}. Statement: '{(line.Length > 300 ? $"{line[..300]} ..." : line)}'");
    }
}
