using HasuraMigrations.Engine.Metadata.Api.Types;

namespace HasuraMigrations.Engine.Metadata.Api.Tables;

/// <summary>The types of a table for a role while they are made.</summary>
/// <param name="table">The table.</param>
internal sealed class TypeList(ApiTable table)
{
    private readonly List<TypeNode> _nodes = new(24);

    /// <summary>Adds a type that depends on the role.</summary>
    internal void Add(ApiType type) => _nodes.Add(table.Share(type));

    /// <summary>Adds a type that is the same for all roles that have it.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="make">Makes it.</param>
    internal void Add(string name, Func<ApiTable, ApiType> make) => _nodes.Add(table.Once(name, make));

    /// <summary>Adds a type whose members are columns.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="description">Its description; null for none.</param>
    /// <param name="columns">The columns, by name.</param>
    /// <param name="member">What a column adds to it, the same object each time.</param>
    internal void Add<T>(string name, string? description, ApiColumn[] columns, Func<ApiColumn, T> member)
        where T : class => _nodes.Add(table.Share(name, description, columns, member));

    /// <summary>What was added.</summary>
    internal TypeNode[] ToArray() => [.. _nodes];
}
