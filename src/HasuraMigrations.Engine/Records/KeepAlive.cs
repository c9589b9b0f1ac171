namespace HasuraMigrations.Engine.Records;

/// <summary>When either end of a connection finds out that the other one has vanished: after about a minute, on every transport.</summary>
internal static class KeepAlive
{
    /// <summary>Seconds of silence after which the system asks the other end whether it still exists.</summary>
    internal const int Seconds = 30;

    /// <summary>Seconds between such questions.</summary>
    internal const int Interval = 10;

    /// <summary>Questions without an answer after which the connection is lost.</summary>
    internal const int Retries = 3;
}
