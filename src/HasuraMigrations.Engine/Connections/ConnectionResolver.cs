using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Projects;
using HasuraMigrations.Engine.Targets.Postgres.ConnectionStrings;
using HasuraMigrations.Engine.Targets.Postgres.Store;

namespace HasuraMigrations.Engine.Connections;

/// <summary>A database and, where it is another one, Hasura's metadata database.</summary>
/// <param name="Connection">Where migrations are applied.</param>
/// <param name="MetadataConnection">Where Hasura keeps its metadata; null for the same database.</param>
public sealed record ResolvedConnection(HasuraConnection Connection, HasuraConnection? MetadataConnection)
{
    /// <summary>Other databases of the project, one of which may hold Hasura's metadata where none was named for it.</summary>
    public IReadOnlyList<HasuraConnection> MetadataCandidates { get; init; } = [];

    /// <summary>What is odd about the connection strings.</summary>
    public IReadOnlyList<Finding> Findings => [.. Connection.Findings, .. MetadataConnection?.Findings ?? []];
}

/// <summary>Where Hasura keeps its metadata, and where the databases of sources are.</summary>
/// <param name="Metadata">A server, or the database of the metadata.</param>
/// <param name="Own">The database of the only source, or of <c>default</c>; null where nobody named it.</param>
/// <param name="Sources">Databases by the name of their source.</param>
public sealed record MetadataPlaces(HasuraConnection Metadata, HasuraConnection? Own, IReadOnlyDictionary<string, HasuraConnection> Sources)
{
    /// <summary>The databases of the sources of a document, as far as they are known.</summary>
    public IReadOnlyDictionary<string, HasuraConnection> DatabasesOf(MetadataDocument document)
    {
        ArgumentNullException.ThrowIfNull(document);
        if (Metadata.Server is not null)
        {
            // A server reaches those of its own sources.
            return MetadataTree.SourcesOf(document.Root).ToDictionary(s => s.Name, _ => Metadata, StringComparer.Ordinal);
        }

        var places = new SourcePlaces(Metadata, Own, Sources);
        return MetadataTree.SourcesOf(document.Root)
            .Select(s => (s.Name, Place: places.Find(s.Name, [document.Root])))
            .Where(s => s.Place is not null)
            .ToDictionary(s => s.Name, s => s.Place!, StringComparer.Ordinal);
    }
}

/// <summary>
/// Decides how each database is reached: what was named goes first; else the environment and the env file, where exactly
/// one of a database URL and a server endpoint may be set.
/// </summary>
public sealed class ConnectionResolver
{
    /// <summary>Names Hasura's metadata database.</summary>
    public const string MetadataVariable = "HASURA_GRAPHQL_METADATA_DATABASE_URL";

    private readonly HasuraProject _project;
    private readonly ConnectionRequest _request;
    private readonly bool _isOneOfMany;

    /// <summary>A resolver for the databases of one command.</summary>
    /// <param name="project">The project.</param>
    /// <param name="request">What the user named.</param>
    /// <param name="databaseCount">How many databases the command works on.</param>
    /// <exception cref="HasuraMigrationException">ConnectionAmbiguous, DatabaseNotFound.</exception>
    public ConnectionResolver(HasuraProject project, ConnectionRequest request, int databaseCount)
    {
        _project = project;
        _request = request;
        _isOneOfMany = project.Databases.Count > 1;
        CheckWays();
        if (databaseCount > 1 && (request.Connection is { Server: null } || request.ConnectionString is not null))
        {
            throw new HasuraMigrationException("ConnectionAmbiguous", $"One connection was given for {databaseCount} databases.", project.Directory);
        }

        foreach (var name in request.ConnectionStrings?.Keys ?? [])
        {
            project.Database(name);
        }
    }

    /// <summary>How a database is reached.</summary>
    /// <exception cref="HasuraMigrationException">ConnectionMissing, TargetAmbiguous, TargetNotSupported, ConnectionStringInvalid,
    /// ServerEndpointInvalid.</exception>
    public ResolvedConnection Resolve(ProjectDatabase database)
    {
        var named = IsServerNamed || _request.Connection is not null ? null : _request.ConnectionString ?? Named(database);
        var url = named is not null || IsServerNamed || _request.Connection is not null ? Text(named, null) : FromVariables(database);
        if (_request.Connection?.Server is not null)
        {
            return new ResolvedConnection(_request.Connection, null);
        }

        if (url is null && _request.Connection is null)
        {
            return new ResolvedConnection(ToServer(), null);
        }

        if (!database.IsPostgres)
        {
            throw new HasuraMigrationException("TargetNotSupported", $"The database '{database.Name}' is of the kind '{database.Kind}'; only PostgreSQL can be reached directly.", database.Name);
        }

        var connection = _request.Connection ?? Read(url!);
        var metadata = Metadata(connection);
        return new ResolvedConnection(connection, metadata) { MetadataCandidates = metadata is null ? Candidates(database) : [] };
    }

    // The database called default is where a server started with one URL keeps its metadata.
    private List<HasuraConnection> Candidates(ProjectDatabase database) =>
        _request.Connection is not null || _request.ConnectionString is not null || _request.MetadataConnectionString is not null ? []
        : [.. _project.Databases
            .Where(d => d.Name != database.Name && d.IsPostgres)
            .OrderBy(d => d.Name == HasuraProject.DefaultDatabase ? 0 : 1)
            .Select(d => Text(Named(d), null) ?? Url(d))
            .OfType<Found>()
            .Select(Read)];

    /// <summary>
    /// How Hasura's metadata is reached: a server, or its own database where one is named, else the default database.
    /// </summary>
    /// <exception cref="HasuraMigrationException">ConnectionMissing, ConnectionAmbiguous, TargetAmbiguous,
    /// ConnectionStringInvalid, ServerEndpointInvalid.</exception>
    public HasuraConnection ResolveMetadata()
    {
        if (IsServerNamed)
        {
            return ToServer();
        }

        if (_request.MetadataConnectionString is { } own)
        {
            return PostgresConnectionString.Read(own);
        }

        if (_request.Connection is { } connection)
        {
            return connection;
        }

        var isNamed = _request.ConnectionString is not null || _request.ConnectionStrings is not null;
        if (!isNamed && _project.Variables.GetValueOrDefault(MetadataVariable) is { } variable)
        {
            RequireNoEndpoint(MetadataVariable);
            return PostgresConnectionString.Read(variable, MetadataVariable);
        }

        var database = DefaultDatabase();
        return !isNamed && HasEndpoint && Url(database) is null
            ? ToServer()
            : Read(Text(_request.ConnectionString ?? OnlyNamed(), null) ?? FromVariables(database)!);
    }

    /// <summary>The database of the metadata, and those of sources, as far as they are known.</summary>
    /// <exception cref="HasuraMigrationException">As <see cref="ResolveMetadata"/>.</exception>
    public MetadataPlaces ResolveMetadataPlaces()
    {
        var metadata = ResolveMetadata();
        var sources = metadata.Server is null ? KnownSources() : [];
        var isApart = _request.MetadataConnectionString is not null || (!IsNamed && _project.Variables.ContainsKey(MetadataVariable));
        return new MetadataPlaces(metadata, sources.GetValueOrDefault(DefaultDatabase().Name) ?? (isApart ? null : metadata), sources);
    }

    private bool IsNamed => _request.Connection is not null || _request.ConnectionString is not null || _request.ConnectionStrings is not null;

    private Dictionary<string, HasuraConnection> KnownSources()
    {
        var known = new Dictionary<string, HasuraConnection>(StringComparer.Ordinal);
        var own = DefaultDatabase();
        foreach (var database in _project.Databases.Append(own).DistinctBy(d => d.Name).Where(d => d.IsPostgres))
        {
            var isOwn = database.Name == own.Name;
            var named = Named(database) ?? (isOwn ? _request.ConnectionString : null);
            if ((Text(named, null) ?? (isOwn && _request.Connection is not null ? null : Url(database))) is { } found)
            {
                known[database.Name] = Read(found);
            }
            else if (isOwn && _request.Connection is { Server: null } connection)
            {
                known[database.Name] = connection;
            }
        }

        return known;
    }

    private static HasuraConnection Read(Found found) => PostgresConnectionString.Read(found.Text, found.Variable);

    private static Found? Text(string? text, string? variable) => text is null ? null : new Found(text, variable);

    private string? OnlyNamed() => _request.ConnectionStrings switch
    {
        null => null,
        { Count: 1 } strings => strings.Values.Single(),
        var strings => strings.FirstOrDefault(s => s.Key == HasuraProject.DefaultDatabase).Value
            ?? throw new HasuraMigrationException("ConnectionAmbiguous", "Several connection strings were given, none of them for the database 'default', so it is unclear which database contains Hasura's metadata.", _project.Directory)
            {
                RecommendedAction = "Specify Hasura's metadata database with -MetadataConnectionString.",
            },
    };

    private ProjectDatabase DefaultDatabase() =>
        _project.Databases.FirstOrDefault(d => d.Name == HasuraProject.DefaultDatabase)
        ?? (_isOneOfMany ? new ProjectDatabase(HasuraProject.DefaultDatabase, _project.MigrationsDirectory) : _project.Databases[0]);

    private void RequireNoEndpoint(string variable)
    {
        if (HasEndpoint)
        {
            throw new HasuraMigrationException("TargetAmbiguous", $"Both {variable} and the server endpoint {SecretText.OfUrls(_project.Settings["endpoint"])} are set.", _project.Directory);
        }
    }

    private void CheckWays()
    {
        var isServer = _request.Endpoint is not null || _request.AdminSecret is not null;
        var ways = new[] { _request.Connection is not null, _request.ConnectionString is not null || _request.ConnectionStrings is not null, isServer }.Count(w => w);
        if (ways > 1 || (isServer && _request.Target == HasuraTargetKind.Postgres))
        {
            throw new HasuraMigrationException("ConnectionAmbiguous", "More than one way to connect was given; -Connection, -ConnectionString and -Endpoint exclude each other.", _project.Directory);
        }
    }

    private bool IsServerNamed => _request.Endpoint is not null || _request.AdminSecret is not null || (_request.Target == HasuraTargetKind.Server && _request.Connection is null);

    // An endpoint that somebody set, where no target was chosen.
    private bool HasEndpoint => _request.Target is null && _project.Settings.SourceOf("endpoint") != SettingSource.Default;

    private HasuraConnection ToServer() => new(ServerConnections.Make(_project, _request.Endpoint, _request.AdminSecret, _request.Server));

    private string? Named(ProjectDatabase database)
    {
        var strings = _request.ConnectionStrings;
        return strings is null ? null
            : strings.TryGetValue(database.Name, out var exact) ? exact
            : strings.FirstOrDefault(s => s.Key.Equals(database.Name, StringComparison.OrdinalIgnoreCase)).Value;
    }

    /// <summary>The URL of a database; null where an endpoint is set instead.</summary>
    private Found? FromVariables(ProjectDatabase database)
    {
        var url = Url(database);
        // A table of strings has chosen the target already.
        var hasEndpoint = _request.ConnectionStrings is null && HasEndpoint;
        return (url, hasEndpoint) switch
        {
            (not null, true) => throw new HasuraMigrationException("TargetAmbiguous", $"Both a database URL for '{database.Name}' ({url.Variable}) and the server endpoint {SecretText.OfUrls(_project.Settings["endpoint"])} are set.", database.Name),
            (not null, false) => url,
            (null, true) => null,
            _ => throw Missing(database),
        };
    }

    private HasuraMigrationException Missing(ProjectDatabase database)
    {
        if (!database.IsPostgres)
        {
            return new HasuraMigrationException("ConnectionMissing", $"No server for the database '{database.Name}' was given. It is of the kind '{database.Kind}'; only PostgreSQL can be reached directly.", database.Name)
            {
                RecommendedAction = "Specify the Hasura server with -Endpoint, or leave the database out with -Database.",
            };
        }

        var missing = new HasuraMigrationException("ConnectionMissing", $"No connection for the database '{database.Name}' was given, and {Unset(database)}.", database.Name);
        // Hasura's general variable means another database of several.
        return General(database) is not null ? missing
            : missing.Recommend($"{(database.UrlVariable is { } own ? $"Set {own}, or give" : "Give")} -ConnectionString as a hashtable of database name to connection string.");
    }

    // The metadata's own variable is the exact one; Hasura's general one means its only, or default, database.
    private Found? Url(ProjectDatabase database) =>
        Variable(_isOneOfMany ? database.UrlVariable ?? "" : MetadataDocument.DatabaseVariable)
        ?? Variable(!_isOneOfMany ? database.UrlVariable ?? "" : database.Name == HasuraProject.DefaultDatabase ? MetadataDocument.DatabaseVariable : "");

    private Found? Variable(string name) => Text(_project.Variables.GetValueOrDefault(name), name);

    private string Unset(ProjectDatabase database) => (database.UrlVariable, General(database)) switch
    {
        (null, null) => "databases.yaml specifies no variable for it",
        ({ } own, { } other) when own != other => $"neither {own} nor {other} is set",
        var (own, other) => $"{own ?? other} is not set",
    };

    private string? General(ProjectDatabase database) => !_isOneOfMany || database.Name == HasuraProject.DefaultDatabase ? MetadataDocument.DatabaseVariable : null;

    private HasuraConnection? Metadata(HasuraConnection connection)
    {
        var isNamed = _request.Connection is not null || _request.ConnectionString is not null;
        var text = Text(_request.MetadataConnectionString, null) ?? (isNamed ? null : Variable(MetadataVariable));
        if (text is null)
        {
            return null;
        }

        var metadata = Read(text);
        return metadata.Host == connection.Host && metadata.Port == connection.Port && metadata.DatabaseName == connection.DatabaseName ? null : metadata;
    }

    /// <summary>A connection string, and the variable that holds it; null for one that was named.</summary>
    private sealed record Found(string Text, string? Variable);
}
