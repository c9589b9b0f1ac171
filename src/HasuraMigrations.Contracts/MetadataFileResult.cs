namespace HasuraMigrations;

/// <summary>What becomes of a metadata file.</summary>
public enum MetadataFileChangeKind
{
    /// <summary>It says the same already and stays as it is.</summary>
    Unchanged,

    /// <summary>It is new.</summary>
    Added,

    /// <summary>It is written anew.</summary>
    Changed,

    /// <summary>What it held is gone, so it is removed.</summary>
    Deleted,
}

/// <summary>What an export did to one file.</summary>
/// <param name="Path">Full path.</param>
/// <param name="Change">What became of it.</param>
public sealed record MetadataFileResult(string Path, MetadataFileChangeKind Change);
