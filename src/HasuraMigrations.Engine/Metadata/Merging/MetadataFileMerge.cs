namespace HasuraMigrations.Engine.Metadata.Merging;

/// <summary>What a merge of one file made.</summary>
/// <param name="Text">
/// The merged text. Where there is a conflict and no side is favored, both sides stand there between the marks that git uses, so that
/// nobody can read the file by mistake.
/// </param>
/// <param name="Conflicts">What both sides changed, each in another way.</param>
/// <param name="Changes">What their side changed in our side.</param>
public sealed record MetadataFileMerge(string Text, IReadOnlyList<MetadataMergeConflict> Conflicts, IReadOnlyList<MetadataChange> Changes);
