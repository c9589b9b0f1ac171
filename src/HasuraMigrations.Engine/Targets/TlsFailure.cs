using System.Security.Authentication;

namespace HasuraMigrations.Engine.Targets;

/// <summary>Why no TLS session was established.</summary>
internal static class TlsFailure
{
    /// <summary>True if the certificate of the other side was rejected; false if it speaks no TLS, or another version of it.</summary>
    /// <param name="error">The error of the connection, with its causes.</param>
    internal static bool IsOfCertificate(Exception error)
    {
        for (var e = error; e is not null; e = e.InnerException)
        {
            // The validation has no exception type of its own; its texts are not translated.
            if (e is AuthenticationException && e.Message.Contains("certificate", StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }
}
