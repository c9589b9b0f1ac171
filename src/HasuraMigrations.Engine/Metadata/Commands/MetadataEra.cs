namespace HasuraMigrations.Engine.Metadata.Commands;

/// <summary>Which line of servers is spoken for: texts and checks differ.</summary>
/// <param name="IsVersion1">Version 1: metadata in rows, one database.</param>
/// <param name="HasSpacedColons">Messages have a space before a colon that introduces something.</param>
internal sealed record MetadataEra(bool IsVersion1, bool HasSpacedColons)
{
    /// <summary>Version 1.3.</summary>
    internal static readonly MetadataEra Version1 = new(true, true);

    /// <summary>The first servers of version 2.</summary>
    internal static readonly MetadataEra EarlyVersion2 = new(false, true);

    /// <summary>Newer servers of version 2.</summary>
    internal static readonly MetadataEra Version2 = new(false, false);

    /// <summary>Lists of custom types that were not given are shown as null.</summary>
    internal bool HasNullLists => HasSpacedColons;

    /// <summary>What introduces a thing in a message.</summary>
    internal string Colon => HasSpacedColons ? " : " : ": ";

    /// <summary>The era of a server that tells this version.</summary>
    internal static MetadataEra Of(string version) =>
        version.StartsWith("v1.", StringComparison.Ordinal) ? Version1
        : version.StartsWith("v2.", StringComparison.Ordinal) && int.TryParse(version[3..].Split('.', '-')[0], out var minor) && minor < 14 ? EarlyVersion2
        : Version2;

    /// <summary>That a table is not there.</summary>
    internal string MissingTable(string source, QualifiedName table) =>
        IsVersion1 ? $"table \"{table.InMessage()}\" does not exist" : $"table \"{table.InMessage()}\" does not exist in source: {source}";
}
