using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Catalog;
using HasuraMigrations.Engine.Metadata;
using HasuraMigrations.Engine.Metadata.Commands;
using HasuraMigrations.Engine.Metadata.Consistency;
using Npgsql;

namespace HasuraMigrations.Engine.Targets.Postgres;

/// <summary>
/// The metadata as one request sees and changes it, with what is known of the databases. What commands leave in databases is
/// done in sessions that the caller gives, at once.
/// </summary>
/// <param name="era">The line of servers that is spoken for.</param>
/// <param name="root">The document, which is not changed.</param>
/// <param name="sessions">Sessions on the databases of sources.</param>
internal sealed class CommandSession(MetadataEra era, JsonObject root, ISourceSessions sessions)
{
    // What the catalogs that are known were read with.
    private readonly Dictionary<string, (CatalogMark Mark, bool WithSystem)> _read = new(StringComparer.Ordinal);
    private MetadataState _state = new(era, root, new Dictionary<string, SourceFacts>());

    /// <summary>The document.</summary>
    internal JsonObject Root => _state.Root;

    /// <summary>True where the document has to be written.</summary>
    internal bool IsModified { get; private set; }

    /// <summary>The line of servers that is spoken for.</summary>
    internal MetadataEra Era => era;

    /// <summary>Leaves undone in databases what commands ask for.</summary>
    internal bool SkipsEffects { get; init; }

    /// <summary>What there is now, to come back to.</summary>
    internal (MetadataState State, bool IsModified) Mark() => (_state, IsModified);

    /// <summary>Comes back to what there was, with what was known of the databases then.</summary>
    internal void Return((MetadataState State, bool IsModified) mark) => (_state, IsModified) = mark;

    /// <summary>Carries out a metadata command.</summary>
    /// <exception cref="MetadataCommandException">It is refused.</exception>
    internal async Task<JsonNode> RunAsync(CommandDefinition command, JsonNode? args, int version, CancellationToken cancellationToken)
    {
        if (!command.IsOfDocument)
        {
            await LearnAsync(args, cancellationToken).ConfigureAwait(false);
        }

        return await AcceptAsync(() => MetadataCommands.Run(_state, command, args, version), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Carries out several commands as one change.</summary>
    /// <exception cref="MetadataCommandException">One is refused, or the whole.</exception>
    internal async Task<JsonNode> RunAllAsync(IEnumerable<(string Name, JsonNode? Args)> commands, CancellationToken cancellationToken)
    {
        await LearnAsync(null, cancellationToken).ConfigureAwait(false);
        return await AcceptAsync(() => MetadataCommands.RunAll(_state, commands), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Carries out a command on rows.</summary>
    /// <param name="command">The command.</param>
    /// <param name="args">Its arguments.</param>
    /// <param name="catalog">A session on the database of the metadata.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="MetadataCommandException">It is refused.</exception>
    internal async Task<JsonNode> RunAsync(RowCommand command, JsonNode? args, NpgsqlConnection catalog, CancellationToken cancellationToken)
    {
        var arguments = new CommandArguments(era, args);
        Task<JsonNode> On(NpgsqlConnection session) => command.Body(new RowCommandContext(session, era, _state.Root, arguments, cancellationToken));
        if (!command.IsOfSource)
        {
            return await On(catalog).ConfigureAwait(false);
        }

        _ = CommandWords.SourceOf(_state.Root, arguments.Source);
        try
        {
            return await sessions.UseAsync(arguments.Source, ConfigurationOf(arguments.Source), On).ConfigureAwait(false);
        }
        catch (SourceUnavailableException e)
        {
            throw new MetadataCommandException("unexpected", $"source with name \"{arguments.Source}\" is inconsistent", details: e.Message);
        }
    }

    /// <summary>Everything that is inconsistent.</summary>
    internal async Task<JsonArray> InconsistentAsync(CancellationToken cancellationToken) =>
        (await BuildAsync(cancellationToken).ConfigureAwait(false)).InconsistentObjects();

    /// <summary>What is made of the document and the databases as they are now.</summary>
    internal async Task<SchemaCache> BuildAsync(CancellationToken cancellationToken)
    {
        await LearnAsync(null, cancellationToken).ConfigureAwait(false);
        return _state.Cache;
    }

    /// <summary>Runs SQL and, where that is asked for, carries what it did into the document.</summary>
    /// <param name="source">The source it runs on.</param>
    /// <param name="isChecked">Compare the database before and after.</param>
    /// <param name="cascade">What depends on dropped things goes too.</param>
    /// <param name="run">Runs it in a session; what is handed over has to happen in the same transaction, after the SQL.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="MetadataCommandException">What it did is refused.</exception>
    internal async Task<T> RunSqlAsync<T>(string source, bool isChecked, bool cascade, Func<Func<NpgsqlConnection, Task>, Task<T>> run, CancellationToken cancellationToken)
    {
        if (!isChecked)
        {
            var isKept = false;
            var plain = await run(async session => isKept = !await HasChangedAsync(source, session, cancellationToken).ConfigureAwait(false)).ConfigureAwait(false);
            if (!isKept)
            {
                Forget(source);
            }

            return plain;
        }

        await LearnAsync(null, cancellationToken).ConfigureAwait(false);
        var (before, facts) = (_state, _state.Facts);
        JsonObject? followed = null;
        var answer = await run(async session =>
        {
            if (await HasChangedAsync(source, session, cancellationToken).ConfigureAwait(false))
            {
                var after = await ReadAsync(session, source, null, cancellationToken).ConfigureAwait(false);
                facts = new Dictionary<string, SourceFacts>(_state.Facts) { [source] = new SourceFacts(after) };
                followed = RunSqlChanges.Follow(before, source, after, cascade);
            }
        }).ConfigureAwait(false);
        if (followed is null)
        {
            // As after any run_sql that is looked at, the metadata counts as changed.
            IsModified = true;
            return answer;
        }

        // Enum tables may have another name now.
        _state = _state.With(facts);
        _ = await AcceptAsync(() => RunSqlChanges.Judge(before, followed, facts, source), cancellationToken).ConfigureAwait(false);
        return answer;
    }

    /// <summary>Forgets what is known of a database, which may have changed.</summary>
    internal void Forget(string source) =>
        _state = _state.With(_state.Facts.Where(f => f.Key != source).ToDictionary());

    private async Task<JsonNode> AcceptAsync(Func<CommandOutcome> run, CancellationToken cancellationToken)
    {
        var outcome = run();
        foreach (var effect in SkipsEffects ? [] : outcome.Effects)
        {
            await ApplyAsync(effect, cancellationToken).ConfigureAwait(false);
        }

        IsModified |= outcome.IsModified;
        _state = outcome.State;
        foreach (var source in outcome.Effects.Where(e => e.ChangesCatalog).Select(e => e.Source))
        {
            Forget(source);
        }

        return outcome.Answer;
    }

    private async Task ApplyAsync(SourceEffect effect, CancellationToken cancellationToken)
    {
        try
        {
            await sessions.UseAsync(effect.Source, ConfigurationOf(effect.Source), async session =>
            {
                await session.ExecuteAllAsync(effect.Statements, cancellationToken).ConfigureAwait(false);
                return true;
            }).ConfigureAwait(false);
        }
        catch (SourceUnavailableException e)
        {
            throw new MetadataCommandException("unexpected", $"what the event triggers of source \"{effect.Source}\" need in its database cannot be done", details: e.Message);
        }
    }

    // Reads the catalogs that are not known yet, and the rows of enum tables.
    private async Task LearnAsync(JsonNode? args, CancellationToken cancellationToken)
    {
        var facts = new Dictionary<string, SourceFacts>(_state.Facts);
        var wanted = NeededFacts.EnumTables(_state.Root, args);
        var namesSystem = era.IsVersion1 && NeededFacts.NamesSystem(_state.Root, args);
        foreach (var (source, configuration) in NeededFacts.Sources(_state.Root, args))
        {
            var isKnown = facts.TryGetValue(source, out var known) && (!namesSystem || _read.GetValueOrDefault(source).WithSystem) && wanted[source].All(t => known.Catalog?.FindEnumRows(t.Schema, t.Name) is not null);
            if (!isKnown)
            {
                facts[source] = await FactsAsync(source, configuration, args, cancellationToken).ConfigureAwait(false);
            }
        }

        _state = _state.With(facts);
    }

    private async Task<SourceFacts> FactsAsync(string source, JsonNode? configuration, JsonNode? args, CancellationToken cancellationToken)
    {
        try
        {
            return new SourceFacts(await sessions.UseAsync(source, configuration, session => ReadAsync(session, source, args, cancellationToken)).ConfigureAwait(false));
        }
        catch (SourceUnavailableException e)
        {
            return new SourceFacts(null, e.Message, e.IsUnknown);
        }
    }

    private async Task<DatabaseCatalog> ReadAsync(NpgsqlConnection session, string source, JsonNode? args, CancellationToken cancellationToken)
    {
        var withSystem = era.IsVersion1 && NeededFacts.NamesSystem(_state.Root, args);
        var catalog = await CatalogReader.ReadFactsAsync(session, withSystem, cancellationToken).ConfigureAwait(false);
        var enums = NeededFacts.EnumTables(_state.Root, args)[source].Select(t => new CatalogName(t.Schema, t.Name));
        catalog = await CatalogReader.WithEnumRowsAsync(session, catalog, enums, cancellationToken).ConfigureAwait(false);
        _read[source] = (await CatalogMark.ReadAsync(session, catalog.EnumTables, cancellationToken).ConfigureAwait(false), withSystem);
        return catalog;
    }

    // SQL that only wrote rows or comments leaves everything as it is known.
    private async Task<bool> HasChangedAsync(string source, NpgsqlConnection session, CancellationToken cancellationToken) =>
        !_state.Facts.ContainsKey(source) || !_read.TryGetValue(source, out var read) || !await read.Mark.StillHoldsAsync(session, cancellationToken).ConfigureAwait(false);

    private JsonNode? ConfigurationOf(string source) => CommandWords.SourcesOf(_state.Root).FirstOrDefault(s => s.Name == source).Node?["configuration"];
}
