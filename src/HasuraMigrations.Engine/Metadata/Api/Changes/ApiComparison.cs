using HasuraMigrations.Engine.Metadata.Api.Types;

namespace HasuraMigrations.Engine.Metadata.Api.Changes;

/// <summary>Differences between the GraphQL schemas of roles in two places. Roles that have one schema are compared once.</summary>
public sealed class ApiComparison
{
    private readonly Dictionary<(ApiSchema Before, ApiSchema After), IReadOnlyList<ApiChange>> _known = [];

    /// <summary>The differences of a role, by path.</summary>
    /// <param name="before">The old schema.</param>
    /// <param name="after">The new one.</param>
    public IReadOnlyList<HasuraApiChange> Compare(RoleApiSchema before, RoleApiSchema after)
    {
        ArgumentNullException.ThrowIfNull(before);
        ArgumentNullException.ThrowIfNull(after);
        if (!_known.TryGetValue((before.Schema, after.Schema), out var changes))
        {
            _known[(before.Schema, after.Schema)] = changes = ApiSchemaComparer.Compare(before.Schema, after.Schema);
        }

        return [.. changes.Select(c => new HasuraApiChange
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
