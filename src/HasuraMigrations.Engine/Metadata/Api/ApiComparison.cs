namespace HasuraMigrations.Engine.Metadata.Api;

/// <summary>Differences between the GraphQL schemas of a role in two places.</summary>
public static class ApiComparison
{
    /// <summary>The differences, by path.</summary>
    /// <param name="before">The old schema.</param>
    /// <param name="after">The new one.</param>
    public static IReadOnlyList<HasuraApiChange> Compare(RoleApiSchema before, RoleApiSchema after)
    {
        ArgumentNullException.ThrowIfNull(before);
        ArgumentNullException.ThrowIfNull(after);
        return [.. ApiSchemaComparer.Compare(before.Schema, after.Schema).Select(c => new HasuraApiChange
        {
            Role = after.Role,
            Path = c.Path,
            Class = c.Class,
            Criterion = c.Criterion,
            Side = c.Side,
            Message = c.Sentence,
        })];
    }
}
