namespace HasuraMigrations.Engine.Yaml;

/// <summary>
/// Goes through YAML as Hasura's CLI writes most of it: maps and lists in blocks, one plain or simply quoted text on a line. It
/// takes no text that YamlDotNet might read differently. What is made of the text is left to those who derive from it.
/// </summary>
internal abstract class PlainYamlWalk
{
    private const int LongestKey = 128;

    private readonly PlainYamlLines _lines;
    // Each a number, of which the runtime has compiled lists: one of pairs would be compiled in each new process.
    private readonly List<int> _open = [];
    private bool _isKeyOpen;

    /// <param name="text">The text.</param>
    protected PlainYamlWalk(string text) => _lines = new PlainYamlLines(text);

    /// <summary>What a text stands between.</summary>
    protected enum Quotes
    {
        /// <summary>Nothing; an empty text is one that is not there.</summary>
        None,

        /// <summary>Apostrophes.</summary>
        Single,

        /// <summary>Quotation marks.</summary>
        Double,
    }

    /// <summary>True behind the end of the text.</summary>
    protected bool IsOver { get; private set; }

    /// <summary>The line that is being read, and what stands in it.</summary>
    protected PlainYamlLines Lines => _lines;

    /// <summary>Goes through the whole text.</summary>
    /// <returns>False where the text has anything else in it.</returns>
    protected bool IsPlain()
    {
        while (!IsOver)
        {
            if (!ReadLine())
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Before the first line.</summary>
    protected virtual void OnBegin()
    {
    }

    /// <summary>Behind the last line.</summary>
    protected virtual void OnFinish()
    {
    }

    /// <summary>A map or list begins.</summary>
    /// <param name="isList">True for a list.</param>
    /// <param name="isFlow">True for an empty one, in braces or brackets.</param>
    /// <param name="at">Where in the line.</param>
    protected abstract void OnStart(bool isList, bool isFlow, int at);

    /// <summary>A map or list ends.</summary>
    protected abstract void OnEnd(bool isList);

    /// <summary>The key of a member.</summary>
    /// <returns>False to go no further.</returns>
    protected abstract bool OnKey(int at, int length);

    /// <summary>A text, with its quotes.</summary>
    /// <returns>False to go no further.</returns>
    protected abstract bool OnScalar(int at, int length, Quotes quotes);

    /// <summary>Reads a line.</summary>
    /// <returns>False where it has another style, or is refused by who makes something of it.</returns>
    protected bool ReadLine()
    {
        if (!_lines.MoveNext())
        {
            return Finish();
        }

        var isFirst = _open.Count == 0;
        var indent = _lines.At;
        var isEntry = _lines.IsEntry;
        if (isFirst ? indent != 0 : !Approach(indent, isEntry))
        {
            return false;
        }

        if (isFirst)
        {
            OnBegin();
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
            if (indent > Innermost >> 1 || (indent == Innermost >> 1 && isEntry))
            {
                Open(isEntry, indent);
                return true;
            }

            OnScalar(_lines.At, 0, Quotes.None);
        }

        while (_open.Count > 1 && (Innermost >> 1 > indent || (Innermost == Level(isList: true, indent) && !isEntry)))
        {
            Close();
        }

        return Innermost == Level(isEntry, indent);
    }

    private bool ReadMember()
    {
        var length = _lines.KeyLength;
        if (length is 0 or > LongestKey || !OnKey(_lines.At, length))
        {
            return false;
        }

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
                OnStart(isList: false, isFlow: true, at);
                OnEnd(isList: false);
                return true;
            case "[]":
                OnStart(isList: true, isFlow: true, at);
                OnEnd(isList: true);
                return true;
            case ['"' or '\'', ..] quoted:
                return PlainYamlLines.IsQuoted(quoted) && OnScalar(at, length, quoted[0] == '"' ? Quotes.Double : Quotes.Single);
            case var plain:
                return PlainYamlLines.IsPlain(plain) && OnScalar(at, length, Quotes.None);
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
            OnScalar(_lines.At, 0, Quotes.None);
        }

        while (_open.Count > 0)
        {
            Close();
        }

        OnFinish();
        return IsOver = true;
    }

    private void Open(bool isList, int indent)
    {
        _open.Add(Level(isList, indent));
        OnStart(isList, isFlow: false, indent);
    }

    private void Close()
    {
        var level = Innermost;
        _open.RemoveAt(_open.Count - 1);
        OnEnd(isList: (level & 1) == 1);
    }

    private int Innermost => _open[^1];

    private static int Level(bool isList, int indent) => (indent << 1) | (isList ? 1 : 0);
}
