using System.Text.RegularExpressions;

namespace HasuraMigrations.Engine.Metadata.Files;

/// <summary>Tells styles of SDL text apart.</summary>
internal static partial class SdlStyles
{
    /// <summary>The style a text was written in; null where nothing in it tells, as in an empty one.</summary>
    internal static SdlStyle? Detect(string sdl)
    {
        var text = sdl.ReplaceLineEndings("\n");
        var (spaced, tight) = (SpacedMember().Count(text), TightMember().Count(text));
        if (tight > 0 && tight >= spaced)
        {
            return SdlStyle.E3;
        }

        var isE1 = text.StartsWith("\n\n", StringComparison.Ordinal) || text.Contains("\n}\n\n\n", StringComparison.Ordinal);
        return isE1 ? SdlStyle.E1 : spaced > 0 ? SdlStyle.E2 : null;
    }

    [GeneratedRegex(@"^  (?:"""""".*"""""" )?\w+ [:(]", RegexOptions.Multiline | RegexOptions.CultureInvariant)]
    private static partial Regex SpacedMember();

    [GeneratedRegex(@"^  (?:"""""".*"""""" )?\w+[:(]", RegexOptions.Multiline | RegexOptions.CultureInvariant)]
    private static partial Regex TightMember();
}
