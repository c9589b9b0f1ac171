using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Metadata.Forms;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Projects;
using HasuraMigrations.Engine.Yaml;

namespace HasuraMigrations.Engine.Metadata.Files;

/// <summary>Metadata on disk: reads a document from files and plans how to write one.</summary>
public static class MetadataFiles
{
    /// <summary>Where the metadata of a project lies; the files need not exist.</summary>
    public static MetadataLayout LayoutOf(HasuraProject project)
    {
        if (project.Settings["metadata_file"] is { Length: > 0 } && project.ConfigVersion > 1)
        {
            return new(MetadataLayoutKind.SingleFile, project.PathOf("metadata_file"));
        }

        if (project.ConfigVersion == 1)
        {
            var yaml = Path.Combine(project.MigrationsDirectory, "metadata.yaml");
            var json = Path.Combine(project.MigrationsDirectory, "metadata.json");
            return new(MetadataLayoutKind.SingleFile, !File.Exists(yaml) && File.Exists(json) ? json : yaml, IsConfigV1: true);
        }

        return OfDirectory(project.MetadataDirectory, project.ConfigVersion == 2 ? MetadataLayoutKind.DirectoryV2 : MetadataLayoutKind.DirectoryV3);
    }

    /// <summary>The layout of a directory or of a single file ending in .yaml, .yml or .json.</summary>
    /// <param name="path">The path; a directory need not exist.</param>
    public static MetadataLayout LayoutOf(string path)
    {
        var full = ProjectPaths.Full(path);
        return !Directory.Exists(full) && Path.GetExtension(full).ToLowerInvariant() is ".yaml" or ".yml" or ".json"
            ? new(MetadataLayoutKind.SingleFile, full)
            : OfDirectory(full, MetadataLayoutKind.DirectoryV3);
    }

    /// <summary>The layout of a path that a project's metadata is written to: a directory without metadata gets the layout of the project.</summary>
    /// <param name="path">The path; a directory need not exist.</param>
    /// <param name="project">The project; one that is not there says nothing.</param>
    public static MetadataLayout LayoutOf(string path, HasuraProject project)
    {
        var layout = LayoutOf(path);
        return layout.Kind != MetadataLayoutKind.SingleFile && project.IsThere && project.ConfigVersion == 2 ? OfDirectory(layout.Path, MetadataLayoutKind.DirectoryV2) : layout;
    }

    /// <summary>What a single file holds; null where there is none, or nothing that can be read.</summary>
    public static MetadataDocument? Present(MetadataLayout layout)
    {
        if (layout.Kind != MetadataLayoutKind.SingleFile || !File.Exists(layout.Path))
        {
            return null;
        }

        try
        {
            return Read(layout).Document;
        }
        catch (HasuraMigrationException e) when (e.ErrorId.StartsWith("Metadata", StringComparison.Ordinal))
        {
            // It is written anew.
            return null;
        }
    }

    /// <summary>A document in the version that its place holds: that of a directory's layout, or of the single file that is there.</summary>
    /// <param name="document">The document.</param>
    /// <param name="layout">The place.</param>
    /// <param name="present">What the place holds, where it is a single file; null for nothing.</param>
    /// <param name="findings">Is told what the version cannot hold.</param>
    /// <exception cref="HasuraMigrationException">MetadataVersionMismatch.</exception>
    public static MetadataDocument Fit(MetadataDocument document, MetadataLayout layout, MetadataDocument? present, ICollection<Finding> findings) => (layout.Version, present?.Version, document.Version) switch
    {
        ({ } version, _, _) => MetadataVersions.Convert(document, version, findings),
        (null, 3, < 3) => MetadataVersions.Onto(document, present!),
        (null, not 3, 3) when layout.IsConfigV1 => MetadataVersions.Convert(document, 2, findings),
        _ => document,
    };

    /// <summary>Reads the metadata of a project.</summary>
    /// <exception cref="HasuraMigrationException">MetadataNotFound, MetadataFileInvalid, MetadataIncludeMissing,
    /// MetadataIncludeInvalid, MetadataTooLarge, MetadataVersionUnsupported, PathOutsideProject, FileTooLarge,
    /// FileEncodingInvalid, FileUnreadable, and what is wrong with actions.</exception>
    public static MetadataReading Read(HasuraProject project) => Read(LayoutOf(project));

    /// <summary>Reads the metadata in a directory or single file.</summary>
    /// <inheritdoc cref="Read(HasuraProject)" path="/exception"/>
    public static MetadataReading Read(string path)
    {
        var layout = LayoutOf(path);
        return layout.Kind == MetadataLayoutKind.SingleFile || !IsProjectAlone(layout.Path)
            ? Read(layout)
            : throw new HasuraMigrationException("MetadataNotFound", $"The directory '{layout.Path}' is a project directory and contains no metadata itself. Specify the project with -Project, or the metadata directory.", layout.Path) { File = layout.Path };
    }

    /// <summary>Reads the metadata of a layout.</summary>
    /// <inheritdoc cref="Read(HasuraProject)" path="/exception"/>
    public static MetadataReading Read(MetadataLayout layout)
    {
        var positions = new MetadataPositions();
        var loader = new MetadataLoader(layout.Root, positions);
        if (layout.Kind != MetadataLayoutKind.SingleFile)
        {
            return Directory.Exists(layout.Path)
                ? new MetadataDirectoryReader(layout, loader, positions).Read()
                : throw NoDirectory(layout.Path);
        }

        // A single file of Hasura's has no includes, so text that looks like one is text.
        var file = loader.Load(layout.Path, includes: false)
            ?? throw new HasuraMigrationException("MetadataNotFound", $"The metadata file '{layout.Path}' does not exist.", layout.Path) { File = layout.Path };
        return file.Root is JsonObject root
            ? new MetadataReading { Document = MetadataDocument.OfAnswer(root, positions), Layout = layout, Findings = loader.Findings, Files = [layout.Path] }
            : throw new HasuraMigrationException("MetadataFileInvalid", $"The file '{layout.Path}' must contain a map with metadata.", layout.Path) { File = layout.Path, Line = 1 };
    }

    /// <summary>Reads a whole document of JSON text.</summary>
    /// <param name="text">JSON text.</param>
    /// <param name="name">What errors call the text.</param>
    /// <exception cref="HasuraMigrationException">MetadataFileInvalid, MetadataVersionUnsupported.</exception>
    public static MetadataDocument ParseJson(string text, string name)
    {
        var positions = new MetadataPositions();
        return JsonTreeReader.Read(text, name, positions) is JsonObject root
            ? MetadataDocument.OfAnswer(root, positions)
            : throw new HasuraMigrationException("MetadataFileInvalid", $"{name} must contain a map with metadata.", name) { File = name, Line = 1 };
    }

    /// <summary>A whole document as YAML, keys in the order in which Hasura's CLI writes a single file.</summary>
    /// <param name="document">The document.</param>
    /// <param name="style">The text style; <see cref="MetadataFileStyle.Auto"/> is <see cref="MetadataFileStyle.Cli25"/>.</param>
    public static string ToYaml(MetadataDocument document, MetadataFileStyle style) =>
        YamlWriter.Write(style is MetadataFileStyle.Auto or MetadataFileStyle.Cli25 ? MetadataSection.Ordered(document.Root, MetadataSection.SingleFileOrder) : document.Root, style);

    /// <summary>
    /// A whole document as the YAML step of a migration: one action, with keys in alphabetical order, as Hasura's CLI writes it
    /// (<c>hasura migrate create --metadata-from-server</c>).
    /// </summary>
    /// <param name="document">The document, of version 1 or 2.</param>
    public static string ToMigrationStep(MetadataDocument document) =>
        YamlWriter.Write(new JsonArray(new JsonObject { ["type"] = "replace_metadata", ["args"] = document.Root.DeepClone() }), MetadataFileStyle.Cli10);

    /// <summary>Plans the files of a document; writes nothing.</summary>
    /// <param name="document">The document. A directory takes version 2 or 3 as its layout says.</param>
    /// <param name="layout">Where to, from <see cref="LayoutOf(HasuraProject)"/>.</param>
    /// <param name="options">How; null for the style of the files that are there.</param>
    /// <exception cref="HasuraMigrationException">MetadataVersionMismatch, PathOutsideProject, FileTooLarge, FileUnreadable,
    /// ActionsNotWritable.</exception>
    public static MetadataWritePlan Plan(MetadataDocument document, MetadataLayout layout, MetadataWriteOptions? options = null)
    {
        if (layout.Version is { } version && version != document.Version)
        {
            throw new HasuraMigrationException("MetadataVersionMismatch", $"The directory '{layout.Path}' contains metadata of version {version}; the document is of version {document.Version}.", layout.Path);
        }

        return new MetadataPlanner(document, layout, options ?? new MetadataWriteOptions()).Plan();
    }

    // Read as metadata it would be empty.
    private static bool IsProjectAlone(string directory) =>
        File.Exists(Path.Combine(directory, "config.yaml"))
        && !new[] { "version.yaml", "tables.yaml", Path.Combine("databases", "databases.yaml") }.Any(f => File.Exists(Path.Combine(directory, f)));

    private static HasuraMigrationException NoDirectory(string path) => File.Exists(path)
        ? new("MetadataNotFound", $"'{path}' is neither a directory nor a file ending in .yaml, .yml or .json.", path) { File = path }
        : new("MetadataNotFound", $"The metadata directory '{path}' does not exist.", path) { File = path };

    // What lies there counts more than what config.yaml says: a directory of the other kind would be read as empty.
    private static MetadataLayout OfDirectory(string path, MetadataLayoutKind byConfig)
    {
        var hasDatabases = File.Exists(Path.Combine(path, "databases", "databases.yaml"));
        var hasTables = File.Exists(Path.Combine(path, "tables.yaml"));
        return new(hasDatabases == hasTables ? byConfig : hasDatabases ? MetadataLayoutKind.DirectoryV3 : MetadataLayoutKind.DirectoryV2, path);
    }
}
