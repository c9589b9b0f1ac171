namespace HasuraMigrations;

/// <summary>What an import, or a clearing, of metadata did.</summary>
public sealed record MetadataImportResult
{
    /// <summary>Where it was written, without secrets.</summary>
    public required string Target { get; init; }

    /// <summary>True where something was written; false where there was no difference.</summary>
    public required bool Changed { get; init; }

    /// <summary>What is different from before.</summary>
    public required IReadOnlyList<MetadataChange> Changes { get; init; }

    /// <summary>The resource version afterwards; null where the store has none.</summary>
    public long? ResourceVersion { get; init; }

    /// <summary>Whether the metadata fits the databases; null where that was not checked.</summary>
    public bool? IsConsistent { get; init; }

    /// <summary>The objects that do not fit; empty where that was not checked.</summary>
    public IReadOnlyList<MetadataInconsistency> Inconsistencies { get; init; } = [];

    /// <summary>What a server would have done beside storing and was skipped.</summary>
    public IReadOnlyList<string> EffectsNotDone { get; init; } = [];

    /// <summary>What was noticed.</summary>
    public IReadOnlyList<Finding> Findings { get; init; } = [];

    /// <summary>What is to be noted, in short and separated by commas; empty where nothing is.</summary>
    public string Notes => FindingNotes.Join([EffectsNotDone?.Count > 0 ? $"{EffectsNotDone.Count} side effects not done" : null], Findings);

    /// <summary>What was written, and where.</summary>
    public override string ToString() => $"{(Changed ? $"{Changes.Count} change{(Changes.Count == 1 ? "" : "s")}" : "no change")} to the metadata on {Target}";
}
