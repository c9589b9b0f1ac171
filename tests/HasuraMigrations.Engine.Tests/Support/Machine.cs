using System.Diagnostics;

namespace HasuraMigrations.Engine.Tests.Support;

/// <summary>What a machine can do; tests that need it are skipped where it cannot.</summary>
internal static class Machine
{
    /// <summary>Skips the test where a program is not on PATH.</summary>
    internal static void NeedsProgram(string name) =>
        Assert.SkipUnless(Find(name) is not null, $"{name} is not on this machine.");

    /// <summary>Full path of a program on PATH; null where it is not there.</summary>
    internal static string? Find(string name) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .SelectMany(d => OperatingSystem.IsWindows() ? [Path.Combine(d, name + ".exe"), Path.Combine(d, name + ".cmd")] : new[] { Path.Combine(d, name) })
            .FirstOrDefault(File.Exists);

    /// <summary>Makes a link; where this user may make none, as on Windows mostly, the test is skipped.</summary>
    internal static void Link(string path, string target, bool isDirectory = false)
    {
        try
        {
            _ = isDirectory ? Directory.CreateSymbolicLink(path, target) : File.CreateSymbolicLink(path, target);
        }
        catch (Exception e) when (OperatingSystem.IsWindows() && e is IOException or UnauthorizedAccessException)
        {
            Assert.Skip("This user may not make links.");
        }
    }

    /// <summary>Makes a named pipe in the file system; skips the test on Windows, which has none there.</summary>
    internal static string Pipe(string path)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no named pipes among its files.");
        NeedsProgram("mkfifo");
        using var make = Process.Start("mkfifo", [path]);
        make.WaitForExit();
        return path;
    }

    /// <summary>The mode of a file; on Windows, which has none, the same for all.</summary>
    internal static UnixFileMode Mode(string path) => OperatingSystem.IsWindows() ? UnixFileMode.None : File.GetUnixFileMode(path);

    /// <summary>Sets the mode of a file, where there are modes.</summary>
    internal static void SetMode(string path, UnixFileMode mode)
    {
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, mode);
        }
    }
}
