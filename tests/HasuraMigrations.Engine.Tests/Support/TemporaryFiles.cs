using System.Runtime.CompilerServices;

namespace HasuraMigrations.Engine.Tests.Support;

/// <summary>
/// Where temporary files of tests lie: in memory where there is room enough. Tests make and delete tens of thousands of files, of
/// projects and of databases, and file systems on disks slow down where so many come and go.
/// </summary>
internal static class TemporaryFiles
{
    private const string Memory = "/dev/shm";
    private const long Room = 4L << 30;

    /// <summary>Sets TMPDIR for this process and those it starts, unless somebody has.</summary>
    [ModuleInitializer]
    internal static void Choose()
    {
        if (OperatingSystem.IsLinux() && Environment.GetEnvironmentVariable("TMPDIR") is null or "" && Directory.Exists(Memory) && new DriveInfo(Memory).AvailableFreeSpace > Room)
        {
            Environment.SetEnvironmentVariable("TMPDIR", Memory);
        }
    }
}
