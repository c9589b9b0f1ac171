namespace HasuraMigrations.Engine.Targets.Postgres.ConnectionStrings;

/// <summary>A parameter of a connection string as it was written.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Value">Its value without quotes and escapes.</param>
/// <param name="IsQuoted">True where the value was quoted or percent-encoded, so that separators in it are meant.</param>
internal sealed record ConnectionPair(string Name, string Value, bool IsQuoted);

/// <summary>A connection string cannot be read. The message never repeats its text, except names that hold no secret.</summary>
internal sealed class ConnectionTextException(string reason) : Exception(reason);
