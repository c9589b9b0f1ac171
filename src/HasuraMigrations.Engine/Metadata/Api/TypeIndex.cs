using System.Collections.Concurrent;

namespace HasuraMigrations.Engine.Metadata.Api;

/// <summary>Numbers for the names of types, so that the schemas of many roles are walked and sorted without comparing names again.</summary>
internal sealed class TypeIndex
{
    private readonly ConcurrentDictionary<string, int> _ids = new(StringComparer.Ordinal);
    private readonly List<string> _names = [];
    private readonly object _lock = new();
    private volatile (string Name, int Id)[] _sorted = [];
    private int _count;

    /// <summary>How many names there are; all numbers are below it.</summary>
    internal int Count => Volatile.Read(ref _count);

    /// <summary>The number of a name.</summary>
    internal int Of(string name)
    {
        if (_ids.TryGetValue(name, out var id))
        {
            return id;
        }

        lock (_lock)
        {
            if (!_ids.TryGetValue(name, out id))
            {
                id = _count;
                _names.Add(name);
                _ids[name] = id;
                Volatile.Write(ref _count, id + 1);
            }

            return id;
        }
    }

    /// <summary>The name of a number.</summary>
    internal string NameOf(int id)
    {
        lock (_lock)
        {
            return _names[id];
        }
    }

    /// <summary>All names, by code point.</summary>
    internal (string Name, int Id)[] Sorted()
    {
        lock (_lock)
        {
            if (_sorted.Length != _count)
            {
                var all = _names.Select((n, i) => (n, i)).ToArray();
                Array.Sort(Array.ConvertAll(all, a => a.n), all, StringComparer.Ordinal);
                _sorted = all;
            }

            return _sorted;
        }
    }
}

/// <summary>A type with the numbers of the types that it names, in the order of a server's walk: the arguments of a field before its type.</summary>
internal sealed class TypeNode
{
    private const int Few = 48;

    // Hundreds of thousands of types are looked through.
    [ThreadStatic]
    private static List<string>? _names;

    [ThreadStatic]
    private static List<int>? _uses;

    internal TypeNode(TypeIndex index, ApiType type)
    {
        (Type, Id, Uses) = (type, index.Of(type.Name), FindUses(index, type));
    }

    /// <summary>The type.</summary>
    internal ApiType Type { get; }

    /// <summary>The number of its name.</summary>
    internal int Id { get; }

    /// <summary>The types that it names, each once; the complement of a number where a type that is met here first has no description.</summary>
    internal int[] Uses { get; }

    private static int[] FindUses(TypeIndex index, ApiType type)
    {
        var (names, uses) = (_names ??= [], _uses ??= []);
        names.Clear();
        uses.Clear();
        HashSet<string>? many = null;
        void Add(string name, bool isWithoutText = false)
        {
            // Most names are the same object as before.
            if (many is null)
            {
                foreach (var known in names)
                {
                    if (ReferenceEquals(known, name) || (known.Length == name.Length && known == name))
                    {
                        return;
                    }
                }

                names.Add(name);
                many = names.Count > Few ? new HashSet<string>(names, StringComparer.Ordinal) : null;
            }
            else if (!many.Add(name))
            {
                return;
            }

            var id = index.Of(name);
            uses.Add(isWithoutText ? ~id : id);
        }

        foreach (var field in type.Fields)
        {
            foreach (var argument in field.Arguments)
            {
                Add(argument.Type.Name);
            }

            Add(field.Type.Name, field.LeavesTypeWithoutText);
        }

        foreach (var field in type.InputFields)
        {
            Add(field.Type.Name);
        }

        foreach (var name in type.Interfaces)
        {
            Add(name);
        }

        foreach (var name in type.PossibleTypes)
        {
            Add(name);
        }

        return [.. uses];
    }
}
