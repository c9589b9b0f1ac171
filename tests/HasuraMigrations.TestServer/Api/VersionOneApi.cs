using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Metadata.Commands;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Metadata.Schema;
using HasuraMigrations.Engine.Targets.Postgres.Api;
using HasuraMigrations.Engine.Targets.Postgres.Store;
using HasuraMigrations.TestServer.Sql;
using Npgsql;

namespace HasuraMigrations.TestServer.Api;

/// <summary>The API of v1.3: every request is one transaction, and metadata lies in rows.</summary>
internal sealed class VersionOneApi(TestServerOptions options, SqlRunner runner) : IHasuraApi
{
    private readonly SemaphoreSlim _writing = new(1, 1);
    private readonly KnownStore _store = new(options.VersionText);

    /// <inheritdoc/>
    public IReadOnlyList<string> Paths => ["/v1/query"];

    /// <inheritdoc/>
    public async Task PrepareAsync(CancellationToken cancellationToken)
    {
        await using var session = await runner.OpenAsync(cancellationToken);
        if (!(await CatalogProbe.ReadAsync(session, options.VersionText, cancellationToken)).HasRows)
        {
            await SimpleQuery.RunAsync(session, RowCatalog.Version40 + "CREATE SCHEMA IF NOT EXISTS hdb_views;" + EventTriggerSql.InsertEventLog, cancellationToken);
        }
    }

    /// <inheritdoc/>
    public async Task<JsonNode> ExecuteAsync(string path, CommandEnvelope command, CancellationToken cancellationToken)
    {
        var readOnly = TransactionAccessMode.Of(command.Type, command.Args) == TransactionAccessMode.ReadOnly;
        if (!readOnly)
        {
            await _writing.WaitAsync(cancellationToken);
        }

        try
        {
            await using var session = await runner.OpenAsync(cancellationToken);
            return await SqlRunner.InTransactionAsync(session, readOnly, () => RunAsync(session, command, cancellationToken), cancellationToken);
        }
        finally
        {
            if (!readOnly)
            {
                _writing.Release();
            }
        }
    }

    /// <inheritdoc/>
    public async Task<MetadataState> DescribeAsync(CancellationToken cancellationToken)
    {
        await using var session = await runner.OpenAsync(cancellationToken);
        return await SqlRunner.InTransactionAsync(session, readOnly: true, async () => await (await StartAsync(session, cancellationToken)).DescribeAsync(cancellationToken), cancellationToken);
    }

    /// <inheritdoc/>
    public async Task<JsonArray> InconsistentAsync(CancellationToken cancellationToken)
    {
        await using var session = await runner.OpenAsync(cancellationToken);
        return await SqlRunner.InTransactionAsync(session, readOnly: true, async () => await (await StartAsync(session, cancellationToken)).InconsistentAsync(cancellationToken), cancellationToken);
    }

    /// <inheritdoc/>
    public string DatabaseOf(string source) => options.Postgres;

    private async Task<JsonNode> RunAsync(NpgsqlConnection session, CommandEnvelope command, CancellationToken cancellationToken)
    {
        // Reading takes rights and time that SQL alone does not need.
        if (command.Type is "run_sql" && !RunSqlArguments.MayChange(command.Args))
        {
            return await RunAsync(session, null, command, cancellationToken);
        }

        var metadata = await StartAsync(session, cancellationToken);
        var answer = await RunAsync(session, metadata, command, cancellationToken);
        if (metadata.IsModified)
        {
            await WriteAsync(session, metadata, cancellationToken);
        }

        return answer;
    }

    private async Task<JsonNode> RunAsync(NpgsqlConnection session, CommandSession? metadata, CommandEnvelope command, CancellationToken cancellationToken)
    {
        if (!CommandVersions.HasVersion(MetadataEra.Version1, command.Type, command.Version))
        {
            throw MetadataCommands.Unknown(MetadataEra.Version1, command.Type, command.Version);
        }

        try
        {
            return command.Type switch
            {
                "bulk" => await Answers.BulkAsync(command, c => RunAsync(session, metadata, c, cancellationToken)),
                "run_sql" => await RunSqlAsync(session, metadata, command.Args, cancellationToken),
                "select" => await SelectAsync(session, metadata!, command.Args, cancellationToken),
                "insert" => await InsertCommand.RunAsync(session, command.Args, cancellationToken),
                var type when RowCommands.Find(MetadataEra.Version1, type) is { } rows => await metadata!.RunAsync(rows, command.Args, session, cancellationToken),
                var type when MetadataCommands.Find(MetadataEra.Version1, type, command.Version) is { } definition => await metadata!.RunAsync(definition, command.Args, cancellationToken),
                var type => throw MetadataCommands.Unknown(MetadataEra.Version1, type, command.Version),
            };
        }
        catch (MetadataCommandException e) when (e.Code != "parse-failed")
        {
            throw e.Under(".args");
        }
    }

    private static async Task<JsonNode> RunSqlAsync(NpgsqlConnection session, CommandSession? metadata, JsonNode? args, CancellationToken cancellationToken)
    {
        var arguments = RunSqlArguments.Read(MetadataEra.Version1, args);
        return metadata is null
            ? await SqlRunner.RunInAsync(session, arguments.Sql, cancellationToken)
            : await metadata.RunSqlAsync(arguments.Source, arguments.IsChecked, arguments.IsCascading, async after =>
            {
                var answer = await SqlRunner.RunInAsync(session, arguments.Sql, cancellationToken);
                await after(session, null);
                return answer;
            }, cancellationToken);
    }

    // Rows of the catalog can be selected, too: what was changed has to be in them.
    private async Task<JsonNode> SelectAsync(NpgsqlConnection session, CommandSession metadata, JsonNode? args, CancellationToken cancellationToken)
    {
        if (metadata.IsModified)
        {
            await WriteAsync(session, metadata, cancellationToken);
        }

        return await SelectCommand.RunAsync(session, args, cancellationToken);
    }

    private async Task<CommandSession> StartAsync(NpgsqlConnection session, CancellationToken cancellationToken)
    {
        var stored = await (await _store.FindAsync(session, cancellationToken)).ReadAsync(session, forWrite: false, cancellationToken);
        return new CommandSession(MetadataEra.Version1, stored.Document.Root, new OneSession(session));
    }

    private async Task WriteAsync(NpgsqlConnection session, CommandSession metadata, CancellationToken cancellationToken)
    {
        var store = await _store.FindAsync(session, cancellationToken);
        try
        {
            await DocumentCommit.WriteAsync(session, store, await store.ReadAsync(session, forWrite: true, cancellationToken), metadata, cancellationToken);
            await store.BumpAsync(session, null, ReloadScope.Of(metadata.Root), cancellationToken);
        }
        catch (HasuraMigrationException e)
        {
            throw MetadataCommandException.Parse(e.Message);
        }
    }
}
