using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Metadata.Model;

namespace HasuraMigrations.Engine.Metadata.Schema;

/// <summary>What a server makes of a document and its databases: what is there, what needs what, and what does not fit.</summary>
internal sealed class SchemaCache(MetadataEra era)
{
    /// <summary>What is made of no document.</summary>
    internal static readonly SchemaCache None = new(MetadataEra.Version2);

    // So few are compared one by one.
    private const int Few = 24;

    private readonly HashSet<Need> _needs = [];

    /// <summary>Sources whose databases nobody could look into from here; nothing is said of what is in them.</summary>
    internal HashSet<string> Skipped { get; } = new(StringComparer.Ordinal);

    /// <summary>Sources that are there.</summary>
    internal HashSet<string> Sources { get; } = new(StringComparer.Ordinal);

    /// <summary>Sources on other kinds of databases, of which nothing is known here.</summary>
    internal HashSet<string> OtherKinds { get; } = new(StringComparer.Ordinal);

    /// <summary>Tables that are there.</summary>
    internal Dictionary<(string Source, QualifiedName Name), TableInfo> Tables { get; } = [];

    /// <summary>Functions that can be used, with the table they return; null where it is not one.</summary>
    internal Dictionary<(string Source, QualifiedName Name), QualifiedName?> Functions { get; } = [];

    /// <summary>Those of them that may write.</summary>
    internal HashSet<(string Source, QualifiedName Name)> VolatileFunctions { get; } = [];

    /// <summary>Roles that inherit, with their parents.</summary>
    internal Dictionary<string, IReadOnlyList<string>> InheritedRoles { get; } = new(StringComparer.Ordinal);

    /// <summary>Every object that is there, with what it needs.</summary>
    internal Dictionary<ObjectId, (MetadataObject Object, Need[] Needs)> Objects { get; } = [];

    /// <summary>All that any object needs, each once.</summary>
    internal IReadOnlyCollection<Need> Needs => _needs;

    /// <summary>What does not fit.</summary>
    internal InconsistencyList Inconsistencies { get; } = new(era);

    /// <summary>The error that keeps the whole schema from being built; null for none.</summary>
    internal MetadataCommandException? HardError { get; set; }

    internal TableInfo? FindTable(string source, QualifiedName name) => Tables.GetValueOrDefault((source, name));

    /// <summary>Keeps an object and what it needs.</summary>
    internal void Keep(MetadataObject item, List<Need> needs) => KeepDistinct(item, Distinct(needs));

    /// <summary>Keeps an object and what it needs, which several objects may have in common.</summary>
    internal void KeepDistinct(MetadataObject item, Need[] needs) => Objects[item.Id] = (item, needs);

    /// <summary>Each need once, and the same one for all objects that have it.</summary>
    internal Need[] Distinct(List<Need> needs)
    {
        var (all, distinct) = (new Need[needs.Count], needs.Count > Few ? new HashSet<Need>(needs.Count, ReferenceEqualityComparer.Instance) : null);
        var count = 0;
        foreach (var need in needs)
        {
            var shared = Share(need);
            if (distinct?.Add(shared) ?? !Has(all, count, shared))
            {
                all[count++] = shared;
            }
        }

        return all[..count];
    }

    private static bool Has(Need[] needs, int count, Need need)
    {
        for (var i = 0; i < count; i++)
        {
            if (ReferenceEquals(needs[i], need))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>What needs a column of a table. The permissions of all roles need the same columns.</summary>
    internal Need NeedOf(TableInfo table, string column, bool isOnType = false)
    {
        lock (table.Needs)
        {
            if (!table.Needs.TryGetValue((column, isOnType), out var need))
            {
                table.Needs[(column, isOnType)] = need = Share(new Need(ObjectId.OfColumn(table.Source, table.Name, column), isOnType));
            }

            return need;
        }
    }

    /// <summary>What needs a table.</summary>
    internal Need NeedOf(TableInfo table)
    {
        lock (table.Needs)
        {
            return table.Own ??= Share(new Need(ObjectId.OfTable(table.Source, table.Name)));
        }
    }

    private Need Share(Need need)
    {
        if (need.IsShared)
        {
            return need;
        }

        lock (_needs)
        {
            if (_needs.TryGetValue(need, out var known))
            {
                return known;
            }

            need.IsShared = true;
            _needs.Add(need);
            return need;
        }
    }

    /// <summary>True where a role has a permission, or inherits it.</summary>
    internal bool HasPermission(ObjectId permission)
    {
        var (seen, waiting) = (new HashSet<string>(StringComparer.Ordinal) { permission.Role }, new Stack<string>([permission.Role]));
        while (waiting.TryPop(out var role))
        {
            if (Objects.ContainsKey(permission with { Role = role }))
            {
                return true;
            }

            foreach (var parent in HardError is null ? InheritedRoles.GetValueOrDefault(role) ?? [] : [])
            {
                if (seen.Add(parent))
                {
                    waiting.Push(parent);
                }
            }
        }

        return false;
    }

    /// <summary>Objects that need a thing; a table stands for all that belongs to it.</summary>
    internal IEnumerable<ObjectId> DependentsOf(ObjectId target, bool onType = false) =>
        Objects.Where(o => o.Key != target && o.Value.Needs.Any(n => (n.Target == target || n.Target.IsWithin(target)) && (!onType || n.IsOnType))).Select(o => o.Key);

    /// <summary>All that does not fit, as servers answer it.</summary>
    internal JsonArray InconsistentObjects() => InconsistencyList.ToJson(Inconsistencies.Found);

    /// <summary>What does not fit here and did there. Permissions that cannot be inherited keep no command from its work.</summary>
    internal IReadOnlyList<Inconsistency> NewSince(SchemaCache before)
    {
        // Servers compare objects, not reasons: another reason does not make an inconsistent object new (Hasura 1.3.3 and 2.48).
        var known = before.Inconsistencies.Found.Select(i => i.Id).ToHashSet();
        return [.. Inconsistencies.Found.Where(i => !known.Contains(i.Id) && !i.Id.IsInheritance)];
    }
}
