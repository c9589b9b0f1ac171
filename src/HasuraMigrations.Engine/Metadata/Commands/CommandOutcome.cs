using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Metadata.Schema;

namespace HasuraMigrations.Engine.Metadata.Commands;

/// <summary>What a command leads to.</summary>
/// <param name="State">The state after it.</param>
/// <param name="Answer">What is answered.</param>
/// <param name="IsModified">The document counts as changed, though it may say the same.</param>
/// <param name="Effects">What is to be done in databases.</param>
internal sealed record CommandOutcome(MetadataState State, JsonNode Answer, bool IsModified, IReadOnlyList<SourceEffect> Effects)
{
    /// <summary>Actions whose logs are to be deleted from the catalog.</summary>
    internal IReadOnlyList<string> ClearedActions { get; init; } = [];
}

/// <summary>Statements that a command asks for in the database of a source.</summary>
/// <param name="Source">The source.</param>
/// <param name="Statements">The statements, in their order.</param>
/// <param name="ChangesCatalog">They make or drop tables, so that the catalog is not what it was.</param>
internal sealed record SourceEffect(string Source, IReadOnlyList<string> Statements, bool ChangesCatalog = false);
