using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Tests.Support;
using HasuraMigrations.TestServer;

namespace HasuraMigrations.Engine.Tests.Targets.Server;

/// <summary>What Hasura's own CLI sent in one run of it and what it got.</summary>
internal sealed class Transcript
{
    /// <summary>What the migrations of the transcripts make, and how.</summary>
    private static readonly (string Subject, string Sql)[] Migrations =
    [
        ("authors", "CREATE TABLE authors (id serial PRIMARY KEY, name text NOT NULL);"),
        ("articles", "CREATE TABLE articles (id serial PRIMARY KEY, author_id integer REFERENCES authors(id));"),
        ("COLUMN title", "ALTER TABLE articles ADD COLUMN title text;"),
    ];

    /// <summary>Where the stand-in of the transcripts answers otherwise than a server with a database would.</summary>
    private static readonly Dictionary<string, string> Unlike = new()
    {
        ["v3-apply-comment-only.jsonl"] = "A text without a statement is an error to a server.",
        ["v3-apply-crlf-bom.jsonl"] = "A database refuses a byte order mark.",
        ["v3-seed-apply-file.jsonl"] = "A database refuses a row that refers to one that is not there.",
        ["v3-metadata-apply-disallow.jsonl"] = "The server of this transcript has inconsistent metadata without a reason.",
        ["v2-update-project-v3.jsonl"] = "The server of this transcript answers a query with something else.",
    };

    private static readonly System.Text.Json.JsonSerializerOptions Plain = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly string? Root = SharedData.Find("transcripts");

    private readonly JsonNode _head;
    private readonly JsonNode _start;
    private readonly JsonNode? _end;
    private readonly JsonNode _files;
    private readonly string _name;

    private Transcript(string name, IReadOnlyList<JsonNode> lines)
    {
        _name = Path.GetFileName(name);
        _head = lines[0];
        _start = _head["server_start_state"]!;
        _files = lines[^1];
        _end = _files["server_end_state"];
        Requests = [.. lines.Where(l => l["kind"]!.ToString() == "http")];
    }

    /// <summary>The requests with their answers.</summary>
    public IReadOnlyList<JsonNode> Requests { get; }

    /// <summary>The migrations of the projects, with their versions and steps.</summary>
    public static IReadOnlyList<(long Version, string Up, string Down)> Steps { get; } =
    [
        (1600000000001, Migrations[0].Sql, "DROP TABLE authors;"),
        (1600000000002, Migrations[1].Sql, "DROP TABLE articles;"),
        (1600000000003, Migrations[2].Sql, "ALTER TABLE articles DROP COLUMN title;"),
    ];

    /// <summary>What was typed behind the name of the program.</summary>
    public string[] Arguments => [.. _head["argv"].AsTexts().Skip(1)];

    /// <summary>What is done where, and how it ends: alike for tools of different years.</summary>
    public string Scenario => $"{Path.GetFileName(_name)} {string.Join(' ', Arguments)} {ConfigVersion} {_start.ToJsonString()} {_end?.ToJsonString()}";

    /// <summary>Config version of the project.</summary>
    public int ConfigVersion => (int)_head["config_version"]!;

    /// <summary>The server's secret; null for none.</summary>
    public string? AdminSecret => _start["admin_secret"]?.ToString();

    /// <summary>True where only the record is changed.</summary>
    public bool IsRecordOnly => Arguments.Contains("--skip-execution");

    /// <summary>The SQL of migrations that ran.</summary>
    public IReadOnlyList<string> SqlRun => [.. _end?["sql_run"].AsTexts() ?? []];

    /// <summary>Files that were removed from the project.</summary>
    public IReadOnlyList<string> FilesRemoved => [.. (_files["files_removed"].AsTexts() ?? []).Order(StringComparer.Ordinal)];

    /// <summary>Files that were written in the project, with their texts.</summary>
    public IReadOnlyDictionary<string, string> FilesWritten => (_files["files_written"] as JsonObject ?? []).ToDictionary(f => f.Key, f => f.Value!.ToString());

    /// <summary>Versions recorded at the beginning.</summary>
    public string StartVersions(string source) => string.Join(',', new[] { RecordedVersions(_start, source), TableVersions(_start) }.Where(v => v.Length > 0));

    /// <summary>Versions recorded in the end.</summary>
    public string EndVersions(string source) => RecordedVersions(_end, source);

    /// <summary>Versions of a catalog state, ascending, dirty ones with a mark.</summary>
    public static string Versions(JsonNode? state, string source) => string.Join(',', (state.Get("migrations").Get(source) as JsonObject ?? [])
        .OrderBy(v => long.Parse(v.Key)).Select(v => v.Key + (v.Value!.ToJsonString() == "true" ? "!" : "")));

    /// <summary>True where there is another source beside the default one.</summary>
    public bool HasSecondSource => _start["sources"].AsTexts().Contains("second");

    /// <summary>The API of the server.</summary>
    public HasuraApi Api => _start["server"]?.ToString() == "v1" ? HasuraApi.V1 : HasuraApi.V2;

    /// <summary>Why it cannot be told again; null where it can.</summary>
    public string? Obstacle =>
        _start["quirks"] is not null ? "The server of this transcript was made to fail."
        : Contains("untrack_table") ? "What is untracked was tracked before the transcript begins."
        : Contains("FAILMETA") ? "The server of this transcript refuses a word."
        : Unlike.GetValueOrDefault(_name);

    /// <summary>Names of transcripts that together hold every request; one word saying so where there are none.</summary>
    public static IEnumerable<string> Names()
    {
        if (Root is null)
        {
            return ["absent"];
        }

        var seen = new HashSet<string>(StringComparer.Ordinal);
        return Directory.EnumerateFiles(Root, "*.jsonl", SearchOption.AllDirectories)
            .Select(f => Path.GetRelativePath(Root, f))
            .Order(StringComparer.Ordinal)
            .Where(name => Read(name).Requests.Count(r => seen.Add($"{r["path"]} {r["request_body"]?.ToJsonString()}")) > 0);
    }

    /// <summary>Names of all transcripts; one word saying so where there are none.</summary>
    public static IEnumerable<string> All() => Root is null
        ? ["absent"]
        : Directory.EnumerateFiles(Root, "*.jsonl", SearchOption.AllDirectories).Select(f => Path.GetRelativePath(Root, f)).Order(StringComparer.Ordinal);

    /// <summary>Reads one; skips the test where the transcripts are absent.</summary>
    public static Transcript Read(string name)
    {
        SharedData.Needs(Root is not null, "transcripts");
        return new Transcript(name, [.. File.ReadLines(Path.Combine(Root!, name)).Select(l => JsonNode.Parse(l)!)]);
    }

    /// <summary>Starts a server in the state of the beginning.</summary>
    /// <param name="database">The database of the source default.</param>
    /// <param name="second">The database of another source; null where there is none.</param>
    public async Task<TestServerHost> ServeAsync(TestDatabase database, TestDatabase? second)
    {
        var host = await database.ServeAsync(Api, o => o with
        {
            AdminSecret = _start["admin_secret"]?.ToString(),
            Sources = second is null ? o.Sources : new Dictionary<string, string> { ["second"] = second.ConnectionString },
        });
        foreach (var sql in Before())
        {
            await database.ExecuteAsync(sql);
        }

        foreach (var (table, rows) in _start["tables"] as JsonObject ?? [])
        {
            await database.ExecuteAsync($"CREATE TABLE {table} {(table.EndsWith("settings", StringComparison.Ordinal) ? "(setting text PRIMARY KEY, value text NOT NULL)" : "(version bigint PRIMARY KEY, dirty boolean NOT NULL)")}");
            foreach (var row in rows!.AsArray())
            {
                await database.ExecuteAsync($"INSERT INTO {table} VALUES ('{row![0]}', '{row[1]}')");
            }
        }

        if (_start["cli_state"] is { } state)
        {
            await database.ExecuteAsync($"UPDATE hdb_catalog.hdb_version SET cli_state = '{state.ToJsonString()}'");
        }

        return host;
    }

    private string RecordedVersions(JsonNode? state, string source) => ConfigVersion == 3
        ? Versions(state.Get("cli_state"), source)
        : TableVersions(state);

    private static string TableVersions(JsonNode? state) =>
        string.Join(',', (state.Get("tables").Get("hdb_catalog.schema_migrations") as JsonArray ?? []).Select(r => r![0]!.ToString() + (r[1]!.ToString() is "t" or "true" ? "!" : "")));

    // What a transcript speaks of and does not make was there before, and all that it rests on.
    private IEnumerable<string> Before()
    {
        var isNeeded = false;
        var before = new Stack<string>();
        foreach (var (subject, sql) in Migrations.Reverse())
        {
            isNeeded = (isNeeded || Contains(subject)) && !Contains(sql);
            if (isNeeded)
            {
                before.Push(sql);
            }
            else
            {
                before.Clear();
            }
        }

        return before;
    }

    private bool Contains(string text) => Requests.Any(r => r["request_body"]?.ToJsonString(Plain).Contains(text, StringComparison.Ordinal) == true);
}
