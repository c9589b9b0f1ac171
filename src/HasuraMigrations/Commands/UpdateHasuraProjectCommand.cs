using System.Management.Automation;
using HasuraMigrations.Abstractions;
using HasuraMigrations.Engine.Connections;
using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Projects;
using HasuraMigrations.Engine.Proofs;
using HasuraMigrations.Engine.Updating;
using HasuraMigrations.Engine.Variables;

namespace HasuraMigrations.Commands;

/// <summary>Updates a project to config version 2 or 3.</summary>
/// <remarks>
/// <para>
/// From config version 1, the SQL of YAML migrations is joined with their SQL files, in the order in which it runs. What their actions do
/// to metadata comes into metadata files. Migrations that consist only of such actions are removed. To config version 3, migrations,
/// repeatable files and seed files move into the directories of the database, and metadata files get their new layout. In config.yaml,
/// only the version is changed, and the metadata directory added if it is missing.
/// </para>
/// <para>
/// Before any file is changed, the conversion of YAML migrations is proven: both forms are applied to throwaway databases and rolled back,
/// and each time objects, privileges, rows and sequences are compared. -SkipProof leaves the proof out.
/// </para>
/// <para>
/// The metadata is that of the database or server, if one is given and has metadata; else that of the files: the metadata file of config
/// version 1, or what the actions of the migrations make in a throwaway database. Differences between these are findings.
/// </para>
/// <para>
/// On the database that the connection leads to, records in the history get the checksums of the new files, removed versions are forgotten,
/// and for config version 3 Hasura's own record is copied to the catalog state. For other databases, run the same command again with
/// their connection: it reads from the backup what was changed. Without a connection, or with -NoRecord, only files are changed.
/// </para>
/// <para>
/// All files that change go to a backup. If the command is interrupted, run it again: it completes what is left. Until then, no command
/// opens the project. The command asks for confirmation; with -WhatIf, it writes nothing and outputs what it would do.
/// </para>
/// </remarks>
/// <parameter name="Database">
/// Source name of the database in config version 3, which is the name of its directories. Without it, it is 'default', or the only source
/// in the metadata of the target. Wildcards are not accepted.
/// </parameter>
/// <output cref="ProjectUpdate">What was changed, or with -WhatIf would be.</output>
/// <notes>
/// The proof runs the SQL of the migrations on this machine, in a PostgreSQL that only this user can reach. It requires the programs of
/// a PostgreSQL server and pg_dump on this machine.
/// </notes>
/// <seealso cref="InitializeHasuraProjectCommand"/>
/// <seealso cref="GetHasuraProjectCommand"/>
/// <seealso cref="ImportHasuraMigrationStateCommand"/>
/// <seealso cref="RepairHasuraMigrationCommand"/>
/// <seealso href="about_HasuraMigrations_Connections"/>
[Cmdlet(VerbsData.Update, "HasuraProject", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High, HelpUri = HelpPages.Base + "Update-HasuraProject.md")]
[OutputType(typeof(ProjectUpdate))]
public sealed class UpdateHasuraProjectCommand : HasuraRecordCmdlet
{
    /// <summary>The config version to update to: 2 or 3. The default is 3.</summary>
    [Parameter(Position = 0)]
    [ValidateRange(2, 3)]
    public int ConfigVersion { get; set; } = 3;

    /// <summary>
    /// The metadata directory, relative to the project directory. It is written into config.yaml. Without it, the directory in config.yaml
    /// is used, else metadata.
    /// </summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? MetadataDirectory { get; set; }

    /// <summary>
    /// Where the metadata comes from: Target (the database or server) or Files (the project). The default is Target if a database or server
    /// is given and has metadata, else Files.
    /// </summary>
    [Parameter]
    public ProjectMetadataSource? MetadataSource { get; set; }

    /// <summary>
    /// Directory for the files as they were. Without it, they go to backup_config_v1 or backup_config_v2 in the project directory.
    /// </summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? BackupPath { get; set; }

    /// <summary>Changes only files; no connection is required.</summary>
    [Parameter]
    public SwitchParameter NoRecord { get; set; }

    /// <summary>
    /// Leaves out the proof that the converted migrations do what the old ones do. A throwaway database is then only used if the metadata
    /// comes from the actions of the migrations.
    /// </summary>
    [Parameter]
    public SwitchParameter SkipProof { get; set; }

    /// <inheritdoc cref="MergeHasuraMigrationCommand.SetupPath"/>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? SetupPath { get; set; }

    /// <summary>
    /// Major version of PostgreSQL for the throwaway databases, such as 16; best that of the databases. Without it, the first version that
    /// is found is used.
    /// </summary>
    [Parameter]
    [ValidateRange(10, 99)]
    public int? PostgresVersion { get; set; }

    /// <summary>Allows npm to install a PostgreSQL server for the throwaway databases if this machine has none.</summary>
    [Parameter]
    public SwitchParameter AllowDownload { get; set; }

    /// <summary>Updates without confirmation.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    private protected override void OnEnd()
    {
        var project = OpenUnfinishedProject();
        var options = ReadUpdaterOptions();
        var request = ReadTarget(project);
        RunAsync(async cancellationToken =>
        {
            var reporter = new RecordReporter(NewReporter($"Updating {project.Directory}", 1));
            var updater = new ProjectUpdater(project, options, request, () => HasuraProject.Open(ReadOptions()), reporter, (target, action) => OnPipelineAsync(() => Answer(target, action)), text => OnPipelineAsync(() => WriteSummary(text)));
            if (await updater.RunAsync(cancellationToken).ConfigureAwait(false) is { } update)
            {
                await OnPipelineAsync(() => WriteObject(update)).ConfigureAwait(false);
            }
        });
    }

    private UpdaterOptions ReadUpdaterOptions()
    {
        if (Database is not (null or [_]) || Database?[0] is { } name && WildcardPattern.ContainsWildcardCharacters(name))
        {
            throw new HasuraMigrationException("UpdateDatabaseInvalid", "-Database takes the name of one database, without wildcards.", Database);
        }

        var update = new UpdateOptions(ConfigVersion) { Database = Database?[0] ?? HasuraProject.DefaultDatabase, MetadataDirectory = MetadataDirectory, BackupPath = BackupPath is null ? null : System.IO.Path.TrimEndingDirectorySeparator(ResolvePath(BackupPath)) };
        var setup = SetupPath is null ? null : TextFile.Read(ResolvePath(SetupPath)).Text;
        var proof = new ProofOptions(AllowDownload, setup, PostgresVersion) { Variables = VariableSet.Create(new Dictionary<string, string>(), null) };
        return new UpdaterOptions(update, Database is not null, MetadataSource, SkipProof, proof, new RunOptions { LockTimeout = LockTimeout, ReconnectTimeout = ReconnectTimeout });
    }

    // Where nothing names a database, the files alone are what there is.
    private ConnectionRequest? ReadTarget(HasuraProject project)
    {
        if (NoRecord)
        {
            return null;
        }

        try
        {
            var request = ReadRequest();
            ReportOnce(new ConnectionResolver(project, request, databaseCount: 1).Resolve(project.Databases[0]).Findings);
            return request;
        }
        catch (HasuraMigrationException e) when (e.ErrorId == "ConnectionMissing")
        {
            WriteVerbose($"{e.Message} Only files are changed.");
            return null;
        }
    }

    private UpdateAnswer Answer(string target, string action)
    {
        var isWhatIf = MyInvocation.BoundParameters.TryGetValue("WhatIf", out var given) && given is SwitchParameter { IsPresent: true };
        if (Force && !isWhatIf)
        {
            return UpdateAnswer.Yes;
        }

        var (isApproved, why) = ConfirmedOrWhatIf($"Performing the operation \"{action}\" on target \"{target}\".");
        return isApproved ? UpdateAnswer.Yes : why == ShouldProcessReason.WhatIf ? UpdateAnswer.WhatIf : UpdateAnswer.No;
    }
}
