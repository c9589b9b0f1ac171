namespace HasuraMigrations.Engine.Metadata.Files;

/// <summary>How metadata files are written.</summary>
public sealed record MetadataWriteOptions
{
    /// <summary>The text style; <see cref="MetadataFileStyle.Auto"/> keeps that of each file.</summary>
    public MetadataFileStyle Style { get; init; }

    /// <summary>Keeps the text, comments included, of everything in a file that did not change.</summary>
    public bool PreserveFormatting { get; init; }

    /// <summary>Writes every file anew, also where its content is the same.</summary>
    public bool Force { get; init; }

    /// <summary>
    /// Writes a file also where it differs from what is there only in an order or a form that mean nothing, such as a default
    /// that is given.
    /// </summary>
    public bool IsExact { get; init; }

    /// <summary>
    /// Leaves every part of the sources in the file that holds it, also where an export would put it into another one, and deletes no file
    /// but those of parts that are gone.
    /// </summary>
    public bool KeepsLayout { get; init; }

    /// <summary>Decides the style of a file by its path relative to the metadata; null leaves it to the rules.</summary>
    internal Func<string, MetadataFileStyle?>? FileStyle { get; init; }

    /// <summary>The layout of <c>actions.graphql</c>; null takes that of the file, else the one of the style.</summary>
    internal SdlStyle? Sdl { get; init; }
}
