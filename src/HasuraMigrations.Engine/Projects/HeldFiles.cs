using System.Diagnostics;

namespace HasuraMigrations.Engine.Projects;

/// <summary>
/// Work on files that another program may hold for a moment: on Windows virus scanners, indexers and editors open what was
/// just written. It is tried again for about a second.
/// </summary>
internal static class HeldFiles
{
    private const int SharingViolation = unchecked((int)0x80070020);
    private const int LockViolation = unchecked((int)0x80070021);
    private const int DirectoryNotEmpty = unchecked((int)0x80070091);
    private const int WouldBlockLinux = 11;
    private const int WouldBlockMac = 35;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(25);

    /// <summary>Does work, again and again while a file of it is held.</summary>
    /// <exception cref="IOException">The last failure, as is any other.</exception>
    internal static T Retry<T>(Func<T> work)
    {
        var clock = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                return work();
            }
            catch (Exception e) when (IsHeld(e) && clock.Elapsed < Patience)
            {
                Thread.Sleep(Pause);
            }
        }
    }

    /// <summary>As <see cref="Retry{T}"/>, for work without a result.</summary>
    internal static void Retry(Action work) => Retry(() =>
    {
        work();
        return true;
    });

    /// <summary>True for a failure that may pass: somebody has the file open.</summary>
    // Windows says "access denied" for a file that was deleted and is still open somewhere.
    internal static bool IsHeld(Exception e) =>
        e is IOException { HResult: SharingViolation or LockViolation or DirectoryNotEmpty or WouldBlockLinux or WouldBlockMac }
        || (e is UnauthorizedAccessException && OperatingSystem.IsWindows());
}
