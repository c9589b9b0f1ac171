using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Metadata.Shapes;

namespace HasuraMigrations.Engine.Metadata.Checking;

/// <summary>Collects findings about a document, each with the place of the node it is about.</summary>
internal sealed class FindingWriter(MetadataDocument document)
{
    private readonly List<Finding> _findings = [];

    internal IReadOnlyList<Finding> Findings => _findings;

    internal void Error(string id, JsonNode? node, string message, string? action = null) => Add(FindingSeverity.Error, id, node, message, action);

    internal void Warning(string id, JsonNode? node, string message, string? action = null) => Add(FindingSeverity.Warning, id, node, message, action);

    /// <summary>Takes a problem of the shape of a part.</summary>
    internal void Add(ShapeProblem problem) =>
        Add(problem.IsError ? FindingSeverity.Error : FindingSeverity.Warning, problem.Id, problem.Node, problem.Message, problem.Action);

    private void Add(FindingSeverity severity, string id, JsonNode? node, string message, string? action)
    {
        var position = document.Positions.Near(node);
        _findings.Add(new Finding
        {
            Id = id,
            Severity = severity,
            Message = message,
            File = position?.File,
            Line = position?.Line,
            Column = position?.Column,
            RecommendedAction = action,
        });
    }
}
