using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Migrations;

namespace HasuraMigrations.Engine.Targets.Server;

/// <summary>A source of a server: where its SQL goes and what it can do.</summary>
/// <param name="Server">What the server is.</param>
/// <param name="Name">Name in the server's metadata; null for a server or project that knows one source only.</param>
/// <param name="Kind">Kind in the words of the metadata.</param>
internal sealed partial record ServerSource(ServerCapabilities Server, string? Name, string Kind)
{
    private const string Postgres = "postgres";

    // Servers from 2.46 on know the argument no_transaction.
    private const int NoTransactionMinor = 46;

    private static readonly string[] SqlKinds = [Postgres, "citus", "cockroach", "mssql", "bigquery"];

    /// <summary>True for a server of version 2.</summary>
    internal bool IsVersion2 => Server.HasMetadataApi;

    /// <summary>The API that takes SQL.</summary>
    internal ServerApi Api => IsVersion2 ? ServerApi.V2Query : ServerApi.Query;

    /// <summary>The command that takes SQL.</summary>
    internal string Command => Kind == Postgres ? "run_sql" : $"{Kind}_run_sql";

    // A request is one text, with the file and with what the history keeps of it as hex digits; JSON is written up to 166 M characters.
    private const int MaximumCharacters = 64 << 20;

    /// <summary>What a plan has to know.</summary>
    internal TargetTraits Traits => TargetTraits.OfKind(Kind) with
    {
        KeepsHistory = Kind == Postgres,
        MaximumCharacters = MaximumCharacters,
        ActionsObstacle = Kind != Postgres ? $"a source of kind {Kind} does not support them" : IsVersion2 ? "a server of version 2 does not run them in the transaction of the migration" : null,
        NoTransactionObstacle = Kind is "mssql" or "bigquery" ? null : Obstacle(),
    };

    /// <summary>Finds the source of a database in what the server exported.</summary>
    /// <exception cref="HasuraMigrationException">ServerSourceMissing, ServerVersionUnsupported, TargetNotSupported.</exception>
    internal static ServerSource Find(HasuraClient client, JsonNode? export, string database, int configVersion)
    {
        var server = client.Capabilities!;
        if (!server.HasMetadataApi)
        {
            return configVersion < 3
                ? new ServerSource(server, null, Postgres)
                : throw client.Errors.Unsupported(server.Version, "a project of config version 3 needs a server of version 2");
        }

        var sources = (export.Get("metadata") ?? export).Get("sources").AsObjects().ToList();
        var found = sources.FirstOrDefault(s => s["name"].AsText() == database)
            ?? throw new HasuraMigrationException("ServerSourceMissing", $"{client.Description} has no source '{database}'; it has {(sources.Count == 0 ? "none" : string.Join(", ", sources.Select(s => $"'{s["name"].AsText()}'")))}.", database);
        var kind = found["kind"].AsText() is null or "pg" ? Postgres : found["kind"].AsText()!;
        return SqlKinds.Contains(kind) && (configVersion == 3 || kind == Postgres)
            ? new ServerSource(server, configVersion == 3 ? database : null, kind)
            : throw new HasuraMigrationException("TargetNotSupported", $"The source '{database}' of {client.Description} is of the kind '{kind}'{(configVersion < 3 ? ", which needs a project of config version 3" : ", which takes no SQL")}.", database);
    }

    private string? Obstacle()
    {
        if (!IsVersion2)
        {
            return "a server of version 1 runs every request in a transaction";
        }

        // A version that is no number is that of a build from somebody's branch, and those are new.
        return Version2().Match(Server.Version ?? "") is { Success: true } match && int.TryParse(match.Groups[1].ValueSpan, out var minor) && minor < NoTransactionMinor
            ? $"the server is {Server.Version}, while only servers from 2.{NoTransactionMinor} on can do that"
            : null;
    }

    [GeneratedRegex(@"^v?2\.(\d+)")]
    private static partial Regex Version2();
}
