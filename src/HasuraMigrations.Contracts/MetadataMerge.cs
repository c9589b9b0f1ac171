namespace HasuraMigrations;

/// <summary>What a three-way merge of metadata made.</summary>
/// <param name="metadata">Makes the object of the merged document when it is asked for, since it takes much room; null for one file.</param>
public sealed class MetadataMerge(Func<HasuraMetadata>? metadata = null)
{
    private readonly Lazy<HasuraMetadata?> _metadata = new(() => metadata?.Invoke());

    /// <summary>What was merged: the path of a file, or the destination; <c>metadata</c> where there is none.</summary>
    public required string Path { get; init; }

    /// <summary>What their side changed in our side.</summary>
    public required IReadOnlyList<MetadataChange> Changes { get; init; }

    /// <summary>The fields that both sides changed, each in another way.</summary>
    public required IReadOnlyList<MetadataMergeConflict> Conflicts { get; init; }

    /// <summary>True where there is a conflict, also where a side was chosen for it.</summary>
    public bool HasConflicts => Conflicts.Count > 0;

    /// <summary>The side that fields in conflict were taken from; null where none was chosen.</summary>
    public MetadataMergeSide? Preferred { get; init; }

    /// <summary>The merged text of one file, with marks around conflicts for which no side was chosen; null for whole metadata.</summary>
    public string? Text { get; init; }

    /// <summary>The merged document; null for one file.</summary>
    public HasuraMetadata? Metadata => _metadata.Value;

    /// <summary>The files that were written or removed.</summary>
    public IReadOnlyList<MetadataFileResult> Files { get; init; } = [];

    /// <summary>How many changes and conflicts.</summary>
    public override string ToString() =>
        $"{Path}: {Changes.Count} {(Changes.Count == 1 ? "change" : "changes")}, {(Conflicts.Count == 0 ? "no conflict" : Conflicts.Count == 1 ? "1 conflict" : $"{Conflicts.Count} conflicts")}";
}
