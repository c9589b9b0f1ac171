using System.Diagnostics;

namespace HasuraMigrations.Tests.Support;

/// <summary>git, for tests of revisions; where it is not on PATH they are skipped.</summary>
internal static class Git
{
    /// <summary>Makes a repository of a directory with one commit of all that is in it, and a tag.</summary>
    internal static void Commit(string directory, string tag)
    {
        Run(directory, "init", "-q", "-b", "main");
        Run(directory, "add", "-A");
        Run(directory, "-c", "user.name=t", "-c", "user.email=t@example.com", "commit", "-q", "--allow-empty", "-m", "first");
        Run(directory, "tag", tag);
    }

    private static void Run(string directory, params string[] arguments)
    {
        var programs = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries).SelectMany(d => new[] { Path.Combine(d, "git"), Path.Combine(d, "git.exe") });
        Assert.SkipUnless(programs.Any(File.Exists), "git is not on this machine.");
        using var git = Process.Start(new ProcessStartInfo("git", arguments) { WorkingDirectory = directory })!;
        git.WaitForExit();
    }
}
