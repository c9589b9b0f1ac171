namespace HasuraMigrations.Engine.Sql;

/// <summary>What the value of a variable becomes in a text.</summary>
internal enum SqlVariableForm
{
    /// <summary><c>${name}</c>: a string constant; in quotes, text.</summary>
    Default,

    /// <summary><c>${name:literal}</c>: a string constant.</summary>
    Literal,

    /// <summary><c>${name:identifier}</c>: a quoted identifier.</summary>
    Identifier,

    /// <summary><c>${name:number}</c>: a number.</summary>
    Number,

    /// <summary><c>${name:raw}</c>: the value as it is.</summary>
    Raw,
}

/// <summary>What is wrong with a variable in a text.</summary>
/// <param name="Id">Id of the finding.</param>
/// <param name="Index">Index in the text of the file.</param>
/// <param name="Message">What is wrong; never the value.</param>
internal sealed record SqlVariableProblem(string Id, int Index, string Message);
