using System.Text.Json;
using HasuraMigrations.Engine.Tests.Support;

namespace HasuraMigrations.Engine.Tests.Corpus;

/// <summary>One project and set of migrations of the sample projects, with what psql made of it.</summary>
internal sealed record CorpusCase(string Project, string Set, int ConfigVersion, JsonElement Expected)
{
    public string Name => $"{Project}: {Set}";

    public string Directory => Path.Combine(Root!, Project);

    /// <summary>Source name in the project; the overlays of a set stand before a slash.</summary>
    public string Database => Set.Split('/')[^1].Split(' ')[0];

    /// <summary>The migration psql stops at; null where it applies all.</summary>
    public JsonElement? Failure => Expected.GetProperty("psqlAutocommit") is { ValueKind: JsonValueKind.Object } failure ? failure : null;

    /// <summary>True for a project that the short form of the proof leaves out.</summary>
    public bool IsLarge => Expected.GetProperty("migrations").GetInt32() > 30;

    public bool NeedsPreloadedCron => Set.Contains("pg_cron preloaded", StringComparison.Ordinal);

    /// <summary>Roles belong to the whole server, so such cases run one after another.</summary>
    public bool MakesRoles => Project is "HSLdevcom-jore4-hasura" or "theopensystemslab-planx-new";

    /// <summary>The directory of the sample projects beside the repository; null where it is absent.</summary>
    public static string? Root { get; } = SharedData.Find("corpus");

    public static IReadOnlyDictionary<string, CorpusCase> All { get; } = Read();

    private static Dictionary<string, CorpusCase> Read()
    {
        if (Root is null)
        {
            return [];
        }

        using var document = JsonDocument.Parse(File.ReadAllText(Path.Combine(Root, "expected.json")));
        return document.RootElement.Clone().EnumerateObject()
            .SelectMany(p => p.Value.GetProperty("sets").EnumerateObject().Select(s => new CorpusCase(p.Name, s.Name, p.Value.GetProperty("configVersion").GetInt32(), s.Value)))
            .ToDictionary(c => c.Name);
    }
}
