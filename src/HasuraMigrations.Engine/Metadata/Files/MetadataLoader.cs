using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Projects;
using HasuraMigrations.Engine.Yaml;

namespace HasuraMigrations.Engine.Metadata.Files;

/// <summary>Reads metadata files of one directory and what they include, within limits and never outside the directory.</summary>
internal sealed class MetadataLoader(string root, MetadataPositions positions)
{
    private const int MaximumDepth = 32;
    private const int MaximumFiles = 20_000;
    private const long MaximumBytes = 256L * 1024 * 1024;

    private readonly DirectoryGuard _guard = new(root);
    private readonly List<string> _chain = [];
    private int _files;
    private long _bytes;

    /// <summary>What was noticed in the files.</summary>
    internal List<Finding> Findings { get; } = [];

    /// <summary>
    /// True where each file is looked at for itself, with its text: what is included rests on text, so that whoever looks at
    /// it looks at a copy and lets go of it. No node of it has a place.
    /// </summary>
    internal bool KeepsTexts { get; init; }

    /// <summary>True where a file that cannot be read counts as absent, because it is about to be written.</summary>
    internal bool IsTolerant { get; init; }

    /// <summary>Reads a file; null where it does not exist.</summary>
    /// <param name="path">Full path.</param>
    /// <param name="includes">True where it may name other files.</param>
    /// <exception cref="HasuraMigrationException">MetadataFileInvalid, MetadataIncludeMissing, MetadataIncludeInvalid,
    /// MetadataTooLarge, PathOutsideProject, FileTooLarge, FileUnreadable, FileEncodingInvalid.</exception>
    internal LoadedFile? Load(string path, bool includes = true)
    {
        if (!ProjectPaths.FileExists(path))
        {
            return null;
        }

        try
        {
            return Read(path, includes);
        }
        catch (HasuraMigrationException e) when (IsTolerant && e.ErrorId is "MetadataFileInvalid" or "MetadataIncludeMissing" or "MetadataIncludeInvalid" or "FileEncodingInvalid")
        {
            _chain.Clear();
            return null;
        }
    }

    /// <summary>The text of a file; null where it does not exist.</summary>
    internal string? LoadText(string path) => ProjectPaths.FileExists(path) ? ReadText(path) : null;

    private LoadedFile Read(string path, bool includes)
    {
        var text = ReadText(path);
        var file = new LoadedFile(path, KeepsTexts ? text : "");
        if (Path.GetExtension(path).Equals(".json", StringComparison.OrdinalIgnoreCase))
        {
            file.Root = file.Raw = string.IsNullOrWhiteSpace(text) ? null : JsonTreeReader.Read(text, path, positions);
            return file;
        }

        var found = new List<YamlInclude>();
        file.Root = file.Raw = YamlReader.Read(text, path, positions, includes ? found : null, PassOver);
        if (found.Count > 0)
        {
            file.Raw = file.Root!.DeepClone();
            _chain.Add(path);
            foreach (var include in found)
            {
                Resolve(file, include);
            }

            _chain.RemoveAt(_chain.Count - 1);
        }

        return file;
    }

    private string ReadText(string path)
    {
        Require(_guard.IsInside(path), "PathOutsideProject", $"The file '{path}' is outside '{root}'.", path);
        Require(++_files <= MaximumFiles, "MetadataTooLarge", $"The metadata has more than {MaximumFiles:N0} files; '{path}' is one too many.", path);
        var text = TextFile.Read(path);
        _bytes += text.ByteLength;
        Require(_bytes <= MaximumBytes, "MetadataTooLarge", $"The metadata has more than {MaximumBytes:N0} bytes; the limit is reached in '{path}'.", path);
        return text.Text;
    }

    private void Resolve(LoadedFile file, YamlInclude include)
    {
        var node = include.Node;
        var parent = node.Parent;
        var key = parent is JsonObject ? node.GetPropertyName() : null;
        var target = Read(Target(file.Path, include), includes: true);
        if (KeepsTexts && target is { Root: JsonObject whole, Includes.Count: 0 })
        {
            target.Root = target.Raw = StoredJson.Compact(whole);
        }

        file.Includes.Add(new LoadedInclude(target, parent, key, include.Path));
        switch (parent)
        {
            case JsonObject map:
                map[key!] = target.Root;
                break;
            case JsonArray list:
                list[node.GetElementIndex()] = target.Root;
                break;
            default:
                file.Root = target.Root;
                break;
        }
    }

    private string Target(string from, YamlInclude include)
    {
        var written = include.Path.Trim();
        if (written.Length == 0 || written.Contains('\0', StringComparison.Ordinal) || Path.IsPathRooted(written))
        {
            throw Refuse("MetadataIncludeInvalid", $"'{include.Path}' is not a path relative to the file", include);
        }

        if (Path.GetExtension(written).ToLowerInvariant() is not (".yaml" or ".yml" or ".json"))
        {
            throw Refuse("MetadataIncludeInvalid", $"'{include.Path}' does not end in .yaml, .yml or .json", include);
        }

        var path = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(from)!, written));
        var exists = ProjectPaths.FileExists(path);
        if (!ProjectPaths.IsInside(path, root) || (exists && !_guard.IsInside(path)))
        {
            throw Refuse("PathOutsideProject", $"'{include.Path}' is outside '{root}'", include);
        }

        return !exists ? throw Refuse("MetadataIncludeMissing", $"the file '{path}' does not exist", include)
            : _chain.Contains(path) ? throw Refuse("MetadataIncludeInvalid", $"'{path}' includes itself, directly or indirectly", include)
            : _chain.Count >= MaximumDepth ? throw Refuse("MetadataTooLarge", $"files include each other more than {MaximumDepth} levels deep", include)
            : path;
    }

    private HasuraMigrationException Refuse(string id, string reason, YamlInclude include)
    {
        var chain = _chain.Count > 1 ? $" It was included by {string.Join(", by ", _chain.AsEnumerable().Reverse().Skip(1).Take(5).Select(f => $"'{f}'"))}." : "";
        return new HasuraMigrationException(id, $"An include cannot be resolved: {reason}, in '{include.Position.File}', line {include.Position.Line}.{chain}", include.Position.File)
        {
            File = include.Position.File,
            Line = include.Position.Line,
            Column = include.Position.Column,
        };
    }

    private void PassOver(SourcePosition position) => Findings.Add(new Finding
    {
        Id = "MetadataDocumentIgnored",
        Severity = FindingSeverity.Warning,
        Message = $"A second YAML document begins on line {position.Line}; it is not read, and Hasura's CLI does not read it either.",
        File = position.File,
        Line = position.Line,
        RecommendedAction = "Remove the line with --- so that the file is one document.",
    });

    private static void Require(bool isMet, string id, string message, string path)
    {
        if (!isMet)
        {
            throw new HasuraMigrationException(id, message, path) { File = path };
        }
    }
}
