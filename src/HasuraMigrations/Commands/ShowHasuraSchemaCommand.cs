using System.Diagnostics;
using System.Management.Automation;
using HasuraMigrations.Abstractions;
using HasuraMigrations.Engine.Impacts;
using HasuraMigrations.Engine.Metadata.Files;
using HasuraMigrations.Engine.Projects;
using HasuraMigrations.Engine.Reports;

namespace HasuraMigrations.Commands;

/// <summary>Shows the tables that metadata tracks, their relationships and permissions, as an object or a page with a diagram.</summary>
/// <remarks>
/// <para>
/// Reads the metadata files of the project, or metadata that is piped in, and writes one object: tables with columns, permissions and
/// what depends on them, relationships, roles, and an entity relationship diagram as text of Mermaid, which GitHub and Azure DevOps draw.
/// </para>
/// <para>
/// -Path writes a file instead: one page of HTML with a diagram to move in, a matrix of tables and roles with the operations and columns,
/// and each table with its columns and their dependents; Markdown with the diagram and the matrix; or the text of Mermaid. The page requires
/// no other file and no network. -Open shows it in the browser.
/// </para>
/// <para>
/// Metadata alone names only some columns, and for many relationships not the table they lead to. With a connection, or -FromDatabase, the
/// databases are read, too, directly or through a server: all columns with types and keys, foreign keys that no relationship uses, and views
/// that depend on a column. With -Sandbox, the databases are made of the migrations of the project.
/// </para>
/// </remarks>
/// <input cref="object">Metadata: JSON text, a path, or an object such as that of Export-HasuraMetadata -AsObject.</input>
/// <output cref="HasuraSchema">Without -Path and -Open, the schema.</output>
/// <output cref="FileInfo">With -PassThru, the file.</output>
/// <notes>Conditions of permissions are in the object and in the page. Values of column presets are not.</notes>
/// <seealso cref="ExportHasuraReportCommand"/>
/// <seealso cref="ExportHasuraMetadataCommand"/>
/// <seealso href="about_HasuraMigrations_Metadata"/>
[Cmdlet(VerbsCommon.Show, "HasuraSchema", SupportsShouldProcess = true, HelpUri = HelpPages.Base + "Show-HasuraSchema.md")]
[OutputType(typeof(HasuraSchema), typeof(FileInfo))]
public sealed class ShowHasuraSchemaCommand : HasuraModelCmdlet
{
    /// <summary>
    /// File to write: .html for the page, .md for Markdown, .mmd or .mermaid for the text of Mermaid. Directories that do not exist are
    /// created.
    /// </summary>
    [Parameter(Position = 0)]
    [ValidateNotNullOrEmpty]
    public string? Path { get; set; }

    /// <summary>Metadata as JSON text, a path, or an object. Without it, the files of the project are read.</summary>
    [Parameter(ValueFromPipeline = true)]
    [ValidateNotNull]
    public object? InputObject { get; set; }

    /// <summary>Names of tables as schema.name. Wildcards are accepted. Only these tables and the relationships between them are shown.</summary>
    [Parameter]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[]? Table { get; set; }

    /// <summary>
    /// Reads the databases of the sources, with the connections of the environment and the project, or through the server. It is implied by
    /// -Connection and -ConnectionString.
    /// </summary>
    [Parameter]
    public SwitchParameter FromDatabase { get; set; }

    /// <summary>Heading of the page. The default is the name of the project's directory.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Title { get; set; }

    /// <summary>Opens the page in the browser. Without -Path, it is written to a temporary file.</summary>
    [Parameter]
    public SwitchParameter Open { get; set; }

    /// <summary>Replaces the file if it exists.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>Writes the file as an object.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    private protected override void OnRecord()
    {
        var path = Path is null ? null : ResolvePath(Path);
        var format = path is null ? ReportFormat.Html : FormatOf(path);
        if (path is not null && File.Exists(path) && !Force)
        {
            throw new HasuraMigrationException("ReportExists", $"The file '{path}' exists already.", path) { File = path };
        }

        var project = InputObject is null ? OpenProject() : OpenNearProject();
        var input = InputObject is null ? new MetadataInput(MetadataFiles.Read(project)) : MetadataInput.Read(InputObject, ResolvePath);
        Report(input.Findings);
        var origin = InputObject is null ? project.Directory : input.Name;
        var patterns = Table?.Select(t => new WildcardPattern(t, WildcardOptions.None)).ToList();
        HasuraSchema? outline = null;
        void Take(MetadataModel model) => outline = model.Outline(origin, patterns is null ? null : name => patterns.Exists(p => p.IsMatch(name)));
        if (FromDatabase || Sandbox || Connection is not null || ConnectionString is not null)
        {
            WithModel(project, input.Document, withLinks: true, (model, _) =>
            {
                Take(model);
                return Task.CompletedTask;
            });
        }
        else
        {
            RequireSandbox();
            Take(MetadataModel.Of(input.Document));
        }

        if (outline!.Tables.Count == 0 && patterns is not null)
        {
            WriteWarning($"No table of the metadata matches '{string.Join("', '", Table!)}'.");
        }

        var schema = outline with { Mermaid = MermaidSchema.Write(outline) };
        if (path is null && !Open)
        {
            WriteObject(schema);
            return;
        }

        Write(schema, path ?? System.IO.Path.Combine(System.IO.Path.GetTempPath(), $"hasura-schema-{Guid.NewGuid():N}.html"), format, project);
    }

    private void Write(HasuraSchema schema, string path, ReportFormat? format, HasuraProject project)
    {
        if (!Confirmed(path, "Write schema"))
        {
            return;
        }

        var title = Title ?? (InputObject is null && new DirectoryInfo(project.Directory).Name is { Length: > 0 } name ? name : "Schema");
        WholeFile.Write(path, format is { } known ? SchemaReport.Write(schema, known, title, DateTimeOffset.UtcNow, MyInvocation.MyCommand.Module.Version.ToString(3)) : schema.Mermaid, mayReplace: Force);
        if (Open)
        {
            Start(path);
        }

        if (PassThru)
        {
            WriteObject(new FileInfo(path));
        }
    }

    private void Start(string path)
    {
        try
        {
            using var started = Process.Start(new ProcessStartInfo(path) { UseShellExecute = true });
        }
        catch (Exception e) when (e is System.ComponentModel.Win32Exception or PlatformNotSupportedException or InvalidOperationException)
        {
            WriteWarning($"The file '{path}' was written, but no program opens it here: {e.Message}");
        }
    }

    // None for the text of Mermaid alone.
    private static ReportFormat? FormatOf(string path) => System.IO.Path.GetExtension(path).ToUpperInvariant() switch
    {
        ".HTML" or ".HTM" => ReportFormat.Html,
        ".MD" => ReportFormat.Markdown,
        ".MMD" or ".MERMAID" => null,
        _ => throw new HasuraMigrationException("ReportFormatUnknown", $"The extension of '{path}' names no format of a schema.", path) { File = path, RecommendedAction = "Use the extension .html, .md, .mmd or .mermaid." },
    };
}
