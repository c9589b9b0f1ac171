using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Metadata.Comparing;
using HasuraMigrations.Engine.Metadata.Files;
using HasuraMigrations.Engine.Metadata.Forms;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Projects;

namespace HasuraMigrations.Engine.Updating;

/// <summary>
/// The metadata of a project after its update, and how the places where metadata is differ: the metadata files, what the actions of
/// config version 1 make, and the target.
/// </summary>
/// <param name="project">The project.</param>
/// <param name="options">How it is updated.</param>
public sealed class UpdateMetadata(HasuraProject project, UpdateOptions options)
{
    private const int MaximumShown = 20;

    private readonly List<Finding> _findings = [];
    private MetadataReading? _files;

    /// <summary>What was noticed.</summary>
    public IReadOnlyList<Finding> Findings => _findings;

    /// <summary>Full paths of the files with metadata before the update.</summary>
    public IReadOnlyList<string> OldFiles => _files?.Files ?? [];

    /// <summary>True where the project has metadata files.</summary>
    public bool HasFiles => _files is not null;

    /// <summary>Reads the metadata files of the project, if it has any.</summary>
    /// <exception cref="HasuraMigrationException">What reading metadata may raise.</exception>
    public void ReadFiles()
    {
        var layout = MetadataFiles.LayoutOf(project);
        if (layout.Kind == MetadataLayoutKind.SingleFile ? File.Exists(layout.Path) : Directory.Exists(layout.Path) && ProjectPaths.Entries(new DirectoryInfo(layout.Path)).Count > 0)
        {
            _files = MetadataFiles.Read(layout);
            _findings.AddRange(_files.Findings);
        }
    }

    /// <summary>The metadata after the update; null where none is known.</summary>
    /// <param name="migrations">The migrations of config version 1; null for config version 2.</param>
    /// <param name="replayed">What their actions make; null where they were not replayed.</param>
    /// <param name="target">The metadata of the target; null where none was read.</param>
    /// <param name="isOfTarget">True to take that of the target.</param>
    /// <param name="description">The target, for messages.</param>
    /// <exception cref="HasuraMigrationException">UpdateMetadataMissing, DatabaseNotFound, MetadataVersionMismatch.</exception>
    public MetadataDocument? Choose(ConvertedMigrations? migrations, MetadataDocument? replayed, MetadataDocument? target, bool isOfTarget, string description)
    {
        var actions = migrations is null ? null
            // Whatever store the replay has: config version 1 knows no newer metadata.
            : replayed is not null ? MetadataVersions.Convert(replayed, 2, _findings)
            : migrations.HasActions ? null
            : new MetadataDocument(new JsonObject { ["version"] = 2, ["tables"] = new JsonArray() });
        if (_files is not null && actions is not null && (migrations!.HasActions || replayed is not null))
        {
            Compare(actions, _files.Document, "the migrations make", $"the file '{Path.GetFileName(_files.Layout.Path)}', which is used, has", _files.Layout.Path);
        }

        var ofFiles = _files?.Document ?? actions;
        if (isOfTarget)
        {
            if (ofFiles is not null)
            {
                Compare(ofFiles, target!, "the files of the project have", $"{description}, which is used, has", null);
            }

            return Checked(MetadataVersions.Convert(target!, options.ToVersion, _findings));
        }

        if (ofFiles is null)
        {
            return migrations is null ? Missing() : throw new HasuraMigrationException("UpdateMetadataMissing", "The migrations have actions on metadata, which were not replayed, and the project has no metadata file.", project.Directory);
        }

        if (target is not null)
        {
            Compare(target, ofFiles, $"{description} has", "the files of the project, which are used, have", null);
        }

        var converted = MetadataVersions.Convert(ofFiles, options.ToVersion, _findings);
        return ofFiles.Version < converted.Version ? Named(converted) : converted;
    }

    // A document of the older versions has one source, whose name is that of the database in config version 3.
    private MetadataDocument Named(MetadataDocument document)
    {
        if (document.Version == 3 && document.Sources.ToList() is [var source] && source["name"].AsText() == MetadataDocument.DefaultSource && options.Database != MetadataDocument.DefaultSource)
        {
            document = document.Clone();
            document.Sources.First()["name"] = options.Database;
            // They name the source too.
            foreach (var relationship in document.Root["custom_types"].Get("objects").AsObjects().SelectMany(o => o["relationships"].AsObjects()))
            {
                relationship["source"] = options.Database;
            }
        }

        if (document.Version == 3)
        {
            _findings.Add(new Finding
            {
                Id = "SourceUrlAssumed",
                Severity = FindingSeverity.Information,
                Message = $"Files of older config versions do not say how the database is reached; the source '{options.Database}' takes its URL from {MetadataDocument.DatabaseVariable}.",
                Database = options.Database,
                RecommendedAction = "Change the source in databases.yaml if that is not so.",
            });
        }

        return document;
    }

    private MetadataDocument Checked(MetadataDocument document) =>
        document.Version < 3 || document.Sources.Any(s => s["name"].AsText() == options.Database)
            ? document
            : throw new HasuraMigrationException("DatabaseNotFound", $"The metadata of the target has no source '{options.Database}'; it has {string.Join(", ", document.Sources.Select(s => $"'{s["name"].AsText()}'"))}.", options.Database);

    private MetadataDocument? Missing()
    {
        _findings.Add(new Finding
        {
            Id = "MetadataFilesMissing",
            Severity = FindingSeverity.Information,
            Message = "The project has no metadata files, so none were written.",
            File = project.MetadataDirectory,
            RecommendedAction = "Export the metadata: Export-HasuraMetadata.",
        });
        return null;
    }

    private void Compare(MetadataDocument left, MetadataDocument right, string first, string second, string? file)
    {
        var changes = MetadataComparer.Compare(left, right);
        foreach (var change in changes.Take(MaximumShown))
        {
            Add($"From what {first} to what {second}: {change.Description}");
        }

        if (changes.Count > MaximumShown)
        {
            Add($"From what {first} to what {second}: {changes.Count - MaximumShown} more differences.");
        }

        void Add(string message) => _findings.Add(new Finding { Id = "MetadataDiffers", Severity = FindingSeverity.Warning, Message = message, File = file });
    }
}
