using System.Globalization;
using System.Management.Automation;
using HasuraMigrations.Abstractions;
using HasuraMigrations.Completion;

namespace HasuraMigrations.Commands;

/// <summary>Shows the status of every migration and repeatable file that is on disk or recorded in the database.</summary>
/// <remarks>
/// <para>
/// Reads the files of the project and, in the database, the history of this module and Hasura's own record, and combines them by
/// version. Reading writes nothing.
/// </para>
/// <para>
/// Status is Pending, Applied, Interrupted (a run without a transaction stopped before the end), Dirty (marked by Hasura) or
/// InDoubt (the history and Hasura's record contradict each other). A repeatable file is Pending if it never ran or changed since. The property Findings contains other findings; important ones
/// are also written as warnings.
/// </para>
/// </remarks>
/// <output cref="HasuraMigration">One object for each version, in ascending order, then one for each repeatable file, with the version 0.</output>
/// <seealso cref="InvokeHasuraMigrationCommand"/>
/// <seealso cref="TestHasuraMigrationCommand"/>
/// <seealso href="about_HasuraMigrations"/>
[Cmdlet(VerbsCommon.Get, "HasuraMigration", DefaultParameterSetName = "All", HelpUri = HelpPages.Base + "Get-HasuraMigration.md")]
[OutputType(typeof(HasuraMigration))]
public sealed class GetHasuraMigrationCommand : HasuraDatabaseCmdlet
{
    private readonly PipedInput<string> _input = new();

    /// <summary>Shows only these versions. Wildcards are accepted; a version without wildcards that does not exist is an error.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(VersionCompleter))]
    public string[]? Version { get; set; }

    /// <summary>Shows only migrations that can be applied.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Pending", HelpMessage = "Shows only migrations that can be applied.")]
    public SwitchParameter Pending { get; set; }

    /// <summary>Shows only migrations that are applied.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Applied", HelpMessage = "Shows only migrations that are applied.")]
    public SwitchParameter Applied { get; set; }

    private protected override void OnRecord()
    {
        foreach (var version in Named(Version ?? []))
        {
            // 0 stands for the repeatable files.
            MigrationVersions.Parse(version, least: 0);
        }

        _input.Add(Database, Version ?? []);
    }

    private protected override void OnEnd()
    {
        if (_input.IsEmpty)
        {
            WriteVerbose("No migration was piped in.");
            return;
        }

        var project = OpenProject();
        var wanted = _input.ByDatabase(project, isAllByDefault: true);
        var found = new HashSet<string>(StringComparer.Ordinal);
        var isWell = ForEachDatabase(project, [.. wanted.Keys], async (scope, cancellationToken) =>
        {
            var (migrations, findings) = await scope.Runner.StatusAsync(cancellationToken).ConfigureAwait(false);
            WildcardPattern[] patterns = [.. wanted[scope.Database].Select(v => new WildcardPattern(v.Trim()))];
            var matching = migrations.Where(m => patterns.Length == 0 || patterns.Any(p => p.IsMatch(Text(m)))).ToList();
            await OnPipelineAsync(() =>
            {
                Report(findings);
                WriteObject(matching.Where(HasState), enumerateCollection: true);
            }).ConfigureAwait(false);
            found.UnionWith(matching.Select(Text));
        });
        if (isWell)
        {
            ReportMissing(Named(wanted.Values.SelectMany(v => v)).Distinct(), found);
        }
    }

    private static IEnumerable<string> Named(IEnumerable<string> versions) => versions.Where(v => !WildcardPattern.ContainsWildcardCharacters(v));

    private static string Text(HasuraMigration migration) => migration.Version.ToString(CultureInfo.InvariantCulture);

    // A migration without an up step waits for nothing.
    private bool HasState(HasuraMigration migration) =>
        !(Pending && !IsPending(migration)) && !(Applied && migration.Status != MigrationState.Applied);

    private static bool IsPending(HasuraMigration migration) =>
        migration.Status == MigrationState.Pending && migration.Steps.Any(s => s is MigrationStepKind.UpSql or MigrationStepKind.UpYaml);

    private void ReportMissing(IEnumerable<string> versions, HashSet<string> found)
    {
        foreach (var version in versions)
        {
            var number = MigrationVersions.Parse(version, least: 0);
            if (!found.Contains(number.ToString(CultureInfo.InvariantCulture)))
            {
                WriteError(ToRecord(new HasuraMigrationException("MigrationNotFound", number == 0 ? "There is no repeatable file, for which the version 0 stands." : $"There is no migration {number}: it has no files and is not applied.", number)));
            }
        }
    }
}
