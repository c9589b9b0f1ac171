namespace HasuraMigrations.Engine.Metadata.Files;

/// <summary>How metadata lies on disk.</summary>
public enum MetadataLayoutKind
{
    /// <summary>One file, YAML or JSON.</summary>
    SingleFile,

    /// <summary>The directory of config version 2, with <c>tables.yaml</c>.</summary>
    DirectoryV2,

    /// <summary>The directory of config version 3, with <c>databases/</c>.</summary>
    DirectoryV3,
}

/// <summary>Where metadata lies and how.</summary>
/// <param name="Kind">Single file or directory.</param>
/// <param name="Path">Full path of the file or directory.</param>
/// <param name="IsConfigV1">True for the single file of config version 1, whose keys keep the order of the server.</param>
public sealed record MetadataLayout(MetadataLayoutKind Kind, string Path, bool IsConfigV1 = false)
{
    /// <summary>The metadata version a directory holds; null for a single file, which holds any.</summary>
    public int? Version => Kind switch
    {
        MetadataLayoutKind.DirectoryV2 => 2,
        MetadataLayoutKind.DirectoryV3 => 3,
        _ => null,
    };

    /// <summary>The directory nothing may leave.</summary>
    internal string Root => Kind == MetadataLayoutKind.SingleFile ? System.IO.Path.GetDirectoryName(Path)! : Path;

    internal bool IsJson => System.IO.Path.GetExtension(Path).Equals(".json", StringComparison.OrdinalIgnoreCase);
}
