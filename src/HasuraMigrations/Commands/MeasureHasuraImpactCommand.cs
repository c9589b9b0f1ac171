using System.Management.Automation;
using HasuraMigrations.Abstractions;
using HasuraMigrations.Completion;
using HasuraMigrations.Engine.Connections;
using HasuraMigrations.Engine.Impacts;
using HasuraMigrations.Engine.Metadata.Files;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Projects;
using HasuraMigrations.Engine.Proofs;

namespace HasuraMigrations.Commands;

/// <summary>Shows what a change of a database breaks in the API, makes wider, renames or gives another type.</summary>
/// <remarks>
/// <para>
/// The change is carried out in a throwaway PostgreSQL, and the catalogs before and after it are compared together with the metadata of the
/// project. The change is the pending migrations of a database together with the metadata of the project, migrations by version, a text of SQL, or the
/// drop of named objects. The database itself is only read.
/// </para>
/// <para>
/// The throwaway database is a copy of the schema of the database, made by pg_dump without any rows. With -Sandbox, it is made of the migrations of the
/// project instead; then -Version, -Sql, -SqlPath and -Drop need no connection.
/// </para>
/// <para>
/// For each thing that is affected, one object is written: which object of the metadata becomes inconsistent, which role loses or gains
/// which field, with the file and line of the metadata, and the statement that does it. For pending migrations, the metadata of the target is
/// compared with that of the project. A role that can do more than before, although its permission was not changed, is an error unless -AllowWiderPermissions is given; for example, a permission with * on a table that gets a column.
/// </para>
/// </remarks>
/// <output cref="HasuraImpact">One for each thing that is affected; none if the change affects nothing.</output>
/// <output cref="HasuraMetadata">With -ProposeMetadata.</output>
/// <output cref="MetadataFileResult">With -UpdateFiles: one for each file that was written.</output>
/// <notes>
/// A result is no error: check its severity. A statement that depends on the rows of tables can fail in the throwaway database; then the
/// impact cannot be measured.
/// </notes>
/// <seealso cref="GetHasuraDependencyCommand"/>
/// <seealso cref="TestHasuraMetadataCommand"/>
/// <seealso cref="InvokeHasuraMigrationCommand"/>
[Cmdlet(VerbsDiagnostic.Measure, "HasuraImpact", DefaultParameterSetName = "Pending", SupportsShouldProcess = true, HelpUri = HelpPages.Base + "Measure-HasuraImpact.md")]
[OutputType(typeof(HasuraImpact), typeof(HasuraMetadata), typeof(MetadataFileResult))]
public sealed class MeasureHasuraImpactCommand : HasuraModelCmdlet
{
    private MetadataDocument? _proposal;
    private IReadOnlyList<Finding> _left = [];

    /// <summary>Name of the database that changes. It is required if the project has several databases.</summary>
    [Parameter]
    [Alias("DatabaseName")]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(DatabaseCompleter))]
    public string? Database { get; set; }

    /// <summary>Versions of migrations of the project. With -Sandbox, the throwaway database has the migrations before the first of them.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Version", HelpMessage = "Versions of migrations of the project.")]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(VersionCompleter))]
    public string[] Version { get; set; } = [];

    /// <summary>SQL of the change.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Sql", HelpMessage = "SQL of the change.")]
    [ValidateNotNullOrEmpty]
    public string Sql { get; set; } = "";

    /// <summary>File with the SQL of the change.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "SqlPath", HelpMessage = "File with the SQL of the change.")]
    [ValidateNotNullOrEmpty]
    public string SqlPath { get; set; } = "";

    /// <summary>Names of objects of the database, such as public.users.email. Shows what dropping them with CASCADE would do.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Drop", HelpMessage = "Names of objects of the database, such as public.users.email.")]
    [ValidateNotNullOrEmpty]
    public string[] Drop { get; set; } = [];

    /// <summary>Lets roles become able to do more: such objects have the severity Warning instead of Error.</summary>
    [Parameter]
    public SwitchParameter AllowWiderPermissions { get; set; }

    /// <summary>
    /// Writes the metadata of the project, changed as little as the change of the database requires, in place of the impact. Names that changed
    /// are replaced; of what is dropped, only the references are removed, and no permission is removed or becomes wider. Import-HasuraMetadata
    /// accepts it. What remains inconsistent causes warnings.
    /// </summary>
    [Parameter]
    public SwitchParameter ProposeMetadata { get; set; }

    /// <summary>Writes the proposed metadata into the files of the project; everything that does not change keeps its text and comments.</summary>
    [Parameter]
    public SwitchParameter UpdateFiles { get; set; }

    private protected override void OnEnd()
    {
        var project = OpenProject();
        var database = DatabaseSelection.Select(project, Database is null ? null : [Database], isAllByDefault: false)[0];
        var document = DocumentOf(new MetadataInput(MetadataFiles.Read(project)));
        var proof = ReadProof();
        var change = ReadChange();
        var connection = Sandbox && ParameterSetName != "Pending" ? null : new ConnectionResolver(project, ReadRequest(), databaseCount: 1).Resolve(database);
        RunAsync(async cancellationToken =>
        {
            try
            {
                var found = Sandbox
                    ? await MeasureInSandboxAsync(project, database, connection, document, proof, change, cancellationToken).ConfigureAwait(false)
                    : await MeasureInCopyAsync(project, database, connection!, document, proof, change, cancellationToken).ConfigureAwait(false);
                await OnPipelineAsync(() => Write(project, found)).ConfigureAwait(false);
            }
            catch (HasuraMigrationException e) when (e.Kind == ErrorKind.ConnectionError && ParameterSetName == "Pending")
            {
                throw e.Recommend($"{e.RecommendedAction} Without a change, the migrations that are pending on the target are measured. With -Sandbox and a change, such as -Version or -Sql, no target is needed.");
            }
        });
    }

    // The copy of a schema is a throwaway database, too.
    private protected override void RequireSandbox()
    {
    }

    private (string? Sql, string? File, long[] Versions) ReadChange() => ParameterSetName switch
    {
        "Sql" => (Sql, null, []),
        "SqlPath" => (TextFile.Read(ResolvePath(SqlPath)).Text, ResolvePath(SqlPath), []),
        "Version" => (null, null, [.. Version.Select(v => MigrationVersions.Parse(v))]),
        _ => (null, null, []),
    };

    // The database is only read: its schema, what is pending on it, and the catalogs of the other sources.
    private async Task<IReadOnlyList<HasuraImpact>> MeasureInCopyAsync(HasuraProject project, ProjectDatabase database, ResolvedConnection connection, MetadataDocument document, ProofOptions proof, (string? Sql, string? File, long[] Versions) change, CancellationToken cancellationToken)
    {
        var plan = change.Sql is null && Drop.Length == 0 ? await PlanAsync(project, database, connection, change.Versions, cancellationToken).ConfigureAwait(false) : null;
        // A release brings migrations and metadata: what is in use now is compared with what will be.
        var live = ParameterSetName == "Pending" ? await LiveMetadata.ReadAsync(project, connection, cancellationToken).ConfigureAwait(false) : null;
        if (plan?.All.Count == 0 && live is null)
        {
            await OnPipelineAsync(() => WriteVerbose($"Nothing is pending on {connection.Connection}.")).ConfigureAwait(false);
            return [];
        }

        var others = await OnPipelineAsync(() => ReadDatabases(project, document)).ConfigureAwait(false);
        return await new ImpactCopy(project, [(database, connection)], proof, Informed).UseAsync(live ?? document, document, others, m => MeasureAsync(m, plan, change, cancellationToken), cancellationToken).ConfigureAwait(false);
    }

    private async Task<IReadOnlyList<HasuraImpact>> MeasureInSandboxAsync(HasuraProject project, ProjectDatabase database, ResolvedConnection? connection, MetadataDocument document, ProofOptions proof, (string? Sql, string? File, long[] Versions) change, CancellationToken cancellationToken)
    {
        var versions = connection is null ? change.Versions : [.. (await PlanAsync(project, database, connection, [], cancellationToken).ConfigureAwait(false)).Migrations.Select(m => m.Version)];
        if (connection is not null && versions.Length == 0)
        {
            await OnPipelineAsync(() => WriteVerbose($"Nothing is pending on {connection.Connection}.")).ConfigureAwait(false);
            return [];
        }

        // Migrations that somebody asks for by version run on what is before them; those that are pending, on all others.
        MigrationSource Before(MigrationSource source) => source.Database != database.Name || versions.Length == 0 ? source
            : new MigrationSource(source.Database, source.Migrations.Where(m => connection is null ? m.Version < versions.Min() : !versions.Contains(m.Version)), source.Findings);
        var sandbox = await ProjectSandbox.StartAsync(project, proof, Before, Informed, cancellationToken).ConfigureAwait(false);
        await using (sandbox.ConfigureAwait(false))
        {
            var plan = versions.Length == 0 ? null
                : await PlanAsync(project, database, new ResolvedConnection(sandbox.Databases[database.Name], null), versions, cancellationToken).ConfigureAwait(false);
            return await MeasureAsync(new ImpactMeasurer(document, database.Name, sandbox.Databases), plan, change, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<IReadOnlyList<HasuraImpact>> MeasureAsync(ImpactMeasurer measurer, MigrationPlan? plan, (string? Sql, string? File, long[] Versions) change, CancellationToken cancellationToken)
    {
        var found = await (plan is not null ? measurer.MeasureAsync(plan, cancellationToken)
            : change.Sql is { } sql ? measurer.MeasureAsync(sql, change.File, cancellationToken)
            : measurer.MeasureDropAsync(Drop, cancellationToken)).ConfigureAwait(false);
        if (ProposeMetadata || UpdateFiles)
        {
            (_proposal, _left) = measurer.Propose();
        }

        return found;
    }

    private Task<MigrationPlan> PlanAsync(HasuraProject project, ProjectDatabase database, ResolvedConnection connection, long[] versions, CancellationToken cancellationToken) =>
        PendingChange.PlanAsync(project, database, connection, versions, ReadProof().Variables, cancellationToken);

    private void Write(HasuraProject project, IReadOnlyList<HasuraImpact> found)
    {
        if (_proposal is not null)
        {
            Report(_left);
            WriteProposal(project, _proposal);
            return;
        }

        foreach (var impact in found)
        {
            WriteObject(AllowWiderPermissions && impact.Effect == ImpactEffect.Widens ? impact with { Severity = FindingSeverity.Warning } : impact);
        }
    }

    private void WriteProposal(HasuraProject project, MetadataDocument document)
    {
        if (!UpdateFiles)
        {
            WriteObject(MetadataObjects.FromDocument(document, project.Directory, null, null));
            return;
        }

        var (layout, options) = (MetadataFiles.LayoutOf(project), new MetadataWriteOptions { PreserveFormatting = true });
        // What an export would do to the metadata as it is, is no part of the proposal: files that it would add, and another layout.
        var asIs = MetadataFiles.Plan(MetadataFiles.Read(layout).Document, layout, options).Changes.Where(c => c.Kind != MetadataFileChangeKind.Unchanged).ToList();
        var others = asIs.Where(c => c.Kind == MetadataFileChangeKind.Added).Select(c => c.Path).ToHashSet();
        var plan = MetadataFiles.Plan(document, layout, options with { KeepsLayout = asIs.Count > others.Count });
        Report(plan.Findings);
        foreach (var change in plan.Apply(c => !others.Contains(c.Path) && Confirmed(c.Path, "Rewrite metadata file")))
        {
            WriteObject(new MetadataFileResult(change.Path, change.Kind));
        }
    }
}
