using System.Management.Automation;
using HasuraMigrations.Abstractions;
using HasuraMigrations.Engine.Metadata;
using HasuraMigrations.Engine.Metadata.Files;
using HasuraMigrations.Engine.Projects;
using HasuraMigrations.Engine.Targets;

namespace HasuraMigrations.Commands;

/// <summary>Writes the metadata of a target into the files of the project, or to another place.</summary>
[Cmdlet(VerbsData.Export, "HasuraMetadata", SupportsShouldProcess = true, DefaultParameterSetName = "Project")]
[OutputType(typeof(MetadataFileResult), typeof(HasuraMetadata))]
public sealed class ExportHasuraMetadataCommand : HasuraMetadataCmdlet
{
    /// <summary>A directory, or a file ending in .yaml or .json, in place of the project's own.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = "Path", HelpMessage = "A directory, or a file ending in .yaml or .json.")]
    [ValidateNotNullOrEmpty]
    public string Path { get; set; } = "";

    /// <summary>Writes the metadata as an object and no file.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "AsObject", HelpMessage = "Write the metadata as an object.")]
    public SwitchParameter AsObject { get; set; }

    /// <summary>The version of Hasura's CLI whose text style files get; that of the files that are there where left out.</summary>
    [Parameter(ParameterSetName = "Project", HelpMessage = "The CLI version whose style files get.")]
    [Parameter(ParameterSetName = "Path", HelpMessage = "The CLI version whose style files get.")]
    public MetadataFileStyle FileStyle { get; set; }

    /// <summary>Keeps the text of objects that did not change, comments too.</summary>
    [Parameter(ParameterSetName = "Project", HelpMessage = "Keep the text of objects that did not change.")]
    [Parameter(ParameterSetName = "Path", HelpMessage = "Keep the text of objects that did not change.")]
    public SwitchParameter PreserveFormatting { get; set; }

    /// <summary>Writes every file anew, also those that say the same already.</summary>
    [Parameter(ParameterSetName = "Project", HelpMessage = "Write every file anew.")]
    [Parameter(ParameterSetName = "Path", HelpMessage = "Write every file anew.")]
    public SwitchParameter Force { get; set; }

    /// <summary>Writes objects in an order that does not depend on the server.</summary>
    [Parameter(HelpMessage = "Write objects in a stable order.")]
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
            WriteVerbose($"The metadata in {layout.Path} is already up to date.");
            return;
        }

        var plan = MetadataFiles.Plan(MetadataFiles.Fit(document, layout, present, lost), layout, options);
        Tell(lost.Concat(plan.Findings));
        foreach (var change in plan.Changes.Where(c => c.Kind != MetadataFileChangeKind.Unchanged))
        {
            if (Confirmed(change.Path, Describe(change.Kind)))
            {
                plan.Apply(change);
                WriteObject(new MetadataFileResult(change.Path, change.Kind));
            }
        }

        WriteVerbose($"Files that are already up to date: {plan.Changes.Count(c => c.Kind == MetadataFileChangeKind.Unchanged)}.");
    }

    private static string Describe(MetadataFileChangeKind kind) => kind switch
    {
        MetadataFileChangeKind.Added => "Write metadata file",
        MetadataFileChangeKind.Changed => "Rewrite metadata file",
        _ => "Remove stale metadata file",
    };
}
