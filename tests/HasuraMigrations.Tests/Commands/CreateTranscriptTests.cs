using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using HasuraMigrations.Engine.Tests.Support;
using HasuraMigrations.Tests.Support;

namespace HasuraMigrations.Tests.Commands;

/// <summary>What Hasura's own CLI created, created with this module: the same files with the same texts, and the same record.</summary>
public sealed partial class CreateTranscriptTests(ModuleServer server, HostedShell shell) : IClassFixture<HostedShell>
{
    private const string Absent = "absent";

    /// <summary>Where another record is right, by the folder of the transcript, with the reason.</summary>
    private static readonly Dictionary<string, string> Different = new() { ["beta2"] = "The CLI of 2021 did not record what is in the database already; that of 2026 does." };

    private static readonly string? Root = SharedData.Find("transcripts");

    public static TheoryData<string> Names => Root is null
        ? [Absent]
        : [.. Directory.EnumerateFiles(Root, "*.jsonl", SearchOption.AllDirectories).Select(f => Path.GetRelativePath(Root, f)).Where(f => Arguments(Read(f)[0]) is [_, "migrate", "create", ..]).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_migration_is_created_as_by_the_CLI(string name)
    {
        SharedData.Needs(name != Absent, "transcripts");
        var lines = Read(name);
        var arguments = Arguments(lines[0]);
        var version = (int)lines[0]["config_version"]!;
        using var database = server.CreateDatabase();
        database.Execute("CREATE TABLE public.authors (id integer NOT NULL, name text);");
        using var hasura = HasuraServer.Start(database, api: lines[0]["server_start_state"]!["server"]!.ToString());
        using var project = new TestProject(version);
        var script = string.Join(' ', "New-HasuraMigration", arguments[3], Text("--up-sql", "-UpSql"), Text("--down-sql", "-DownSql"), arguments.Contains("--from-server") ? "-FromServer -SkipProof -Schema public -Endpoint $e" : "", "-Project $d -WarningAction SilentlyContinue");

        shell.Run(script, ("d", project.Path), ("e", hasura.Endpoint)).Well();

        var written = lines[^1]["files_written"]!.AsObject();
        var expected = written.Where(f => !f.Key.EndsWith(".yaml", StringComparison.Ordinal)).Select(f => $"{Unversioned(f.Key)}: {Statements(f.Value!.ToString())}").Order(StringComparer.Ordinal);
        var actual = Directory.EnumerateFiles(Path.Combine(project.Path, "migrations"), "*", SearchOption.AllDirectories)
            .Select(f => (Name: Unversioned(Path.GetRelativePath(project.Path, f).Replace('\\', '/')), Text: File.ReadAllText(f)))
            .Where(f => f.Text.Length > 0 || expected.Any(e => e.StartsWith(f.Name, StringComparison.Ordinal)))
            .Select(f => $"{f.Name}: {Statements(f.Text)}").Order(StringComparer.Ordinal);
        Assert.Equal(expected, actual);
        var recorded = version == 3 ? database.Scalar("SELECT count(*)::text FROM hdb_catalog.hdb_version, jsonb_object_keys(cli_state -> 'migrations' -> 'default')") : "0";
        var isRecorded = arguments.Contains("--from-server") && (lines[^1]["server_end_state"]!["cli_state"]!["migrations"]!["default"]!.AsObject().Count > 0 || Different.ContainsKey(name.Split('/')[0]));
        Assert.Equal(isRecorded ? "1" : "0", recorded);

        string Text(string option, string parameter) => Array.IndexOf(arguments, option) is >= 0 and var i ? $"{parameter} '{arguments[i + 1]}'" : "";
    }

    private static string[] Arguments(JsonNode head) => [.. head["argv"]!.AsArray().Select(a => a!.ToString())];

    private static List<JsonNode> Read(string name) => [.. File.ReadLines(Path.Combine(Root!, name)).Select(l => JsonNode.Parse(l)!)];

    private static string Unversioned(string path) => VersionPattern().Replace(path, "/VERSION_");

    // The texts of two versions of pg_dump differ in blanks. A server creates an extension, which the CLI leaves out; tables may use it.
    private static string Statements(string sql) => Blanks().Replace(sql, " ").Replace("CREATE EXTENSION IF NOT EXISTS pgcrypto WITH SCHEMA public;", "", StringComparison.Ordinal).Trim().Replace("( ", "(", StringComparison.Ordinal).Replace(" )", ")", StringComparison.Ordinal);

    [GeneratedRegex(@"/\d{13}_")]
    private static partial Regex VersionPattern();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Blanks();
}
