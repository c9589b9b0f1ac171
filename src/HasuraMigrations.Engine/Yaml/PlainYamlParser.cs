using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace HasuraMigrations.Engine.Yaml;

/// <summary>
/// Reads YAML as Hasura's CLI writes most of it: maps and lists in blocks, one plain or simply quoted text on a line. It gives
/// the events that YamlDotNet gives, in a small part of the time, and takes no text that it might read differently.
/// </summary>
internal sealed class PlainYamlParser : IParser
{
    private const int LongestKey = 128;

    private readonly PlainYamlLines _lines;

    // The trial goes the same way through the text and makes no events.
    private readonly bool _isTrial;
    private readonly Queue<ParsingEvent> _events = new();
    private readonly Stack<(bool IsList, int Indent)> _open = new();
    private bool _isKeyOpen;
    private bool _isOver;

    private PlainYamlParser(string text, bool isTrial) => (_lines, _isTrial) = (new PlainYamlLines(text), isTrial);

    /// <inheritdoc/>
    public ParsingEvent? Current { get; private set; }

    /// <summary>A parser of a text; null where the text has anything else in it.</summary>
    internal static PlainYamlParser? Of(string text) => new PlainYamlParser(text, isTrial: true).IsPlain() ? new PlainYamlParser(text, isTrial: false) : null;

    /// <inheritdoc/>
    public bool MoveNext()
    {
        while (_events.Count == 0 && !_isOver)
        {
            if (!ReadLine())
            {
                throw new InvalidOperationException("A text is read otherwise than in the trial.");
            }
        }

        Current = _events.TryDequeue(out var next) ? next : null;
        return Current is not null;
    }

    private bool IsPlain()
    {
        while (!_isOver)
        {
            if (!ReadLine())
            {
                return false;
            }
        }

        return true;
    }

    // False where a line has another style.
    private bool ReadLine()
    {
        if (!_lines.MoveNext())
        {
            return Finish();
        }

        var isFirst = _open.Count == 0;
        var indent = _lines.At;
        var isEntry = _lines.IsEntry;
        if (isFirst)
        {
            Tell(new StreamStart());
            Tell(new DocumentStart());
        }

        if (isFirst ? indent != 0 : !Approach(indent, isEntry))
        {
            return false;
        }

        if (isFirst)
        {
            Open(isEntry, indent);
        }

        if (!isEntry)
        {
            return ReadMember();
        }

        _lines.Skip(2);
        if (!_lines.IsMember)
        {
            return ReadScalar();
        }

        Open(isList: false, _lines.At);
        return ReadMember();
    }

    // Closes what the line is not part of any more, and opens the value of a key. False where the line is part of nothing.
    private bool Approach(int indent, bool isEntry)
    {
        if (_isKeyOpen)
        {
            _isKeyOpen = false;
            if (indent > _open.Peek().Indent || (indent == _open.Peek().Indent && isEntry))
            {
                Open(isEntry, indent);
                return true;
            }

            TellScalar(_lines.At, 0, ScalarStyle.Plain);
        }

        while (_open.Count > 1 && (_open.Peek().Indent > indent || (_open.Peek() == (true, indent) && !isEntry)))
        {
            Close();
        }

        return _open.Peek() == (isEntry, indent);
    }

    private bool ReadMember()
    {
        var length = _lines.KeyLength;
        if (length is 0 or > LongestKey)
        {
            return false;
        }

        TellScalar(_lines.At, length, ScalarStyle.Plain);
        _lines.Skip(length + 1);
        _isKeyOpen = _lines.IsAtEnd;
        if (_isKeyOpen)
        {
            return true;
        }

        _lines.Skip(1);
        return ReadScalar();
    }

    private bool ReadScalar()
    {
        var (at, length) = (_lines.At, _lines.Length - _lines.At);
        switch (_lines.Rest)
        {
            case "{}":
                TellStart(isList: false, isFlow: true, at);
                Tell(new MappingEnd());
                return true;
            case "[]":
                TellStart(isList: true, isFlow: true, at);
                Tell(new SequenceEnd());
                return true;
            case ['"' or '\'', ..] quoted:
                TellScalar(at, length, quoted[0] == '"' ? ScalarStyle.DoubleQuoted : ScalarStyle.SingleQuoted);
                return PlainYamlLines.IsQuoted(quoted);
            case var plain:
                TellScalar(at, length, ScalarStyle.Plain);
                return PlainYamlLines.IsPlain(plain);
        }
    }

    private bool Finish()
    {
        if (_open.Count == 0)
        {
            return false;
        }

        if (_isKeyOpen)
        {
            TellScalar(_lines.At, 0, ScalarStyle.Plain);
        }

        while (_open.Count > 0)
        {
            Close();
        }

        Tell(new DocumentEnd(isImplicit: true));
        Tell(new StreamEnd());
        return _isOver = true;
    }

    private void Open(bool isList, int indent)
    {
        _open.Push((isList, indent));
        TellStart(isList, isFlow: false, indent);
    }

    private void Close() => Tell(_open.Pop().IsList ? new SequenceEnd() : new MappingEnd());

    private void TellStart(bool isList, bool isFlow, int at)
    {
        if (!_isTrial)
        {
            var (start, end) = (_lines.Mark(at), _lines.Mark(isFlow ? at + 1 : at));
            Tell(isList
                ? new SequenceStart(AnchorName.Empty, TagName.Empty, isImplicit: true, isFlow ? SequenceStyle.Flow : SequenceStyle.Block, start, end)
                : new MappingStart(AnchorName.Empty, TagName.Empty, isImplicit: true, isFlow ? MappingStyle.Flow : MappingStyle.Block, start, end));
        }
    }

    private void TellScalar(int at, int length, ScalarStyle style)
    {
        if (!_isTrial)
        {
            var isPlain = style == ScalarStyle.Plain;
            var text = isPlain ? _lines.Text(at, length) : _lines.Text(at + 1, length - 2);
            Tell(new Scalar(AnchorName.Empty, TagName.Empty, text, style, isPlain, !isPlain, _lines.Mark(at), _lines.Mark(at + length)));
        }
    }

    private void Tell(ParsingEvent next)
    {
        if (!_isTrial)
        {
            _events.Enqueue(next);
        }
    }
}
