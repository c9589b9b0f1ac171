using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Metadata.Commands;
using HasuraMigrations.Engine.Targets.Postgres;
using HasuraMigrations.TestServer.Sql;
using Npgsql;

namespace HasuraMigrations.TestServer.Api;

/// <summary>The metadata as one request sees and changes it; what is refused becomes the answer.</summary>
internal sealed class MetadataSession(MetadataEra era, JsonObject root, ISourceSessions sessions)
{
    private readonly CommandSession _session = new(era, root, sessions);

    /// <summary>The document.</summary>
    internal JsonObject Root => _session.Root;

    /// <summary>True where the document has to be written.</summary>
    internal bool IsModified => _session.IsModified;

    /// <summary>What there is now, to come back to.</summary>
    internal (MetadataState State, bool IsModified) Mark() => _session.Mark();

    /// <summary>Comes back to what there was.</summary>
    internal void Return((MetadataState State, bool IsModified) mark) => _session.Return(mark);

    /// <summary>Carries out a metadata command.</summary>
    /// <exception cref="HasuraError">It is refused.</exception>
    internal Task<JsonNode> RunAsync(CommandDefinition command, HasuraCommand request) =>
        Translated(() => _session.RunAsync(command, request.Args, request.Version, CancellationToken.None));

    /// <summary>Carries out a command on rows.</summary>
    /// <exception cref="HasuraError">It is refused.</exception>
    internal Task<JsonNode> RunAsync(RowCommand command, HasuraCommand request, NpgsqlConnection catalog) =>
        Translated(() => _session.RunAsync(command, request.Args, catalog, CancellationToken.None));

    /// <summary>Carries out several commands as one change.</summary>
    /// <exception cref="HasuraError">One is refused, or the whole.</exception>
    internal Task<JsonNode> RunAllAsync(IEnumerable<HasuraCommand> commands) =>
        Translated(() => _session.RunAllAsync(commands.Select(c => (c.Type, c.Args)), CancellationToken.None));

    /// <summary>Everything that does not fit.</summary>
    internal Task<JsonArray> InconsistentAsync() => _session.InconsistentAsync(CancellationToken.None);

    /// <summary>Runs SQL and carries what it did into the document.</summary>
    /// <param name="arguments">The SQL.</param>
    /// <param name="cascade">What depends on dropped things goes too.</param>
    /// <param name="run">Runs it in a session; what is handed over has to happen in the same transaction, after the SQL.</param>
    /// <exception cref="HasuraError">The SQL fails, or what it did is refused.</exception>
    internal Task<JsonNode> RunSqlAsync(RunSqlArguments arguments, bool cascade, Func<Func<NpgsqlConnection, Task>, Task<JsonNode>> run) =>
        Translated(() => _session.RunSqlAsync(arguments.Source, arguments.IsChecked, cascade, run, CancellationToken.None));

    private static async Task<T> Translated<T>(Func<Task<T>> run)
    {
        try
        {
            return await run();
        }
        catch (MetadataCommandException e)
        {
            throw new HasuraError(e.Status, e.Code, e.Message, e.Path, e.Internal);
        }
    }
}
