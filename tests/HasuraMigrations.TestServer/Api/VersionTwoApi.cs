using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Catalog;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Metadata;
using HasuraMigrations.Engine.Metadata.Commands;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Metadata.Schema;
using HasuraMigrations.Engine.Targets.Postgres.Api;
using HasuraMigrations.Engine.Targets.Postgres.ConnectionStrings;
using HasuraMigrations.Engine.Targets.Postgres.Store;
using HasuraMigrations.TestServer.Sql;
using Npgsql;

namespace HasuraMigrations.TestServer.Api;

/// <summary>The API of v2: metadata is one document with a number, and each <c>run_sql</c> commits by itself.</summary>
internal sealed class VersionTwoApi(TestServerOptions options, SqlRunner runner) : IHasuraApi, IAsyncDisposable
{
    private const string Sql = "/v2/query";
    private const string Metadata = "/v1/metadata";
    private const string Both = "/v1/query";

    private readonly SemaphoreSlim _writing = new(1, 1);
    private readonly PooledSessions _sessions = new(options, runner);
    private readonly KnownStore _store = new("the test server");
    private readonly MetadataEra _era = MetadataEra.Of(options.VersionText);

    /// <inheritdoc/>
    public IReadOnlyList<string> Paths => [Sql, Metadata, Both];

    /// <inheritdoc/>
    public async Task PrepareAsync(CancellationToken cancellationToken)
    {
        await using var target = new PostgresMetadataTarget(PostgresConnectionString.Read(options.Postgres), null, configVersion: 3);
        var present = await target.ExportAsync(cancellationToken);
        if (!present.Exists)
        {
            var sources = new[] { MetadataDocument.DefaultSource }.Union(options.Sources.Keys).Select(Source);
            await target.ReplaceAsync(new MetadataDocument(new JsonObject { ["version"] = 3, ["sources"] = new JsonArray([.. sources]) }), new MetadataReplaceOptions { CreateStateStore = true, ExpectedToken = present.Token }, cancellationToken);
        }
    }

    /// <inheritdoc/>
    public async Task<JsonNode> ExecuteAsync(string path, CommandEnvelope command, CancellationToken cancellationToken)
    {
        var mayWrite = command.All.Any(MayWrite);
        if (mayWrite)
        {
            await _writing.WaitAsync(cancellationToken);
        }

        try
        {
            var request = await DocumentRequest.StartAsync(runner, _store, _era, _sessions, cancellationToken);
            var answer = await RunAsync(path, command, request, cancellationToken);
            if (request.Metadata.IsModified && !(path == Both && command.All.All(IsComment)))
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
        await (await DocumentRequest.StartAsync(runner, _store, _era, _sessions, cancellationToken)).Metadata.InconsistentAsync(cancellationToken);

    /// <inheritdoc/>
    public async Task<MetadataState> DescribeAsync(CancellationToken cancellationToken) =>
        await (await DocumentRequest.StartAsync(runner, _store, _era, _sessions, cancellationToken)).Metadata.DescribeAsync(cancellationToken);

    /// <inheritdoc/>
    public string DatabaseOf(string source) =>
        options.Sources.GetValueOrDefault(source) ?? (source == MetadataDocument.DefaultSource ? options.Postgres : null)
        ?? throw MetadataCommandException.NotExists($"source with name \"{source}\" does not exist");

    private async Task<JsonNode> RunAsync(string path, CommandEnvelope command, DocumentRequest request, CancellationToken cancellationToken)
    {
        var run = Find(path, command, request, cancellationToken)
            ?? throw (path == Sql ? MetadataCommandException.Parse($"Unrecognised RQLQuery type: {command.Type}") : MetadataCommands.Unknown(_era, command.Type, command.Version));
        try
        {
            return await run();
        }
        catch (MetadataCommandException e) when (path == Sql ? e.Code == "parse-failed" && !_era.HasSpacedColons : IsNested(path) || e.Code != "parse-failed")
        {
            throw e.Under(".args");
        }
    }

    // What a command does; null for what is no command on this path.
    private Func<Task<JsonNode>>? Find(string path, CommandEnvelope command, DocumentRequest request, CancellationToken cancellationToken) => (path, command.Type) switch
    {
        (Metadata or Both, _) when !CommandVersions.HasVersion(_era, command.Type, command.Version) => null,
        (_, "bulk") => () => Answers.BulkAsync(command, c => RunAsync(path, c, request, cancellationToken)),
        (Sql, "concurrent_bulk") when CommandVersions.IsKnown(_era, command.Type) => () => Answers.BulkAsync(command.RequireReading(), c => RunAsync(path, c, request, cancellationToken)),
        (Metadata, "bulk_keep_going") when CommandVersions.IsKnown(_era, command.Type) => () => Answers.BulkGoingOnAsync(command, request.Metadata, c => RunAsync(path, c, request, cancellationToken)),
        (Metadata, "bulk_atomic") when CommandVersions.IsKnown(_era, command.Type) => () => request.Metadata.RunAllAsync(command.Items.Select(i => CommandEnvelope.Read(i)).Select(i => (i.Type, i.Args)), cancellationToken),
        (Sql or Both, "run_sql") => () => RunSqlAsync("postgres", command.Args, request, cancellationToken),
        (Sql, "pg_run_sql") when _era.HasSpacedColons => null,
        (Sql, "pg_run_sql" or "citus_run_sql" or "cockroach_run_sql" or "mssql_run_sql" or "bigquery_run_sql") => () => RunSqlAsync(command.Type.Replace("_run_sql", "").Replace("pg", "postgres"), command.Args, request, cancellationToken),
        (Both, "insert") => () => _sessions.UseAsync(SourceOf(command.Args), Configuration(request, SourceOf(command.Args)), s => InsertCommand.RunAsync(s, command.Args, cancellationToken)),
        (Metadata or Both, _) => FindMetadata(path, command, request, cancellationToken),
        _ => null,
    };

    private Func<Task<JsonNode>>? FindMetadata(string path, CommandEnvelope command, DocumentRequest request, CancellationToken cancellationToken)
    {
        if ((path == Metadata ? RowCommands.FindOfMetadata(_era, command.Type) : RowCommands.Find(_era, command.Type)) is { } rows)
        {
            return () => RunRowsAsync(rows, command.Args, request, cancellationToken);
        }

        return (path == Metadata ? MetadataCommands.FindOfMetadata(_era, command.Type, command.Version) : MetadataCommands.Find(_era, command.Type, command.Version)) is { } definition
            ? () => RunMetadataAsync(path, command, definition, request, cancellationToken)
            : null;
    }

    private async Task<JsonNode> RunRowsAsync(RowCommand rows, JsonNode? args, DocumentRequest request, CancellationToken cancellationToken)
    {
        await using var session = await runner.OpenAsync(cancellationToken);
        return await request.Metadata.RunAsync(rows, args, session, cancellationToken);
    }

    private async Task<JsonNode> RunMetadataAsync(string path, CommandEnvelope command, CommandDefinition definition, DocumentRequest request, CancellationToken cancellationToken)
    {
        try
        {
            var answer = await request.Metadata.RunAsync(definition, command.Args, cancellationToken);
            return command is { Type: "export_metadata", Version: 2 } ? new JsonObject { ["resource_version"] = request.ResourceVersion, ["metadata"] = answer } : answer;
        }
        catch (MetadataCommandException e) when (e.Code == "parse-failed" && path == Metadata && definition.IsOfSource && IsNested(path))
        {
            throw MetadataCommandException.Parse($"Error when parsing command {command.Type[(command.Type.IndexOf('_', StringComparison.Ordinal) + 1)..]}.\nSee our documentation at https://hasura.io/docs/latest/graphql/core/api-reference/metadata-api/index.html#metadata-apis.\nInternal error message: {e.Message}", e.Path);
        }
    }

    private async Task<JsonNode> RunSqlAsync(string kind, JsonNode? args, DocumentRequest request, CancellationToken cancellationToken)
    {
        var arguments = RunSqlArguments.Read(_era, args);
        if (request.Metadata.Root["sources"].AsObjects().FirstOrDefault(s => s["name"].AsText() == arguments.Source) is not { } found)
        {
            throw MetadataCommandException.NotExists($"source with name \"{arguments.Source}\" does not exist");
        }

        if (found["kind"].AsText() != kind)
        {
            throw new MetadataCommandException("unexpected", $"source with name \"{arguments.Source}\" is inconsistent");
        }

        try
        {
            var source = _sessions.RunnerOf(arguments.Source, found["configuration"]);
            return kind == "postgres" ? await request.Metadata.RunSqlAsync(arguments.Source, arguments.IsChecked, arguments.IsCascading, after => RunAsync(source, arguments, after, cancellationToken), cancellationToken) : await source.RunAsync(arguments, cancellationToken);
        }
        catch (SourceUnavailableException)
        {
            throw new MetadataCommandException("unexpected", $"source with name \"{arguments.Source}\" is inconsistent");
        }
    }

    private static async Task<JsonNode> RunAsync(SqlRunner source, RunSqlArguments arguments, Func<NpgsqlConnection, CatalogMark?, Task> after, CancellationToken cancellationToken)
    {
        if (arguments.HasNoTransaction || !arguments.IsChecked)
        {
            var answer = await source.RunAsync(arguments, cancellationToken);
            if (arguments.IsChecked)
            {
                await using var later = await source.OpenAsync(cancellationToken);
                await after(later, null);
            }

            return answer;
        }

        await using var session = await source.OpenAsync(cancellationToken);
        return await SqlRunner.InTransactionAsync(session, readOnly: false, async () =>
        {
            var answer = await SqlRunner.RunInAsync(session, arguments.Sql, cancellationToken);
            await after(session, null);
            return answer;
        }, cancellationToken);
    }

    private static string SourceOf(JsonNode? args) => args.Get("source").AsText() ?? MetadataDocument.DefaultSource;

    private static JsonNode? Configuration(DocumentRequest request, string source) => request.Metadata.Root.EntryAt("sources", "name", source)?["configuration"];

    // The first servers of version 2 say where in the arguments something is, not where in the request.
    private bool IsNested(string path) => path == Metadata && !_era.HasSpacedColons;

    // On the path of version 1 these count as reading, and what they set is lost.
    private static bool IsComment(CommandEnvelope command) => command.Type is "set_relationship_comment" or "set_permission_comment";

    // What changes the document waits for others that do.
    private bool MayWrite(CommandEnvelope command) => command.Type switch
    {
        var type when type.EndsWith("run_sql", StringComparison.Ordinal) => RunSqlArguments.MayChange(command.Args),
        "select" or "insert" => false,
        var type => RowCommands.Find(_era, type) is null && MetadataCommands.Find(_era, type, command.Version)?.IsReadOnly != true,
    };

    private JsonNode Source(string name) => new JsonObject
    {
        ["name"] = name,
        ["kind"] = options.KindOf(name),
        ["tables"] = new JsonArray(),
        ["configuration"] = new JsonObject { ["connection_info"] = new JsonObject { ["database_url"] = new JsonObject { ["from_env"] = name == MetadataDocument.DefaultSource ? "HASURA_GRAPHQL_DATABASE_URL" : $"{name.ToUpperInvariant()}_URL" } } },
    };

    public ValueTask DisposeAsync() => _sessions.DisposeAsync();
}
