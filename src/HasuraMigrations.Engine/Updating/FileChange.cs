namespace HasuraMigrations.Engine.Updating;

/// <summary>What happens to a file.</summary>
internal enum FileChangeKind
{
    /// <summary>It is written, new or over what is there.</summary>
    Write,

    /// <summary>It is moved.</summary>
    Move,

    /// <summary>It is removed.</summary>
    Delete,
}

/// <summary>A change of one file.</summary>
/// <param name="Kind">What happens.</param>
/// <param name="Path">Full path of the file; of one that is moved, where it goes.</param>
internal sealed record FileChange(FileChangeKind Kind, string Path)
{
    /// <summary>The text to write; null for other changes.</summary>
    internal string? Text { get; init; }

    /// <summary>Where a file is moved from; null for other changes.</summary>
    internal string? From { get; init; }

    /// <summary>SHA-256 of the file before the change; null for one that is new.</summary>
    internal string? Hash { get; init; }

    /// <summary>The file that is there before the change.</summary>
    internal string Original => From ?? Path;

    /// <summary>SHA-256 of the file as it is. What is written is written through a link; what is moved or removed is the link itself.</summary>
    internal string HashNow() => Kind == FileChangeKind.Write ? Projects.FileReplacement.HashOf(Original) : Projects.FileReplacement.HashOfEntry(Original);

    /// <summary>A file that is written.</summary>
    internal static FileChange Write(string path, string text) => new(FileChangeKind.Write, path) { Text = text };

    /// <summary>A file that is moved.</summary>
    internal static FileChange Move(string from, string to) => new(FileChangeKind.Move, to) { From = from };

    /// <summary>A file that is removed.</summary>
    internal static FileChange Delete(string path) => new(FileChangeKind.Delete, path);
}
