using System.Management.Automation;
using HasuraMigrations.Abstractions;
using HasuraMigrations.Engine.Metadata.Checking;
using HasuraMigrations.Engine.Metadata.Files;
using HasuraMigrations.Engine.Projects;

namespace HasuraMigrations.Commands;

/// <summary>Checks metadata, without a database or together with the databases of its sources.</summary>
/// <remarks>
/// <para>
/// Reads the files of the project, a directory, a file, JSON text or an object, and checks syntax, structure, and references inside
/// the document: unknown keys with the nearest known name, missing keys, values of the wrong type, objects that are defined twice,
/// files that are missing or empty, relationships to tables that are not tracked, missing collections and queries, roles that no
/// permission defines, secrets in the text.
/// </para>
/// <para>
/// With -AgainstDatabase or -Sandbox, the metadata is also compared with the catalogs of the databases by the rules of a server. Each
/// object that a server could not use is an error with file and line: tables, columns and functions that do not exist, relationships
/// without foreign key, permissions whose expressions do not fit the types of columns, stored queries with unknown root fields.
/// Names that GraphQL does not have, types and root fields that clash, and roles that can do nothing are warnings.
/// -Sandbox needs no database: the migrations of the project are applied in a throwaway PostgreSQL. Without either, a connection that is
/// given is not used, and a warning says so.
/// </para>
/// <para>
/// The result is true if there is no error; warnings do not make it false.
/// </para>
/// </remarks>
/// <input cref="object">JSON text, a metadata object, or a file.</input>
/// <output cref="bool">True if there is no error.</output>
/// <output cref="Finding">With -Detailed, every finding, with file and line if known.</output>
/// <notes>A result of false is not an error. Several objects from the pipeline give one result.</notes>
/// <seealso cref="ImportHasuraMetadataCommand"/>
/// <seealso cref="GetHasuraMetadataInconsistencyCommand"/>
/// <seealso cref="ConvertToHasuraMetadataCommand"/>
/// <seealso href="about_HasuraMigrations_Metadata"/>
[Cmdlet(VerbsDiagnostic.Test, "HasuraMetadata", DefaultParameterSetName = "Project", HelpUri = HelpPages.Base + "Test-HasuraMetadata.md")]
[OutputType(typeof(bool), typeof(Finding))]
public sealed class TestHasuraMetadataCommand : HasuraModelCmdlet
{
    private bool _isWell = true;
    private bool _wasAsked;

    /// <inheritdoc cref="HasuraFilesCmdlet.Path"/>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = "Path", HelpMessage = "A metadata directory such as that of a project, or a file that contains a whole document.")]
    [ValidateNotNullOrEmpty]
    public string Path { get; set; } = "";

    /// <inheritdoc cref="HasuraFilesCmdlet.InputObject"/>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = "InputObject", HelpMessage = "Metadata as JSON text, a path, or an object.")]
    [ValidateNotNull]
    public object InputObject { get; set; } = "";

    /// <summary>Compares the metadata with the catalogs of the databases that the connection parameters, the environment or the project name.</summary>
    [Parameter]
    public SwitchParameter AgainstDatabase { get; set; }

    /// <inheritdoc cref="TestHasuraMigrationCommand.Detailed"/>
    [Parameter]
    public SwitchParameter Detailed { get; set; }

    private protected override void OnBegin()
    {
        if (AgainstDatabase && Sandbox)
        {
            throw new HasuraMigrationException("ConnectionAmbiguous", "-AgainstDatabase and -Sandbox exclude each other.");
        }

        // The answer would be taken for one about that database.
        var given = new[] { nameof(Connection), nameof(ConnectionString), nameof(MetadataConnectionString), nameof(Endpoint) }.Where(MyInvocation.BoundParameters.ContainsKey).ToList();
        if (!AgainstDatabase && !Sandbox && given.Count > 0)
        {
            WriteWarning($"-{string.Join(", -", given)} {(given.Count == 1 ? "is" : "are")} not used: only the metadata itself is checked. To compare it with the databases, add -AgainstDatabase.");
        }
    }

    private protected override void OnRecord()
    {
        _wasAsked = true;
        Report(Inspect());
    }

    // One answer for all input: an array of answers would count as true.
    private protected override void OnEnd()
    {
        if (!Detailed && _wasAsked)
        {
            WriteObject(_isWell);
        }
    }

    // What cannot be read at all is a finding, too, where it is about the content.
    private IReadOnlyList<Finding> Inspect()
    {
        var project = ParameterSetName == "Project" || Sandbox ? OpenProject() : AgainstDatabase ? OpenNearProject() : null;
        MetadataInput reading;
        List<Finding> found;
        try
        {
            reading = Read(project);
            found = [.. reading.Findings, .. MetadataInspector.Inspect(reading.Document)];
        }
        catch (HasuraMigrationException e) when (e.Findings.Count > 0 || (e.File is not null && e.Line is not null))
        {
            return Finding.Of(e);
        }

        if (AgainstDatabase || Sandbox)
        {
            WithModel(project!, reading.Document, withLinks: false, (model, _) =>
            {
                found.AddRange(model.Findings());
                found.AddRange(model.ApiFindings());
                return Task.CompletedTask;
            });
        }

        return found;
    }

    private MetadataInput Read(HasuraProject? project) => ParameterSetName switch
    {
        "Path" => new(MetadataFiles.Read(ResolvePath(Path))),
        "InputObject" => MetadataInput.Read(InputObject, ResolvePath),
        _ => new(MetadataFiles.Read(project!)),
    };

    private void Report(IReadOnlyList<Finding> findings)
    {
        _isWell &= findings.All(f => f.Severity != FindingSeverity.Error);
        foreach (var finding in findings)
        {
            if (Detailed)
            {
                WriteObject(finding);
            }
            else
            {
                WriteVerbose(Formatting._Format.FindingText(finding));
            }
        }
    }
}
