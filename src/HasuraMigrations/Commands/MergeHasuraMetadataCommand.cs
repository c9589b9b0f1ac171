using System.Management.Automation;
using HasuraMigrations.Abstractions;
using HasuraMigrations.Engine.Metadata.Comparing;
using HasuraMigrations.Engine.Metadata.Files;
using HasuraMigrations.Engine.Metadata.Merging;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Projects;

namespace HasuraMigrations.Commands;

/// <summary>Merges what two sides made of the same metadata, object by object and field by field.</summary>
/// <remarks>
/// <para>
/// Three whole documents are merged, or three files that contain the same part, such as the file of a table. Objects are told apart by
/// what they are (a table, the permission of a role, a relationship), not by lines: both sides may add permissions, columns or tables at
/// one place. A field that only one side changed has the value of that side. Lists whose order has no meaning in Hasura, such as the
/// columns of a permission, have what either side added, without what either side removed.
/// </para>
/// <para>
/// A conflict is a field of one object that both sides changed in different ways, or an object that one side removed and the other
/// changed. The filter of a permission is one field. If there is a conflict, the command fails after it wrote its result to the pipeline;
/// -Prefer chooses a side instead.
/// </para>
/// <para>
/// For one file, the merged text keeps the comments and the layout of both sides if their lines can be merged, else those of our side.
/// Fields in conflict stand between the marks that git uses, so the file cannot be read until they are resolved. The command can be the
/// merge driver of git: samples/git-merge-driver has the settings.
/// </para>
/// </remarks>
/// <output cref="MetadataMerge">The merged text or document, what their side changed, and the conflicts.</output>
/// <notes>
/// The command reads no database. Whether the merged metadata fits the database, Import-HasuraMetadata checks. Metadata of different
/// versions is merged in the highest version.
/// </notes>
/// <seealso cref="CompareHasuraMetadataCommand"/>
/// <seealso cref="ImportHasuraMetadataCommand"/>
/// <seealso href="about_HasuraMigrations_Metadata"/>
[Cmdlet(VerbsData.Merge, "HasuraMetadata", SupportsShouldProcess = true, HelpUri = HelpPages.Base + "Merge-HasuraMetadata.md")]
[OutputType(typeof(MetadataMerge))]
public sealed class MergeHasuraMetadataCommand : HasuraProjectCmdlet
{
    private const string RevisionPrefix = "git:";

    private readonly List<ProjectRevision> _revisions = [];

    /// <summary>
    /// The common ancestor: a project directory, a metadata directory, a file, JSON text, a metadata object, or git: and a revision, such
    /// as git:main. Revisions are those of the repository that contains the project. An empty file means that both sides are new.
    /// </summary>
    [Parameter(Mandatory = true, Position = 0, HelpMessage = "The common ancestor: a project directory, a metadata directory, a file, JSON text, a metadata object, or git: and a revision, such as git:main.")]
    [ValidateNotNull]
    public object Base { get; set; } = "";

    /// <summary>The side that is merged into, in the same forms as -Base. The result has its order and layout.</summary>
    [Parameter(Mandatory = true, Position = 1, HelpMessage = "The side that is merged into, in the same forms as -Base.")]
    [ValidateNotNull]
    public object Ours { get; set; } = "";

    /// <summary>The side that is merged, in the same forms as -Base.</summary>
    [Parameter(Mandatory = true, Position = 2, HelpMessage = "The side that is merged, in the same forms as -Base.")]
    [ValidateNotNull]
    public object Theirs { get; set; } = "";

    /// <summary>
    /// Path of the file in the project, which determines the part of the metadata that the three files contain. It is required if the files have
    /// other names, as those that git gives to a merge driver. The default is the path of -Ours.
    /// </summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Path { get; set; }

    /// <summary>
    /// Where the result is written: for one file, a file; for whole metadata, a project directory, a metadata directory or a file, whose
    /// unchanged objects keep their text. Without it, nothing is written. Whole metadata with conflicts is not written.
    /// </summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Destination { get; set; }

    /// <summary>The side that fields in conflict are taken from: Ours or Theirs. Without it, a conflict is an error.</summary>
    [Parameter]
    public MetadataMergeSide? Prefer { get; set; }

    private protected override void OnEnd()
    {
        var merge = FileOf(Ours) is { } ours && FileOf(Base) is { } @base && FileOf(Theirs) is { } theirs ? MergeFiles(@base, ours, theirs)
            : Path is null ? MergeDocuments()
            : throw new HasuraMigrationException("MetadataInputInvalid", "With -Path, -Base, -Ours and -Theirs must each be the path of a file.")
            {
                RecommendedAction = "-Path says which part of the metadata three files are. To merge whole metadata, leave it out, and give -Destination to write the result.",
            };
        WriteObject(merge);
        if (merge.HasConflicts && Prefer is null)
        {
            throw Conflicting(merge);
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _revisions.ForEach(r => r.Dispose());
        }

        base.Dispose(disposing);
    }

    private MetadataMerge MergeFiles(string @base, string ours, string theirs)
    {
        var merged = MetadataFileMerger.Merge(@base, ours, theirs, Path ?? ours, Prefer);
        var destination = Destination is null ? null : ResolvePath(Destination);
        var files = new List<MetadataFileResult>();
        if (destination is not null && (!File.Exists(destination) || TextFile.Read(destination).Text != merged.Text) && Confirmed(destination, "Write merged metadata file"))
        {
            var kind = File.Exists(destination) ? MetadataFileChangeKind.Changed : MetadataFileChangeKind.Added;
            WholeFile.Write(destination, merged.Text, mayReplace: true);
            files.Add(new MetadataFileResult(destination, kind));
        }

        return new MetadataMerge { Path = Path ?? destination ?? ours, Changes = merged.Changes, Conflicts = merged.Conflicts, Preferred = Prefer, Text = merged.Text, Files = files };
    }

    private MetadataMerge MergeDocuments()
    {
        var (@base, ours, theirs) = (ReadSide(Base), ReadSide(Ours), ReadSide(Theirs));
        var merged = MetadataMerger.Merge(@base, ours, theirs, Prefer ?? MetadataMergeSide.Ours);
        var files = Destination is not null && (merged.Conflicts.Count == 0 || Prefer is not null) ? Write(merged.Document, ResolvePath(Destination)) : [];
        return new MetadataMerge(() => MetadataObjects.FromDocument(merged.Document, "merge", null, null))
        {
            Path = Destination is null ? "metadata" : ResolvePath(Destination),
            Changes = MetadataComparer.Compare(ours, merged.Document),
            Conflicts = [.. merged.Conflicts.Select(c => c with { OursFile = Describe(c.OursFile), TheirsFile = Describe(c.TheirsFile) })],
            Preferred = Prefer,
            Files = files,
        };
    }

    private List<MetadataFileResult> Write(MetadataDocument document, string destination)
    {
        var layout = IsProject(destination) ? MetadataFiles.LayoutOf(OpenAt(destination)) : MetadataFiles.LayoutOf(destination);
        if (IsSame(layout, document))
        {
            return [];
        }

        var lost = new List<Finding>();
        var plan = MetadataFiles.Plan(MetadataFiles.Fit(document, layout, MetadataFiles.Present(layout), lost), layout, new MetadataWriteOptions { PreserveFormatting = true });
        Report(lost.Concat(plan.Findings));
        return [.. plan.Apply(c => Confirmed(c.Path, c.Kind == MetadataFileChangeKind.Deleted ? "Remove stale metadata file" : "Write merged metadata file")).Select(c => new MetadataFileResult(c.Path, c.Kind))];
    }

    private MetadataDocument ReadSide(object value)
    {
        var input = Secrets.Bare(value) is not string text ? MetadataInput.Read(value, ResolvePath)
            : text.StartsWith(RevisionPrefix, StringComparison.Ordinal) ? ReadRevision(text[RevisionPrefix.Length..])
            : !text.Contains('\n') && !text.TrimStart().StartsWith('{') && IsProject(ResolvePath(text)) ? new MetadataInput(MetadataFiles.Read(OpenAt(ResolvePath(text))))
            : MetadataInput.Read(value, ResolvePath);
        Report(input.Findings);
        return input.Document;
    }

    private static bool IsSame(MetadataLayout layout, MetadataDocument document)
    {
        try
        {
            return (Directory.Exists(layout.Path) || File.Exists(layout.Path)) && MetadataComparer.Compare(MetadataFiles.Read(layout).Document, document).Count == 0;
        }
        catch (HasuraMigrationException e) when (e.ErrorId.StartsWith("Metadata", StringComparison.Ordinal))
        {
            // Files that cannot be read are replaced.
            return false;
        }
    }

    private MetadataInput ReadRevision(string name)
    {
        var project = OpenProject();
        ProjectRevision? revision = null;
        RunAsync(async cancellationToken => revision = await RevisionMetadata.CheckOutAsync(project, name, cancellationToken).ConfigureAwait(false));
        _revisions.Add(revision!);
        return RevisionMetadata.Read(revision!);
    }

    private HasuraProject OpenAt(string directory) => Opened(HasuraProject.Open(new ProjectOptions { Path = directory, IsExplicit = true }));

    private static bool IsProject(string path) => File.Exists(System.IO.Path.Combine(path, "config.yaml"));

    private string? FileOf(object value)
    {
        var path = Secrets.Bare(value) switch
        {
            FileInfo file => file.FullName,
            string text when !text.Contains('\n') && !text.TrimStart().StartsWith('{') && !text.StartsWith(RevisionPrefix, StringComparison.Ordinal) && !string.IsNullOrWhiteSpace(text) => ResolvePath(text),
            _ => null,
        };
        return File.Exists(path) ? path : null;
    }

    private string? Describe(string? file) => file is null ? null : _revisions.Select(r => r.Describe(file)).FirstOrDefault(d => d != file, file);

    private static HasuraMigrationException Conflicting(MetadataMerge merge)
    {
        var findings = merge.Conflicts.Select(c => new Finding { Id = "MetadataMergeConflict", Severity = FindingSeverity.Error, Message = $"{c.Description}.", File = c.OursFile, Line = c.OursLine }).ToList();
        return new HasuraMigrationException(
            "MetadataMergeConflict",
            $"{merge.Path} has {(findings.Count == 1 ? "a conflict" : $"{findings.Count} conflicts")}:",
            merge.Path,
            lines: merge.Conflicts.Select(c => c.Description))
        {
            File = findings[0].File,
            Line = findings[0].Line,
            Findings = findings,
        };
    }
}
