using System.Management.Automation;
using HasuraMigrations.Abstractions;
using HasuraMigrations.Engine.Metadata;
using HasuraMigrations.Engine.Metadata.Files;
using HasuraMigrations.Engine.Releases;

namespace HasuraMigrations.Commands;

/// <summary>Writes metadata from files or objects into Hasura's catalog or to a server, if it differs.</summary>
/// <remarks>
/// <para>
/// Reads metadata, checks it, compares it with the metadata of the target, and writes it only if something differs and nobody else
/// wrote since the target was read. The metadata and the SQL in its own database are one transaction. Each other database of a source
/// has its own transaction, which is committed just before; if the metadata cannot be committed then, that SQL remains.
/// </para>
/// <para>
/// Metadata of an older version is converted as a server does it: versions 1 and 2 belong to the source 'default'. With -WhatIf,
/// the changes are written as objects.
/// </para>
/// <para>
/// In addition to storing metadata, a server creates triggers for event triggers, deletes the events of changed cron triggers, and
/// drops the tables of the event log of a removed source in hdb_catalog, with all events. Directly on a database, this command does the same in the databases that its parameters and the
/// environment name. Work that cannot be done is an error, unless -SkipSideEffects is given; then it is listed in the result.
/// </para>
/// </remarks>
/// <input cref="object">JSON text, a metadata object, or a file.</input>
/// <output cref="MetadataImportResult">
/// The changes. IsConsistent is null if nothing was written, or if the database of a source is not known.
/// </output>
/// <output cref="MetadataChange">With -WhatIf or -OutputPlan, one for each object that would change.</output>
/// <notes>A refused import leaves the old metadata unchanged, byte for byte.</notes>
/// <seealso cref="ExportHasuraMetadataCommand"/>
/// <seealso cref="CompareHasuraMetadataCommand"/>
/// <seealso cref="TestHasuraMetadataCommand"/>
/// <seealso href="about_HasuraMigrations_Metadata"/>
[Cmdlet(VerbsData.Import, "HasuraMetadata", SupportsShouldProcess = true, DefaultParameterSetName = "Project", ConfirmImpact = ConfirmImpact.Medium, HelpUri = HelpPages.Base + "Import-HasuraMetadata.md")]
[OutputType(typeof(MetadataImportResult), typeof(MetadataChange))]
public sealed class ImportHasuraMetadataCommand : HasuraMetadataWriteCmdlet
{
    /// <inheritdoc cref="HasuraFilesCmdlet.Path"/>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = "Path", HelpMessage = "A metadata directory such as that of a project, or a file that contains a whole document.")]
    [ValidateNotNullOrEmpty]
    public string Path { get; set; } = "";

    /// <inheritdoc cref="HasuraFilesCmdlet.InputObject"/>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = "InputObject", HelpMessage = "Metadata as JSON text, a path, or an object.")]
    [ValidateNotNull]
    public object InputObject { get; set; } = "";

    /// <summary>Fails with MetadataConflict unless the target still has this resource version (for example from an earlier export).</summary>
    [Parameter]
    [ValidateRange(0L, long.MaxValue)]
    public long? ExpectedResourceVersion { get; set; }

    /// <summary>
    /// Allows references to tables, sources, remote schemas, queries and types that the metadata does not contain, and objects that
    /// are inconsistent with the databases. Metadata that no server can read is still refused.
    /// </summary>
    [Parameter]
    public SwitchParameter AllowInconsistent { get; set; }

    /// <summary>
    /// Does not compare the metadata with the databases: IsConsistent of the result is empty, and inconsistent objects are written. A
    /// server compares what is written nevertheless.
    /// </summary>
    [Parameter]
    public SwitchParameter SkipConsistencyCheck { get; set; }

    /// <summary>
    /// Allows an import that drops a whole source, or every object of a kind (for example, because a file is missing). Concurrent
    /// changes still cause MetadataConflict.
    /// </summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>
    /// Creates Hasura's catalog if the database has none, as servers of version 2 create it; older metadata is converted to version
    /// 3, with a warning. A version 1 server must create its catalog itself. The catalog is never created in a schema hdb_catalog
    /// that exists in part. Without effect through a server, which has a catalog.
    /// </summary>
    [Parameter]
    public SwitchParameter CreateStateStore { get; set; }

    /// <summary>
    /// File to write the plan to, as JSON, in place of carrying it out. Nothing is changed. Import-HasuraMetadata applies the plan with -Plan, for
    /// example after an approval.
    /// </summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? OutputPlan { get; set; }

    /// <summary>
    /// File of a plan that was made with -OutputPlan. The import is refused if the files, the target, or the metadata of the target are not
    /// those of the plan. Migrations that run in between change the resource version, so make the plan after them.
    /// </summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Plan { get; set; }

    private protected override void OnBegin()
    {
        if (Plan is not null && OutputPlan is not null)
        {
            throw new HasuraMigrationException("PlanFixed", "-Plan and -OutputPlan exclude each other.", nameof(OutputPlan));
        }
    }

    private protected override async Task<bool> PassesAsync(IMetadataTarget target, MetadataImportPlan plan, CancellationToken cancellationToken)
    {
        if (Plan is not null)
        {
            PlanFile.Read(ResolvePath(Plan), MyInvocation.MyCommand.Name).Metadata!.Require(plan, await target.ReadIdentityAsync(cancellationToken).ConfigureAwait(false));
        }

        if (OutputPlan is null)
        {
            return true;
        }

        var made = PlanFile.Of(MyInvocation.MyCommand.Name) with { Metadata = MetadataPlan.Of(plan, target.Description, await target.ReadIdentityAsync(cancellationToken).ConfigureAwait(false)) };
        var path = ResolvePath(OutputPlan);
        made.Write(path);
        await OnPipelineAsync(() =>
        {
            Report(plan.Findings.Where(f => f.Severity != FindingSeverity.Error));
            WriteObject(plan.Changes, enumerateCollection: true);
            WriteSummary($"Wrote the plan of {plan.Changes.Count} change{(plan.Changes.Count == 1 ? "" : "s")} to '{path}'.");
        }).ConfigureAwait(false);
        return false;
    }

    private protected override void OnRecord()
    {
        var project = OpenProjectOrNone(isNeeded: ParameterSetName == "Project");
        var input = ParameterSetName switch
        {
            "Path" => new MetadataInput(MetadataFiles.Read(ResolvePath(Path))),
            "InputObject" => MetadataInput.Read(InputObject, ResolvePath),
            _ => new MetadataInput(MetadataFiles.Read(project)),
        };
        var options = new MetadataImportOptions
        {
            AllowInconsistent = AllowInconsistent,
            Force = Force,
            ExpectedToken = (Secrets.Bare(InputObject) as HasuraMetadata)?.Token,
            ExpectedResourceVersion = ExpectedResourceVersion,
            Replace = new MetadataReplaceOptions
            {
                SkipSideEffects = SkipSideEffects,
                SkipConsistencyCheck = SkipConsistencyCheck,
                CreateStateStore = CreateStateStore,
                NoReload = NoReload,
                TakesDocument = true,
            },
        };
        Import(project, DocumentOf(input), options, "Import metadata");
    }
}
