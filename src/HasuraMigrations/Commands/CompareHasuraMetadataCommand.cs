using System.Management.Automation;
using System.Security;
using HasuraMigrations.Abstractions;
using HasuraMigrations.Completion;
using HasuraMigrations.Engine.Connections;
using HasuraMigrations.Engine.Metadata.Comparing;
using HasuraMigrations.Engine.Metadata.Files;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Projects;

namespace HasuraMigrations.Commands;

/// <summary>Shows the differences between the metadata of two places, object by object.</summary>
/// <remarks>
/// <para>
/// Compares any two of these: the files of a project, a directory, a file, JSON text, a metadata object, a database, a git revision
/// of the project. Without parameters, the target is the reference and the project is compared with it: the result is what an
/// import would change.
/// </para>
/// <para>
/// Order is compared only if it has a meaning in Hasura. Short forms and explicit defaults are equal to long forms and omitted
/// defaults. Each difference is an object with a sentence, the changed members with old and new value, and file and line if they
/// are known.
/// </para>
/// </remarks>
/// <output cref="MetadataChange">One for each object that differs; none if nothing differs.</output>
/// <output cref="string">With -Unified.</output>
/// <notes>A difference is not an error. Metadata of two different versions is compared in the higher version.</notes>
/// <seealso cref="ImportHasuraMetadataCommand"/>
/// <seealso cref="ExportHasuraMetadataCommand"/>
/// <seealso href="about_HasuraMigrations_Metadata"/>
[Cmdlet(VerbsData.Compare, "HasuraMetadata", DefaultParameterSetName = "Objects", HelpUri = HelpPages.Base + "Compare-HasuraMetadata.md")]
[OutputType(typeof(MetadataChange), typeof(string))]
public sealed class CompareHasuraMetadataCommand : HasuraMetadataCmdlet
{
    /// <summary>
    /// Old metadata to compare against: a directory, a file, JSON text, a metadata object, a connection object or a connection
    /// string. Without it, the target of the connection parameters is used.
    /// </summary>
    [Parameter(Position = 0, ParameterSetName = "Objects")]
    [ValidateNotNull]
    public object? ReferenceObject { get; set; }

    /// <summary>New metadata, in the same forms as -ReferenceObject. Without it, the files of the project are used.</summary>
    [Parameter(Position = 1)]
    [ValidateNotNull]
    public object? DifferenceObject { get; set; }

    /// <summary>
    /// A commit, branch or tag of the git repository that contains the project: its files in that revision are the reference. The
    /// program git must be installed.
    /// </summary>
    [Parameter(Mandatory = true, ParameterSetName = "Revision", HelpMessage = "A commit, branch or tag of the git repository that contains the project: its files in that revision are the reference.")]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(RevisionCompleter))]
    public string Revision { get; set; } = "";

    /// <summary>Writes both as YAML in a unified diff, as patch and git read it, instead of objects. Equal metadata gives no text. The text shows secrets of the metadata: do not write it to a log.</summary>
    [Parameter]
    public SwitchParameter Unified { get; set; }

    private protected override void OnRecord()
    {
        var isProjectNeeded = DifferenceObject is null || ParameterSetName == "Revision";
        var project = OpenProjectOrNone(isProjectNeeded);
        using var revision = ParameterSetName == "Revision" ? CheckOut(project) : null;
        (MetadataDocument Document, string Name) old = revision is not null ? ReadRevision(revision)
            : ReferenceObject is null ? ReadTarget(project, ReadRequest())
            : ReadSide(project, ReferenceObject);
        (MetadataDocument Document, string Name) @new = DifferenceObject is null ? (DocumentOf(new MetadataInput(MetadataFiles.Read(project))), project.Directory) : ReadSide(project, DifferenceObject);
        if (Unified)
        {
            WriteDiff(old, @new);
            return;
        }

        var changes = MetadataComparer.Compare(old.Document, @new.Document);
        WriteObject(changes.Select(c => c.File is null || revision is null ? c : c with { File = revision.Describe(c.File) }), enumerateCollection: true);
    }

    private void WriteDiff((MetadataDocument Document, string Name) old, (MetadataDocument Document, string Name) @new)
    {
        var text = MetadataTextDiff.Write(old.Document, @new.Document, old.Name, @new.Name);
        if (text.Length > 0)
        {
            WriteObject(text);
        }
    }

    private ProjectRevision CheckOut(HasuraProject project)
    {
        ProjectRevision? revision = null;
        RunAsync(async cancellationToken => revision = await RevisionMetadata.CheckOutAsync(project, Revision, cancellationToken).ConfigureAwait(false));
        return revision!;
    }

    private (MetadataDocument Document, string Name) ReadRevision(ProjectRevision revision)
    {
        var input = RevisionMetadata.Read(revision);
        return (DocumentOf(input), input.Name);
    }

    private (MetadataDocument Document, string Name) ReadSide(HasuraProject project, object value)
    {
        var bare = Secrets.Bare(value);
        if (bare is HasuraConnection or HasuraSandbox or SecureString || (bare is string text && Secrets.LooksLikeConnection(text)))
        {
            return ReadTarget(project, RequestOf(bare!));
        }

        var input = MetadataInput.Read(value, ResolvePath);
        return (DocumentOf(input), input.Name);
    }

    private ConnectionRequest RequestOf(object value)
    {
        var text = value is string or SecureString ? Secrets.Text(value) : null;
        var isUrl = text?.StartsWith("http", StringComparison.OrdinalIgnoreCase) == true;
        return new ConnectionRequest
        {
            Connection = text is null ? SandboxRegistry.ConnectionOf(value) : null,
            ConnectionString = isUrl ? null : text,
            Endpoint = isUrl ? text : null,
            AdminSecret = isUrl ? Secrets.AdminSecret(AdminSecret) : null,
        };
    }

    private (MetadataDocument Document, string Name) ReadTarget(HasuraProject project, ConnectionRequest request)
    {
        (MetadataDocument, string) read = default;
        WithTarget(project, request, async (target, cancellationToken) =>
        {
            var snapshot = await target.ExportAsync(cancellationToken).ConfigureAwait(false);
            read = (snapshot.Document, target.Description);
            if (!snapshot.Exists)
            {
                await OnPipelineAsync(() => WriteWarning($"{target.Description} contains no metadata yet; it is treated as empty.")).ConfigureAwait(false);
            }
        });
        return read;
    }
}
