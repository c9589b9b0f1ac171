using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Metadata.Model;

namespace HasuraMigrations.Engine.Metadata.Files;

/// <summary>Puts the document together from the files of a directory.</summary>
internal sealed class MetadataDirectoryReader(MetadataLayout layout, MetadataLoader loader, MetadataPositions positions)
{
    private readonly List<Finding> _findings = [];
    private readonly List<string> _files = [];
    private readonly List<string> _absent = [];

    internal MetadataReading Read()
    {
        var root = new JsonObject { ["version"] = ReadVersion() };
        if (layout.Kind == MetadataLayoutKind.DirectoryV3)
        {
            ReadSources(root);
        }

        foreach (var section in layout.Kind == MetadataLayoutKind.DirectoryV3 ? MetadataSection.V3 : MetadataSection.V2)
        {
            ReadSection(root, section);
        }

        ReadActions(root);
        ReadOthers(root);
        if (_absent.Count > 0)
        {
            Add("MetadataFileMissing", FindingSeverity.Information, layout.Path, $"Files that older versions of Hasura's CLI do not write are missing: {string.Join(", ", _absent)}; an import would delete everything that belongs in them.");
        }

        return new MetadataReading { Document = new MetadataDocument(InServerOrder(root), positions) { RestsOnText = layout.Kind == MetadataLayoutKind.DirectoryV3 }, Layout = layout, Findings = [.. loader.Findings, .. _findings], Files = _files };
    }

    private static JsonObject InServerOrder(JsonObject root)
    {
        var ordered = new JsonObject();
        var keys = root.Select(p => p.Key).ToList();
        foreach (var key in MetadataSection.ServerOrder.Where(keys.Contains).Concat(keys.Where(k => !MetadataSection.ServerOrder.Contains(k))))
        {
            root.Remove(key, out var value);
            ordered[key] = value;
        }

        return ordered;
    }

    private JsonNode ReadVersion()
    {
        var path = Path.Combine(layout.Path, "version.yaml");
        var file = loader.Load(path);
        if (file is null)
        {
            Add("MetadataFileMissing", FindingSeverity.Warning, path, $"The file is missing; version {layout.Version} is used. Hasura's CLI would send none.");
        }
        else
        {
            _files.Add(path);
        }

        var version = file?.Root is JsonObject map ? map["version"] : null;
        if (file is not null && version is null)
        {
            Add("MetadataFileEmpty", FindingSeverity.Warning, file.Path, $"'version.yaml' specifies no version; version {layout.Version} is used. Hasura's CLI would send none.");
        }

        var fallback = JsonValue.Create(System.Text.Json.JsonSerializer.SerializeToElement(layout.Version))!;
        if (version is null)
        {
            return fallback;
        }

        ((JsonObject)file!.Root!).Remove("version");
        return version;
    }

    private void ReadSources(JsonObject root)
    {
        if (Load(Path.Combine("databases", "databases.yaml"), isCore: true, restsOnText: true) is not { } file)
        {
            return;
        }

        if (file.Root is not JsonArray sources)
        {
            Empty(file, "a list of sources", "Hasura's CLI would drop every source");
            return;
        }

        foreach (var empty in file.All().Where(f => f.Root is null))
        {
            Add("MetadataFileEmpty", FindingSeverity.Warning, empty.Path, $"The included file '{empty.Path}' is empty; an import would delete what belongs in it.");
        }

        foreach (var source in sources.AsObjects())
        {
            DropNothing(source, "tables");
            DropNothing(source, "functions");
        }

        root["sources"] = sources;
    }

    // Of an empty included file nothing can be sent; the finding tells of it.
    private static void DropNothing(JsonObject source, string key)
    {
        if (source.ContainsKey(key) && source[key] is null)
        {
            source[key] = new JsonArray();
        }
        else if (source[key] is JsonArray list)
        {
            for (var i = list.Count - 1; i >= 0; i--)
            {
                if (list[i] is null)
                {
                    list.RemoveAt(i);
                }
            }
        }
    }

    private void ReadSection(JsonObject root, MetadataSection section)
    {
        if (Load(section.File, section.IsCore) is not { } file)
        {
            return;
        }

        if (file.Root is null)
        {
            Empty(file, "anything", $"an import would delete all of '{section.Key}'");
        }
        else if (section.IsList ? file.Root is not JsonArray : file.Root is not JsonObject)
        {
            if (!section.IsNothing(file.Root))
            {
                throw Shape(file, section.IsList ? "a list" : "a map");
            }
        }
        else if (section.Key == "tables" || !section.IsNothing(file.Root))
        {
            root[section.Key] = file.Root;
        }
    }

    private void ReadActions(JsonObject root)
    {
        var yaml = Load("actions.yaml", isCore: true);
        var path = Path.Combine(layout.Path, "actions.graphql");
        var sdl = loader.LoadText(path);
        if (sdl is null)
        {
            Missing(path, isCore: true);
        }
        else
        {
            _files.Add(path);
        }

        var (actions, types) = ActionFiles.Read(sdl, path, yaml?.Root, yaml?.Path ?? Path.Combine(layout.Path, "actions.yaml"), positions, _findings);
        if (actions is { Count: > 0 })
        {
            root["actions"] = actions;
        }

        if (types is { Count: > 0 })
        {
            root["custom_types"] = types;
        }
    }

    private void ReadOthers(JsonObject root)
    {
        var file = loader.Load(Path.Combine(layout.Path, MetadataSection.OtherFile));
        if (file?.Root is not JsonObject others)
        {
            return;
        }

        _files.Add(file.Path);
        foreach (var key in others.Select(p => p.Key).Where(k => !root.ContainsKey(k)).ToList())
        {
            others.Remove(key, out var value);
            root[key] = value;
        }
    }

    private LoadedFile? Load(string relative, bool isCore, bool restsOnText = false)
    {
        var path = Path.Combine(layout.Path, relative);
        var file = loader.Load(path, restsOnText: restsOnText);
        if (file is null)
        {
            Missing(path, isCore);
            return null;
        }

        _files.AddRange(file.All().Select(f => f.Path));
        return file;
    }

    private void Missing(string path, bool isCore)
    {
        if (isCore)
        {
            Add("MetadataFileMissing", FindingSeverity.Warning, path, "The file is missing; an import would delete everything that belongs in it.");
        }
        else
        {
            _absent.Add(Path.GetFileName(path));
        }
    }

    private void Empty(LoadedFile file, string wanted, string consequence) =>
        Add("MetadataFileEmpty", FindingSeverity.Warning, file.Path, $"The file '{file.Path}' does not contain {wanted}; {consequence}.");

    private void Add(string id, FindingSeverity severity, string path, string message) =>
        _findings.Add(new Finding { Id = id, Severity = severity, Message = message, File = path });

    private HasuraMigrationException Shape(LoadedFile file, string wanted) =>
        new("MetadataFileInvalid", $"The file '{file.Path}' must contain {wanted}.", file.Path) { File = file.Path, Line = positions.Of(file.Root)?.Line ?? 1 };
}
