namespace HasuraMigrations.Engine.Tests.Support;

/// <summary>Looks for texts in a stream that comes in pieces: a text can be divided between two of them.</summary>
internal sealed class ByteWatch
{
    private const int Longest = 4096;
    private byte[] _bytes = [];
    private int _new;

    /// <summary>Takes the next piece.</summary>
    public void Take(ReadOnlySpan<byte> piece)
    {
        var kept = _bytes.AsSpan(Math.Max(0, _bytes.Length - Longest));
        (_bytes, _new) = ([.. kept, .. piece], piece.Length);
    }

    /// <summary>True where a text ends in the last piece.</summary>
    public bool Has(ReadOnlySpan<byte> text) => _bytes.AsSpan(Math.Max(0, _bytes.Length - _new - (text.Length - 1))).IndexOf(text) >= 0;
}
