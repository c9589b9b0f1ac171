using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Processes;
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

    /// <summary>True where a file that cannot be read counts as absent, because it is about to be written. An include of one stays text.</summary>
    internal bool IsTolerant { get; init; }

    /// <summary>Reads a file; null where it does not exist.</summary>
    /// <param name="path">Full path.</param>
    /// <param name="includes">True where it may name other files.</param>
    /// <param name="restsOnText">True where whoever looks at what is included looks at copies.</param>
    /// <exception cref="HasuraMigrationException">MetadataFileInvalid, MetadataIncludeMissing, MetadataIncludeInvalid,
    /// MetadataTooLarge, PathOutsideProject, FileTooLarge, FileUnreadable, FileEncodingInvalid.</exception>
    internal LoadedFile? Load(string path, bool includes = true, bool restsOnText = false)
    {
        if (!ProjectPaths.FileExists(path))
        {
            return null;
        }

        try
        {
            RequireInside(path);
            return Take(ParsedFile.Read(path, positions, includes, restsOnText: false), restsOnText || KeepsTexts);
        }
        catch (HasuraMigrationException e) when (IsTolerated(e))
        {
            _chain.Clear();
            return null;
        }
    }

    /// <summary>The text of a file; null where it does not exist.</summary>
    internal string? LoadText(string path) => ProjectPaths.FileExists(path) ? ReadText(path) : null;

    private LoadedFile Take(ParsedFile parsed, bool restsOnText)
    {
        CountFile(parsed.Path);
        CountBytes(parsed.ByteLength, parsed.Path);
        var file = new LoadedFile(parsed.Path, KeepsTexts ? parsed.Text : "");
        file.Root = file.Raw = parsed.Take(positions);
        parsed.Ignored.ForEach(PassOver);
        if (parsed.Includes.Count > 0)
        {
            file.Raw = file.Root!.DeepClone();
            _chain.Add(parsed.Path);
            Resolve(file, parsed.Includes, restsOnText);
            _chain.RemoveAt(_chain.Count - 1);
        }

        return file;
    }

    private string ReadText(string path)
    {
        RequireInside(path);
        CountFile(path);
        var text = TextFile.Read(path);
        CountBytes(text.ByteLength, path);
        return text.Text;
    }

    private void RequireInside(string path) => Require(_guard.IsInside(path), "PathOutsideProject", $"The file '{path}' is outside '{root}'.", path);

    private void CountFile(string path) =>
        Require(++_files <= MaximumFiles, "MetadataTooLarge", $"The metadata has more than {MaximumFiles:N0} files; '{path}' is one too many.", path);

    private void CountBytes(long bytes, string path)
    {
        _bytes += bytes;
        Require(_bytes <= MaximumBytes, "MetadataTooLarge", $"The metadata has more than {MaximumBytes:N0} bytes; the limit is reached in '{path}'.", path);
    }

    private void Resolve(LoadedFile file, List<YamlInclude> includes, bool restsOnText)
    {
        // Most metadata stands in files that are included, one for each table.
        var parsed = WorkAhead.Select(includes, WorkAhead.ProcessorsFor(includes.Count), i => Tolerated(() => ParsedFile.Read(Target(file.Path, i), positions.Apart(), includes: true, restsOnText)));
        var index = 0;
        foreach (var (include, target) in includes.Zip(parsed))
        {
            if (target is not null && Tolerated(() => Take(target, restsOnText)) is { } taken)
            {
                Put(file, include, taken, ref index);
            }
        }
    }

    private T? Tolerated<T>(Func<T> read)
        where T : class
    {
        try
        {
            return read();
        }
        catch (HasuraMigrationException e) when (IsTolerated(e))
        {
            return null;
        }
    }

    private bool IsTolerated(HasuraMigrationException e) => IsTolerant && e.ErrorId is "MetadataFileInvalid" or "MetadataIncludeMissing" or "MetadataIncludeInvalid" or "FileEncodingInvalid";

    /// <param name="file">The file that includes.</param>
    /// <param name="include">The place.</param>
    /// <param name="target">What is put there.</param>
    /// <param name="index">About where in its list the place is: places come in their order.</param>
    private static void Put(LoadedFile file, YamlInclude include, LoadedFile target, ref int index)
    {
        var node = include.Node;
        var parent = node.Parent;
        var key = parent is JsonObject ? node.GetPropertyName() : null;
        file.Includes.Add(new LoadedInclude(target, parent, key, include.Path));
        switch (parent)
        {
            case JsonObject map:
                map[key!] = target.Root;
                break;
            case JsonArray list:
                for (index %= list.Count; !ReferenceEquals(list[index], node); index = (index + 1) % list.Count)
                {
                }

                list[index] = target.Root;
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
