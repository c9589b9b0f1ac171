using System.Numerics;
using System.Text;

namespace HasuraMigrations.Engine.Metadata.Api.Types;

/// <summary>The type of a field or value: a name, and the lists and non-null marks around it.</summary>
/// <param name="Name">Name of the type inside.</param>
/// <param name="Wrapping">What is around it, the innermost in the lowest two bits: 1 for a non-null mark, 2 for a list.</param>
internal readonly record struct ApiTypeRef(string Name, ulong Wrapping = 0)
{
    private const ulong NonNullMark = 1;
    private const ulong ListMark = 2;

    /// <summary>null is no value of it.</summary>
    internal bool IsNonNull => Wrapping != 0 && Outermost == NonNullMark;

    /// <summary>It is a list, which may be null or not.</summary>
    internal bool IsList => Nullable() is { Wrapping: not 0 } type && type.Outermost == ListMark;

    /// <summary>More is around it than there is room for.</summary>
    internal bool IsFull => Count >= 32;

    private int Count => Wrapping == 0 ? 0 : BitOperations.Log2(Wrapping) / 2 + 1;

    private ulong Outermost => Wrapping >> (2 * (Count - 1));

    /// <summary>The same without null.</summary>
    internal ApiTypeRef NonNull() => IsNonNull ? this : this with { Wrapping = Wrapping | NonNullMark << (2 * Count) };

    /// <summary>The same with null.</summary>
    internal ApiTypeRef Nullable() => IsNonNull ? this with { Wrapping = Wrapping & ~(NonNullMark << (2 * (Count - 1))) } : this;

    /// <summary>A list of it.</summary>
    internal ApiTypeRef List() => this with { Wrapping = Wrapping | ListMark << (2 * Count) };

    /// <summary>The type of its elements; null where it is no list.</summary>
    internal ApiTypeRef? Element()
    {
        var type = Nullable();
        return type.IsList ? type with { Wrapping = type.Wrapping & ~(ListMark << (2 * (type.Count - 1))) } : null;
    }

    /// <summary>A list of elements that are not null.</summary>
    internal static ApiTypeRef ListOf(string name) => new(name, NonNullMark | ListMark << 2);

    /// <summary>A type as SDL writes it; null where it is none.</summary>
    internal static ApiTypeRef? Parse(string text)
    {
        var (start, end) = (0, text.Length);
        while (start < end && (text[start] == '[' || char.IsWhiteSpace(text[start])))
        {
            start++;
        }

        var stop = start;
        while (stop < end && (char.IsAsciiLetterOrDigit(text[stop]) || text[stop] == '_'))
        {
            stop++;
        }

        var type = new ApiTypeRef(text[start..stop]);
        var open = text.AsSpan(0, start).Count('[');
        foreach (var mark in text.AsSpan(stop))
        {
            if (mark == ']' && open-- > 0 && !type.IsFull)
            {
                type = type.List();
            }
            else if (mark == '!' && !type.IsFull)
            {
                type = type.NonNull();
            }
            else if (!char.IsWhiteSpace(mark))
            {
                return null;
            }
        }

        return type.Name.Length > 0 && open == 0 ? type : null;
    }

    /// <summary>As SDL writes it.</summary>
    public override string ToString()
    {
        if (Wrapping == 0)
        {
            return Name;
        }

        var text = new StringBuilder(Name);
        for (var rest = Wrapping; rest != 0; rest >>= 2)
        {
            if ((rest & 3) == ListMark)
            {
                text.Insert(0, '[').Append(']');
            }
            else
            {
                text.Append('!');
            }
        }

        return text.ToString();
    }
}
