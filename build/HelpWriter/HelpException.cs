namespace HasuraMigrations.HelpWriter;

/// <summary>A source of the help lacks something; the build fails with the message.</summary>
internal sealed class HelpException(string message) : Exception(message);
