using System.Globalization;
using System.Management.Automation;
using HasuraMigrations.Abstractions;
using HasuraMigrations.Completion;

namespace HasuraMigrations.Commands;

/// <summary>Shows every migration on disk or recorded, and where it stands.</summary>
[Cmdlet(VerbsCommon.Get, "HasuraMigration", DefaultParameterSetName = "All")]
[OutputType(typeof(HasuraMigration))]
public sealed class GetHasuraMigrationCommand : HasuraDatabaseCmdlet
{
    private WildcardPattern[] _patterns = [];

    /// <summary>Only these versions; wildcards are accepted.</summary>
    [Parameter(HelpMessage = "Only these versions.")]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(VersionCompleter))]
    public string[]? Version { get; set; }

    /// <summary>Only those that can be applied.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Pending", HelpMessage = "Only those that can be applied.")]
    public SwitchParameter Pending { get; set; }

    /// <summary>Only those that are applied.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Applied", HelpMessage = "Only those that are applied.")]
    public SwitchParameter Applied { get; set; }

    private protected override void OnBegin()
    {
        foreach (var version in Version?.Where(v => !WildcardPattern.ContainsWildcardCharacters(v)) ?? [])
        {
            MigrationVersions.Parse(version);
        }

        _patterns = [.. (Version ?? []).Select(v => new WildcardPattern(v.Trim()))];
    }

    private protected override void OnRecord()
    {
        var project = OpenProject();
        var found = new HashSet<string>(StringComparer.Ordinal);
        var isWell = ForEachDatabase(project, DatabaseSelection.Select(project, Database, isAllByDefault: true), async (scope, cancellationToken) =>
        {
            var (migrations, findings) = await scope.Runner.StatusAsync(cancellationToken).ConfigureAwait(false);
            var matching = migrations.Where(IsWanted).ToList();
            await OnPipelineAsync(() =>
            {
                Tell(findings);
                WriteObject(matching.Where(HasState), enumerateCollection: true);
            }).ConfigureAwait(false);
            found.UnionWith(matching.Select(Text));
        });
        if (isWell)
        {
            TellMissing(found);
        }
    }

    private static string Text(HasuraMigration migration) => migration.Version.ToString(CultureInfo.InvariantCulture);

    private bool IsWanted(HasuraMigration migration) => _patterns.Length == 0 || _patterns.Any(p => p.IsMatch(Text(migration)));

    // A migration without an up step waits for nothing.
    private bool HasState(HasuraMigration migration) =>
        !(Pending && !IsPending(migration)) && !(Applied && migration.Status != MigrationState.Applied);

    private static bool IsPending(HasuraMigration migration) =>
        migration.Status == MigrationState.Pending && migration.Steps.Any(s => s is MigrationStepKind.UpSql or MigrationStepKind.UpYaml);

    private void TellMissing(HashSet<string> found)
    {
        foreach (var version in Version?.Where(v => !WildcardPattern.ContainsWildcardCharacters(v)) ?? [])
        {
            var number = MigrationVersions.Parse(version);
            if (!found.Contains(number.ToString(CultureInfo.InvariantCulture)))
            {
                WriteError(Errors.ErrorRecords.From(new HasuraMigrationException("MigrationNotFound", $"There is no migration {number}, neither as a file nor as applied.", number)));
            }
        }
    }
}
