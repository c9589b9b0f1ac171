using System.Collections.Concurrent;
using System.Diagnostics;
using System.Management.Automation;
using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Projects;

namespace HasuraMigrations.Abstractions;

/// <summary>Base of the cmdlets that run migrations and say at their end what they did on each database.</summary>
public abstract class HasuraSummaryCmdlet : HasuraScriptCmdlet
{
    private readonly List<DatabaseRunSummary> _summaries = [];
    private readonly ConcurrentDictionary<string, RunTally> _tallies = new(StringComparer.Ordinal);
    private readonly Stopwatch _clock = new();
    private IReadOnlyList<string> _databases = [];
    private RunTally? _last;

    private protected HasuraSummaryCmdlet()
    {
    }

    /// <summary>
    /// Name of a variable to set to a summary of the run: what was committed on each database, how long it took, how many migrations
    /// are pending, and what failed. The variable is also set if the command fails. The output does not contain the summary.
    /// </summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? SummaryVariable { get; set; }

    /// <summary>True once a plan was only shown.</summary>
    private protected bool IsWhatIf { get; set; }

    /// <summary>The run begins.</summary>
    /// <param name="databases">Names of its databases.</param>
    private protected void BeginRun(IReadOnlyList<string> databases)
    {
        _databases = databases;
        _clock.Start();
    }

    /// <summary>What is counted of a database on which work has begun.</summary>
    private protected RunTally TallyOf(ProjectDatabase database) => _tallies[database.Name];

    private protected sealed override void BeginDatabase(ProjectDatabase database)
    {
        _last = _tallies[database.Name] = new RunTally(database.Name);
        if (!IsParallel)
        {
            Agent.BeginGroup($"Database '{database.Name}'");
        }
    }

    private protected sealed override void EndDatabase(ProjectDatabase database, HasuraMigrationException? failure, bool hasEnded)
    {
        var tally = _tallies[database.Name];
        var summary = tally.Sum(failure);
        _summaries.Add(summary);
        Agent.EndGroup();
        if (hasEnded && (failure is not null || tally.HasRun))
        {
            WriteSummary(summary.ToString());
        }
    }

    private protected sealed override void Report(Finding finding)
    {
        if ((finding.Database is { } name ? _tallies.GetValueOrDefault(name) : IsParallel ? null : _last) is { } tally)
        {
            tally.Add(finding);
        }

        base.Report(finding);
    }

    /// <summary>Sums the run up, whatever happened: what was committed stays committed, and who asked has to know.</summary>
    /// <param name="failure">What ended the command; null for nothing.</param>
    private protected void Conclude(HasuraMigrationException? failure)
    {
        var summary = new MigrationRunSummary
        {
            Databases = [.. _databases.Join(_summaries, name => name, s => s.Database, (_, s) => s)],
            NotStarted = [.. _databases.Except(_summaries.Select(s => s.Database))],
            Duration = IsParallel ? _clock.Elapsed : _summaries.Aggregate(TimeSpan.Zero, (sum, s) => sum + s.Duration),
            Failure = failure?.ErrorId == "DatabasesFailed" || _summaries.Exists(s => ReferenceEquals(s.Failure, failure)) ? null : failure,
            IsWhatIf = IsWhatIf,
        };
        if (SummaryVariable is not null)
        {
            SessionState.PSVariable.Set(SummaryVariable, summary);
        }

        if (_databases.Count < 2 || IsWhatIf)
        {
            return;
        }

        try
        {
            WriteSummary(summary.ToString());
        }
        catch (PipelineStoppedException)
        {
            // The pipeline stopped with an error or by the user, and takes nothing more.
        }
    }
}
