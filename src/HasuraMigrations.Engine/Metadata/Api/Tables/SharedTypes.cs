using System.Collections.Concurrent;
using HasuraMigrations.Engine.Metadata.Api.Types;

namespace HasuraMigrations.Engine.Metadata.Api.Tables;

/// <summary>Types that do not depend on a role, each made once.</summary>
internal sealed class SharedTypes(ApiFeatures features)
{
    private readonly ConcurrentDictionary<int, TypeNode> _nodes = new();
    private readonly ConcurrentDictionary<string, ApiType> _byName = new(StringComparer.Ordinal);

    private readonly ConcurrentDictionary<int, bool> _clashes = new();
    private readonly ConcurrentDictionary<int, int> _scalars = new();

    /// <summary>Numbers for the names of types.</summary>
    internal TypeIndex Index { get; } = new();

    /// <summary>All of them.</summary>
    internal IEnumerable<TypeNode> Nodes => _nodes.Select(n => n.Value);

    /// <summary>Numbers of those that are defined in several ways.</summary>
    internal IEnumerable<int> Clashes => _clashes.Select(c => c.Key);

    /// <summary>A type by number; null where nobody asked for one of this name.</summary>
    internal TypeNode? FindNode(int id) => _nodes.GetValueOrDefault(id);

    /// <summary>What the server has.</summary>
    internal ApiFeatures Features => features;

    /// <summary>Numbers of filters of columns, each with that of the scalar of those columns.</summary>
    internal IEnumerable<KeyValuePair<int, int>> Scalars => _scalars;

    /// <summary>Keeps which scalar columns with a filter have; scalars themselves need no definition.</summary>
    internal string KeepScalar(string filter, string scalar)
    {
        _scalars[Index.Of(filter)] = Index.Of(scalar);
        return filter;
    }

    /// <summary>Keeps a type; the first one of a name stays.</summary>
    internal string Keep(ApiType type)
    {
        lock (_byName)
        {
            if (!_byName.TryGetValue(type.Name, out var known))
            {
                // Before the name: roles are built in several threads, and whoever sees the name finds the type.
                var node = new TypeNode(Index, type);
                _nodes[node.Id] = node;
                _byName[type.Name] = type;
            }
            else if (!ApiSame.Are(known, type))
            {
                _clashes[Index.Of(type.Name)] = true;
            }
        }

        return type.Name;
    }

    /// <summary>True where a type of the name is kept.</summary>
    internal bool Has(string name) => _byName.ContainsKey(name);

    /// <summary>The enum order_by.</summary>
    internal string OrderBy(ApiNaming naming)
    {
        var name = naming.SharedType("order_by");
        if (!Has(name))
        {
            (string Value, string Text)[] values =
            [
                ("asc", features.Texts.Direction("ascending", "last")),
                ("asc_nulls_first", features.Texts.Direction("ascending", "first")),
                ("asc_nulls_last", features.Texts.Direction("ascending", "last")),
                ("desc", features.Texts.Direction("descending", "first")),
                ("desc_nulls_first", features.Texts.Direction("descending", "first")),
                ("desc_nulls_last", features.Texts.Direction("descending", "last")),
            ];
            Keep(new ApiType(ApiTypeKind.Enum, name, "column ordering options")
            {
                EnumValues = [.. values.Select(v => new ApiEnumValue(naming.IsGraphQL ? v.Value.ToUpperInvariant() : v.Value, v.Text))],
            });
        }

        return name;
    }

    /// <summary>The enum cursor_ordering.</summary>
    internal string CursorOrdering(ApiNaming naming)
    {
        var name = naming.Customized(naming.SharedType("cursor_ordering"));
        if (!Has(name))
        {
            Keep(new ApiType(ApiTypeKind.Enum, name, "ordering argument of a cursor")
            {
                EnumValues = [new ApiEnumValue("ASC", "ascending ordering of the cursor"), new ApiEnumValue("DESC", "descending ordering of the cursor")],
            });
        }

        return name;
    }
}
