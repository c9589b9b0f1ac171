namespace HasuraMigrations;

/// <summary>The text style of metadata files, by the version of Hasura's CLI that writes it.</summary>
public enum MetadataFileStyle
{
    /// <summary>As the files that are there; <see cref="Cli25"/> for new ones.</summary>
    Auto,

    /// <summary>CLI 2.5 and newer: lists indented, nothing folded.</summary>
    Cli25,

    /// <summary>CLI 1.1 to 1.3: lists not indented, long text folded at 80 columns.</summary>
    Cli11,

    /// <summary>CLI 1.0: as <see cref="Cli11"/>, every key in alphabetical order.</summary>
    Cli10,
}
