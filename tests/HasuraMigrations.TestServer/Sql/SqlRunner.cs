using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Metadata.Commands;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Sql;
using Npgsql;

namespace HasuraMigrations.TestServer.Sql;

/// <summary>Runs the texts of <c>run_sql</c> in sessions from a pool, where settings of one request outlive it, as with Hasura.</summary>
internal sealed class SqlRunner : IAsyncDisposable
{
    private const string ReadCommitted = "read committed";

    private readonly NpgsqlDataSource _pool;
    private readonly string _isolation;

    internal SqlRunner(string connectionString, TestServerOptions options)
    {
        _isolation = options.Isolation;
        var settings = new NpgsqlConnectionStringBuilder(connectionString)
        {
            NoResetOnClose = true,
            MaxPoolSize = 50,
            CommandTimeout = 0,
            ApplicationName = "hasura-test-server",
            IncludeErrorDetail = true,
            MaxAutoPrepare = options.KeepsPlans ? 20 : 0,
            AutoPrepareMinUsages = 2,
        };
        settings["Server Compatibility Mode"] = "NoTypeLoading";
        _pool = NpgsqlDataSource.Create(settings.ConnectionString);
    }

    internal ValueTask<NpgsqlConnection> OpenAsync(CancellationToken cancellationToken) => _pool.OpenConnectionAsync(cancellationToken);

    /// <summary>Runs in a transaction of its own, or statement by statement where that is asked for.</summary>
    /// <exception cref="MetadataCommandException">postgres-error.</exception>
    internal async Task<JsonNode> RunAsync(RunSqlArguments arguments, CancellationToken cancellationToken)
    {
        await using var session = await OpenAsync(cancellationToken);
        return arguments.HasNoTransaction
            ? await RunEachAsync(session, arguments.Sql, cancellationToken)
            : await InTransactionAsync(session, arguments.IsReadOnly, () => RunInAsync(session, arguments.Sql, cancellationToken), cancellationToken, _isolation);
    }

    /// <summary>Does work in one transaction; an error rolls it back.</summary>
    internal static async Task<T> InTransactionAsync<T>(NpgsqlConnection session, bool readOnly, Func<Task<T>> work, CancellationToken cancellationToken, string isolation = ReadCommitted)
    {
        await SimpleQuery.RunAsync(session, $"BEGIN ISOLATION LEVEL {isolation} {(readOnly ? "READ ONLY" : "READ WRITE")}", cancellationToken);
        await SimpleQuery.RunAsync(session, "SELECT pg_catalog.set_config('hasura.user', '{\"x-hasura-role\":\"admin\"}', true)", cancellationToken);
        T result;
        try
        {
            result = await work();
        }
        catch
        {
            if (session.State == System.Data.ConnectionState.Open)
            {
                await SimpleQuery.RunAsync(session, "ROLLBACK", CancellationToken.None);
            }

            throw;
        }

        try
        {
            await SimpleQuery.RunAsync(session, "COMMIT", cancellationToken);
            return result;
        }
        catch (PostgresException e)
        {
            throw PostgresError("COMMIT", e);
        }
    }

    /// <summary>Runs a text in the transaction of the caller.</summary>
    /// <exception cref="MetadataCommandException">postgres-error.</exception>
    internal static async Task<JsonNode> RunInAsync(NpgsqlConnection session, string sql, CancellationToken cancellationToken)
    {
        if (SqlScript.Parse(sql).IsCommentOnly)
        {
            throw Unexpected(sql, "EmptyQuery");
        }

        try
        {
            return Result(await SimpleQuery.RunAsync(session, sql, cancellationToken));
        }
        catch (PostgresException e)
        {
            throw PostgresError(sql, e);
        }
        catch (CopyRequestedException)
        {
            throw Unexpected(sql, "CopyIn");
        }
        catch (NpgsqlException e)
        {
            throw new MetadataCommandException("postgres-error", "connection error", details: JsonValue.Create(e.Message), status: 500);
        }
    }

    private static async Task<JsonNode> RunEachAsync(NpgsqlConnection session, string sql, CancellationToken cancellationToken)
    {
        JsonNode last = Result(null);
        foreach (var statement in SqlScript.Parse(sql).Statements)
        {
            last = await RunInAsync(session, statement.Text, cancellationToken);
        }

        return last;
    }

    private static JsonObject Result(List<string[]>? rows) => new()
    {
        ["result_type"] = rows is null ? "CommandOk" : "TuplesOk",
        ["result"] = rows is null ? null : new JsonArray([.. rows.Select(r => new JsonArray([.. r.Select(v => (JsonNode)v)]))]),
    };

    private static MetadataCommandException Unexpected(string sql, string status) =>
        new("postgres-error", "query execution failed", details: Internal(sql, status, null, "unexpected result status", null, null));

    private static MetadataCommandException PostgresError(string sql, PostgresException e) =>
        new("postgres-error", "query execution failed", details: Internal(sql, "FatalError", e.SqlState, e.MessageText, e.Detail, e.Hint));

    private static JsonObject Internal(string sql, string status, string? sqlState, string message, string? detail, string? hint) => new()
    {
        ["statement"] = sql,
        ["prepared"] = false,
        ["arguments"] = new JsonArray(),
        ["error"] = new JsonObject { ["exec_status"] = status, ["status_code"] = sqlState, ["message"] = message, ["description"] = detail, ["hint"] = hint },
    };

    public ValueTask DisposeAsync() => _pool.DisposeAsync();
}
