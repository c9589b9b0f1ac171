using HasuraMigrations.Engine.Metadata.Files;
using HasuraMigrations.Engine.Metadata.Model;

namespace HasuraMigrations.Abstractions;

/// <summary>Metadata that was read from whatever a user gave.</summary>
/// <param name="Document">The document.</param>
/// <param name="Findings">What was noticed while reading.</param>
/// <param name="Name">What it is called: a path, or words.</param>
internal sealed record MetadataInput(MetadataDocument Document, IReadOnlyList<Finding> Findings, string Name)
{
    /// <summary>Metadata in files.</summary>
    internal MetadataInput(MetadataReading reading)
        : this(reading.Document, reading.Findings, reading.Layout.Path)
    {
    }

    /// <summary>Reads a path, JSON text, a file object, an object of metadata, or a table.</summary>
    /// <param name="input">What was given.</param>
    /// <param name="resolvePath">Makes a full path of one that is relative to the shell's location.</param>
    internal static MetadataInput Read(object input, Func<string, string> resolvePath) => Secrets.Bare(input) switch
    {
        FileSystemInfo file => new(MetadataFiles.Read(file.FullName)),
        string text when text.TrimStart().StartsWith('{') => new(MetadataFiles.ParseJson(text, "the text given"), [], "the text given"),
        string text when string.IsNullOrWhiteSpace(text) => throw new HasuraMigrationException("MetadataInputInvalid", "The text is empty: it is neither metadata nor a path."),
        string text when text.Contains('\n') || text.TrimStart()[0] is '"' or '}' or ']' => throw new HasuraMigrationException("MetadataInputInvalid", "The text is neither a complete JSON document nor a path. Give YAML as the path of a file; read a JSON file with Get-Content -Raw."),
        string path => new(MetadataFiles.Read(resolvePath(path))),
        HasuraMetadata metadata => new(MetadataObjects.ToDocument(metadata), [], metadata.ToString()),
        _ => new(MetadataObjects.ToDocument(input), [], "object"),
    };
}
