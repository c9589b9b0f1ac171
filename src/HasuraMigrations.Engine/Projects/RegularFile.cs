using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace HasuraMigrations.Engine.Projects;

/// <summary>Opens files for reading beside their writers, and tells them from what is none; a pipe or device is an error and never waited for.</summary>
internal static class RegularFile
{
    private const string NoFile = "It is a pipe, socket or device, not a regular file.";

    // EINVAL of Linux and macOS.
    private const int InvalidArgument = 22;

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
            throw new IOException(NoFile);
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    /// <summary>Refuses to replace what is no regular file: a directory, a pipe, or a device such as the null device.</summary>
    /// <param name="path">Full path of something that exists.</param>
    /// <exception cref="IOException">It is no regular file, or cannot be opened.</exception>
    /// <exception cref="UnauthorizedAccessException">This user may not write it.</exception>
    internal static void Require(string path)
    {
        Open(path).Dispose();
        using var handle = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, BesideOthers);
        try
        {
            // A device may have a length, but takes none.
            RandomAccess.SetLength(handle, RandomAccess.GetLength(handle));
        }
        catch (IOException e) when (e.HResult == InvalidArgument)
        {
            throw new IOException(NoFile, e);
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
