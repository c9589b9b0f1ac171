using System.Management.Automation;
using HasuraMigrations.Abstractions;
using HasuraMigrations.Engine.Projects;
using HasuraMigrations.Engine.Reports;

namespace HasuraMigrations.Commands;

/// <summary>Writes a report of results, findings and errors for a pipeline or a person.</summary>
/// <remarks>
/// <para>
/// Takes the objects of the commands that run, check and compare, and writes one file: JUnit XML for test results, SARIF for code
/// scanning, Markdown for the summary of a pipeline run, or one page of HTML with the timeline of the migrations, the findings and
/// the changes of the metadata and of the GraphQL schemas. The page requires no other file.
/// </para>
/// <para>
/// The schema that Show-HasuraSchema returns gives a page of its own: HTML with a diagram and the permissions of each role, or Markdown with a
/// diagram of Mermaid.
/// </para>
/// <para>
/// The summary of a run (-SummaryVariable) contains its results, findings and errors. Error records can be piped in, too. An object that comes twice counts once. Without
/// input, the report is empty, so that a step that publishes it finds a file.
/// </para>
/// <para>
/// In JUnit XML, errors and findings of severity Error are failures, migrations that are still to be applied are skipped, and
/// everything else passes. It is valid by the schema junit-10.xsd of the Jenkins plugin xunit. SARIF has version 2.1.0; its paths are relative
/// to the base SRCROOT.
/// </para>
/// <para>
/// The file is replaced as a whole. Text from outside is escaped by the rules of each format, and no connection string is written.
/// </para>
/// </remarks>
/// <input cref="object">
/// Results, plans, status, log entries, findings, changes of metadata and of GraphQL schemas, imports, inconsistent objects, operations, impacts, summaries, and errors; or one schema.
/// </input>
/// <output cref="FileInfo">With -PassThru, the file.</output>
/// <notes>
/// If a command in the same pipeline ends with an error, PowerShell does not end the commands after it, and no report is written. Use
/// -SummaryVariable and a finally block, as in the examples.
/// </notes>
/// <seealso cref="InvokeHasuraMigrationCommand"/>
/// <seealso cref="TestHasuraMetadataCommand"/>
/// <seealso cref="ShowHasuraSchemaCommand"/>
/// <seealso href="about_HasuraMigrations_Pipelines"/>
[Cmdlet(VerbsData.Export, "HasuraReport", SupportsShouldProcess = true, HelpUri = HelpPages.Base + "Export-HasuraReport.md")]
[OutputType(typeof(FileInfo))]
public sealed class ExportHasuraReportCommand : AsyncCmdlet
{
    private ReportBuilder? _report;
    private ReportFormat _format;
    private string _path = "";
    private HasuraSchema? _schema;
    private bool _hasResults;

    /// <summary>File to write. Directories that do not exist are created.</summary>
    [Parameter(Mandatory = true, Position = 0, HelpMessage = "File to write.")]
    [ValidateNotNullOrEmpty]
    public string Path { get; set; } = "";

    /// <summary>Objects to report. Null is ignored.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, HelpMessage = "Objects to report.")]
    [AllowNull]
    [AllowEmptyCollection]
    [AllowEmptyString]
    public object? InputObject { get; set; }

    /// <summary>
    /// Format of the report. Without it, the extension of the file decides: .xml for JUnit, .sarif for Sarif, .md for Markdown, .html for
    /// Html.
    /// </summary>
    [Parameter]
    public ReportFormat? Format { get; set; }

    /// <summary>
    /// What the report is about: Results or Schema. Without it, the input decides. With Schema, input of another kind, or none, is an
    /// error.
    /// </summary>
    [Parameter]
    public ReportKind? Kind { get; set; }

    /// <summary>Heading of the report. The default is Hasura migrations, or Hasura schema.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Title { get; set; }

    /// <summary>
    /// Directory that paths in the report are relative to. The default is the root of the git repository that contains the current
    /// location, else the current location.
    /// </summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Root { get; set; }

    /// <summary>Replaces the file if it exists.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>Writes the file as an object.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    // Before other commands of the pipeline run: what is wrong here shall not come after a run.
    private protected override void OnBegin()
    {
        _path = UserPath.Resolve(SessionState, Path);
        _format = Format ?? FormatOf(_path);
        if (File.Exists(_path) && !Force)
        {
            throw new HasuraMigrationException("ReportExists", $"The file '{_path}' exists already.", _path) { File = _path };
        }

        _report = new ReportBuilder(Root is null ? ReportRoot.Find(SessionState.Path.CurrentFileSystemLocation.ProviderPath) : UserPath.Resolve(SessionState, Root));
    }

    private protected override void OnRecord()
    {
        var value = Secrets.Bare(InputObject);
        if (value is not string && LanguagePrimitives.GetEnumerable(value) is { } values)
        {
            foreach (var one in values)
            {
                Add(Secrets.Bare(one));
            }
        }
        else
        {
            Add(value);
        }
    }

    private protected override void OnEnd()
    {
        if (_schema is not null && _hasResults)
        {
            throw Invalid("a schema among results");
        }

        if (Kind == ReportKind.Schema && _schema is null)
        {
            throw Invalid("a schema that is not there: pipe in the object of Show-HasuraSchema");
        }

        var version = MyInvocation.MyCommand.Module.Version.ToString(3);
        var text = _schema is not null
            ? SchemaReport.Write(_schema, _format, Title ?? "Hasura schema", DateTimeOffset.UtcNow, version)
            : _report!.Write(_format, Title ?? "Hasura migrations", DateTimeOffset.UtcNow, version);
        if (!Confirmed(_path, $"Write {_format} report"))
        {
            return;
        }

        WholeFile.Write(_path, text, Force);
        if (PassThru)
        {
            WriteObject(new FileInfo(_path));
        }
    }

    private void Add(object? value)
    {
        switch (value)
        {
            case null:
                break;
            case HasuraSchema schema:
                Add(schema);
                break;
            case not null when Kind == ReportKind.Schema:
                throw Invalid($"an object of type {value.GetType().FullName} as a schema");
            case ErrorRecord record:
                Add(record);
                break;
            case RuntimeException { ErrorRecord: { } record } when Cause(record.Exception) is null:
                Add(record);
                break;
            case Exception exception when Cause(exception) is { } cause:
                _report!.Add(cause);
                break;
            case bool:
                throw Invalid("a result that is only true or false");
            default:
                _hasResults = true;
                if (!_report!.Add(value))
                {
                    throw Invalid($"an object of type {value.GetType().FullName}");
                }

                break;
        }
    }

    private void Add(HasuraSchema schema)
    {
        if (Kind == ReportKind.Results || (_schema is not null && !ReferenceEquals(_schema, schema)))
        {
            throw Invalid(_schema is null ? "a schema among results" : "several schemas");
        }

        _schema = _format is ReportFormat.Html or ReportFormat.Markdown
            ? schema
            : throw new HasuraMigrationException("ReportFormatUnknown", $"A schema cannot be written in the format {_format}.", _path) { File = _path, RecommendedAction = "Use -Format Html or Markdown, or the extension .html or .md." };
    }

    private void Add(ErrorRecord record)
    {
        if (Cause(record.Exception) is { } cause)
        {
            _report!.Add(cause);
            return;
        }

        // Errors of other commands may quote their arguments. The id of an error that a script throws is its text.
        var message = $"{record}";
        var id = record.FullyQualifiedErrorId.Split(',')[0];
        _report!.AddError(id.All(c => char.IsLetterOrDigit(c) || c is '.' or '_') ? id : record.Exception.GetType().Name, Secrets.MayHoldPassword(message) ? "The message is not shown, because it may contain a connection string." : message);
    }

    // The shell wraps errors of commands that end a script.
    private static HasuraMigrationException? Cause(Exception? exception)
    {
        for (var at = exception; at is not null; at = (at as ActionPreferenceStopException)?.ErrorRecord?.Exception ?? at.InnerException)
        {
            if (at is HasuraMigrationException ours)
            {
                return ours;
            }
        }

        return null;
    }

    private static ReportFormat FormatOf(string path) => System.IO.Path.GetExtension(path).ToUpperInvariant() switch
    {
        ".XML" => ReportFormat.JUnit,
        ".SARIF" => ReportFormat.Sarif,
        ".MD" => ReportFormat.Markdown,
        ".HTML" or ".HTM" => ReportFormat.Html,
        _ => throw new HasuraMigrationException("ReportFormatUnknown", $"The extension of '{path}' names no format of a report.", path) { File = path },
    };

    private static HasuraMigrationException Invalid(string what) => new("ReportInputInvalid", $"A report cannot show {what}.");
}
