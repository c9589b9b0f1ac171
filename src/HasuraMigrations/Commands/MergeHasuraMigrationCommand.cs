using System.Collections;
using System.Management.Automation;
using HasuraMigrations.Abstractions;
using HasuraMigrations.Completion;
using HasuraMigrations.Engine.Connections;
using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Projects;
using HasuraMigrations.Engine.Proofs;
using HasuraMigrations.Engine.Squashing;
using HasuraMigrations.Engine.Variables;

namespace HasuraMigrations.Commands;

/// <summary>Squashes a range of migrations into one.</summary>
/// <remarks>
/// <para>
/// The SQL of the migrations is joined: each part stands below a comment with its version and name, ends with a semicolon, and starts
/// with the settings of a new session. In projects of config version 1, actions on metadata are merged: what later actions undo or
/// replace is left out. SQL and actions keep their order. Down steps are joined in reverse order.
/// </para>
/// <para>
/// Before any file is written, the squash is proven: the migrations and the squashed one are applied to throwaway databases and rolled
/// back, and each time objects, privileges, rows, sequences and metadata are compared. -SkipProof leaves the proof out.
/// </para>
/// <para>
/// The files that are replaced go to a backup. On the database that the connection leads to, the versions must all be applied or none.
/// If they are applied, their records in the history and in Hasura's own record are replaced by that of the squashed migration, in one
/// transaction; no SQL of a migration runs. For other databases, run the same command again with their connection. Without a
/// connection, or with -NoRecord, only the files are replaced.
/// </para>
/// <para>
/// If the command is interrupted, run it again: it completes what is left. Until then, all runs on the database are refused.
/// </para>
/// <para>
/// Files that must run without a transaction are refused, as the squashed migration runs in one: -From and -To select ranges around
/// them.
/// </para>
/// </remarks>
/// <output cref="MigrationSquash">What was squashed.</output>
/// <notes>
/// The proof runs the SQL of the migrations on this machine, in a PostgreSQL that only this user can reach. It requires the programs of
/// a PostgreSQL server and pg_dump on this machine.
/// </notes>
/// <seealso cref="RepairHasuraMigrationCommand"/>
/// <seealso cref="RemoveHasuraMigrationCommand"/>
/// <seealso cref="StartHasuraSandboxCommand"/>
/// <seealso href="about_HasuraMigrations_Connections"/>
[Cmdlet(VerbsData.Merge, "HasuraMigration", SupportsShouldProcess = true, HelpUri = HelpPages.Base + "Merge-HasuraMigration.md")]
[OutputType(typeof(MigrationSquash))]
public sealed class MergeHasuraMigrationCommand : HasuraRecordCmdlet
{
    /// <summary>The lowest version of the range.</summary>
    [Parameter(Mandatory = true, Position = 0, HelpMessage = "The lowest version of the range.")]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(VersionCompleter))]
    public string From { get; set; } = "";

    /// <summary>The highest version of the range. Without it, the range ends with the newest migration.</summary>
    [Parameter(Position = 1)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(VersionCompleter))]
    public string? To { get; set; }

    /// <summary>Name of the squashed migration. The default is squashed.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string Name { get; set; } = "squashed";

    /// <summary>
    /// The version of the squashed migration: Last (the highest of the range) or New (the time in milliseconds; only if the range ends with
    /// the newest migration). The default is Last.
    /// </summary>
    [Parameter]
    public SquashVersion KeepVersion { get; set; }

    /// <summary>
    /// Directory for the files that are replaced, outside the migrations directory. Without it, they go to squashed_FROM_to_TO in the
    /// migrations directory of the database, which neither this module nor Hasura's CLI reads.
    /// </summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? BackupPath { get; set; }

    /// <summary>
    /// Squashes migrations of which some have no down step, or one that contains only comments. The squashed migration cannot be rolled back
    /// completely then.
    /// </summary>
    [Parameter]
    public SwitchParameter AllowEmptyDown { get; set; }

    /// <summary>Replaces only the files; no connection is required.</summary>
    [Parameter]
    public SwitchParameter NoRecord { get; set; }

    /// <summary>Squashes without proving that the squashed migration does what those do that it replaces.</summary>
    [Parameter]
    public SwitchParameter SkipProof { get; set; }

    /// <summary>
    /// File with SQL that runs first in the throwaway databases of the proof: what the migrations require and do not create, such as
    /// extensions. Missing roles, and what a Hasura server brings, are created without it: the functions of pgcrypto, and its tables in the
    /// schema hdb_catalog.
    /// </summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? SetupPath { get; set; }

    /// <summary>
    /// Major version of PostgreSQL for the proof, such as 16; best that of the databases. Without it, the first version that is found is
    /// used.
    /// </summary>
    [Parameter]
    [ValidateRange(10, 99)]
    public int? PostgresVersion { get; set; }

    /// <summary>
    /// Values of the variables in SQL files below the range, for the proof, as a hashtable. They override those of the environment
    /// (HASURA_MIGRATIONS_VAR_ and the name) and of -VariablePath.
    /// </summary>
    [Parameter]
    [ValidateNotNull]
    public IDictionary? Variable { get; set; }

    /// <inheritdoc cref="HasuraScriptCmdlet.VariablePath"/>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? VariablePath { get; set; }

    /// <summary>Allows npm to install a PostgreSQL server for the proof if this machine has none.</summary>
    [Parameter]
    public SwitchParameter AllowDownload { get; set; }

    private protected override void OnEnd()
    {
        var squash = new SquashOptions(MigrationVersions.Parse(From), To is null ? null : MigrationVersions.Parse(To), Name) { KeepVersion = KeepVersion, AllowEmptyDown = AllowEmptyDown };
        var setup = SetupPath is null ? null : TextFile.Read(ResolvePath(SetupPath)).Text;
        var options = new MergeOptions(
            squash,
            BackupPath is null ? null : System.IO.Path.TrimEndingDirectorySeparator(ResolvePath(BackupPath)),
            SkipProof,
            new ProofOptions(AllowDownload, setup, PostgresVersion) { Variables = VariableSet.Create(VariableInput.Read(Variable), VariablePath is null ? null : ResolvePath(VariablePath)) },
            new RunOptions { LockTimeout = LockTimeout, ReconnectTimeout = ReconnectTimeout });
        var project = OpenProject();
        foreach (var database in DatabaseSelection.Select(project, Database, isAllByDefault: false))
        {
            if (HasConnection(project, database))
            {
                ForEachDatabase(project, [database], (scope, cancellationToken) => MergeAsync(project, database, options, scope, cancellationToken));
            }
            else
            {
                RunAsync(cancellationToken => MergeAsync(project, database, options, null, cancellationToken));
            }
        }
    }

    private async Task MergeAsync(HasuraProject project, ProjectDatabase database, MergeOptions options, MigrationScope? scope, CancellationToken cancellationToken)
    {
        var reporter = NewReporter($"Squashing migrations of {scope?.Subject ?? $"database '{database.Name}'"}", 1);
        var merger = new MigrationMerger(project, database, options, new RecordReporter(reporter), (target, action) => OnPipelineAsync(() => Confirmed(target, action)));
        if (await merger.RunAsync(scope, cancellationToken).ConfigureAwait(false) is { } squash)
        {
            await OnPipelineAsync(() => WriteObject(squash)).ConfigureAwait(false);
        }
    }

    // Where nothing names a database, the files alone are what there is.
    private bool HasConnection(HasuraProject project, ProjectDatabase database)
    {
        if (NoRecord)
        {
            return false;
        }

        try
        {
            _ = new ConnectionResolver(project, ReadRequest(), databaseCount: 1).Resolve(database);
            return true;
        }
        catch (HasuraMigrationException e) when (e.ErrorId == "ConnectionMissing")
        {
            WriteVerbose($"{e.Message} Only files are replaced.");
            return false;
        }
    }
}
