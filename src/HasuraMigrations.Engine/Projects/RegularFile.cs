using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace HasuraMigrations.Engine.Projects;

/// <summary>Opens files for reading beside their writers; a pipe or device is an error and never waited for.</summary>
internal static class RegularFile
{
    private const FileShare BesideOthers = FileShare.ReadWrite | FileShare.Delete;

    /// <summary>Opens a file.</summary>
    /// <param name="path">Full path.</param>
    /// <exception cref="IOException">It cannot be opened, or is no regular file.</exception>
    /// <exception cref="UnauthorizedAccessException">This user may not read it.</exception>
    internal static SafeFileHandle Open(string path)
    {
        if (Directory.Exists(path))
        {
            throw new IOException("It is a directory.");
        }

        var handle = OperatingSystem.IsWindows() ? File.OpenHandle(path, share: BesideOthers) : OpenWithoutWaiting(path);
        try
        {
            // Only a regular file has a length.
            RandomAccess.GetLength(handle);
            return handle;
        }
        catch (NotSupportedException)
        {
            handle.Dispose();
            throw new IOException("It is a pipe, socket or device, not a regular file.");
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    // A named pipe without a writer would hold the program until one comes.
    private static SafeFileHandle OpenWithoutWaiting(string path)
    {
        var (nonBlocking, closeOnExec) = OperatingSystem.IsMacOS() ? (0x4, 0x1000000) : (0x800, 0x80000);
        var descriptor = OpenFile(path, nonBlocking | closeOnExec);
        // The framework says best what is wrong.
        return descriptor >= 0 ? new SafeFileHandle(descriptor, ownsHandle: true) : File.OpenHandle(path, share: BesideOthers);
    }

    [DllImport("libc", EntryPoint = "open")]
    private static extern int OpenFile([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags);
}
