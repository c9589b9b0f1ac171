using System.Management.Automation;
using HasuraMigrations.Abstractions;
using HasuraMigrations.Engine.Metadata;
using HasuraMigrations.Engine.Metadata.Comparing;
using HasuraMigrations.Engine.Metadata.Files;
using HasuraMigrations.Engine.Metadata.Forms;
using HasuraMigrations.Engine.Projects;

namespace HasuraMigrations.Commands;

/// <summary>Writes Hasura's metadata from a database or server into the files of a project.</summary>
/// <remarks>
/// <para>
/// Reads the metadata from Hasura's catalog in PostgreSQL, or from a running server, and writes it to files: one file for projects
/// of config version 1, a directory for config version 2, a directory with a tree of databases for config version 3.
/// </para>
/// <para>
/// A file is written only if its content differs, with the text that Hasura's own CLI writes, in the style of the existing files.
/// Each file is replaced as a whole. The files of deleted tables and functions are removed, but only inside the known layout.
/// </para>
/// <para>No part of the metadata is lost: keys that Hasura's CLI would drop are kept.</para>
/// </remarks>
/// <output cref="MetadataFileResult">One object for each file that was written or removed; none if nothing differed.</output>
/// <output cref="HasuraMetadata">With -AsObject.</output>
/// <notes>
/// A target without Hasura's catalog causes the error MetadataStoreMissing. See about_HasuraMigrations_Metadata for which files are
/// written.
/// </notes>
/// <seealso cref="ImportHasuraMetadataCommand"/>
/// <seealso cref="CompareHasuraMetadataCommand"/>
/// <seealso href="about_HasuraMigrations_Metadata"/>
[Cmdlet(VerbsData.Export, "HasuraMetadata", SupportsShouldProcess = true, DefaultParameterSetName = "Project", HelpUri = HelpPages.Base + "Export-HasuraMetadata.md")]
[OutputType(typeof(MetadataFileResult), typeof(HasuraMetadata))]
public sealed class ExportHasuraMetadataCommand : HasuraMetadataCmdlet
{
    /// <summary>A directory, or a file with the extension .yaml, .yml or .json, to write to instead of the files of the project.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = "Path", HelpMessage = "A directory, or a file with the extension .yaml, .yml or .json, to write to instead of the files of the project.")]
    [ValidateNotNullOrEmpty]
    public string Path { get; set; } = "";

    /// <summary>
    /// Writes the metadata as one object and writes no file. Its property Document can be changed, and the object can be piped to
    /// Import-HasuraMetadata, which refuses it if the metadata was changed in the meantime.
    /// </summary>
    [Parameter(Mandatory = true, ParameterSetName = "AsObject", HelpMessage = "Writes the metadata as one object and writes no file.")]
    public SwitchParameter AsObject { get; set; }

    /// <summary>
    /// The text style of YAML: Cli25 as Hasura's CLI 2.5 and newer, Cli11 as CLI 1.1 to 1.3, Cli10 as CLI 1.0, with all keys in
    /// alphabetical order. Without it, each file keeps its style, and new files get the style of the directory, or Cli25.
    /// </summary>
    [Parameter(ParameterSetName = "Project")]
    [Parameter(ParameterSetName = "Path")]
    public MetadataFileStyle FileStyle { get; set; }

    /// <summary>Keeps the text of unchanged objects, including comments, in files that are written.</summary>
    [Parameter(ParameterSetName = "Project")]
    [Parameter(ParameterSetName = "Path")]
    public SwitchParameter PreserveFormatting { get; set; }

    /// <summary>Writes every file again, even if its content does not differ.</summary>
    [Parameter(ParameterSetName = "Project")]
    [Parameter(ParameterSetName = "Path")]
    public SwitchParameter Force { get; set; }

    /// <summary>
    /// Writes objects and keys in an order that does not depend on the server or on how they were created, if the order has no
    /// meaning in Hasura. Without it, the order of the server is kept.
    /// </summary>
    [Parameter]
    public SwitchParameter SortObjects { get; set; }

    private protected override void OnRecord()
    {
        var project = OpenProjectOrNone(isNeeded: ParameterSetName == "Project");
        WithTarget(project, async (target, cancellationToken) =>
        {
            var snapshot = await target.ExportAsync(cancellationToken).ConfigureAwait(false);
            await OnPipelineAsync(() => Write(project, target.Description, snapshot)).ConfigureAwait(false);
        });
    }

    private void Write(HasuraProject project, string origin, MetadataSnapshot snapshot)
    {
        if (!snapshot.Exists)
        {
            throw new HasuraMigrationException("MetadataStoreMissing", $"{origin} contains no Hasura metadata.", origin)
            {
                RecommendedAction = "Specify the metadata database with -MetadataConnectionString if it is a different one.",
            };
        }

        var document = SortObjects ? MetadataRewriter.Sort(snapshot.Document) : snapshot.Document;
        if (AsObject)
        {
            WriteObject(MetadataObjects.FromDocument(document, origin, snapshot.ResourceVersion, snapshot.Token));
            return;
        }

        var layout = ParameterSetName == "Path" ? MetadataFiles.LayoutOf(ResolvePath(Path), project) : MetadataFiles.LayoutOf(project);
        var lost = new List<Finding>();
        var options = new MetadataWriteOptions { Style = FileStyle, PreserveFormatting = PreserveFormatting, Force = Force, IsExact = SortObjects };
        var present = MetadataFiles.Present(layout);
        if (!Force && present is not null && present.Version != document.Version && MetadataComparer.Compare(present, document).Count == 0)
        {
            // It says the same in another version, and keeps it.
            WriteSummary(UpToDate(layout));
            return;
        }

        var plan = MetadataFiles.Plan(MetadataFiles.Fit(document, layout, present, lost), layout, options);
        Report(lost.Concat(plan.Findings));
        foreach (var change in plan.Apply(c => Confirmed(c.Path, Describe(c.Kind))))
        {
            WriteObject(new MetadataFileResult(change.Path, change.Kind));
        }

        var unchanged = plan.Changes.Count(c => c.Kind == MetadataFileChangeKind.Unchanged);
        WriteVerbose($"Files that are already up to date: {unchanged}.");
        if (unchanged == plan.Changes.Count)
        {
            WriteSummary(UpToDate(layout));
        }
    }

    private static string UpToDate(MetadataLayout layout) => $"The metadata in {layout.Path} is already up to date.";

    private static string Describe(MetadataFileChangeKind kind) => kind switch
    {
        MetadataFileChangeKind.Added => "Write metadata file",
        MetadataFileChangeKind.Changed => "Rewrite metadata file",
        _ => "Remove stale metadata file",
    };
}
