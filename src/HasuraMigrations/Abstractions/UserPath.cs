using System.Management.Automation;

namespace HasuraMigrations.Abstractions;

/// <summary>Paths as a user gives them.</summary>
internal static class UserPath
{
    /// <summary>The full path of what a user named, relative to the shell's location.</summary>
    /// <exception cref="HasuraMigrationException">FileUnreadable: it is no path of the file system.</exception>
    internal static string Resolve(SessionState state, string path)
    {
        RefuseConnection(path);
        try
        {
            var full = state.Path.GetUnresolvedProviderPathFromPSPath(path, out var provider, out _);
            return provider.Name == "FileSystem" ? full : throw NotAFile(path, null);
        }
        catch (Exception e) when (e is ProviderNotFoundException or System.Management.Automation.DriveNotFoundException or ProviderInvocationException or NotSupportedException or PSInvalidOperationException)
        {
            throw NotAFile(path, e);
        }
    }

    /// <summary>A path, unless it is a connection, which no message may quote.</summary>
    internal static string RefuseConnection(string path) => Secrets.MayHoldPassword(path)
        ? throw new HasuraMigrationException("FileUnreadable", "The value given as a path looks like a connection string.") { RecommendedAction = "Use -Connection or -ConnectionString for a connection, and a path of the file system here." }
        : path;

    private static HasuraMigrationException NotAFile(string path, Exception? cause) =>
        new("FileUnreadable", $"'{path}' is not a path of the file system.", path, cause);
}
