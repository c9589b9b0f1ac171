using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Metadata.Forms;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Metadata.Shapes;
using HasuraMigrations.Engine.Projects;
using HasuraMigrations.Engine.Yaml;

namespace HasuraMigrations.Engine.Metadata.Files;

/// <summary>Lays a document out in files and compares them with those that are there.</summary>
internal sealed class MetadataPlanner
{
    private readonly MetadataDocument _document;
    private readonly MetadataLayout _layout;
    private readonly MetadataWriteOptions _options;
    private readonly MetadataLoader _loader;
    private readonly List<MetadataFileChange> _changes = [];
    private readonly bool _isNew;
    private readonly MetadataFileStyle _folderStyle;

    internal MetadataPlanner(MetadataDocument document, MetadataLayout layout, MetadataWriteOptions options)
    {
        _document = document;
        _layout = layout;
        _options = options;
        _loader = new MetadataLoader(layout.Root, MetadataPositions.Forgetful()) { IsTolerant = true, KeepsTexts = true };
        // A directory that had the layout of config version 2 is a new one in that of version 3.
        _isNew = layout.Kind != MetadataLayoutKind.SingleFile && !(File.Exists(Path.Combine(layout.Path, "version.yaml")) && (layout.Kind == MetadataLayoutKind.DirectoryV2 || File.Exists(DatabasesPath)));
        _folderStyle = layout.Kind == MetadataLayoutKind.SingleFile || options.Style != MetadataFileStyle.Auto ? MetadataFileStyle.Cli25 : FolderStyle();
    }

    internal MetadataWritePlan Plan()
    {
        if (_layout.Kind == MetadataLayoutKind.SingleFile)
        {
            PlanSingleFile();
        }
        else
        {
            PlanDirectory();
        }

        return new MetadataWritePlan(_layout.Root, _changes);
    }

    private void PlanSingleFile()
    {
        var existing = _loader.Load(_layout.Path, includes: false);
        if (_layout.IsJson)
        {
            var isIndented = existing?.Text.TrimEnd().Contains('\n', StringComparison.Ordinal) == true;
            Add(_layout.Path, existing, existing?.Root, _document.Root, DocumentShapes.Of(_document.Version), () => _document.ToJson(isIndented));
            return;
        }

        var style = StyleOf(Path.GetFileName(_layout.Path), existing?.Text);
        var content = _layout.IsConfigV1 || style != MetadataFileStyle.Cli25 ? _document.Root : MetadataSection.Ordered(_document.Root, MetadataSection.SingleFileOrder);
        Add(_layout.Path, existing, existing?.Root, content, DocumentShapes.Of(_document.Version), () => Yaml(Path.GetFileName(_layout.Path), content, existing));
    }

    private void PlanDirectory()
    {
        var written = new HashSet<string>(StringComparer.Ordinal) { "version", "sources", "actions", "custom_types" };
        WriteFile("version.yaml", new JsonObject { ["version"] = _document.Root["version"]?.DeepClone() });
        var hasSources = _layout.Kind == MetadataLayoutKind.DirectoryV3 && _document.Root["sources"] is JsonArray;
        var databases = hasSources ? _loader.Load(DatabasesPath) : null;
        var keepsLayout = _options.KeepsLayout && databases is not null;
        if (keepsLayout)
        {
            new LayoutKeeper(this, _layout.Path).Plan(databases!, _document.Root["sources"]!);
        }
        else if (hasSources)
        {
            new DatabasesPlanner(this, _document, _layout.Path, new ExistingTree(databases), _options.Force).Plan();
        }

        foreach (var section in _layout.Kind == MetadataLayoutKind.DirectoryV3 ? MetadataSection.V3 : MetadataSection.V2)
        {
            written.Add(section.Key);
            PlanSection(section);
        }

        PlanActions();
        PlanOthers(written);
        if (hasSources && !keepsLayout)
        {
            var keep = _changes.Select(c => c.Path).ToHashSet(FileNames.Cautious);
            _changes.AddRange(StaleFiles.Find(_layout.Path, keep, _loader).Select(p => new MetadataFileChange(p, MetadataFileChangeKind.Deleted)));
        }
    }

    private string DatabasesPath => Path.Combine(_layout.Path, "databases", "databases.yaml");

    private void PlanSection(MetadataSection section)
    {
        var value = _document.Root[section.Key];
        var exists = File.Exists(Path.Combine(_layout.Path, section.File));
        // A file that older versions of the CLI do not know is not made where nothing is to be said in it.
        if (section.IsNothing(value) && !exists && !IsExpected(section))
        {
            return;
        }

        WriteFile(section.File, value is null or JsonArray { Count: 0 } or JsonObject { Count: 0 } ? section.Empty() : value, section);
    }

    private bool IsExpected(MetadataSection section) =>
        section.IsCore || (_isNew && (_layout.Kind == MetadataLayoutKind.DirectoryV3 || StyleOf(section.File, null) == MetadataFileStyle.Cli25));

    private void PlanActions()
    {
        var (sdlPath, yamlPath) = (Path.Combine(_layout.Path, "actions.graphql"), Path.Combine(_layout.Path, "actions.yaml"));
        var oldSdl = _loader.LoadText(sdlPath);
        var oldYaml = _loader.Load(yamlPath);
        var style = StyleOf("actions.yaml", oldYaml?.Text);
        // Only CLI 1.2 and 1.3 writes newlines where there are no actions.
        var sdlStyle = _options.Sdl ?? oldSdl switch { null => null, "" => SdlStyle.E3, _ => SdlStyles.Detect(oldSdl) } ?? (style == MetadataFileStyle.Cli25 ? SdlStyle.E3 : SdlStyle.E1);
        var (sdl, yaml) = ActionFiles.Write(_document.Root["actions"], _document.Root["custom_types"], sdlStyle);
        var isSame = !_options.Force && oldSdl is not null && oldYaml is not null && HasSameActions(oldSdl, oldYaml);
        Add(sdlPath, oldSdl, isSame || (!_options.Force && oldSdl?.ReplaceLineEndings("\n") == sdl), () => sdl);
        if (isSame)
        {
            _changes.Add(new MetadataFileChange(yamlPath, MetadataFileChangeKind.Unchanged));
        }
        else
        {
            Add(yamlPath, oldYaml, oldYaml?.Root, yaml, Shape.Any, () => Yaml("actions.yaml", yaml, oldYaml));
        }
    }

    private bool HasSameActions(string sdl, LoadedFile yaml)
    {
        try
        {
            var (actions, types) = ActionFiles.Read(sdl, "actions.graphql", yaml.Root?.DeepClone(), yaml.Path, new MetadataPositions(), []);
            return IsSame(Nothing(actions), Nothing(_document.Root["actions"]), ShapeOf("actions")) && IsSame(Nothing(types), Nothing(_document.Root["custom_types"]), ShapeOf("custom_types"));
        }
        catch (HasuraMigrationException)
        {
            return false;
        }

        static JsonNode? Nothing(JsonNode? node) => node is JsonArray { Count: 0 } or JsonObject { Count: 0 } ? null : node;
    }

    private void PlanOthers(HashSet<string> written)
    {
        var others = new JsonObject(_document.Root.Where(p => !written.Contains(p.Key)).Select(p => KeyValuePair.Create(p.Key, p.Value?.DeepClone())));
        var path = Path.Combine(_layout.Path, MetadataSection.OtherFile);
        if (others.Count > 0)
        {
            WriteFile(MetadataSection.OtherFile, others);
        }
        else if (File.Exists(path))
        {
            _changes.Add(new MetadataFileChange(path, MetadataFileChangeKind.Deleted));
        }
    }

    private void WriteFile(string relative, JsonNode content, MetadataSection? section = null)
    {
        var path = Path.Combine(_layout.Path, relative);
        var existing = _loader.Load(path);
        var isSame = !_options.Force && existing is not null && (IsSame(existing.Root, content, section is null ? Shape.Any : ShapeOf(section.Key)) || (section is not null && section.IsNothing(existing.Root) && section.IsNothing(content)));
        Add(path, existing?.Text ?? TextOf(path), isSame, () => Yaml(relative, content, existing));
    }

    /// <summary>The text of a file: in its style, or the text that is there with what differs changed.</summary>
    internal string Yaml(string relative, JsonNode content, LoadedFile? existing, IReadOnlySet<JsonNode>? includes = null)
    {
        var style = StyleOf(relative, existing?.Text);
        var options = new YamlWriteOptions
        {
            EscapesIncludes = _layout.Kind != MetadataLayoutKind.SingleFile,
            Includes = includes,
            GoText = style == MetadataFileStyle.Cli25 ? MetadataSection.GoText(relative) : null,
        };
        return (_options.PreserveFormatting && existing is not null ? YamlMerger.Merge(existing.Text, existing.Raw, content, style, options) : null)
            ?? YamlWriter.Write(content, style, options);
    }

    internal LoadedFile? Load(string path) => _loader.Load(path);

    internal void Add(string path, LoadedFile? existing, JsonNode? oldContent, JsonNode newContent, Shape shape, Func<string> text) =>
        Add(Decide(path, existing, oldContent, newContent, shape, text));

    internal void Add(string path, string? oldText, bool isSame, Func<string> text) => Add(Decide(path, oldText, isSame, text));

    internal void Add(MetadataFileChange change) => _changes.Add(change);

    /// <summary>What happens to a file. Files may be decided beside each other.</summary>
    internal MetadataFileChange Decide(string path, LoadedFile? existing, JsonNode? oldContent, JsonNode newContent, Shape shape, Func<string> text) =>
        Decide(path, existing?.Text ?? TextOf(path), !_options.Force && existing is not null && IsSame(oldContent, newContent, shape), text);

    private bool IsSame(JsonNode? left, JsonNode? right, Shape shape) =>
        (left is JsonObject old && right is JsonObject now && StoredJson.SameText(old, now)) || left.SameAs(right) || (!_options.IsExact && MetadataRewriter.Canonical(left, shape).SameAs(MetadataRewriter.Canonical(right, shape)));

    private Shape ShapeOf(string key) => DocumentShapes.Of(_document.Version).Find(key)?.Shape ?? Shape.Any;

    private MetadataFileChange Decide(string path, string? oldText, bool isSame, Func<string> text)
    {
        if (isSame)
        {
            return new MetadataFileChange(path, MetadataFileChangeKind.Unchanged);
        }

        if (oldText is null)
        {
            // It is written whatever it is: the text is made while others are stored.
            return new MetadataFileChange(path, text);
        }

        var written = text();
        if (_options.PreserveFormatting && oldText.Contains("\r\n", StringComparison.Ordinal))
        {
            written = written.ReplaceLineEndings("\r\n");
        }

        return oldText == written
            ? new MetadataFileChange(path, MetadataFileChangeKind.Unchanged)
            : new MetadataFileChange(path, MetadataFileChangeKind.Changed, written);
    }

    // A file that could not be read as metadata exists all the same.
    internal static string? TextOf(string path)
    {
        try
        {
            return ProjectPaths.FileExists(path) ? TextFile.Read(path).Text : null;
        }
        catch (HasuraMigrationException e) when (e.ErrorId == "FileEncodingInvalid")
        {
            return "";
        }
    }

    /// <summary>The style of a file. Below <c>databases/</c> only CLI 2.0 to 2.4 leaves lists flush, and that text is not copied.</summary>
    internal MetadataFileStyle StyleOf(string relative, string? existing)
    {
        if (_options.Style != MetadataFileStyle.Auto)
        {
            return _options.Style;
        }

        if (_options.FileStyle?.Invoke(relative.Replace(Path.DirectorySeparatorChar, '/')) is { } given)
        {
            return given;
        }

        var isBelowDatabases = _layout.Kind == MetadataLayoutKind.DirectoryV3 && relative.StartsWith("databases" + Path.DirectorySeparatorChar, StringComparison.Ordinal);
        return isBelowDatabases ? MetadataFileStyle.Cli25 : (existing is null ? null : YamlStyleDetector.Detect(existing)) ?? _folderStyle;
    }

    private MetadataFileStyle FolderStyle()
    {
        if (!Directory.Exists(_layout.Path))
        {
            return MetadataFileStyle.Cli25;
        }

        var styles = ProjectPaths.Entries(new DirectoryInfo(_layout.Path))
            .OfType<FileInfo>()
            .Where(f => f.Name.EndsWith(".yaml", StringComparison.Ordinal) && f.Exists && f.Length < 16 * 1024 * 1024)
            .Select(f => _loader.Load(f.FullName))
            .Select(f => f is null ? null : YamlStyleDetector.Detect(f.Text))
            .OfType<MetadataFileStyle>();
        return styles.GroupBy(s => s).OrderByDescending(g => g.Count()).ThenBy(g => g.Key).FirstOrDefault()?.Key ?? MetadataFileStyle.Cli25;
    }
}
