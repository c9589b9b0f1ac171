using HasuraMigrations.Engine.Catalog;
using HasuraMigrations.Engine.Connections;
using HasuraMigrations.Engine.Metadata.Api;
using HasuraMigrations.Engine.Metadata.Api.Types;
using HasuraMigrations.Engine.Metadata.Forms;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Metadata.Outlines;
using HasuraMigrations.Engine.Metadata.Schema;

namespace HasuraMigrations.Engine.Impacts;

/// <summary>A document beside the databases of its sources: what is consistent, and what depends on what. It is of one moment, and writes nothing.</summary>
public sealed class MetadataModel
{
    private readonly IReadOnlyDictionary<string, IReadOnlyList<CatalogLink>> _links;
    private readonly Lazy<DependencyGraph> _graph;

    private MetadataModel(MetadataDocument document, MetadataState state, IReadOnlyDictionary<string, IReadOnlyList<CatalogLink>> links)
    {
        (Document, State, _links) = (document, state, links);
        _graph = new Lazy<DependencyGraph>(() => DependencyGraph.Build(document.Root, state, _links, OutlineRelationships.LeadsOf(document), [.. StoredQueryUses.Read(state), .. NativeQueryUses.Read(state)]));
    }

    /// <summary>Reads the databases of a document.</summary>
    /// <param name="document">The document.</param>
    /// <param name="databases">How databases are reached, by the name of their source. Nothing is said of others.</param>
    /// <param name="withLinks">Read what depends on what in them; dependencies need it.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    /// <exception cref="HasuraMigrationException">QueryFailed, and the errors of connections.</exception>
    public static async Task<MetadataModel> ReadAsync(MetadataDocument document, IReadOnlyDictionary<string, HasuraConnection> databases, bool withLinks, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(document);
        ArgumentNullException.ThrowIfNull(databases);
        var (state, links) = await DocumentCatalogs.ReadAsync(document, databases, withLinks, cancellationToken).ConfigureAwait(false);
        return new MetadataModel(document, state, links);
    }

    /// <summary>A document alone, of whose databases nothing is known.</summary>
    public static MetadataModel Of(MetadataDocument document)
    {
        ArgumentNullException.ThrowIfNull(document);
        return Of(document, MetadataTree.SourcesOf(document.Root).ToDictionary(s => s.Name, s => new SourceFacts(null, "its database was not read", IsSkipped: true), StringComparer.Ordinal));
    }

    /// <summary>The tables, relationships and permissions, for people.</summary>
    /// <param name="origin">Where the document was read from.</param>
    /// <param name="includes">Chooses tables by their names; null for all.</param>
    public HasuraSchema Outline(string origin, Func<string, bool>? includes = null) =>
        SchemaOutline.Of(Document, State.Facts.Where(f => f.Value.Catalog is not null).ToDictionary(f => f.Key, f => f.Value.Catalog!, StringComparer.Ordinal), Graph, origin, includes);

    /// <summary>A document beside what is known of its databases.</summary>
    internal static MetadataModel Of(MetadataDocument document, IReadOnlyDictionary<string, SourceFacts> facts) =>
        new(document, new MetadataState(document.Version == 3 ? MetadataEra.Version2 : MetadataEra.Version1, MetadataVersions.Convert(document, document.Version == 1 ? 2 : document.Version, []).Root, facts), new Dictionary<string, IReadOnlyList<CatalogLink>>());

    /// <summary>Sources whose databases are not known, so that nothing is said of them.</summary>
    public IReadOnlyCollection<string> UnknownSources => State.Cache.Skipped;

    /// <summary>Each object that no server could use, as a finding of severity Error with file and line; of sources that are not known, a warning.</summary>
    public IReadOnlyList<Finding> Findings()
    {
        var found = State.Cache.Inconsistencies.Found.Select(Finding).ToList();
        if (State.Cache.HardError is { } error)
        {
            found.Add(new Finding { Id = "MetadataObjectInconsistent", Severity = FindingSeverity.Error, Message = $"The schema of the API cannot be built: {error.Message.TrimEnd('.')}." });
        }

        found.AddRange(StoredQueryFindings());
        found.AddRange(UnknownSources.Order(StringComparer.Ordinal).Select(s => new Finding
        {
            Id = "SourceNotChecked",
            Severity = FindingSeverity.Warning,
            Database = s,
            Message = $"The source '{s}' was not checked, because no connection to its database is known.",
            RecommendedAction = "Give its connection string, as an entry of a hashtable to -ConnectionString, or in the variable that databases.yaml names.",
        }));
        return found;
    }

    /// <summary>What is consistent and does not come into the GraphQL schemas, or keeps a server from building them, as warnings with file and line.</summary>
    public IReadOnlyList<Finding> ApiFindings() => [.. ApiLint.Find(State, new ApiSchemaBuilder(State, new ApiSettings { Era = State.Era })).Select(Finding)];

    /// <summary>What depends on objects, or what they depend on.</summary>
    /// <param name="names">Names such as <c>public.users.email</c>; the schema <c>public</c> can be left out.</param>
    /// <param name="kind">Only objects of this kind are meant; null for any.</param>
    /// <param name="direction">Which way to follow.</param>
    /// <param name="isRecursive">Follow over any number of dependencies, else over one.</param>
    /// <param name="source">Only objects of this source are meant; null for any.</param>
    /// <exception cref="HasuraMigrationException">DependencyObjectNotFound.</exception>
    public IReadOnlyList<HasuraDependency> FindDependencies(IEnumerable<string> names, DependencyObjectKind? kind, DependencyDirection direction, bool isRecursive, string? source = null)
    {
        ArgumentNullException.ThrowIfNull(names);
        var found = names.SelectMany(n => ObjectsOf(n, kind, source)).Distinct().SelectMany(o => Steps(o, direction, isRecursive)).Select(s => ToDependency(s, direction));
        return [.. found];
    }

    /// <summary>The document.</summary>
    internal MetadataDocument Document { get; }

    /// <summary>The same beside its databases.</summary>
    internal MetadataState State { get; }

    /// <summary>What depends on what.</summary>
    internal DependencyGraph Graph => _graph.Value;

    /// <summary>Where an object stands in files; null where that is not known.</summary>
    internal Json.SourcePosition? PlaceOf(ObjectId id) => ObjectFinder.Find(Document.Root, id).Select(Document.Positions.Near).FirstOrDefault(p => p is not null);

    /// <summary>The objects that a name means.</summary>
    /// <exception cref="HasuraMigrationException">DependencyObjectNotFound.</exception>
    internal IReadOnlyList<ObjectId> ObjectsOf(string name, DependencyObjectKind? kind, string? source = null)
    {
        var objects = Graph.Objects.Where(o => (kind is null || ObjectNames.KindOf(o) == kind) && (source is null || o.Source == source));
        var found = ObjectNames.Find(objects, name);
        if (found.Count > 0)
        {
            return found;
        }

        var nearest = ObjectNames.Nearest(objects, name);
        throw new HasuraMigrationException("DependencyObjectNotFound", $"Neither the metadata nor {(source is null ? "a database" : $"the database '{source}'")} has {(kind is null ? "an object" : $"an object of the kind {kind}")} '{name}'.")
        {
            RecommendedAction = nearest is null ? "Give a name such as public.users.email; -Recurse on a schema shows what there is." : $"The nearest name is '{nearest}'.",
        };
    }

    // What a server finds, too, stands in the list already.
    private IEnumerable<Finding> StoredQueryFindings()
    {
        var known = State.Cache.Inconsistencies.Found.Select(i => i.Id).ToHashSet();
        // Who lacks a root field was never meant to run it; the administrator may run everything.
        return StoredQueries.Check(State).Where(p => p.Problem is not null && (p.HasRoots || p.Role == RoleAccess.Admin) && !known.Contains(p.Query)).Select(p =>
        {
            var place = PlaceOf(p.Query);
            return new Finding
            {
                Id = "StoredQueryInvalid",
                Severity = p.Role == RoleAccess.Admin ? FindingSeverity.Error : FindingSeverity.Warning,
                Message = $"The role '{p.Role}' cannot run the {ObjectNames.Describe(p.Query)}{(p.Endpoints.Count == 0 ? "" : $" of the REST endpoint '{string.Join("', '", p.Endpoints)}'")}: {p.Problem}",
                File = place?.File,
                Line = place?.Line,
                Column = place?.Column,
            };
        });
    }

    private IEnumerable<DependencyStep> Steps(ObjectId start, DependencyDirection direction, bool isRecursive)
    {
        var isDependents = direction == DependencyDirection.Dependents;
        return isRecursive ? Graph.Walk(start, isDependents)
            : (isDependents ? Graph.DependentsOf(start) : Graph.DependenciesOf(start)).Select(d => new DependencyStep(d, 1, []));
    }

    private HasuraDependency ToDependency(DependencyStep step, DependencyDirection direction)
    {
        var isDependents = direction == DependencyDirection.Dependents;
        var (found, other) = isDependents ? (step.Dependency.From, step.Dependency.To) : (step.Dependency.To, step.Dependency.From);
        var place = step.Dependency.Place?.In(Document.Positions) ?? PlaceOf(step.Dependency.From);
        return new HasuraDependency
        {
            Name = ObjectNames.Text(found),
            Kind = ObjectNames.KindOf(found),
            Source = found.Source.Length == 0 ? null : found.Source,
            Role = ObjectNames.RoleOf(found),
            Relation = step.Dependency.Kind,
            RelatedTo = ObjectNames.Text(other),
            RelatedKind = ObjectNames.KindOf(other),
            Direction = direction,
            Depth = step.Depth,
            Through = [.. step.Through.Select(ObjectNames.Text)],
            File = place?.File,
            Line = place?.Line,
        };
    }

    private Finding Finding(ApiLintEntry entry)
    {
        var place = entry.Object is { } id ? PlaceOf(id) : null;
        return new Finding
        {
            Id = entry.Id,
            Severity = FindingSeverity.Warning,
            Database = entry.Object is { Source.Length: > 0 } placed ? placed.Source : null,
            Message = entry.Message,
            File = place?.File,
            Line = place?.Line,
            Column = place?.Column,
            RecommendedAction = entry.Action,
        };
    }

    private Finding Finding(Inconsistency one)
    {
        var place = PlaceOf(one.Id);
        return new Finding
        {
            Id = "MetadataObjectInconsistent",
            Severity = FindingSeverity.Error,
            Database = one.Id.Source.Length == 0 ? null : one.Id.Source,
            Message = $"{one.Entry["name"]?.ToString() ?? ObjectNames.Describe(one.Id)}: {one.Reason}",
            File = place?.File,
            Line = place?.Line,
            Column = place?.Column,
        };
    }
}
