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
    private readonly PipedInput<string> _input = new();

    /// <summary>Only these versions; wildcards are accepted.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true, HelpMessage = "Only these versions.")]
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

    private protected override void OnRecord()
    {
        foreach (var version in Named(Version ?? []))
        {
            MigrationVersions.Parse(version);
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
                Tell(findings);
                WriteObject(matching.Where(HasState), enumerateCollection: true);
            }).ConfigureAwait(false);
            found.UnionWith(matching.Select(Text));
        });
        if (isWell)
        {
            TellMissing(Named(wanted.Values.SelectMany(v => v)).Distinct(), found);
        }
    }

    private static IEnumerable<string> Named(IEnumerable<string> versions) => versions.Where(v => !WildcardPattern.ContainsWildcardCharacters(v));

    private static string Text(HasuraMigration migration) => migration.Version.ToString(CultureInfo.InvariantCulture);

    // A migration without an up step waits for nothing.
    private bool HasState(HasuraMigration migration) =>
        !(Pending && !IsPending(migration)) && !(Applied && migration.Status != MigrationState.Applied);

    private static bool IsPending(HasuraMigration migration) =>
        migration.Status == MigrationState.Pending && migration.Steps.Any(s => s is MigrationStepKind.UpSql or MigrationStepKind.UpYaml);

    private void TellMissing(IEnumerable<string> versions, HashSet<string> found)
    {
        foreach (var version in versions)
        {
            var number = MigrationVersions.Parse(version);
            if (!found.Contains(number.ToString(CultureInfo.InvariantCulture)))
            {
                WriteError(Errors.ErrorRecords.From(new HasuraMigrationException("MigrationNotFound", $"There is no migration {number}: it has no files and is not applied.", number)));
            }
        }
    }
}
