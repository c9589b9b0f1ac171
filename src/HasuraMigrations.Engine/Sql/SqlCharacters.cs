using System.Runtime.CompilerServices;

namespace HasuraMigrations.Engine.Sql;

/// <summary>
/// Character classes of PostgreSQL's lexer (<c>scan.l</c>). The server works on bytes and takes each byte above 127 as
/// part of an identifier, so every character above 127 is a letter here, a no-break space included.
/// </summary>
internal static class SqlCharacters
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsDigit(char c) => (uint)(c - '0') <= 9;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsIdentifierStart(char c) => (uint)((c | 0x20) - 'a') <= 25 || c == '_' || c >= 0x80;

    /// <summary>Characters that go on in an identifier or in the tag of a dollar quote.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsTagPart(char c) => IsIdentifierStart(c) || IsDigit(c);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsIdentifierPart(char c) => IsTagPart(c) || c == '$';

    /// <summary>White space; the vertical tab counts since version 16 and was an error before.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsSpace(char c) => c is ' ' or '\n' or '\r' or '\t' or '\f' or '\v';

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsNewline(char c) => c is '\n' or '\r';

    public static bool IsOperator(char c) => c is '~' or '!' or '@' or '#' or '^' or '&' or '|' or '`' or '?'
        or '+' or '-' or '*' or '/' or '%' or '<' or '>' or '=';
}
