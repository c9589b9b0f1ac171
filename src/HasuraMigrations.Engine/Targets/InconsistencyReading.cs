using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Json;

namespace HasuraMigrations.Engine.Targets;

/// <summary>Reads lists of inconsistent objects, as servers and the engine's own commands answer them.</summary>
internal static class InconsistencyReading
{
    private const int MostTold = 5;

    /// <summary>The members in which definitions come, by kind of inconsistency.</summary>
    private static readonly string[] Definitions = ["definition", "definitions", "objects", "conflicts", "entity"];

    internal static IReadOnlyList<MetadataInconsistency> Read(JsonNode? list) =>
    [
        .. list.AsObjects().Select(o => new MetadataInconsistency(
            o["type"].AsText(),
            o["name"].AsText(),
            Reason(o["reason"]),
            o["message"] is { } message ? message.AsText() ?? message.ToText() : null,
            Definitions.Select(d => o[d]).FirstOrDefault(d => d is not null).ToText())),
    ];

    // One text, or several (Hasura, get_inconsistent_metadata).
    private static string Reason(JsonNode? reason) =>
        reason is JsonArray several ? string.Join("; ", several.Select(r => r.AsText() ?? r.ToText())) : reason.AsText() ?? "";

    /// <summary>The first of them in words, to follow a sentence.</summary>
    internal static string Describe(IReadOnlyList<MetadataInconsistency> list, Func<string, string> clean)
    {
        var told = list.Take(MostTold).Select(i => clean($"{i.Name ?? $"{i.Type} {i.Definition}"}: {i.Reason}"));
        return list.Count == 0 ? "" : $" {string.Join("; ", told)}{(list.Count > MostTold ? $"; and {list.Count - MostTold} more" : "")}.";
    }
}
