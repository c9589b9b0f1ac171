using System.Management.Automation;
using HasuraMigrations.Engine.Projects;

namespace HasuraMigrations.Abstractions;

/// <summary>Base of the cmdlets that work on a project.</summary>
public abstract class HasuraProjectCmdlet : AsyncCmdlet
{
    private protected HasuraProjectCmdlet()
    {
    }

    /// <summary>
    /// Directory of the project, or a directory inside it: the project is the nearest directory from there upwards that contains a
    /// config.yaml. Without it, the search starts at the current location. Relative paths are relative to the current location of
    /// the shell.
    /// </summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Project { get; set; }

    /// <summary>
    /// File with environment variables in the form NAME=value. The path is absolute or relative to the project directory. Without
    /// it, the file .env of the project is read if it exists. Variables of the environment override those of the file.
    /// </summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? EnvFile { get; set; }

    /// <summary>Reads the project and warns of what is odd about it.</summary>
    private protected HasuraProject OpenProject() => Opened(HasuraProject.Open(ReadOptions()));

    /// <summary>As <see cref="OpenProject"/>, also for a project whose update was interrupted.</summary>
    private protected HasuraProject OpenUnfinishedProject() => Opened(HasuraProject.Open(ReadOptions() with { AllowUnfinished = true }));

    /// <summary>Reads the project around the current location; where there is none, the environment alone counts.</summary>
    private protected HasuraProject OpenNearProject() => Opened(HasuraProject.OpenOrNone(ReadOptions()));

    /// <summary>The full path of what a user named, relative to the shell's location.</summary>
    private protected string ResolvePath(string path) => UserPath.Resolve(SessionState, path);

    /// <summary>Writes findings: warnings and errors as warnings, the rest as verbose text.</summary>
    private protected void Report(IEnumerable<Finding> findings)
    {
        foreach (var finding in findings)
        {
            Report(finding);
        }
    }

    /// <summary>Writes a finding.</summary>
    private protected virtual void Report(Finding finding)
    {
        if (finding.Severity == FindingSeverity.Information && finding.Id != "WaitingForLock")
        {
            WriteVerbose(Formatting._Format.FindingText(finding));
        }
        else
        {
            WriteWarning(Formatting._Format.FindingText(finding), AgentWriter.Of(finding));
        }
    }

    /// <summary>Tells which project was opened, and warns of what is odd about it.</summary>
    private protected HasuraProject Opened(HasuraProject project)
    {
        WriteVerbose(project.IsThere ? $"Project {project.Directory}, config version {project.ConfigVersion}." : "No project was found from here upwards.");
        Report(project.Findings);
        return project;
    }

    /// <summary>How the project is opened.</summary>
    private protected ProjectOptions ReadOptions() => new()
    {
        Path = Project is null ? SessionState.Path.CurrentFileSystemLocation.ProviderPath : ResolvePath(Project),
        IsExplicit = Project is not null,
        EnvFile = EnvFile is null ? null : UserPath.RefuseConnection(EnvFile),
    };
}
