using HasuraMigrations.Engine.Metadata.Model;

namespace HasuraMigrations.Engine.Metadata.Files;

/// <summary>What metadata files hold.</summary>
public sealed record MetadataReading
{
    /// <summary>The document; its positions lead back into the files.</summary>
    public required MetadataDocument Document { get; init; }

    /// <summary>Where the files lie and how.</summary>
    public required MetadataLayout Layout { get; init; }

    /// <summary>What was noticed, such as missing and empty files.</summary>
    public required IReadOnlyList<Finding> Findings { get; init; }

    /// <summary>Full paths of the files read, in the order they were read.</summary>
    public required IReadOnlyList<string> Files { get; init; }
}
