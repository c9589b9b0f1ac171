using System.Globalization;

namespace HasuraMigrations.Engine.Metadata.Shapes;

/// <summary>Schedules by the grammar of the Haskell package <c>cron</c>, which is what servers read: narrower than that of other libraries.</summary>
internal static class CronSchedule
{
    private static readonly (int Low, int High)[] Fields = [(0, 59), (0, 23), (1, 31), (1, 12), (0, 7)];
    private static readonly HashSet<string> Shortcuts = ["@yearly", "@monthly", "@weekly", "@daily", "@hourly"];

    /// <summary>True for a schedule that servers read.</summary>
    internal static bool IsValid(string text)
    {
        var parts = text.Split(' ');
        return Shortcuts.Contains(text) || (parts.Length == Fields.Length && parts.Zip(Fields).All(p => IsField(p.First, p.Second)));
    }

    private static bool IsField(string text, (int Low, int High) field) =>
        text.Split('/') is [var start, var step]
            ? Number(step) is > 0 && (start == "*" || IsRange(start, field))
            : text == "*" || text.Split(',').All(r => IsRange(r, field));

    private static bool IsRange(string text, (int Low, int High) field) => text.Split('-') switch
    {
        [var only] => IsWithin(Number(only), field),
        [var from, var to] => IsWithin(Number(from), field) && IsWithin(Number(to), field) && Number(from) <= Number(to),
        _ => false,
    };

    private static bool IsWithin(int? number, (int Low, int High) field) => number >= field.Low && number <= field.High;

    private static int? Number(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
