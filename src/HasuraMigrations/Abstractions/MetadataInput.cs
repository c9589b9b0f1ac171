using System.Management.Automation;
using HasuraMigrations.Engine.Metadata.Files;

namespace HasuraMigrations.Abstractions;

/// <summary>Reads metadata from whatever a user gave.</summary>
/// <param name="resolvePath">Makes a full path of one that is relative to the shell's location.</param>
internal sealed class MetadataInput(Func<string, string> resolvePath)
{
    /// <summary>A directory of metadata, or a file with a whole document.</summary>
    internal MetadataReading ReadPath(string path) => MetadataFiles.Read(resolvePath(path));

    /// <summary>A path, JSON text, a file object, an object of metadata, a table.</summary>
    internal MetadataReading ReadObject(object input) => Secrets.Bare(input) switch
    {
        FileSystemInfo file => ReadPath(file.FullName),
        string text when text.TrimStart().StartsWith('{') => MetadataReading.Of(MetadataFiles.ParseJson(text)),
        string path => ReadPath(path),
        HasuraMetadata metadata => MetadataReading.Of(MetadataObjects.ToDocument(metadata)),
        _ => MetadataReading.Of(MetadataObjects.ToDocument(input)),
    };
}
