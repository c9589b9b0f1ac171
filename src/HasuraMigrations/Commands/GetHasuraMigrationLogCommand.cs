using System.Management.Automation;
using HasuraMigrations.Abstractions;
using HasuraMigrations.Completion;

namespace HasuraMigrations.Commands;

/// <summary>Shows the log that a database keeps: each attempt to apply or roll back, and each repair.</summary>
[Cmdlet(VerbsCommon.Get, "HasuraMigrationLog")]
[OutputType(typeof(MigrationLogEntry))]
public sealed class GetHasuraMigrationLogCommand : HasuraDatabaseCmdlet
{
    private readonly PipedInput<long> _input = new();

    /// <summary>Only entries of these versions.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true, HelpMessage = "Only entries of these versions.")]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(VersionCompleter))]
    public string[]? Version { get; set; }

    /// <summary>How many of the newest entries to read; 1,000 where left out.</summary>
    [Parameter(HelpMessage = "How many of the newest entries to read.")]
    [ValidateRange(1, int.MaxValue)]
    public int Newest { get; set; } = 1000;

    /// <summary>Only entries that tell of a failure.</summary>
    [Parameter(HelpMessage = "Only entries that tell of a failure.")]
    public SwitchParameter Failed { get; set; }

    private protected override void OnRecord() => _input.Add(Database, [.. (Version ?? []).Select(v => MigrationVersions.Parse(v))]);

    private protected override void OnEnd()
    {
        if (_input.IsEmpty)
        {
            WriteVerbose("No migration was piped in.");
            return;
        }

        var project = OpenProject();
        var wanted = _input.ByDatabase(project, isAllByDefault: true);
        ForEachDatabase(project, [.. wanted.Keys], async (scope, cancellationToken) =>
        {
            var versions = wanted[scope.Database];
            var entries = await scope.Target.ReadLogAsync(Newest, cancellationToken).ConfigureAwait(false);
            var matching = entries.Where(e => (versions.Count == 0 || versions.Contains(e.Version)) && (!Failed || e.Error is not null)).ToList();
            await OnPipelineAsync(() => WriteObject(matching, enumerateCollection: true)).ConfigureAwait(false);
        });
    }
}
