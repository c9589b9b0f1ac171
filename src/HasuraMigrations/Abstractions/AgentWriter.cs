using System.Management.Automation;
using HasuraMigrations.Engine.Reports;

namespace HasuraMigrations.Abstractions;

/// <summary>
/// Writes commands for the agent of a pipeline where there is one. They go to the information stream, as the lines of Write-Host, so that
/// they reach the log and never the output.
/// </summary>
/// <param name="format">The format that the user chose, which is known once parameters are bound.</param>
/// <param name="write">Writes a line; called on the pipeline thread.</param>
internal sealed class AgentWriter(Func<PipelineLogFormat> format, Action<string> write)
{
    private const int MostIssues = 50;

    private readonly Lazy<AgentLog?> _log = new(() => AgentLog.Of(format(), Environment.GetEnvironmentVariable));
    private bool _isGroupOpen;
    private int _percent = -1;
    private int _parts = 1;
    private int _part;

    /// <summary>Begins a group of lines; one that is open ends.</summary>
    internal void BeginGroup(string title)
    {
        EndGroup();
        if (_log.Value is { } log)
        {
            _isGroupOpen = true;
            write(log.BeginGroup(title));
        }
    }

    /// <summary>Ends the group that is open.</summary>
    internal void EndGroup()
    {
        if (!_isGroupOpen)
        {
            return;
        }

        _isGroupOpen = false;
        try
        {
            write(_log.Value!.EndGroup());
        }
        catch (PipelineStoppedException)
        {
            // The shell takes nothing more of a command that is stopped. The agent ends the group with the step.
        }
    }

    /// <summary>Writes an error or a warning.</summary>
    internal void Write(AgentIssue issue)
    {
        if (_log.Value is { } log)
        {
            write(log.Issue(issue));
        }
    }

    /// <summary>Writes an error; one that has findings is written as these, each at its place.</summary>
    /// <param name="exception">The error.</param>
    /// <param name="database">The database of several that it is about; null where that is clear.</param>
    internal void Write(HasuraMigrationException exception, string? database)
    {
        EndGroup();
        foreach (var finding in exception.Findings.Take(MostIssues))
        {
            Write(Of(finding));
        }

        if (exception.Findings.Count is 0 or > MostIssues)
        {
            var subject = database is null || exception.Message.Contains($"'{database}'", StringComparison.Ordinal) ? "" : $"Database '{database}': ";
            var message = exception.Findings.Count == 0 ? exception.Message : $"{exception.Findings.Count - MostIssues} more errors are not listed here.";
            Write(new AgentIssue(FindingSeverity.Error, exception.ErrorId, $"{subject}{message} {exception.RecommendedAction}", exception.File, exception.Line, exception.Column));
        }
    }

    /// <summary>A finding as an error or warning.</summary>
    internal static AgentIssue Of(Finding finding) => new(
        finding.Severity,
        finding.Id,
        $"{(finding.Database is null ? "" : $"Database '{finding.Database}': ")}{finding.Message}{(finding.RecommendedAction is null ? "" : $" {finding.RecommendedAction}")}",
        finding.File,
        finding.Line,
        finding.Column);

    /// <summary>Says which of several parts of the work begins.</summary>
    /// <param name="part">Its number, from 0.</param>
    /// <param name="parts">How many there are.</param>
    internal void BeginPart(int part, int parts) => (_part, _parts) = (part, parts);

    /// <summary>Writes how far the part is, where that is a new number of the whole.</summary>
    /// <param name="percent">From 0 to 100.</param>
    /// <param name="activity">What is being done.</param>
    internal void WriteProgress(int percent, string activity)
    {
        var whole = ((_part * 100) + percent) / _parts;
        if (whole > _percent && _log.Value?.Progress(whole, activity) is { } line)
        {
            _percent = whole;
            write(line);
        }
    }
}
