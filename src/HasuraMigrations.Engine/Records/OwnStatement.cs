using System.Globalization;
using System.Text.RegularExpressions;

namespace HasuraMigrations.Engine.Records;

/// <summary>A null of a type that is not text.</summary>
internal enum SqlNull
{
    /// <summary>A null of type uuid.</summary>
    Uuid,

    /// <summary>A null of type bytea.</summary>
    Bytes,
}

/// <summary>
/// A statement of ours with its arguments for <c>$1</c> and so on. They go beside the text, or in it where there is no way
/// beside it.
/// </summary>
/// <param name="Sql">The text.</param>
/// <param name="Arguments">Values of the types <see cref="Literal"/> knows; null is a text.</param>
internal sealed partial record OwnStatement(string Sql, params object?[] Arguments)
{
    /// <summary>True for a question about names as the session finds them. All that the text itself names is qualified.</summary>
    internal bool NeedsPathOfSession { get; init; }

    /// <summary>The text with its arguments written in.</summary>
    internal string Inline() =>
        Parameter().Replace(Sql, match => Literal(Arguments[int.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture) - 1]));

    /// <summary>A value as a constant with its type, read alike whatever <c>standard_conforming_strings</c> says.</summary>
    internal static string Literal(object? value) => value switch
    {
        null => "NULL::pg_catalog.text",
        SqlNull.Uuid => "NULL::pg_catalog.uuid",
        SqlNull.Bytes => "NULL::pg_catalog.bytea",
        string text => Quoted(text) + "::pg_catalog.text",
        bool flag => flag ? "true" : "false",
        int number => number.ToString(CultureInfo.InvariantCulture),
        long number => $"'{number.ToString(CultureInfo.InvariantCulture)}'::pg_catalog.int8",
        Guid id => $"'{id}'::pg_catalog.uuid",
        PackedSteps steps => Literal(steps.ToArray()),
        byte[] bytes => $"pg_catalog.decode('{Convert.ToHexString(bytes)}', 'hex')",
        long[] numbers => $"'{{{string.Join(',', numbers.Select(n => n.ToString(CultureInfo.InvariantCulture)))}}}'::pg_catalog.int8[]",
        Guid[] ids => $"'{{{string.Join(',', ids)}}}'::pg_catalog.uuid[]",
        string[] texts => $"ARRAY[{string.Join(',', texts.Select(Quoted))}]::pg_catalog.text[]",
        _ => throw new ArgumentException($"A value of type {value.GetType()} has no constant.", nameof(value)),
    };

    private static string Quoted(string text)
    {
        var doubled = text.Replace("'", "''", StringComparison.Ordinal);
        return text.Contains('\\') ? $"E'{doubled.Replace(@"\", @"\\", StringComparison.Ordinal)}'" : $"'{doubled}'";
    }

    [GeneratedRegex(@"\$(\d+)")]
    private static partial Regex Parameter();
}
