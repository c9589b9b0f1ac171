using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Metadata;
using HasuraMigrations.Engine.Targets.Postgres;
using HasuraMigrations.TestServer.Sql;
using Npgsql;

namespace HasuraMigrations.TestServer.Api;

/// <summary>The API of v1.3: every request is one transaction, and metadata lies in rows.</summary>
internal sealed class VersionOneApi(TestServerOptions options, SqlRunner runner) : IHasuraApi
{
    private readonly SemaphoreSlim _writing = new(1, 1);

    /// <inheritdoc/>
    public IReadOnlyList<string> Paths => ["/v1/query"];

    /// <inheritdoc/>
    public async Task PrepareAsync(CancellationToken cancellationToken)
    {
        await using var session = await runner.OpenAsync(cancellationToken);
        if (!(await CatalogProbe.ReadAsync(session, options.VersionText, cancellationToken)).HasRows)
        {
            await SimpleQuery.RunAsync(session, RowCatalog.Version40, cancellationToken);
        }
    }

    /// <inheritdoc/>
    public async Task<JsonNode> ExecuteAsync(string path, HasuraCommand command, CancellationToken cancellationToken)
    {
        var readOnly = AccessMode.Of(command) == AccessMode.ReadOnly;
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
    public async Task<JsonArray> InconsistentAsync(CancellationToken cancellationToken)
    {
        await using var session = await runner.OpenAsync(cancellationToken);
        return await SqlRunner.InTransactionAsync(session, readOnly: true, async () => await Consistency(session, await ReadAsync(session, cancellationToken), cancellationToken).FindAsync(), cancellationToken);
    }

    /// <inheritdoc/>
    public string DatabaseOf(string source) => options.Postgres;

    private async Task<JsonNode> RunAsync(NpgsqlConnection session, HasuraCommand command, CancellationToken cancellationToken)
    {
        try
        {
            return command.Type switch
            {
                "bulk" => await Answers.BulkAsync(command, c => RunAsync(session, c, cancellationToken)),
                "run_sql" => await SqlRunner.RunInAsync(session, RunSqlArguments.Read(command.Args).Sql, cancellationToken),
                "select" => await SelectCommand.RunAsync(session, command.Args, cancellationToken),
                "export_metadata" => await ExportAsync(session, cancellationToken),
                "replace_metadata" => await ReplaceAsync(session, Document(command.Args), isStrict: true, cancellationToken),
                "clear_metadata" => await ReplaceAsync(session, MetadataImporter.Cleared(await ReadAsync(session, cancellationToken)), isStrict: true, cancellationToken),
                "reload_metadata" => await ReloadAsync(session, cancellationToken),
                "get_inconsistent_metadata" => Answers.Consistency(await Consistency(session, await ReadAsync(session, cancellationToken), cancellationToken).FindAsync()),
                "drop_inconsistent_metadata" => await DropInconsistentAsync(session, cancellationToken),
                var type => throw HasuraError.Parse($"unknown tag in RQLQuery: {type}"),
            };
        }
        catch (HasuraError e) when (e.Code != "parse-failed")
        {
            throw e.Under(".args");
        }
    }

    private async Task<JsonNode> ExportAsync(NpgsqlConnection session, CancellationToken cancellationToken)
    {
        var document = await ReadAsync(session, cancellationToken);
        PostgresMetadataTarget.RemoveHidden(document.Root);
        return document.Root;
    }

    private async Task<JsonNode> ReplaceAsync(NpgsqlConnection session, MetadataDocument document, bool isStrict, CancellationToken cancellationToken)
    {
        var store = await StoreAsync(session, cancellationToken);
        var inconsistent = isStrict ? await Consistency(session, document, cancellationToken).FindAsync() : [];
        if (inconsistent.Count > 0)
        {
            throw Answers.Inconsistent(inconsistent);
        }

        try
        {
            store.Check(document);
            var replacement = new MetadataReplacement(await store.ReadAsync(session, forWrite: true, cancellationToken), document, store.DropsTriggers);
            await store.WriteAsync(session, replacement, cancellationToken);
            await store.BumpAsync(session, null, MetadataNames.Of(document.Root), cancellationToken);
            return Answers.Success();
        }
        catch (HasuraMigrationException e)
        {
            throw HasuraError.Parse(e.Message);
        }
        catch (PostgresException e) when (e.SqlState == "23505")
        {
            throw new HasuraError(400, "already-exists", $"multiple declarations exist for the following {e.TableName}");
        }
    }

    private async Task<JsonNode> ReloadAsync(NpgsqlConnection session, CancellationToken cancellationToken)
    {
        var names = MetadataNames.Of((await ReadAsync(session, cancellationToken)).Root);
        await (await StoreAsync(session, cancellationToken)).BumpAsync(session, null, names, cancellationToken);
        return Answers.Success();
    }

    private async Task<JsonNode> DropInconsistentAsync(NpgsqlConnection session, CancellationToken cancellationToken)
    {
        var document = await ReadAsync(session, cancellationToken);
        return await Consistency(session, document, cancellationToken).DropAsync()
            ? await ReplaceAsync(session, document, isStrict: false, cancellationToken)
            : Answers.Success();
    }

    // Looks through the session of the request, which sees what the items before it did.
    private static TableConsistency Consistency(NpgsqlConnection session, MetadataDocument document, CancellationToken cancellationToken) =>
        new(document.Root, async (_, sql) => await session.RowsAsync(sql, [], cancellationToken));

    private async Task<MetadataDocument> ReadAsync(NpgsqlConnection session, CancellationToken cancellationToken) =>
        (await (await StoreAsync(session, cancellationToken)).ReadAsync(session, forWrite: false, cancellationToken)).Document;

    private async Task<IMetadataStore> StoreAsync(NpgsqlConnection session, CancellationToken cancellationToken) =>
        MetadataStores.Find(await CatalogProbe.ReadAsync(session, options.VersionText, cancellationToken), options.VersionText)
        ?? throw new HasuraError(500, "unexpected", "database query error");

    private static MetadataDocument Document(JsonNode? args) =>
        args is JsonObject map && map["tables"] is JsonArray
            ? new MetadataDocument(map.DeepClone().AsObject())
            : throw HasuraError.Parse("the key 'tables' was not present");
}
