namespace HasuraMigrations.Engine.Yaml;

/// <summary>What one walk over a text finds that decides how it can be written.</summary>
internal readonly record struct YamlTextMarks
{
    /// <summary>True where a character needs an escape: control characters, marks of byte order, all beyond U+FFFF.</summary>
    internal bool IsUnprintable { get; private init; }

    internal bool HasTab { get; private init; }

    internal bool HasNewline { get; private init; }

    /// <summary>True where a blank stands before a newline or at the end.</summary>
    internal bool HasSpaceBeforeEnd { get; private init; }

    /// <summary>True where a line or paragraph separator (U+2028, U+2029) occurs.</summary>
    internal bool HasSeparator { get; private init; }

    /// <summary>True where other text follows such a separator, or a blank stands before it: quotes alone would change that.</summary>
    internal bool IsSeparatorUnsafe { get; private init; }

    /// <summary>True where YAML reads the text without quotes as this text, apart from words and numbers.</summary>
    internal bool IsPlain { get; private init; }

    internal static YamlTextMarks Of(string text)
    {
        bool isUnprintable = false, hasTab = false, hasNewline = false, hasSpaceBeforeEnd = false, hasSeparator = false, isSeparatorUnsafe = false, isBroken = false;
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            var isLast = i == text.Length - 1;
            switch (c)
            {
                case '\n':
                    hasNewline = true;
                    break;
                case '\t':
                    hasTab = true;
                    break;
                case ' ':
                    hasSpaceBeforeEnd |= isLast || text[i + 1] == '\n';
                    isBroken |= !isLast && text[i + 1] == '#';
                    break;
                case ':':
                    isBroken |= isLast || text[i + 1] == ' ';
                    break;
                case '\u2028' or '\u2029':
                    hasSeparator = true;
                    isSeparatorUnsafe |= i > 0 && text[i - 1] == ' ';
                    break;
                case < ' ' or (>= '\u007F' and <= '\u009F') or (>= '\uD800' and <= '\uDFFF') or '\uFEFF' or '\uFFFE' or '\uFFFF':
                    isUnprintable = true;
                    break;
            }

            isSeparatorUnsafe |= hasSeparator && c is not ('\u2028' or '\u2029');
        }

        return new YamlTextMarks
        {
            IsUnprintable = isUnprintable,
            HasTab = hasTab,
            HasNewline = hasNewline,
            HasSpaceBeforeEnd = hasSpaceBeforeEnd,
            HasSeparator = hasSeparator,
            IsSeparatorUnsafe = isSeparatorUnsafe,
            IsPlain = !isBroken && !hasSeparator && !hasSpaceBeforeEnd && StartsPlain(text),
        };
    }

    private static bool StartsPlain(string text) => text switch
    {
        [] => false,
        [' ' or '#' or ',' or '[' or ']' or '{' or '}' or '&' or '*' or '!' or '|' or '>' or '\'' or '"' or '%' or '@' or '`', ..] => false,
        ['-' or '?' or ':'] or ['-' or '?' or ':', ' ', ..] => false,
        ['-', '-', '-', ..] or ['.', '.', '.', ..] => false,
        _ => true,
    };
}
