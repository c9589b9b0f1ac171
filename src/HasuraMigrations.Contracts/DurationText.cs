using System.Globalization;

namespace HasuraMigrations;

/// <summary>Writes time spans as people say them.</summary>
public static class DurationText
{
    /// <summary>A time span, such as <c>20 ms</c> or <c>1.50 s</c>; null is empty.</summary>
    /// <param name="duration">The time span.</param>
    public static string Of(TimeSpan? duration) => duration switch
    {
        null => "",
        { TotalMilliseconds: < 1 } => "<1 ms",
        { TotalSeconds: < 1 } d => string.Create(CultureInfo.InvariantCulture, $"{d.TotalMilliseconds:0} ms"),
        { TotalMinutes: < 1 } d => string.Create(CultureInfo.InvariantCulture, $"{d.TotalSeconds:0.00} s"),
        { } d => d.ToString(@"h\:mm\:ss", CultureInfo.InvariantCulture),
    };
}
