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

    /// <summary>Reads the project around the current location; where there is none, the environment alone counts.</summary>
    private protected HasuraProject OpenNearProject() => Opened(HasuraProject.OpenOrNone(ReadOptions()));

    /// <summary>The full path of what a user named, relative to the shell's location.</summary>
    private protected string ResolvePath(string path)
    {
        RefuseConnection(path);
        try
        {
            var full = SessionState.Path.GetUnresolvedProviderPathFromPSPath(path, out var provider, out _);
            return provider.Name == "FileSystem" ? full : throw NotAFile(path, null);
        }
        catch (Exception e) when (e is ProviderNotFoundException or System.Management.Automation.DriveNotFoundException or ProviderInvocationException or NotSupportedException or PSInvalidOperationException)
        {
            throw NotAFile(path, e);
        }
    }

    /// <summary>Writes findings: warnings and errors as warnings, the rest as verbose text.</summary>
    private protected void Report(IEnumerable<Finding> findings)
    {
        foreach (var finding in findings)
        {
            Report(finding);
        }
    }

    /// <summary>Writes a finding.</summary>
    private protected void Report(Finding finding)
    {
        if (finding.Severity == FindingSeverity.Information && finding.Id != "WaitingForLock")
        {
            WriteVerbose(Formatting._Format.FindingText(finding));
        }
        else
        {
            WriteWarning(Formatting._Format.FindingText(finding));
        }
    }

    private HasuraProject Opened(HasuraProject project)
    {
        WriteVerbose(project.IsThere ? $"Project {project.Directory}, config version {project.ConfigVersion}." : "No project was found from here upwards.");
        Report(project.Findings);
        return project;
    }

    private ProjectOptions ReadOptions() => new()
    {
        Path = Project is null ? SessionState.Path.CurrentFileSystemLocation.ProviderPath : ResolvePath(Project),
        IsExplicit = Project is not null,
        EnvFile = EnvFile is null ? null : RefuseConnection(EnvFile),
    };

    private static string RefuseConnection(string path) => Secrets.MayHoldPassword(path)
        ? throw new HasuraMigrationException("FileUnreadable", "The value given as a path looks like a connection string.") { RecommendedAction = "Use -Connection or -ConnectionString for a connection, and a path of the file system here." }
        : path;

    private static HasuraMigrationException NotAFile(string path, Exception? cause) =>
        new("FileUnreadable", $"'{path}' is not a path of the file system.", path, cause);
}
