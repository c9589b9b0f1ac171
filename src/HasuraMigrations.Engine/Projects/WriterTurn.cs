using System.Diagnostics;

namespace HasuraMigrations.Engine.Projects;

/// <summary>
/// One writer of new files in a directory at a time, also of other processes, or two could find the same version free. The file's
/// being there is the lock; one that a killed process left behind is cleared away.
/// </summary>
internal static class WriterTurn
{
    private const int FileExistsUnix = 17;
    private const int FileExistsWindows = unchecked((int)0x80070050);

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>Makes the directory where it is not there, and waits for the turn.</summary>
    /// <param name="directory">The directory.</param>
    /// <param name="name">Name of the file.</param>
    /// <returns>The turn, which ends when it is disposed.</returns>
    /// <exception cref="HasuraMigrationException">FileUnwritable.</exception>
    internal static IDisposable Take(string directory, string name)
    {
        var path = Path.Combine(directory, name);
        try
        {
            Directory.CreateDirectory(directory);
            var clock = Stopwatch.StartNew();
            while (true)
            {
                try
                {
                    return new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1, FileOptions.DeleteOnClose);
                }
                // On Windows the file of the one before is "held" for a moment after it was deleted.
                catch (Exception e) when (e.HResult is FileExistsUnix or FileExistsWindows || (HeldFiles.IsHeld(e) && clock.Elapsed < Patience))
                {
                    Thread.Sleep(5);
                    if (File.GetLastWriteTimeUtc(path) is { Year: > 1601 } since && DateTime.UtcNow - since > Patience)
                    {
                        HeldFiles.Retry(() => File.Delete(path));
                    }
                }
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw WholeFile.Unwritable(path, e);
        }
    }
}
