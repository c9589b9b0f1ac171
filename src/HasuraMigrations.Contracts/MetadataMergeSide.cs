namespace HasuraMigrations;

/// <summary>A side of a three-way merge.</summary>
public enum MetadataMergeSide
{
    /// <summary>The side that is merged into, such as the current branch.</summary>
    Ours,

    /// <summary>The side that is merged, such as the other branch.</summary>
    Theirs,
}
