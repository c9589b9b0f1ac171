using System.Globalization;
using System.Management.Automation;

namespace HasuraMigrations.Abstractions;

/// <summary>Takes a time span, a text such as <c>00:10:00</c>, or a number of seconds (the shell alone would read ticks).</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class SecondsAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        var span = Read(Secrets.Bare(inputData));
        return span is { } value && value >= TimeSpan.Zero && value.TotalMilliseconds <= int.MaxValue
            ? value
            : throw new ArgumentTransformationMetadataException("A time is a number of seconds or hours:minutes:seconds, from 0 up to 24 days.");
    }

    private static TimeSpan? Read(object? value) => value switch
    {
        TimeSpan span => span,
        string text when double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds) => FromSeconds(seconds),
        string text when TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var span) => span,
        int or long or short or byte or double or float or decimal => FromSeconds(Convert.ToDouble(value, CultureInfo.InvariantCulture)),
        _ => null,
    };

    private static TimeSpan? FromSeconds(double seconds) => Math.Abs(seconds) <= int.MaxValue ? TimeSpan.FromSeconds(seconds) : null;
}
