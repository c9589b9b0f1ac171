namespace HasuraMigrations.Engine.Metadata.Api;

/// <summary>Goes through the types that the roots lead to, as a server does: what nothing leads to is not in its schema.</summary>
/// <param name="schema">The schema that is put together.</param>
internal sealed class SchemaWalk(RoleSchema schema)
{
    private readonly Stack<(TypeNode Type, int Next)> _way = new();
    private ApiType?[] _reached = new ApiType?[schema.Model.Index.Count];

    /// <summary>What was reached, in the order of a server.</summary>
    internal ApiType[] Sorted()
    {
        var sorted = new List<ApiType>();
        foreach (var (_, id) in schema.Model.Index.Sorted())
        {
            if (id < _reached.Length && _reached[id] is { } type)
            {
                sorted.Add(type);
            }
        }

        return [.. sorted];
    }

    /// <summary>Goes through a type and all that it leads to, depth first.</summary>
    internal void From(ApiType root)
    {
        var first = new TypeNode(schema.Model.Index, root);
        if (IsReached(first.Id))
        {
            return;
        }

        Enter(first, first.Type);
        // Not recursive: tables can be chained in thousands.
        while (_way.TryPop(out var step))
        {
            var uses = step.Type.Uses;
            for (var i = step.Next; i < uses.Length; i++)
            {
                var id = uses[i] < 0 ? ~uses[i] : uses[i];
                if (!IsReached(id))
                {
                    _way.Push((step.Type, i + 1));
                    var node = schema.NodeOf(id);
                    Enter(node, uses[i] < 0 ? node.Type with { Description = null } : node.Type);
                    break;
                }
            }
        }
    }

    private bool IsReached(int id)
    {
        if (id >= _reached.Length)
        {
            Array.Resize(ref _reached, schema.Model.Index.Count);
        }

        return _reached[id] is not null;
    }

    private void Enter(TypeNode node, ApiType type)
    {
        _reached[node.Id] = type;
        _way.Push((node, 0));
    }
}
