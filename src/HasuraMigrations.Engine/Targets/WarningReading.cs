using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Json;

namespace HasuraMigrations.Engine.Targets;

/// <summary>Reads lists of warnings, as servers from 2.20 on and the engine's own commands answer them beside a success.</summary>
internal static class WarningReading
{
    /// <summary>The warnings as findings.</summary>
    /// <param name="answer">The answer of a command; it may have none.</param>
    internal static IReadOnlyList<Finding> Read(JsonNode? answer) =>
    [
        .. answer.Get("warnings").AsObjects().Select(w => new Finding
        {
            Id = "MetadataWarning",
            Severity = FindingSeverity.Warning,
            Message = $"{w["name"].AsText() ?? w["type"].AsText()}: {w["message"].AsText()?.TrimEnd('.')} ({w["code"].AsText()}).",
        }),
    ];
}
