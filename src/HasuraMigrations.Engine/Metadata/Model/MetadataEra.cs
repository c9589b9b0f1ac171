namespace HasuraMigrations.Engine.Metadata.Model;

/// <summary>Which servers are spoken for: commands, texts and checks differ between versions.</summary>
/// <param name="Version">The version of a server.</param>
internal sealed record MetadataEra(Version Version)
{
    /// <summary>Version 1.3, the last line with metadata in rows.</summary>
    internal static readonly MetadataEra Version1 = new(new Version(1, 3, 4));

    /// <summary>The first servers of version 2.</summary>
    internal static readonly MetadataEra EarlyVersion2 = new(new Version(2, 0, 0));

    /// <summary>Newest servers of version 2.</summary>
    internal static readonly MetadataEra Version2 = new(new Version(2, 48, 0));

    private static readonly Version PlainColons = new(2, 14);

    /// <summary>Version 1: metadata in rows, one database.</summary>
    internal bool IsVersion1 => Version.Major == 1;

    /// <summary>Messages have a space before a colon that introduces something.</summary>
    internal bool HasSpacedColons => Version < PlainColons;

    /// <summary>Lists of custom types that were not given are shown as null.</summary>
    internal bool HasNullLists => HasSpacedColons;

    /// <summary>What introduces a thing in a message.</summary>
    internal string Colon => HasSpacedColons ? " : " : ": ";

    /// <summary>The era of a server that tells this version; the newest where the text is no version.</summary>
    internal static MetadataEra Of(string version) =>
        version.StartsWith("v1.", StringComparison.Ordinal) ? Version1
        : version.StartsWith("v2.", StringComparison.Ordinal) && Version.TryParse(version[1..].Split('-')[0], out var told) ? new(told)
        : Version2;

    /// <summary>That a table is not there.</summary>
    internal string MissingTable(string source, QualifiedName table) =>
        IsVersion1 ? $"table \"{table.InMessage()}\" does not exist" : $"table \"{table.InMessage()}\" does not exist in source: {source}";
}
