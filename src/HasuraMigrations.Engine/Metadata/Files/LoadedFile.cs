using System.Text.Json.Nodes;

namespace HasuraMigrations.Engine.Metadata.Files;

/// <summary>A metadata file with its includes resolved.</summary>
internal sealed class LoadedFile(string path, string text)
{
    /// <summary>Full path.</summary>
    internal string Path { get; } = path;

    /// <summary>The text; empty where the loader does not keep it.</summary>
    internal string Text { get; } = text;

    /// <summary>The content; where another file was named stands its content.</summary>
    internal JsonNode? Root { get; set; }

    /// <summary>The content to look at: a copy that can be let go.</summary>
    internal JsonNode? LookAt() => Root?.DeepClone();

    /// <summary>The content as written: where another file is named stands <c>!include x</c>.</summary>
    internal JsonNode? Raw { get; set; }

    internal List<LoadedInclude> Includes { get; } = [];

    /// <summary>The files named here and by those, with this one.</summary>
    internal IEnumerable<LoadedFile> All() => Includes.SelectMany(i => i.Target.All()).Prepend(this);
}

/// <summary>A place where a file names another.</summary>
/// <param name="Target">The other file.</param>
/// <param name="Parent">The map or list that holds the place; null for the whole file.</param>
/// <param name="Key">The key of the place in a map.</param>
/// <param name="Path">The path as written.</param>
internal sealed record LoadedInclude(LoadedFile Target, JsonNode? Parent, string? Key, string Path);
