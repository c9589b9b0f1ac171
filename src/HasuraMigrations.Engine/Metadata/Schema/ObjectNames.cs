using HasuraMigrations.Engine.Json;

namespace HasuraMigrations.Engine.Metadata.Schema;

/// <summary>Names of objects as users write and read them.</summary>
internal static class ObjectNames
{
    /// <summary>The name: parts of things in databases are joined by dots, what metadata adds by slashes.</summary>
    internal static string Text(ObjectId id) => id.Kind switch
    {
        ObjectKind.Source => id.Source,
        ObjectKind.DatabaseSchema or ObjectKind.NativeQuery or ObjectKind.LogicalModel => id.Name,
        ObjectKind.Permission => $"{id.Table}/{id.Name}/{id.Role}",
        ObjectKind.FunctionPermission => $"{id.Table}/{id.Role}",
        ObjectKind.ActionPermission or ObjectKind.RemoteSchemaPermission or ObjectKind.CollectionQuery => $"{id.Name}/{id.Role}",
        ObjectKind.CustomTypes => id.Name.Length == 0 ? "custom types" : id.Name,
        _ when id.Table.Name is null => id.Name,
        _ => id.Name.Length == 0 ? id.Table.ToString() : $"{id.Table}.{id.Name}",
    };

    /// <summary>What it is.</summary>
    internal static DependencyObjectKind KindOf(ObjectId id) => id.Kind switch
    {
        ObjectKind.DatabaseSchema => DependencyObjectKind.Schema,
        ObjectKind.DatabaseType => DependencyObjectKind.Type,
        ObjectKind.CustomTypes => DependencyObjectKind.CustomType,
        _ => Enum.Parse<DependencyObjectKind>(id.Kind.ToString()),
    };

    /// <summary>The role of a permission; null for others.</summary>
    internal static string? RoleOf(ObjectId id) => id.Kind == ObjectKind.CollectionQuery || id.Role.Length == 0 ? null : id.Role;

    /// <summary>What a message calls it.</summary>
    internal static string Describe(ObjectId id)
    {
        var noun = id.Kind switch
        {
            ObjectKind.Permission => $"{id.Name} permission of the role '{id.Role}' on '{id.Table}'",
            ObjectKind.FunctionPermission => $"permission of the role '{id.Role}' on the function '{id.Table}'",
            ObjectKind.CollectionQuery => $"query '{id.Role}' of the collection '{id.Name}'",
            ObjectKind.RestEndpoint => $"REST endpoint '{id.Name}'",
            _ => $"{Words(KindOf(id))} '{Text(id)}'",
        };
        return noun;
    }

    /// <summary>The name of a kind as words.</summary>
    internal static string Words(Enum kind) =>
        string.Concat(kind.ToString().Select((c, i) => i > 0 && char.IsUpper(c) ? $" {char.ToLowerInvariant(c)}" : $"{char.ToLowerInvariant(c)}"));

    /// <summary>The objects that a user means.</summary>
    /// <param name="objects">All objects.</param>
    /// <param name="text">A name; the schema <c>public</c> can be left out.</param>
    internal static IReadOnlyList<ObjectId> Find(IEnumerable<ObjectId> objects, string text)
    {
        var plain = text.Replace("\"", "", StringComparison.Ordinal);
        var all = objects.Select(o => (Id: o, Name: Text(o))).ToList();
        List<ObjectId> Matching(string name, StringComparison comparison) => [.. all.Where(o => o.Name.Equals(name, comparison)).Select(o => o.Id)];
        var tries = new[] { plain, $"public.{plain}" }.SelectMany(n => new[] { (n, StringComparison.Ordinal), (n, StringComparison.OrdinalIgnoreCase) }).OrderBy(t => t.Item2);
        return tries.Select(t => Matching(t.n, t.Item2)).FirstOrDefault(m => m.Count > 0) ?? [];
    }

    /// <summary>The name that is nearest to one that was not found; null where none is near.</summary>
    internal static string? Nearest(IEnumerable<ObjectId> objects, string text)
    {
        var names = objects.Select(Text).Distinct().ToList();
        return NearestName.Of(text, names) ?? NearestName.Of($"public.{text}", names);
    }
}
