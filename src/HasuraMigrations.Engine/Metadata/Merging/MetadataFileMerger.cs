using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Metadata.Comparing;
using HasuraMigrations.Engine.Metadata.Files;
using HasuraMigrations.Engine.Metadata.Forms;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Metadata.Shapes;
using HasuraMigrations.Engine.Projects;
using HasuraMigrations.Engine.Yaml;

namespace HasuraMigrations.Engine.Metadata.Merging;

/// <summary>Merges one file of the metadata, such as the file of a table, by what it says, and keeps its text where that does not change.</summary>
public sealed class MetadataFileMerger
{
    private const int LongLine = 10_000;

    private readonly string _name;
    private readonly MergedFileKind _kind;
    private readonly MergedFile? _base;
    private readonly MergedFile _ours;
    private readonly MergedFile _theirs;
    private readonly List<MetadataMergeConflict> _others = [];

    private MetadataFileMerger(string name, MergedFileKind kind, MergedFile? @base, MergedFile ours, MergedFile theirs) =>
        (_name, _kind, _base, _ours, _theirs) = (name, kind, @base, ours, theirs);

    /// <summary>Merges three files.</summary>
    /// <param name="base">Full path of the file in the common ancestor; an empty file where both sides are new.</param>
    /// <param name="ours">Full path of the file on our side.</param>
    /// <param name="theirs">Full path of the file on their side.</param>
    /// <param name="name">The path in the project, which tells what the file holds; the others may have any name.</param>
    /// <param name="favored">The side that a field in conflict is taken from; null for marks around both.</param>
    /// <exception cref="HasuraMigrationException">MetadataMergeFileUnknown, MetadataFileInvalid, MetadataVersionUnsupported, SdlInvalid,
    /// FileUnreadable, FileTooLarge, FileEncodingInvalid.</exception>
    public static MetadataFileMerge Merge(string @base, string ours, string theirs, string name, MetadataMergeSide? favored = null)
    {
        var merge = Merge(TextFile.IsEmpty(@base) ? null : MergedFile.Read(@base, name), MergedFile.Read(ours, name), MergedFile.Read(theirs, name), name, favored);
        return merge with { Text = TextFile.Read(ours).Text.Contains("\r\n", StringComparison.Ordinal) ? merge.Text.ReplaceLineEndings("\r\n") : merge.Text };
    }

    /// <summary>Merges what was read.</summary>
    /// <exception cref="HasuraMigrationException">MetadataMergeFileUnknown, MetadataVersionUnsupported.</exception>
    internal static MetadataFileMerge Merge(MergedFile? @base, MergedFile ours, MergedFile theirs, string name, MetadataMergeSide? favored)
    {
        var contents = new[] { ours, theirs, @base }.Select(s => s?.Content).OfType<JsonNode>().ToList();
        var kind = MergedFileKind.Of(name, contents.FirstOrDefault());
        return kind is not null && contents.TrueForAll(c => MergedFileKind.Of(name, c)?.Version == kind.Version)
            ? new MetadataFileMerger(name, kind, @base, ours, theirs).Merge(favored)
            : throw new HasuraMigrationException("MetadataMergeFileUnknown", $"'{name}' is not a file of the metadata that can be merged.", name) { File = ours.Path };
    }

    private MetadataFileMerge Merge(MetadataMergeSide? favored)
    {
        var (before, left, right) = (_base is null ? null : Document(_base), Document(_ours), Document(_theirs));
        var merged = MetadataMerger.Merge(before, left, right, favored ?? MetadataMergeSide.Ours);
        var changes = MetadataComparer.Compare(left, merged.Document);
        var text = Write(merged.Document, _ours);
        IReadOnlyList<MetadataMergeConflict> conflicts = [.. merged.Conflicts, .. _others];
        if (conflicts.Count == 0 || favored is not null)
        {
            return new MetadataFileMerge(text ?? (favored == MetadataMergeSide.Theirs ? _theirs : _ours).Text, conflicts, changes);
        }

        if (text is not null && Write(MetadataMerger.Merge(before, left, right, MetadataMergeSide.Theirs).Document, MergedFile.Parse(text, _ours.Path, _name)) is { } other && other != text)
        {
            return new MetadataFileMerge(ConflictMarks.Between(text, other), conflicts, changes);
        }

        var lines = new LineMerge(_base?.Text ?? "", _ours.Text, _theirs.Text);
        return new MetadataFileMerge(lines.HasConflicts ? lines.Marked() : ConflictMarks.Between(_ours.Text, _theirs.Text), conflicts, changes);
    }

    private MetadataDocument Document(MergedFile file) => new(_kind.Wrap(file.Content), file.Positions);

    // The text of a document; null where there is none.
    private string? Write(MetadataDocument document, MergedFile like)
    {
        var shape = DocumentShapes.Of(document.Version);
        var wanted = new Lazy<JsonNode?>(() => MetadataRewriter.Canonical(document.Root, shape));
        if (!IsOneLongLine && new LineMerge(_base?.Text ?? "", _ours.Text, _theirs.Text).Proposals().FirstOrDefault(p => Says(p, document.Root, wanted, shape)) is { } merged)
        {
            return merged;
        }

        var contents = _kind.Unwrap(document.Root);
        if (contents.Count != 1)
        {
            Refuse("a file for one object would contain several");
            return null;
        }

        if (!_kind.IsSdl)
        {
            return IsJson ? Json(contents[0]) : Yaml(contents[0], like);
        }

        if (_ours.LosesParts || _theirs.LosesParts)
        {
            Refuse("both sides changed the same lines, and comments, directives or default values would be lost if they were written anew");
            return null;
        }

        return ActionFiles.Write(document.Root["actions"], document.Root["custom_types"], SdlStyles.Detect(_ours.Text) ?? SdlStyle.E3).Sdl;
    }

    // A large document on one line has no lines to merge.
    private bool IsOneLongLine => _ours.Text.Length > LongLine && !_ours.Text.AsSpan().TrimEnd('\n').Contains('\n');

    private bool IsJson => System.IO.Path.GetExtension(_name).Equals(".json", StringComparison.OrdinalIgnoreCase);

    private bool Says(string text, JsonObject root, Lazy<JsonNode?> wanted, Shape shape)
    {
        try
        {
            var said = _kind.Wrap(MergedFile.ContentOf(text, _name));
            return said.SameAs(root) || MetadataRewriter.Canonical(said, shape).SameAs(wanted.Value);
        }
        catch (HasuraMigrationException)
        {
            // Merged line by line, the text is not even valid.
            return false;
        }
    }

    private string Json(JsonNode? content) =>
        JsonText.Write(content, _ours.Text.TrimEnd().Contains('\n', StringComparison.Ordinal)) + (_ours.Text.EndsWith('\n') ? "\n" : "");

    private string Yaml(JsonNode? content, MergedFile like)
    {
        var node = content ?? new JsonObject();
        var isBelowDatabases = _name.Replace('\\', '/').Contains("databases/", StringComparison.Ordinal);
        var style = (isBelowDatabases ? null : YamlStyleDetector.Detect(_ours.Text)) ?? MetadataFileStyle.Cli25;
        var options = new YamlWriteOptions
        {
            EscapesIncludes = !_kind.IsDocument,
            Includes = MergedFile.IncludesIn(node),
            GoText = style == MetadataFileStyle.Cli25 ? MetadataSection.GoText(System.IO.Path.GetFileName(_name)) : null,
        };
        return YamlMerger.Merge(like.Text, like.Raw, node, style, options) ?? YamlWriter.Write(node, style, options);
    }

    private void Refuse(string reason)
    {
        if (_others.Count == 0)
        {
            _others.Add(new MetadataMergeConflict
            {
                Kind = MetadataObjectKind.Document,
                Name = _name,
                Field = "",
                Description = $"the file cannot be merged: {reason}",
                OursFile = _ours.Path,
                TheirsFile = _theirs.Path,
            });
        }
    }
}
