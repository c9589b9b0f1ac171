using HasuraMigrations.Engine.Processes;

namespace HasuraMigrations.Engine.Projects;

/// <summary>A project as it was in a git revision, laid out in a temporary directory until disposed.</summary>
public sealed class ProjectRevision : IDisposable
{
    // A program that ran ends with a code of its own.
    private const int NotStarted = -1;

    private readonly string _root;

    private readonly List<Finding> _findings = [];

    private ProjectRevision(string root, string name, string original)
    {
        _root = root;
        Name = name;
        Original = original;
    }

    /// <summary>The project in its working tree.</summary>
    public string Original { get; }

    /// <summary>Files of the revision that could not be laid out here.</summary>
    public IReadOnlyList<Finding> Findings => _findings;

    /// <summary>The directory with the files of the revision.</summary>
    public string Directory => Path.Combine(_root, "project");

    /// <summary>The revision as it was named.</summary>
    public string Name { get; }

    /// <summary>Lays a revision out.</summary>
    /// <param name="projectDirectory">The project in its working tree.</param>
    /// <param name="revision">A commit, branch or tag, as git names them.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <exception cref="HasuraMigrationException">RevisionNotFound.</exception>
    public static async Task<ProjectRevision> CheckOutAsync(string projectDirectory, string revision, CancellationToken cancellationToken)
    {
        var prefix = await GitAsync(projectDirectory, revision, cancellationToken, "rev-parse", "--show-prefix").ConfigureAwait(false);
        var commit = await GitAsync(projectDirectory, revision, cancellationToken, "rev-parse", "--verify", "--quiet", "--end-of-options", $"{revision}^{{commit}}").ConfigureAwait(false);
        if (prefix.Length > 0 && !(await RunAsync(projectDirectory, cancellationToken, "cat-file", "-e", $"{commit}:{prefix.TrimEnd('/')}").ConfigureAwait(false)).Succeeded)
        {
            throw NotFound(projectDirectory, revision, $"the project is not in it: it has no directory '{prefix.TrimEnd('/')}'");
        }

        var top = await GitAsync(projectDirectory, revision, cancellationToken, "rev-parse", "--show-toplevel").ConfigureAwait(false);
        var checkout = new ProjectRevision(System.IO.Directory.CreateTempSubdirectory("hasura-revision-").FullName, revision, projectDirectory);
        try
        {
            var archive = Path.Combine(checkout._root, "project.tar");
            await GitAsync(top, revision, cancellationToken, "archive", "--format=tar", $"--output={archive}", $"{commit}:{prefix}").ConfigureAwait(false);
            System.IO.Directory.CreateDirectory(checkout.Directory);
            checkout._findings.AddRange(await TreeExtraction.ExtractAsync(archive, checkout.Directory, cancellationToken).ConfigureAwait(false));
            return checkout;
        }
        catch (Exception e)
        {
            checkout.Dispose();
            if (e is IOException or InvalidDataException or UnauthorizedAccessException)
            {
                throw NotFound(projectDirectory, revision, e.Message);
            }

            throw;
        }
    }

    /// <summary>Branches and tags of the repository that holds a project, the newest first, each with the words of its commit.</summary>
    /// <exception cref="HasuraMigrationException">RevisionNotFound where there is no repository.</exception>
    public static async Task<IReadOnlyList<(string Name, string Subject)>> ListAsync(string projectDirectory, CancellationToken cancellationToken)
    {
        var output = await GitAsync(projectDirectory, "", cancellationToken, "for-each-ref", "--sort=-creatordate", "--format=%(refname:short)%09%(subject)", "refs/heads", "refs/tags").ConfigureAwait(false);
        return [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => l.Split('\t', 2)).Select(l => (l[0], l.Length > 1 ? l[1] : ""))];
    }

    /// <summary>The path a user knows a file of the revision by.</summary>
    public string Describe(string path) =>
        ProjectPaths.IsInside(path, Directory) ? $"{Name}:{Path.GetRelativePath(Directory, path).Replace('\\', '/')}" : path;

    /// <summary>A finding about a file of the revision, with the path a user knows.</summary>
    public Finding Describe(Finding finding) => finding with
    {
        File = finding.File is null ? null : Describe(finding.File),
        Message = DescribeAll(finding.Message),
    };

    /// <summary>An error about a file of the revision, with the path a user knows.</summary>
    public HasuraMigrationException Describe(HasuraMigrationException error) =>
        new(error.ErrorId, DescribeAll(error.Message), Name, error)
        {
            File = error.File is null ? null : Describe(error.File),
            Line = error.Line,
            Column = error.Column,
            RecommendedAction = error.RecommendedAction,
            Findings = [.. error.Findings.Select(Describe)],
        };

    private string DescribeAll(string text) =>
        text.Replace(Directory + Path.DirectorySeparatorChar, $"{Name}:", StringComparison.Ordinal);

    /// <summary>Removes the temporary directory.</summary>
    public void Dispose()
    {
        try
        {
            HeldFiles.Retry(() => System.IO.Directory.Delete(_root, recursive: true));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It is in the system's temporary directory, and the result has been read.
        }
    }

    private static async Task<string> GitAsync(string directory, string revision, CancellationToken cancellationToken, params string[] arguments)
    {
        var run = await RunAsync(directory, cancellationToken, arguments).ConfigureAwait(false);
        return run.Succeeded ? run.Output.Trim() : throw NotFound(directory, revision, run.ExitCode == NotStarted ? "the program git could not be started, as if it were not in PATH"
            : run.Text.Length == 0 ? "the git repository has no revision of this name"
            : run.Text.Contains("not a git repository", StringComparison.Ordinal) ? "the directory is in no git repository" : run.Text);
    }

    private static Task<ProgramRun> RunAsync(string directory, CancellationToken cancellationToken, params string[] arguments) =>
        ProgramRun.RunAsync(ProgramRun.Prepare("git", ["-C", directory, .. arguments]), cancellationToken);

    private static HasuraMigrationException NotFound(string directory, string revision, string why) =>
        new("RevisionNotFound", $"The revision '{revision}' of '{directory}' could not be read: {why}.", revision);
}
