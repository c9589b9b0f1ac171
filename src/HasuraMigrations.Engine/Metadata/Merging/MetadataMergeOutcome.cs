using HasuraMigrations.Engine.Metadata.Model;

namespace HasuraMigrations.Engine.Metadata.Merging;

/// <summary>What a merge made.</summary>
/// <param name="Document">Our side with what their side changed. Where there is a conflict, it has the value of one side.</param>
/// <param name="Conflicts">What both sides changed, each in another way.</param>
public sealed record MetadataMergeOutcome(MetadataDocument Document, IReadOnlyList<MetadataMergeConflict> Conflicts);
