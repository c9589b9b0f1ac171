using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Catalog;
using HasuraMigrations.Engine.Metadata.Commands;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Metadata.Schema;
using HasuraMigrations.Engine.Targets.Postgres.Sessions;
using Npgsql;

namespace HasuraMigrations.Engine.Targets.Postgres.Api;

/// <summary>
/// The metadata as one request sees and changes it, with what is known of the databases. What commands leave in databases is
/// done in sessions that the caller gives, at once.
/// </summary>
/// <param name="era">The line of servers that is spoken for.</param>
/// <param name="root">The document, which is not changed.</param>
/// <param name="sessions">Sessions on the databases of sources.</param>
internal sealed class CommandSession(MetadataEra era, JsonObject root, ISourceSessions sessions)
{
    // Sources whose databases may not be as they are known.
    private readonly HashSet<string> _stale = new(StringComparer.Ordinal);

    // Up to where catalogs hold although something was written: what event triggers need is nothing that metadata can rest on.
    private readonly Dictionary<CatalogFacts, CatalogMark> _held = new(ReferenceEqualityComparer.Instance);
    private MetadataState _state = new(era, root, new Dictionary<string, SourceFacts>());
    private IReadOnlyList<string> _clearedActions = [];

    /// <summary>The document.</summary>
    internal JsonObject Root => _state.Root;

    /// <summary>True where the document has to be written.</summary>
    internal bool IsModified { get; private set; }

    /// <summary>Actions whose logs are to be deleted when the document is written.</summary>
    internal IReadOnlyList<string> ClearedActions => _clearedActions;

    /// <summary>The line of servers that is spoken for.</summary>
    internal MetadataEra Era => era;

    /// <summary>Leaves undone in databases what commands ask for.</summary>
    internal bool SkipsEffects { get; init; }

    /// <summary>Commands may take over what is in their arguments.</summary>
    internal bool TakesArguments { get; init; }

    /// <summary>What there is now, to come back to.</summary>
    internal (MetadataState State, bool IsModified, IReadOnlyList<string> ClearedActions) Mark() => (_state, IsModified, _clearedActions);

    /// <summary>Comes back to what there was, with what was known of the databases then.</summary>
    internal void Return((MetadataState State, bool IsModified, IReadOnlyList<string> ClearedActions) mark)
    {
        (_state, IsModified, _clearedActions) = mark;
        _stale.UnionWith(_state.Facts.Keys);
    }

    /// <summary>Carries out a metadata command.</summary>
    /// <exception cref="MetadataCommandException">It is refused.</exception>
    internal async Task<JsonNode> RunAsync(CommandDefinition command, JsonNode? args, CancellationToken cancellationToken)
    {
        if (!command.IsOfDocument)
        {
            await ReadFactsAsync(args, cancellationToken).ConfigureAwait(false);
        }

        return await AcceptAsync(() => MetadataCommands.Run(_state, command, args, TakesArguments), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Carries out several commands as one change.</summary>
    /// <exception cref="MetadataCommandException">One is refused, or the whole.</exception>
    internal async Task<JsonNode> RunAllAsync(IEnumerable<(string Name, JsonNode? Args)> commands, CancellationToken cancellationToken)
    {
        await ReadFactsAsync(null, cancellationToken).ConfigureAwait(false);
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

        _ = MetadataTree.SourceOf(_state.Root, arguments.Source);
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
    internal async Task<SchemaCache> BuildAsync(CancellationToken cancellationToken) => (await ReadStateAsync(cancellationToken).ConfigureAwait(false)).Cache;

    /// <summary>Lets go of what was made of the document and the databases, where only the document is needed any more: writing a large one takes much room, too.</summary>
    internal void ForgetSchema() => _state = _state.With(_state.Facts);

    /// <summary>The document beside the databases as they are now.</summary>
    internal async Task<MetadataState> ReadStateAsync(CancellationToken cancellationToken)
    {
        await ReadFactsAsync(null, cancellationToken).ConfigureAwait(false);
        return _state;
    }

    /// <summary>The document and the databases as they are now, with comments.</summary>
    internal async Task<MetadataState> DescribeAsync(CancellationToken cancellationToken)
    {
        await ReadFactsAsync(null, cancellationToken).ConfigureAwait(false);
        var described = new Dictionary<string, SourceFacts>(_state.Facts);
        foreach (var (source, facts) in _state.Facts.Where(f => f.Value.Catalog is not null))
        {
            described[source] = new SourceFacts(await sessions.UseAsync(source, ConfigurationOf(source), session => CatalogTextsReader.ReadAsync(session, facts.Catalog!, cancellationToken)).ConfigureAwait(false));
        }

        return _state.With(described);
    }

    /// <summary>Runs SQL and, where that is asked for, carries what it did into the document.</summary>
    /// <param name="source">The source it runs on.</param>
    /// <param name="isChecked">Compare the database before and after.</param>
    /// <param name="cascade">What depends on dropped things goes too.</param>
    /// <param name="run">Runs it in a session; what is handed over has to happen in the same transaction, after the SQL, with what is written then, where that is known.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="MetadataCommandException">What it did is refused.</exception>
    internal async Task<T> RunSqlAsync<T>(string source, bool isChecked, bool cascade, Func<Func<NpgsqlConnection, CatalogMark?, Task>, Task<T>> run, CancellationToken cancellationToken)
    {
        if (!isChecked)
        {
            // Looked at when it is needed; what ran in another session leaves nothing to compare with.
            var known = _state.Facts.GetValueOrDefault(source)?.Catalog?.Facts;
            var isComparable = false;
            var plain = await run((session, _) =>
            {
                isComparable = known?.Mark.IsOf(session) == true;
                return Task.CompletedTask;
            }).ConfigureAwait(false);
            _stale.Add(source);
            _state = isComparable ? _state : _state.With(_state.Facts.Where(f => f.Key != source).ToDictionary());
            return plain;
        }

        await ReadFactsAsync(null, cancellationToken).ConfigureAwait(false);
        var (before, facts) = (_state, _state.Facts);
        JsonObject? followed = null;
        var answer = await run(async (session, mark) =>
        {
            var known = _state.Facts.GetValueOrDefault(source)?.Catalog;
            var after = await ReadAsync(session, source, null, known, mark, cancellationToken).ConfigureAwait(false);
            if (!ReferenceEquals(after, known))
            {
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
        _ = await AcceptAsync(() => RunSqlChanges.Judge(before, followed, facts), cancellationToken).ConfigureAwait(false);
        return answer;
    }

    private async Task<JsonNode> AcceptAsync(Func<CommandOutcome> run, CancellationToken cancellationToken)
    {
        var outcome = run();
        foreach (var effect in SkipsEffects ? [] : outcome.Effects)
        {
            await ApplyAsync(effect, outcome.State.Facts.GetValueOrDefault(effect.Source)?.Catalog?.Facts, cancellationToken).ConfigureAwait(false);
        }

        IsModified |= outcome.IsModified;
        _clearedActions = [.. _clearedActions, .. outcome.ClearedActions];
        _state = outcome.State;
        _stale.UnionWith(outcome.Effects.Where(e => e.ChangesCatalog).Select(e => e.Source));
        return outcome.Answer;
    }

    private async Task ApplyAsync(SourceEffect effect, CatalogFacts? facts, CancellationToken cancellationToken)
    {
        try
        {
            await sessions.UseAsync(effect.Source, ConfigurationOf(effect.Source), async session =>
            {
                var mark = await session.ExecuteAllAsync(effect.Statements, CatalogMark.Query, cancellationToken).ConfigureAwait(false);
                if (facts is not null && !effect.ChangesCatalog)
                {
                    _held[facts] = CatalogMark.Of(session, mark);
                }

                return true;
            }).ConfigureAwait(false);
        }
        catch (SourceUnavailableException e)
        {
            throw new MetadataCommandException("unexpected", $"what the event triggers of source \"{effect.Source}\" need in its database cannot be done", details: e.Message);
        }
    }

    // Reads the catalogs that are not known yet, or not any more, and the rows of enum tables.
    private async Task ReadFactsAsync(JsonNode? args, CancellationToken cancellationToken)
    {
        Dictionary<string, SourceFacts>? changed = null;
        foreach (var (source, configuration) in CommandPrerequisites.Sources(_state.Root, args))
        {
            var known = _state.Facts.GetValueOrDefault(source);
            if (known is not null && !_stale.Contains(source) && (known.Catalog is null || IsEnough(known.Catalog, source, args)))
            {
                continue;
            }

            var facts = await FactsAsync(source, configuration, args, known?.Catalog, cancellationToken).ConfigureAwait(false);
            _stale.Remove(source);
            if (known?.Catalog is null || !ReferenceEquals(facts.Catalog, known.Catalog))
            {
                changed ??= new(_state.Facts);
                changed[source] = facts;
            }
        }

        _state = changed is null ? _state : _state.With(changed);
    }

    private async Task<SourceFacts> FactsAsync(string source, JsonNode? configuration, JsonNode? args, DatabaseCatalog? known, CancellationToken cancellationToken)
    {
        try
        {
            return new SourceFacts(await sessions.UseAsync(source, configuration, session => ReadAsync(session, source, args, known, null, cancellationToken)).ConfigureAwait(false));
        }
        catch (SourceUnavailableException e)
        {
            return new SourceFacts(null, e.Message, e.IsUnknown);
        }
    }

    // The catalog that is known comes back where it still holds.
    private async Task<DatabaseCatalog> ReadAsync(NpgsqlConnection session, string source, JsonNode? args, DatabaseCatalog? known, CatalogMark? mark, CancellationToken cancellationToken)
    {
        var withSystem = NamesSystem(args);
        var catalog = known?.Facts is { } facts && (facts.WithSystem || !withSystem)
            ? await CatalogFactsReader.RefreshAsync(session, known, _held.GetValueOrDefault(facts), mark, cancellationToken).ConfigureAwait(false)
            : await CatalogFactsReader.ReadAsync(session, withSystem, cancellationToken).ConfigureAwait(false);
        var enums = EnumTables(source, args).ToList();
        var read = await EnumRowsReader.ReadAsync(session, catalog, enums, cancellationToken).ConfigureAwait(false);
        if (!enums.Exists(t => read.FindEnumRows(t.Schema, t.Name) is { IsOutdated: true }))
        {
            return await QueryTrialReader.ReadAsync(session, read, NativeQueries(source, args), cancellationToken).ConfigureAwait(false);
        }

        // Somebody changed a table between the two.
        catalog = await CatalogFactsReader.ReadAsync(session, withSystem, cancellationToken).ConfigureAwait(false);
        read = await EnumRowsReader.ReadAsync(session, catalog, enums, cancellationToken).ConfigureAwait(false);
        return await QueryTrialReader.ReadAsync(session, read, NativeQueries(source, args), cancellationToken).ConfigureAwait(false);
    }

    private bool IsEnough(DatabaseCatalog catalog, string source, JsonNode? args) =>
        (catalog.Facts.WithSystem || !NamesSystem(args)) && EnumRowsReader.Readable(catalog, EnumTables(source, args)).All(t => catalog.FindEnumRows(t.Name.Schema, t.Name.Name) is not null)
        && NativeQueries(source, args).All(q => catalog.FindTrial(q) is not null);

    private bool NamesSystem(JsonNode? args) => era.IsVersion1 && CommandPrerequisites.NamesSystem(_state.Root, args);

    private IEnumerable<CatalogName> EnumTables(string source, JsonNode? args) =>
        CommandPrerequisites.EnumTables(_state.Root, args)[source].Select(t => new CatalogName(t.Schema, t.Name));

    private IEnumerable<string> NativeQueries(string source, JsonNode? args) => CommandPrerequisites.NativeQueries(_state.Root, args)[source];

    private JsonNode? ConfigurationOf(string source) => MetadataTree.SourcesOf(_state.Root).FirstOrDefault(s => s.Name == source).Node?["configuration"];
}
