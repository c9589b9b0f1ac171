using System.Buffers;
using System.Text;
using HasuraMigrations.Engine.Json;

namespace HasuraMigrations.Engine.Yaml;

/// <summary>
/// Writes a map of YAML, as Hasura's CLI writes most of it, as JSON, without making a tree of it: the text that
/// <see cref="JsonText.Compact"/> gives for what <see cref="YamlReader"/> reads.
/// </summary>
internal sealed class PlainYamlJson : PlainYamlWalk, IDisposable
{
    // Keys of one map are compared with each other; a map with more of them is left to the reader, which has a table of them.
    private const int ManyKeys = 1000;

    private readonly bool _keepsPlaces;
    private readonly List<(int Start, int Length)> _keys = [];
    private readonly List<Node> _open = [];
    private byte[] _json;
    private int _length;
    private (int Size, int Line, int Column)[] _places;
    private int _count;
    private bool _isRefused;

    private PlainYamlJson(string text, bool keepsPlaces)
        : base(text)
    {
        _keepsPlaces = keepsPlaces;
        _json = ArrayPool<byte>.Shared.Rent(text.Length + 64);
        _places = keepsPlaces ? ArrayPool<(int, int, int)>.Shared.Rent(512) : [];
    }

    // A map or list that has begun.
    private readonly record struct Node(bool IsList, int Number, int FirstKey, int Column);

    /// <summary>The JSON, until this is disposed.</summary>
    internal ReadOnlySpan<byte> Json => _json.AsSpan(0, _length);

    /// <summary>A map as JSON; null where the text is no map, has anything else in it, or has a key twice.</summary>
    /// <param name="text">YAML without a byte order mark.</param>
    /// <param name="keepsPlaces">True to know where its nodes stand.</param>
    internal static PlainYamlJson? Of(string text, bool keepsPlaces)
    {
        var json = new PlainYamlJson(text, keepsPlaces);
        if (json.IsPlain() && !json._isRefused && json._json[0] == '{')
        {
            return json;
        }

        json.Dispose();
        return null;
    }

    /// <summary>Where its nodes stand.</summary>
    /// <param name="file">The file that has the text.</param>
    internal TreePlaces PlacesIn(string file) => TreePlaces.Of(file, _places.AsSpan(0, _count));

    /// <summary>Gives back what it took of the pools.</summary>
    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_json);
        if (_keepsPlaces)
        {
            ArrayPool<(int, int, int)>.Shared.Return(_places);
        }
    }

    /// <inheritdoc/>
    protected override void OnStart(bool isList, bool isFlow, int at)
    {
        BeginValue();
        _open.Add(new Node(isList, _count, _keys.Count, at + 1));
        Place(Lines.Number, at + 1);
        Write(isList ? (byte)'[' : (byte)'{');
        // The reader says what is wrong with it.
        _isRefused |= _open.Count > YamlLimits.MaximumDepth;
    }

    /// <inheritdoc/>
    protected override void OnEnd(bool isList)
    {
        var node = _open[^1];
        _open.RemoveAt(_open.Count - 1);
        _keys.RemoveRange(node.FirstKey, _keys.Count - node.FirstKey);
        if (_keepsPlaces)
        {
            _places[node.Number].Size = _count - node.Number;
        }

        Write(isList ? (byte)']' : (byte)'}');
    }

    /// <inheritdoc/>
    protected override bool OnKey(int at, int length)
    {
        if (_json[_length - 1] != '{')
        {
            Write((byte)',');
        }

        Write((byte)'"');
        var (start, first) = (_length, _open[^1].FirstKey);
        WriteAscii(Lines.Text(at, length));
        var key = _json.AsSpan(start, length);
        for (var i = first; i < _keys.Count; i++)
        {
            if (_keys[i].Length == length && _json.AsSpan(_keys[i].Start, length).SequenceEqual(key))
            {
                return false;
            }
        }

        _keys.Add((start, length));
        Write((byte)'"');
        Write((byte)':');
        return _keys.Count - first <= ManyKeys;
    }

    /// <inheritdoc/>
    protected override bool OnScalar(int at, int length, Quotes quotes)
    {
        if (quotes != Quotes.None)
        {
            var text = Lines.Text(at + 1, length - 2);
            return !text.StartsWith(YamlInclude.Prefix, StringComparison.Ordinal) && WriteText(at, text);
        }

        var plain = Lines.Text(at, length);
        if (plain.Length > 5 && !PlainScalars.MayBeNumber(plain[0]))
        {
            return WriteText(at, plain);
        }

        if (IsWhole(plain))
        {
            return WriteValue(at, plain);
        }

        var whole = plain.ToString();
        switch (PlainScalars.Resolve(whole))
        {
            case PlainScalars.Meaning.Null:
                BeginValue();
                Place(0, 0);
                WriteAscii("null");
                return true;
            case PlainScalars.Meaning.True:
                return WriteValue(at, "true");
            case PlainScalars.Meaning.False:
                return WriteValue(at, "false");
            case PlainScalars.Meaning.Number:
                return WriteValue(at, PlainScalars.Number(whole));
            case PlainScalars.Meaning.NotFinite:
                return false;
            default:
                return WriteText(at, plain);
        }
    }

    // What JSON and YAML read alike, and most numbers are.
    private static bool IsWhole(ReadOnlySpan<char> text) => text.Length is > 0 and < 16 && !text.ContainsAnyExceptInRange('0', '9') && (text.Length == 1 || text[0] != '0');

    private bool WriteValue(int at, ReadOnlySpan<char> text)
    {
        BeginValue();
        PlaceScalar(at);
        WriteAscii(text);
        return true;
    }

    private bool WriteText(int at, ReadOnlySpan<char> text)
    {
        BeginValue();
        PlaceScalar(at);
        Write((byte)'"');
        // Between apostrophes alone, and no backslash anywhere.
        for (var quote = text.IndexOf('"'); quote >= 0; quote = text.IndexOf('"'))
        {
            WriteAscii(text[..quote]);
            Write((byte)'\\');
            Write((byte)'"');
            text = text[(quote + 1)..];
        }

        WriteAscii(text);
        Write((byte)'"');
        return true;
    }

    private void BeginValue()
    {
        if (_open.Count > 0 && _open[^1].IsList && _json[_length - 1] != '[')
        {
            Write((byte)',');
        }
    }

    // An entry of a list of plain values has a line, and no column but that of the list.
    private void PlaceScalar(int at) => Place(Lines.Number, _open[^1] is { IsList: true } list ? list.Column : at + 1);

    private void Place(int line, int column)
    {
        if (!_keepsPlaces)
        {
            return;
        }

        if (_count == _places.Length)
        {
            Grow(ref _places, _count);
        }

        _places[_count++] = (1, line, column);
    }

    private void Write(byte sign)
    {
        if (_length == _json.Length)
        {
            Grow(ref _json, _length);
        }

        _json[_length++] = sign;
    }

    private void WriteAscii(ReadOnlySpan<char> text)
    {
        while (_json.Length - _length < text.Length)
        {
            Grow(ref _json, _length);
        }

        _length += Encoding.ASCII.GetBytes(text, _json.AsSpan(_length));
    }

    private static void Grow<T>(ref T[] buffer, int used)
    {
        var larger = ArrayPool<T>.Shared.Rent(buffer.Length * 2);
        buffer.AsSpan(0, used).CopyTo(larger);
        ArrayPool<T>.Shared.Return(buffer);
        buffer = larger;
    }
}
