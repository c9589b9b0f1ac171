namespace HasuraMigrations.Engine.Metadata.Api;

/// <summary>Goes through the types that the roots lead to, as a server does: what nothing leads to is not in its schema.</summary>
/// <param name="find">A type by name; null for a scalar.</param>
internal sealed class SchemaWalk(Func<string, ApiType?> find)
{
    private readonly HashSet<string> _seen = new(StringComparer.Ordinal);
    private readonly Stack<(ApiType Type, int Next)> _way = new();

    /// <summary>What was reached.</summary>
    internal List<ApiType> Reached { get; } = [];

    /// <summary>Goes through a type and all that it leads to, depth first.</summary>
    internal void From(ApiType root)
    {
        if (!_seen.Add(root.Name))
        {
            return;
        }

        Enter(root);
        // Not recursive: tables can be chained in thousands.
        while (_way.TryPop(out var step))
        {
            var uses = step.Type.Uses;
            for (var i = step.Next; i < uses.Length; i++)
            {
                if (_seen.Add(uses[i].Name))
                {
                    _way.Push((step.Type, i + 1));
                    var type = find(uses[i].Name) ?? new ApiType(ApiTypeKind.Scalar, uses[i].Name, null);
                    Enter(uses[i].WithoutText ? type with { Description = null } : type);
                    break;
                }
            }
        }
    }

    private void Enter(ApiType type)
    {
        Reached.Add(type);
        _way.Push((type, 0));
    }
}
