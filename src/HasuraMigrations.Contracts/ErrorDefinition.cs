namespace HasuraMigrations;

/// <summary>One row of the table of errors.</summary>
/// <param name="Id">Stable identifier in Pascal case.</param>
/// <param name="Kind">The class of the error.</param>
/// <param name="Meaning">When it is raised.</param>
/// <param name="RecommendedAction">What to do next.</param>
public sealed record ErrorDefinition(string Id, ErrorKind Kind, string Meaning, string RecommendedAction);
