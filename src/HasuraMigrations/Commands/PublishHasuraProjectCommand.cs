using System.Management.Automation;
using HasuraMigrations.Abstractions;
using HasuraMigrations.Engine.Connections;
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
public sealed class PublishHasuraProjectCommand : HasuraPlanCmdlet
{
    private const string AutoApplySet = "AutoApply";

    private static readonly string[] Decided =
        [nameof(Database), nameof(Shard), nameof(OutputPlan), nameof(TransactionMode), nameof(RejectOutOfOrder), nameof(AllowChanged), nameof(WithSeeds), nameof(Once)];

    private static readonly string[] Directories = [nameof(MigrationsDirectory), nameof(MetadataDirectory), nameof(SeedsDirectory), nameof(ConfigVersion)];

    private readonly PipedInput<string> _input = new();
    private ReleaseReporter? _reporter;

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

    private protected override void OnRecord() => _input.Add(Database, []);

    private protected override void OnStopped()
    {
        foreach (var sentence in _reporter?.Remains ?? [])
        {
            WarnStopping($"Not undone: {sentence}");
        }
    }

    // Results are part of the one object at the end.
    private protected override void WriteResult(object result) => WriteVerbose($"{result}.");

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
                await ReleaseAsync(parts, OptionsFor(project, saved), cancellationToken).ConfigureAwait(false);
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

    private async Task ReleaseAsync(ReleaseParts parts, ReleaseOptions options, CancellationToken cancellationToken)
    {
        var runner = new ReleaseRunner(parts, options);
        ReleasePlan? plan = null;
        // A replica plans under the lock, when the one before it is done.
        if (!AutoApply || OutputPlan is not null || IsGiven("WhatIf") || IsGiven("Confirm"))
        {
            try
            {
                plan = await runner.PlanAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (HasuraMigrationException e)
            {
                await OnPipelineAsync(() => Conclude(Refused(parts, e), null)).ConfigureAwait(false);
                throw;
            }

            if (OutputPlan is not null)
            {
                await OutputAsync(parts, plan, cancellationToken).ConfigureAwait(false);
                return;
            }

            if (!await OnPipelineAsync(() => Approve(parts, plan)).ConfigureAwait(false))
            {
                return;
            }
        }

        _reporter = new ReleaseReporter(NewWriter(), ThrottleLimit > 1 && parts.Databases.Count > 1);
        var outcome = await runner.RunAsync(plan, _reporter, cancellationToken).ConfigureAwait(false);
        await OnPipelineAsync(() => Conclude(outcome.Result, outcome.Previous)).ConfigureAwait(false);
        if (outcome.Result.Failure is { } failure)
        {
            throw failure;
        }
    }

    private bool IsGiven(string parameter) => MyInvocation.BoundParameters.TryGetValue(parameter, out var value) && value is SwitchParameter { IsPresent: true };

    private static ReleaseResult Refused(ReleaseParts parts, HasuraMigrationException failure) => new()
    {
        Project = parts.Project.Directory,
        Target = parts.Metadata?.Description,
        Databases = [],
        NotStarted = [.. parts.Databases.Select(d => d.Database.Name)],
        Failure = failure,
        FailedStep = ReleaseStep.Planning,
        Duration = TimeSpan.Zero,
    };

    private bool Approve(ReleaseParts parts, ReleasePlan plan)
    {
        Report(plan.Findings.Where(f => f.Severity != FindingSeverity.Error));
        if (plan.IsNothing)
        {
            return !IsGiven("WhatIf") || NothingToDo();
        }

        foreach (var change in plan.Metadata?.Changes ?? [])
        {
            WriteVerbose(change.Description);
        }

        var question = $"Performing the operation \"{Describe(plan)}\" on target \"{SubjectOf(parts)}\".";
        var (isApproved, reason) = ConfirmedOrWhatIf(question);
        if (reason == ShouldProcessReason.WhatIf)
        {
            WritePlan(plan);
        }

        return isApproved;
    }

    private bool NothingToDo()
    {
        WriteSummary("Nothing left to publish.");
        return false;
    }

    private static string Describe(ReleasePlan plan)
    {
        var databases = plan.Databases.Count(d => d.Plan is { All.Count: > 0 });
        var parts = new[]
        {
            plan.Migrations > 0 ? $"apply {Count(plan.Migrations, "migration")}{(plan.Databases.Count > 1 ? $" on {Count(databases, "database")}" : "")}" : null,
            plan.Metadata is { IsNothing: false } metadata ? $"write {Count(metadata.Changes.Count, "change")} to the metadata" : null,
            plan.Seeds > 0 ? $"run {Count(plan.Seeds, "seed file")}" : null,
        }.OfType<string>().ToList();
        return parts.Count == 0 ? "Publish: synchronize Hasura's record of migrations with the history" : $"Publish: {string.Join(", ", parts)}";
    }

    private static string SubjectOf(ReleaseParts parts) =>
        parts.Databases is [var only] ? $"database '{only.Database.Name}' on {only.Target.Description}"
        : parts.Metadata is { } metadata ? $"{Count(parts.Databases.Count, "database")}, metadata on {metadata.Description}"
        : Count(parts.Databases.Count, "database");

    private static string Count(int count, string noun) => $"{count} {noun}{(count == 1 ? "" : "s")}";

    private void WritePlan(ReleasePlan plan)
    {
        WriteObject(plan.Databases.SelectMany(d => d.Plan?.All ?? []).Select(m => m.ToInfo()), enumerateCollection: true);
        WriteObject(plan.Metadata?.Changes ?? [], enumerateCollection: true);
        WriteObject(plan.Databases.SelectMany(d => d.Seeds?.Seeds ?? []), enumerateCollection: true);
    }

    private async Task OutputAsync(ReleaseParts parts, ReleasePlan plan, CancellationToken cancellationToken)
    {
        await OnPipelineAsync(() => Report(plan.Findings.Where(f => f.Severity != FindingSeverity.Error))).ConfigureAwait(false);
        var databases = new List<DatabasePlan>();
        foreach (var database in plan.Databases)
        {
            if (database.Failure is { } failure)
            {
                throw failure;
            }

            if (database.IsNewSource)
            {
                throw new HasuraMigrationException("PlanNotPossible", $"The source '{database.Database.Database.Name}' is not on the server, or has another connection there, so that it is not known which database its migrations will run on.", database.Database.Database.Name);
            }

            var target = database.Database.Target;
            var part = DatabasePlan.Of(database.Plan!, PlanOptionsOf(parts), target.Description, await target.ReadIdentityAsync(cancellationToken).ConfigureAwait(false));
            databases.Add(part with { Seeds = database.Seeds is null ? null : DatabasePlan.EntriesOf(database.Seeds) });
        }

        var metadata = plan.Metadata is null ? null : MetadataPlan.Of(plan.Metadata, parts.Metadata!.Description, await parts.Metadata.ReadIdentityAsync(cancellationToken).ConfigureAwait(false));
        var path = ResolvePath(OutputPlan!);
        (PlanFile.Of(MyInvocation.MyCommand.Name) with { Databases = databases, Metadata = metadata, SeedsOnce = Once }).Write(path);
        await OnPipelineAsync(() =>
        {
            WritePlan(plan);
            WriteSummary($"Wrote the plan to '{path}': {(plan.IsNothing ? "nothing to do" : Describe(plan)[9..])}.");
        }).ConfigureAwait(false);
    }

    private PlanOptions PlanOptionsOf(ReleaseParts parts) => OptionsFor(parts.Project, null).Plan;

    private void Conclude(ReleaseResult result, MetadataDocument? previous)
    {
        if (previous is not null)
        {
            result = result with { PreviousMetadata = MetadataObjects.FromDocument(previous, result.Target, resourceVersion: null, token: null) };
        }

        foreach (var effect in result.Metadata?.EffectsNotDone ?? [])
        {
            WriteWarning($"Not done: {effect}");
        }

        foreach (var inconsistency in result.Failure is null ? result.Metadata?.Inconsistencies ?? [] : [])
        {
            WriteWarning($"Inconsistent: {inconsistency.Name ?? inconsistency.Type ?? inconsistency.Definition}: {inconsistency.Reason}");
        }

        foreach (var sentence in result.NotUndone)
        {
            WriteWarning($"Not undone: {sentence}");
        }

        if (SummaryVariable is not null)
        {
            SessionState.PSVariable.Set(SummaryVariable, result);
        }

        WriteObject(result);
        WriteSummary(result.ToString());
    }
}
