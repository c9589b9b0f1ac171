using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Metadata;
using HasuraMigrations.Engine.Targets;
using HasuraMigrations.Engine.Targets.Postgres;
using HasuraMigrations.TestServer.Sql;

namespace HasuraMigrations.TestServer.Api;

/// <summary>The API of v2: metadata is one document with a number, and each <c>run_sql</c> commits by itself.</summary>
internal sealed class VersionTwoApi(TestServerOptions options, SqlRunner runner) : IHasuraApi, IAsyncDisposable
{
    private const string Sql = "/v2/query";
    private const string Metadata = "/v1/metadata";
    private const string Both = "/v1/query";

    private readonly SemaphoreSlim _writing = new(1, 1);
    private readonly Dictionary<string, SqlRunner> _sources = options.Sources.ToDictionary(s => s.Key, s => new SqlRunner(PostgresConnectionString.Read(s.Value).RevealConnectionString(), options.Isolation));

    /// <inheritdoc/>
    public IReadOnlyList<string> Paths => [Sql, Metadata, Both];

    /// <inheritdoc/>
    public async Task PrepareAsync(CancellationToken cancellationToken)
    {
        await using var target = new PostgresMetadataTarget(PostgresConnectionString.Read(options.Postgres), null, configVersion: 3);
        var present = await target.ExportAsync(cancellationToken);
        if (!present.Exists)
        {
            var sources = new[] { MetadataVersions.DefaultSource }.Union(options.Sources.Keys).Select(Source);
            await target.ReplaceAsync(new MetadataDocument(new JsonObject { ["version"] = 3, ["sources"] = new JsonArray([.. sources]) }), new MetadataReplaceOptions { CreateStateStore = true, ExpectedToken = present.Token }, cancellationToken);
        }
    }

    /// <inheritdoc/>
    public async Task<JsonNode> ExecuteAsync(string path, HasuraCommand command, CancellationToken cancellationToken)
    {
        var mayWrite = command.All.Any(MayWrite);
        if (mayWrite)
        {
            await _writing.WaitAsync(cancellationToken);
        }

        try
        {
            var request = await DocumentRequest.StartAsync(runner, cancellationToken);
            var answer = await RunAsync(path, command, request, cancellationToken);
            if (request.IsModified)
            {
                await request.WriteAsync(path == Metadata ? command.ResourceVersion : null, cancellationToken);
            }

            return answer;
        }
        finally
        {
            if (mayWrite)
            {
                _writing.Release();
            }
        }
    }

    /// <inheritdoc/>
    public async Task<JsonArray> InconsistentAsync(CancellationToken cancellationToken) =>
        await Consistency((await DocumentRequest.StartAsync(runner, cancellationToken)).Document, cancellationToken).FindAsync();

    /// <inheritdoc/>
    public string DatabaseOf(string source) =>
        options.Sources.GetValueOrDefault(source) ?? (source == MetadataVersions.DefaultSource ? options.Postgres : null)
        ?? throw HasuraError.NotExists($"source with name \"{source}\" does not exist");

    private async Task<JsonNode> RunAsync(string path, HasuraCommand command, DocumentRequest request, CancellationToken cancellationToken)
    {
        try
        {
            return (path, command.Type) switch
            {
                (_, "bulk") or (Sql, "concurrent_bulk") => await Answers.BulkAsync(command, c => RunAsync(path, c, request, cancellationToken)),
                (Sql or Both, "run_sql") => await RunSqlAsync("postgres", RunSqlArguments.Read(command.Args), request, cancellationToken),
                (Sql, "pg_run_sql" or "citus_run_sql" or "cockroach_run_sql" or "mssql_run_sql" or "bigquery_run_sql") => await RunSqlAsync(command.Type.Replace("_run_sql", "").Replace("pg", "postgres"), RunSqlArguments.Read(command.Args), request, cancellationToken),
                (Metadata or Both, _) => await RunMetadataAsync(command, request, cancellationToken),
                var (_, type) => throw HasuraError.Parse($"Unrecognised RQLQuery type: {type}"),
            };
        }
        catch (HasuraError e) when (path != Sql && (path == Metadata || e.Code != "parse-failed"))
        {
            throw e.Under(".args");
        }
    }

    private async Task<JsonNode> RunMetadataAsync(HasuraCommand command, DocumentRequest request, CancellationToken cancellationToken) => command.Type switch
    {
        "export_metadata" => request.Export(command.Version == 2),
        "replace_metadata" => await ReplaceAsync(command.Args, request, cancellationToken),
        "clear_metadata" => await ChangeAsync(request, MetadataImporter.Cleared(request.Document), isStrict: true, cancellationToken),
        "reload_metadata" => await ReloadAsync(command.Args, request, cancellationToken),
        "get_inconsistent_metadata" => Answers.Consistency(await Consistency(request.Document, cancellationToken).FindAsync()),
        "drop_inconsistent_metadata" => await DropInconsistentAsync(request, cancellationToken),
        "get_catalog_state" => await CatalogState.ReadAsync(runner, cancellationToken),
        "set_catalog_state" => await CatalogState.WriteAsync(runner, command.Args, cancellationToken),
        var type => throw HasuraError.Parse($"unknown metadata command \"{type}\"; \"{type.Split('_')[0]}\" was not recognized as a valid backend name"),
    };

    private async Task<JsonNode> RunSqlAsync(string kind, RunSqlArguments arguments, DocumentRequest request, CancellationToken cancellationToken)
    {
        if (request.Document.Sources.FirstOrDefault(s => s["name"].AsText() == arguments.Source) is not { } found)
        {
            throw HasuraError.NotExists($"source with name \"{arguments.Source}\" does not exist");
        }

        if (found["kind"].AsText() != kind || RunnerOf(arguments.Source) is not { } source)
        {
            throw new HasuraError(400, "unexpected", $"source with name \"{arguments.Source}\" is inconsistent");
        }

        var before = arguments.IsChecked ? await Consistency(request.Document, cancellationToken).FindAsync() : [];
        var answer = await source.RunAsync(arguments, cancellationToken);
        if (arguments.IsChecked)
        {
            // Tables that the text dropped are tracked no more; those that were missing before stay inconsistent.
            if (before.Count == 0)
            {
                await Consistency(request.Document, cancellationToken).DropAsync();
            }

            request.Touch();
        }

        return answer;
    }

    private async Task<JsonNode> ReplaceAsync(JsonNode? args, DocumentRequest request, CancellationToken cancellationToken)
    {
        var (node, isWrapped) = args is JsonObject map && map["metadata"] is JsonObject inner ? (inner, true) : (args as JsonObject, false);
        if (node is null || (node["sources"] is null && node["tables"] is null))
        {
            throw HasuraError.Parse("key \"sources\" not found");
        }

        MetadataDocument document;
        try
        {
            document = MetadataVersions.Onto(new MetadataDocument(node.DeepClone().AsObject()), request.Document);
        }
        catch (HasuraMigrationException e) when (e.ErrorId == "MetadataVersionMismatch")
        {
            throw new HasuraError(400, "not-supported", "cannot import metadata without sources since no default source is defined");
        }
        catch (HasuraMigrationException e)
        {
            throw HasuraError.Parse(e.Message);
        }

        var isStrict = !(isWrapped && args!["allow_inconsistent_metadata"] is JsonValue allowed && allowed.GetValue<bool>());
        var answer = await ChangeAsync(request, document, isStrict, cancellationToken);
        return isWrapped ? Answers.Consistency(await Consistency(request.Document, cancellationToken).FindAsync()) : answer;
    }

    private async Task<JsonNode> ChangeAsync(DocumentRequest request, MetadataDocument document, bool isStrict, CancellationToken cancellationToken)
    {
        var inconsistent = isStrict ? await Consistency(document, cancellationToken).FindAsync() : [];
        if (inconsistent.Count > 0)
        {
            throw Answers.Inconsistent(inconsistent);
        }

        request.Replace(document);
        return Answers.Success();
    }

    private async Task<JsonNode> ReloadAsync(JsonNode? args, DocumentRequest request, CancellationToken cancellationToken)
    {
        DemandNamed(args.Get("reload_sources"), request.Document.Root["sources"], "Source");
        DemandNamed(args.Get("reload_remote_schemas"), request.Document.Root["remote_schemas"], "Remote schema");
        request.Touch();
        var inconsistent = await Consistency(request.Document, cancellationToken).FindAsync();
        var answer = Answers.Success();
        answer["is_consistent"] = inconsistent.Count == 0;
        if (inconsistent.Count > 0)
        {
            answer["inconsistent_objects"] = inconsistent;
        }

        return answer;
    }

    private async Task<JsonNode> DropInconsistentAsync(DocumentRequest request, CancellationToken cancellationToken)
    {
        await Consistency(request.Document, cancellationToken).DropAsync();
        request.Touch();
        return Answers.Success();
    }

    private static void DemandNamed(JsonNode? names, JsonNode? present, string noun)
    {
        foreach (var name in names.AsTexts().Where(n => present.AsObjects().All(o => o["name"].AsText() != n)))
        {
            throw HasuraError.NotExists($"{noun} with name \"{name}\" not found in metadata");
        }
    }

    // What changes the document waits for others that do.
    private static bool MayWrite(HasuraCommand command) => command.Type switch
    {
        var type when type.EndsWith("run_sql", StringComparison.Ordinal) => RunSqlArguments.Read(command.Args).IsChecked,
        "export_metadata" or "get_inconsistent_metadata" or "get_catalog_state" or "set_catalog_state" => false,
        _ => true,
    };

    private TableConsistency Consistency(MetadataDocument document, CancellationToken cancellationToken) =>
        new(document.Root, async (source, sql) =>
        {
            if (RunnerOf(source) is not { } found)
            {
                return null;
            }

            await using var session = await found.OpenAsync(cancellationToken);
            return await session.RowsAsync(sql, [], cancellationToken);
        });

    private SqlRunner? RunnerOf(string source) => _sources.GetValueOrDefault(source) ?? (source == MetadataVersions.DefaultSource ? runner : null);

    private JsonNode Source(string name) => new JsonObject
    {
        ["name"] = name,
        ["kind"] = options.KindOf(name),
        ["tables"] = new JsonArray(),
        ["configuration"] = new JsonObject { ["connection_info"] = new JsonObject { ["database_url"] = new JsonObject { ["from_env"] = name == MetadataVersions.DefaultSource ? "HASURA_GRAPHQL_DATABASE_URL" : $"{name.ToUpperInvariant()}_URL" } } },
    };

    public async ValueTask DisposeAsync()
    {
        foreach (var source in _sources.Values)
        {
            await source.DisposeAsync();
        }
    }
}
