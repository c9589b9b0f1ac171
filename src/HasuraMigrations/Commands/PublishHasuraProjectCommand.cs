using System.Management.Automation;
using HasuraMigrations.Abstractions;
using HasuraMigrations.Engine.Connections;
using HasuraMigrations.Engine.Impacts;
using HasuraMigrations.Engine.Metadata;
using HasuraMigrations.Engine.Metadata.Files;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Projects;
using HasuraMigrations.Engine.Releases;
using HasuraMigrations.Engine.Seeds;

namespace HasuraMigrations.Commands;

/// <summary>Publishes a project as one release: migrations of all databases, then metadata, then seed files if asked for.</summary>
/// <remarks>
/// <para>
/// Plans the migrations of every database and the metadata together, and refuses the release before anything is written if one of these
/// plans is refused. Then it applies the pending migrations and repeatable files, each database with its own lock, history and results; one that
/// fails or cannot be reached does not stop the others. If all succeeded, the metadata is written if it differs, and compared with the databases.
/// With -WithSeeds, the seed files run last. A release that finds nothing to do writes nothing; repeating a failed or interrupted release does what
/// is left.
/// </para>
/// <para>
/// The order of metadata and migrations follows from what refers to what: metadata that refers to what a migration may drop, and will not any more,
/// is written before the migrations, if it fits the databases as they are. All other metadata follows the migrations. The order is shown, and the
/// property Order of the result has it.
/// </para>
/// <para>
/// If a step fails, the metadata returns to the document that was there before, and the result lists what remains and cannot be undone, such as
/// the migrations that were applied, with the command that rolls them back. The command then ends with the error; the result is written before it.
/// </para>
/// <para>
/// In a project of config version 3, migrations through a server need their source in the metadata of the server. If it is missing there, or has
/// another connection, its connection is written first. The rest of the metadata follows the migrations.
/// </para>
/// <para>
/// With -AutoApply, the command is what a container runs at start: it uses the directories and environment variables of Hasura's images for that
/// (cli-migrations), waits for the database or the server, creates Hasura's catalog in a new database, and asks nothing. pwsh -Command then ends
/// with exit code 0, or 1 after an error. Replicas that start together release one after another, and the first one does the work.
/// </para>
/// </remarks>
/// <parameter name="SummaryVariable">
/// Name of a variable to set to the result, also if the command fails. A failed command that is assigned to a variable assigns nothing.
/// </parameter>
/// <parameter name="Database">
/// Names of databases whose migrations and seed files belong to the release. Wildcards are accepted. Without it, all databases of the project
/// do.
/// </parameter>
/// <parameter name="Shard">
/// The part of the databases to work on, such as 3/10 for the third of ten parts, so that several machines share the work. The metadata, which
/// belongs to all databases, is not written then: publish once without -Shard when all parts are done.
/// </parameter>
/// <parameter name="CreateStateStore">
/// Creates Hasura's catalog (schema hdb_catalog) if the metadata database has none. With -AutoApply, it is always created.
/// </parameter>
/// <parameter name="OutputPlan">
/// File to write the plan to, as JSON, in place of applying it. Nothing is changed. Publish-HasuraProject applies the plan with -Plan, for example
/// after an approval.
/// </parameter>
/// <parameter name="Plan">
/// File of a plan that was made with -OutputPlan. Exactly this release is made; it is refused if a file, a database or the metadata is not what
/// the plan was made of.
/// </parameter>
/// <output cref="ReleaseResult">One object for the release, also before an error.</output>
/// <output cref="PlannedMigrationInfo">With -WhatIf or -OutputPlan: one object for each migration.</output>
/// <output cref="MetadataChange">With -WhatIf or -OutputPlan: one object for each change of the metadata.</output>
/// <output cref="PlannedSeedInfo">With -WhatIf or -OutputPlan: one object for each seed file.</output>
/// <notes>Stopping the command (Ctrl+C) rolls back the running migration and puts the metadata back.</notes>
/// <seealso cref="InvokeHasuraMigrationCommand"/>
/// <seealso cref="ImportHasuraMetadataCommand"/>
/// <seealso cref="InvokeHasuraSeedCommand"/>
/// <seealso cref="UndoHasuraMigrationCommand"/>
/// <seealso href="about_HasuraMigrations_Pipelines"/>
[Cmdlet(VerbsData.Publish, "HasuraProject", DefaultParameterSetName = "Project", SupportsShouldProcess = true, HelpUri = HelpPages.Base + "Publish-HasuraProject.md")]
[OutputType(typeof(ReleaseResult), typeof(PlannedMigrationInfo), typeof(MetadataChange), typeof(PlannedSeedInfo))]
public sealed class PublishHasuraProjectCommand : HasuraReleaseCmdlet
{
    private const string AutoApplySet = "AutoApply";

    private static readonly string[] Decided =
        [nameof(Database), nameof(Shard), nameof(OutputPlan), nameof(TransactionMode), nameof(RejectOutOfOrder), nameof(AllowChanged), nameof(WithSeeds), nameof(Once)];

    private static readonly string[] Directories = [nameof(MigrationsDirectory), nameof(MetadataDirectory), nameof(SeedsDirectory), nameof(ConfigVersion)];

    private readonly PipedInput<string> _input = new();

    /// <summary>
    /// Does what a container does at start. It uses the directories and environment variables of Hasura's images, or the project of -Project.
    /// Inconsistent metadata is a warning then, as with these images.
    /// </summary>
    [Parameter(Mandatory = true, ParameterSetName = AutoApplySet, HelpMessage = "Does what a container does at start.")]
    public SwitchParameter AutoApply { get; set; }

    /// <summary>Directory of the migrations. The default is HASURA_GRAPHQL_MIGRATIONS_DIR, else /hasura-migrations. One that does not exist is skipped.</summary>
    [Parameter(ParameterSetName = AutoApplySet)]
    [ValidateNotNullOrEmpty]
    public string? MigrationsDirectory { get; set; }

    /// <summary>Directory of the metadata. The default is HASURA_GRAPHQL_METADATA_DIR, else /hasura-metadata. One that does not exist is skipped.</summary>
    [Parameter(ParameterSetName = AutoApplySet)]
    [ValidateNotNullOrEmpty]
    public string? MetadataDirectory { get; set; }

    /// <summary>
    /// Directory of the seed files of the database 'default', or with a directory for each database. The default is HASURA_GRAPHQL_SEEDS_DIR, else
    /// /hasura-seeds. They run if this parameter, the variable or -WithSeeds is given.
    /// </summary>
    [Parameter(ParameterSetName = AutoApplySet)]
    [ValidateNotNullOrEmpty]
    public string? SeedsDirectory { get; set; }

    /// <summary>Config version of the layout of these directories. Without it, the directories are looked at.</summary>
    [Parameter(ParameterSetName = AutoApplySet)]
    [ValidateRange(1, 3)]
    public int? ConfigVersion { get; set; }

    /// <summary>
    /// How long to wait for the database or the server, as a number of seconds or a time. The default is HASURA_GRAPHQL_MIGRATIONS_SERVER_TIMEOUT, else
    /// 30 seconds.
    /// </summary>
    [Parameter(ParameterSetName = AutoApplySet)]
    [Seconds]
    public TimeSpan? Timeout { get; set; }

    /// <summary>Runs the seed files of the databases behind the metadata, all files of a database in one transaction. A failure is an error.</summary>
    [Parameter(ParameterSetName = "Project")]
    [Parameter(ParameterSetName = AutoApplySet)]
    public SwitchParameter WithSeeds { get; set; }

    /// <summary>Records each seed file with its checksum, and skips files that were recorded before and did not change since. With -AutoApply, always.</summary>
    [Parameter(ParameterSetName = "Project")]
    public SwitchParameter Once { get; set; }

    /// <inheritdoc cref="InvokeHasuraMigrationCommand.RejectOutOfOrder"/>
    [Parameter]
    public SwitchParameter RejectOutOfOrder { get; set; }

    /// <inheritdoc cref="InvokeHasuraMigrationCommand.AllowChanged"/>
    [Parameter]
    public SwitchParameter AllowChanged { get; set; }

    /// <summary>
    /// Allows metadata with references to missing objects, and metadata that is inconsistent with the databases. Without it, such a release
    /// fails, and the previous metadata is kept.
    /// </summary>
    [Parameter]
    [Alias("AllowInconsistentMetadata")]
    public SwitchParameter AllowInconsistent { get; set; }

    /// <inheritdoc cref="HasuraMetadataWriteCmdlet.SkipSideEffects"/>
    [Parameter]
    public SwitchParameter SkipSideEffects { get; set; }

    /// <inheritdoc cref="ImportHasuraMetadataCommand.Force"/>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>
    /// Measures the impact of the release on the API before it is made, in copies of the schemas, and shows its count and the worst. The release
    /// is refused if a permission becomes wider although nobody changed it. With -WhatIf, the impact is always shown if it can be measured.
    /// </summary>
    [Parameter(ParameterSetName = "Project")]
    [Parameter(ParameterSetName = PlanSet)]
    public SwitchParameter MeasureImpact { get; set; }

    /// <summary>Allows a release by which roles become able to do more although no permission was changed.</summary>
    [Parameter(ParameterSetName = "Project")]
    [Parameter(ParameterSetName = PlanSet)]
    public SwitchParameter AllowWiderPermissions { get; set; }

    // A replica plans when the one before it is done.
    private protected override bool PlansUnderLock => AutoApply;

    private protected override void OnRecord() => _input.Add(Database, []);

    private protected override void OnEnd()
    {
        if (_input.IsEmpty)
        {
            WriteVerbose("No database was piped in.");
            return;
        }

        try
        {
            Publish();
        }
        finally
        {
            Agent.EndGroup();
        }
    }

    private void Publish()
    {
        var saved = ReadPlan();
        var (project, timeout) = OpenReleased();
        var share = DatabaseShare.Parse(Shard);
        var databases = saved is not null ? [.. saved.Databases.Select(d => project.Database(d.Database))] : Select(project, share);
        // Names that mean no database are a mistake, and no wish to write metadata alone.
        var hasMetadata = share is null && saved is null or { Metadata: not null } && (databases.Count > 0 || Database is null);
        var document = hasMetadata ? ReadDocument(project) : null;
        if (databases.Count == 0 && document is null)
        {
            WriteSummary($"Nothing to publish: there are no migrations{(share is not null ? $" in part {share}" : hasMetadata ? " and no metadata" : " on the databases named")}.");
            return;
        }

        var resolver = new ConnectionResolver(project, ReadRequest(), databases.Count);
        var connections = databases.Select(resolver.Resolve).ToList();
        ReportOnce(connections.SelectMany(c => c.Findings));
        var places = document is null ? null : resolver.ResolveMetadataPlaces();
        ReportOnce(places?.Metadata.Findings ?? []);
        RunWithVariables(databases.Count, () => RunAsync(async cancellationToken =>
        {
            if (AutoApply)
            {
                await WaitAsync([.. connections.SelectMany(c => new[] { c.Connection, c.MetadataConnection }).Append(places?.Metadata).OfType<HasuraConnection>()], Timeout ?? timeout, cancellationToken).ConfigureAwait(false);
            }

            var opened = new List<IAsyncDisposable>();
            try
            {
                var released = databases.Zip(connections, (d, c) => Open(project, d, c, saved?.Databases.FirstOrDefault(s => s.Database == d.Name), opened)).ToList();
                var metadata = places is null ? null : MetadataTargets.Open(places, project);
                opened.AddRange(metadata is null ? [] : [metadata]);
                RefuseSkippedEffects(metadata, SkipSideEffects);
                var parts = new ReleaseParts { Project = project, Databases = released, Metadata = metadata, Document = document };
                var known = places?.DatabasesOf(document!) ?? new Dictionary<string, HasuraConnection>();
                var named = databases.Zip(connections).ToDictionary(p => p.First.Name, p => p.Second, StringComparer.Ordinal);
                await ReleaseAsync(parts, OptionsFor(project, saved) with { Order = new ReferenceOrder(known) }, plan => InspectAsync(project, plan, named, known, cancellationToken), cancellationToken).ConfigureAwait(false);
            }
            finally
            {
                foreach (var target in opened)
                {
                    await target.DisposeAsync().ConfigureAwait(false);
                }
            }
        }));
    }

    private Task<IReadOnlyList<string>?> InspectAsync(HasuraProject project, ReleasePlan plan, IReadOnlyDictionary<string, ResolvedConnection> connections, IReadOnlyDictionary<string, HasuraConnection> others, CancellationToken cancellationToken) =>
        plan.IsNothing ? Task.FromResult<IReadOnlyList<string>?>(null) : ShowImpactAsync($"project '{project.Directory}'", null, i => i.MeasureAsync(project, plan, connections, others, cancellationToken));

    private PlanFile? ReadPlan()
    {
        if (Plan is null)
        {
            return null;
        }

        RefuseBesidePlan(Decided);
        var plan = PlanFile.Read(ResolvePath(Plan), MyInvocation.MyCommand.Name);
        Once = plan.SeedsOnce;
        return plan;
    }

    private (HasuraProject Project, TimeSpan Timeout) OpenReleased()
    {
        if (!AutoApply)
        {
            return (OpenProject(), TimeSpan.Zero);
        }

        Once = true;
        CreateStateStore = true;
        AllowInconsistent = true;
        if (Project is not null && Directories.FirstOrDefault(MyInvocation.BoundParameters.ContainsKey) is { } name)
        {
            throw new HasuraMigrationException("ProjectAmbiguous", $"-Project and -{name} exclude each other: the project has its own directories.", name) { RecommendedAction = $"Omit -Project or -{name}." };
        }

        var (project, timeout) = new AutoApplyProject
        {
            MigrationsDirectory = MigrationsDirectory is null ? null : ResolvePath(MigrationsDirectory),
            MetadataDirectory = MetadataDirectory is null ? null : ResolvePath(MetadataDirectory),
            SeedsDirectory = SeedsDirectory is null ? null : ResolvePath(SeedsDirectory),
            ConfigVersion = ConfigVersion,
        }.Make(ReadOptions());
        Opened(project);
        WithSeeds |= SeedsDirectory is not null || (Project is null && project.Variables.ContainsKey("HASURA_GRAPHQL_SEEDS_DIR"));
        // In a container, the URL of the database is there for the server too.
        Target ??= Connection is null && ConnectionString is null && project.Settings.SourceOf("endpoint") != SettingSource.Default ? HasuraTargetKind.Server : null;
        foreach (var (what, directory) in new[] { ("migrations", project.MigrationsDirectory), ("metadata", project.ConfigVersion == 1 ? project.MigrationsDirectory : project.MetadataDirectory) }.DistinctBy(d => d.Item2))
        {
            if (!System.IO.Directory.Exists(directory))
            {
                Report(new Finding { Id = "AutoApplyDirectoryMissing", Severity = FindingSeverity.Warning, Message = $"The directory of the {what}, '{directory}', does not exist and is skipped." });
            }
        }

        return (project, timeout);
    }

    // A source without migrations and seed files needs no connection.
    private IReadOnlyList<ProjectDatabase> Select(HasuraProject project, DatabaseShare? share)
    {
        var named = _input.ByDatabase(project, isAllByDefault: true).Keys;
        var used = named.Where(d => System.IO.Directory.Exists(d.MigrationsDirectory) || SeedsOf(project, d, null) is { Entries.Count: > 0 });
        return share?.Of(used) ?? [.. used];
    }

    private SeedSource? SeedsOf(HasuraProject project, ProjectDatabase database, DatabasePlan? saved) =>
        saved is not null ? saved.Seeds is { Count: > 0 } seeds ? SeedSource.Scan(project, database, [.. seeds.Select(s => s.Path)]) : null
        : WithSeeds ? SeedSource.Scan(project, database)
        : null;

    private MetadataDocument? ReadDocument(HasuraProject project)
    {
        var layout = MetadataFiles.LayoutOf(project);
        if (layout.Kind == MetadataLayoutKind.SingleFile ? !File.Exists(layout.Path) : project.Settings["metadata_directory"].Length == 0 || !System.IO.Directory.Exists(layout.Path))
        {
            WriteVerbose($"The project has no metadata at '{layout.Path}'.");
            return null;
        }

        var reading = MetadataFiles.Read(layout);
        Report(reading.Findings);
        return reading.Document;
    }

    private ReleaseDatabase Open(HasuraProject project, ProjectDatabase database, ResolvedConnection connection, DatabasePlan? saved, List<IAsyncDisposable> opened)
    {
        var (migrations, seeds) = MigrationTargets.OpenForBoth(connection, database.Name, project.ConfigVersion);
        opened.Add(migrations);
        return new ReleaseDatabase(database, MigrationSource.Scan(project, database), migrations) { Seeds = SeedsOf(project, database, saved), SeedTarget = seeds, Saved = saved };
    }

    private ReleaseOptions OptionsFor(HasuraProject project, PlanFile? saved) => new()
    {
        Plan = new PlanOptions { TransactionMode = TransactionModeFor(project), RejectOutOfOrder = RejectOutOfOrder, AllowChanged = AllowChanged, Variables = Variables },
        Run = ReadRunOptions(),
        Seeds = new SeedOptions { IsOnce = Once, Variables = Variables },
        Metadata = new MetadataImportOptions
        {
            AllowInconsistent = AllowInconsistent,
            Force = Force,
            Replace = new MetadataReplaceOptions { SkipSideEffects = SkipSideEffects, CreateStateStore = CreateStateStore, NoReload = NoReload },
        },
        SavedMetadata = saved?.Metadata,
        ThrottleLimit = ThrottleLimit,
    };

    private async Task WaitAsync(IReadOnlyList<HasuraConnection> connections, TimeSpan timeout, CancellationToken cancellationToken)
    {
        Task NotYetAsync(string problem) => OnPipelineAsync(() => WriteVerbose($"Not ready yet: {problem}"));
        foreach (var connection in connections.DistinctBy(c => c.ToString()))
        {
            if (connection.Server is { } server)
            {
                await ConnectionWait.ForServerAsync(server, timeout, NotYetAsync, cancellationToken).ConfigureAwait(false);
            }
            else
            {
                await ConnectionWait.ForDatabaseAsync(connection, timeout, NotYetAsync, cancellationToken).ConfigureAwait(false);
            }
        }
    }
}
