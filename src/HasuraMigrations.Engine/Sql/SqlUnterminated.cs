namespace HasuraMigrations.Engine.Sql;

/// <summary>What was opened in a text and never closed.</summary>
public enum SqlUnterminatedKind
{
    /// <summary>A string in single quotes, with or without a prefix.</summary>
    String,

    /// <summary>An identifier in double quotes.</summary>
    QuotedIdentifier,

    /// <summary>A string between two equal dollar tags.</summary>
    DollarString,

    /// <summary>A comment that starts with a slash and an asterisk; such comments nest.</summary>
    Comment,

    /// <summary>A round parenthesis.</summary>
    Parenthesis,

    /// <summary>A routine body that starts with BEGIN ATOMIC and has no END.</summary>
    RoutineBody,
}

/// <summary>Something open at the end of a text, so that the last statement may have swallowed those behind it.</summary>
/// <param name="Kind">What is open.</param>
/// <param name="Index">Index in the text where it was opened.</param>
public sealed record SqlUnterminated(SqlUnterminatedKind Kind, int Index);
