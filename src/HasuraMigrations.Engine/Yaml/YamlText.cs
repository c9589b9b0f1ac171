using System.Text;

namespace HasuraMigrations.Engine.Yaml;

/// <summary>Lines of YAML in the making, and the forms a text can take in them.</summary>
internal sealed class YamlText(bool isOld)
{
    private const int FoldColumn = 80;
    private const int Step = 2;

    private readonly StringBuilder _out = new();
    private int _lineStart;

    internal void Append(string text) => _out.Append(text);

    internal void NewLine(int indent)
    {
        _out.Append('\n');
        _lineStart = _out.Length;
        _out.Append(' ', indent);
    }

    /// <summary>Everything, with one newline at the end.</summary>
    internal string Finish() => _out.Append('\n').ToString();

    internal void Plain(string text, int indent, bool folds)
    {
        if (!folds || text.Length + Column <= FoldColumn)
        {
            _out.Append(text);
            return;
        }

        for (var i = 0; i < text.Length; i++)
        {
            if (MayFold(text, i) && i + 1 < text.Length)
            {
                NewLine(indent + Step);
            }
            else
            {
                _out.Append(text[i]);
            }
        }
    }

    internal void SingleQuoted(string text, int indent, bool folds)
    {
        _out.Append('\'');
        for (var i = 0; i < text.Length; i++)
        {
            if (folds && i > 0 && i < text.Length - 1 && MayFold(text, i))
            {
                NewLine(indent + Step);
                continue;
            }

            _out.Append(text[i]);
            if (text[i] == '\'')
            {
                _out.Append('\'');
            }
        }

        _out.Append('\'');
    }

    internal void DoubleQuoted(string text, int indent, bool folds, bool escapesFirst = false)
    {
        _out.Append('"');
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (folds && c == ' ' && i > 0 && i < text.Length - 1 && text[i - 1] != ' ' && Column > FoldColumn)
            {
                NewLine(indent + Step);
                if (text[i + 1] == ' ')
                {
                    _out.Append('\\');
                }
            }
            else if (char.IsSurrogatePair(c, i + 1 < text.Length ? text[i + 1] : ' '))
            {
                YamlTextStyle.AppendEscape(_out, char.ConvertToUtf32(c, text[++i]));
            }
            else if (NeedsEscape(c) || (escapesFirst && i == 0))
            {
                YamlTextStyle.AppendEscape(_out, c);
            }
            else
            {
                _out.Append(c);
            }
        }

        _out.Append('"');
    }

    internal void Literal(string text, int indent)
    {
        _out.Append('|');
        if (text[0] is ' ' or '\n')
        {
            _out.Append('2');
        }

        var content = text;
        if (content[^1] != '\n')
        {
            _out.Append('-');
        }
        else
        {
            content = content[..^1];
            if (content.Length == 0 || content[^1] == '\n')
            {
                _out.Append('+');
            }
        }

        foreach (var line in content.Split('\n'))
        {
            NewLine(line.Length == 0 ? 0 : indent + Step);
            _out.Append(line);
        }
    }

    private int Column => _out.Length - _lineStart;

    // As libyaml: at a single blank, once the line is longer than the width.
    private bool MayFold(string text, int i) =>
        isOld && text[i] == ' ' && Column > FoldColumn && (i == 0 || text[i - 1] != ' ') && (i + 1 == text.Length || text[i + 1] != ' ');

    private static bool NeedsEscape(char c) =>
        c is < ' ' or '"' or '\\' or (>= '\u007F' and <= '\u009F') or '\u2028' or '\u2029' or (>= '\uD800' and <= '\uDFFF') or '\uFEFF' or '\uFFFE' or '\uFFFF';
}
