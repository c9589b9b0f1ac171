using HasuraMigrations.Engine.Metadata.Api.Types;

namespace HasuraMigrations.Engine.Metadata.Api;

/// <summary>Goes through the types that the roots lead to, as a server does: what nothing leads to is not in its schema.</summary>
/// <param name="schema">The schema that is put together.</param>
internal sealed class SchemaWalk(RoleSchema schema) : IDisposable
{
    private readonly Stack<(TypeNode Type, int Next)> _way = new();
    private readonly PooledSlots<ApiType> _reached = new(schema.Model.Index.Count);
    private int _count;

    /// <summary>What was reached, in the order of a server.</summary>
    internal ApiType[] Sorted()
    {
        var (sorted, next) = (new ApiType[_count], 0);
        foreach (var id in schema.Model.Index.Sorted())
        {
            if (_reached[id] is { } type)
            {
                sorted[next++] = type;
            }
        }

        return sorted;
    }

    /// <inheritdoc/>
    public void Dispose() => _reached.Dispose();

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

    /// <summary>True for the number of a type that was reached.</summary>
    internal bool IsReached(int id) => _reached[id] is not null;

    private void Enter(TypeNode node, ApiType type)
    {
        _reached[node.Id] = type;
        _count++;
        _way.Push((node, 0));
    }
}
