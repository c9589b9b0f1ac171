using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Catalog;
using HasuraMigrations.Engine.Metadata;
using HasuraMigrations.Engine.Metadata.Commands;
using HasuraMigrations.Engine.Metadata.Consistency;
using HasuraMigrations.TestServer.Sql;
using Npgsql;

namespace HasuraMigrations.TestServer.Api;

/// <summary>The metadata as one request sees and changes it, with what is known of the databases.</summary>
internal sealed class MetadataSession(MetadataEra era, JsonObject root, ISourceSessions sessions)
{
    private MetadataState _state = new(era, root, new Dictionary<string, SourceFacts>());

    /// <summary>The document.</summary>
    internal JsonObject Root => _state.Root;

    /// <summary>True where the document has to be written.</summary>
    internal bool IsModified { get; private set; }

    /// <summary>Carries out a metadata command.</summary>
    /// <exception cref="HasuraError">It is refused.</exception>
    internal async Task<JsonNode> RunAsync(CommandDefinition command, HasuraCommand request)
    {
        await LearnAsync(request.Args);
        return await AcceptAsync(() => MetadataCommands.Run(_state, command, request.Args, request.Version));
    }

    /// <summary>Carries out several commands as one change.</summary>
    /// <exception cref="HasuraError">One is refused, or the whole.</exception>
    internal async Task<JsonNode> RunAllAsync(IEnumerable<HasuraCommand> commands)
    {
        await LearnAsync(null);
        return await AcceptAsync(() => MetadataCommands.RunAll(_state, commands.Select(c => (c.Type, c.Args))));
    }

    /// <summary>Everything that does not fit.</summary>
    internal async Task<JsonArray> InconsistentAsync()
    {
        await LearnAsync(null);
        return _state.Cache.InconsistentObjects();
    }

    /// <summary>Runs SQL and carries what it did into the document.</summary>
    /// <param name="arguments">The SQL.</param>
    /// <param name="cascade">What depends on dropped things goes too.</param>
    /// <param name="run">Runs it in a session; what is handed over has to happen in the same transaction, after the SQL.</param>
    /// <exception cref="HasuraError">The SQL fails, or what it did is refused.</exception>
    internal async Task<JsonNode> RunSqlAsync(RunSqlArguments arguments, bool cascade, Func<Func<NpgsqlConnection, Task>, Task<JsonNode>> run)
    {
        if (!arguments.IsChecked)
        {
            var plain = await run(_ => Task.CompletedTask);
            Forget(arguments.Source);
            return plain;
        }

        await LearnAsync(null);
        var (before, facts) = (_state, _state.Facts);
        JsonObject? followed = null;
        var answer = await run(async session =>
        {
            var after = await ReadAsync(session, arguments.Source, null);
            facts = new Dictionary<string, SourceFacts>(_state.Facts) { [arguments.Source] = new SourceFacts(after) };
            followed = Translated(() => RunSqlChanges.Follow(before, arguments.Source, after, cascade));
        });
        // Enum tables may have another name now.
        _state = new MetadataState(era, _state.Root, facts);
        _ = await AcceptAsync(() => RunSqlChanges.Judge(before, followed!, facts, arguments.Source));
        return answer;
    }

    /// <summary>Forgets what is known of a database, which may have changed.</summary>
    internal void Forget(string source) =>
        _state = _state.With(_state.Facts.Where(f => f.Key != source).ToDictionary());

    private async Task<JsonNode> AcceptAsync(Func<CommandOutcome> run)
    {
        var outcome = Translated(run);
        foreach (var effect in outcome.Effects)
        {
            await ApplyAsync(effect);
        }

        IsModified |= outcome.IsModified;
        _state = outcome.State;
        foreach (var source in outcome.Effects.Select(e => e.Source))
        {
            Forget(source);
        }

        return outcome.Answer;
    }

    private Task<bool> ApplyAsync(SourceEffect effect) =>
        sessions.UseAsync(effect.Source, ConfigurationOf(effect.Source), async session =>
        {
            foreach (var statement in effect.Statements)
            {
                await SimpleQuery.RunAsync(session, statement, CancellationToken.None);
            }

            return true;
        });

    // Reads the catalogues that are not known yet, and the rows of enum tables.
    private async Task LearnAsync(JsonNode? args)
    {
        var facts = new Dictionary<string, SourceFacts>(_state.Facts);
        var wanted = NeededFacts.EnumTables(_state.Root, args);
        foreach (var (source, configuration) in NeededFacts.Sources(_state.Root, args))
        {
            var isKnown = facts.TryGetValue(source, out var known) && wanted[source].All(t => known.Catalog?.FindEnumRows(t.Schema, t.Name) is not null);
            if (!isKnown)
            {
                facts[source] = await FactsAsync(source, configuration, args);
            }
        }

        _state = _state.With(facts);
    }

    private async Task<SourceFacts> FactsAsync(string source, JsonNode? configuration, JsonNode? args)
    {
        try
        {
            return new SourceFacts(await sessions.UseAsync(source, configuration, session => ReadAsync(session, source, args)));
        }
        catch (SourceUnavailableException e)
        {
            return new SourceFacts(null, e.Message);
        }
    }

    private async Task<DatabaseCatalog> ReadAsync(NpgsqlConnection session, string source, JsonNode? args)
    {
        var catalog = await CatalogReader.ReadAsync(session, CancellationToken.None);
        var enums = NeededFacts.EnumTables(_state.Root, args)[source].Select(t => new CatalogName(t.Schema, t.Name));
        return await CatalogReader.WithEnumRowsAsync(session, catalog, enums, CancellationToken.None);
    }

    private JsonNode? ConfigurationOf(string source) => CommandWords.SourcesOf(_state.Root).FirstOrDefault(s => s.Name == source).Node?["configuration"];

    private static T Translated<T>(Func<T> run)
    {
        try
        {
            return run();
        }
        catch (MetadataCommandException e)
        {
            throw new HasuraError(e.Status, e.Code, e.Message, e.Path, e.Internal);
        }
    }
}
