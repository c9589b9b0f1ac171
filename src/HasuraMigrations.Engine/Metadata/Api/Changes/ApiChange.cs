

namespace HasuraMigrations.Engine.Metadata.Api.Changes;

/// <summary>One change of a schema.</summary>
/// <param name="Path">What was changed, such as <c>article.title</c> or <c>query_root.article(where)</c>.</param>
/// <param name="Class">What it does to clients.</param>
/// <param name="Criterion">What was changed.</param>
/// <param name="Side">Whom it concerns.</param>
/// <param name="Sentence">The change in words.</param>
internal sealed record ApiChange(string Path, ApiChangeClass Class, ApiCriterion Criterion, ApiChangeSide Side, string Sentence);
