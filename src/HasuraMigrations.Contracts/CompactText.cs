using System.Text;

namespace HasuraMigrations;

/// <summary>A text that is kept as UTF-8, which takes half the room of a string, and made when it is asked for.</summary>
internal readonly struct CompactText(string? text) : IEquatable<CompactText>
{
    private readonly byte[]? _bytes = text is null ? null : Encoding.UTF8.GetBytes(text);

    /// <summary>The text; null for none.</summary>
    internal string? Text => _bytes is null ? null : Encoding.UTF8.GetString(_bytes);

    /// <summary>True for the same text.</summary>
    public bool Equals(CompactText other) => _bytes is null || other._bytes is null ? ReferenceEquals(_bytes, other._bytes) : _bytes.AsSpan().SequenceEqual(other._bytes);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is CompactText other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        hash.AddBytes(_bytes);
        return hash.ToHashCode();
    }
}
