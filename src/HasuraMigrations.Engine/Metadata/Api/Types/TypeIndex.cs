
namespace HasuraMigrations.Engine.Metadata.Api.Types;

/// <summary>Numbers for the names of types, so that the schemas of many roles are walked and sorted without comparing names again.</summary>
internal sealed class TypeIndex
{
    private const int ChunkBits = 12;

    private readonly object _lock = new();
    private volatile Slots _slots = new(256);
    private volatile string[] _names = new string[128];
    private volatile TypeNode?[][] _newest = [];
    private int[] _sorted = [];
    private int _count;

    /// <summary>How many names there are; all numbers are below it.</summary>
    internal int Count => Volatile.Read(ref _count);

    /// <summary>The number of a name.</summary>
    internal int Of(string name)
    {
        var hash = string.GetHashCode(name);
        var id = _slots.Find(name, hash, _names);
        if (id >= 0)
        {
            return id;
        }

        lock (_lock)
        {
            id = _slots.Find(name, hash, _names);
            if (id < 0)
            {
                id = _count;
                var names = _names;
                if (id == names.Length)
                {
                    Array.Resize(ref names, 2 * id);
                }

                names[id] = name;
                _names = names;
                Volatile.Write(ref _count, id + 1);
                if (2 * _count > _slots.Length)
                {
                    var larger = new Slots(2 * _slots.Length);
                    for (var i = 0; i <= id; i++)
                    {
                        larger.Add(i, string.GetHashCode(names[i]));
                    }

                    _slots = larger;
                }
                else
                {
                    _slots.Add(id, hash);
                }
            }

            return id;
        }
    }

    /// <summary>The type that was made last for a name; null for none.</summary>
    internal TypeNode? NewestOf(int id)
    {
        var chunks = _newest;
        return id >> ChunkBits < chunks.Length ? chunks[id >> ChunkBits][id & ((1 << ChunkBits) - 1)] : null;
    }

    /// <summary>Keeps a type as the one that was made last for its name.</summary>
    internal TypeNode Keep(TypeNode node)
    {
        if (node.Id >> ChunkBits >= _newest.Length)
        {
            lock (_lock)
            {
                var chunks = _newest;
                while (node.Id >> ChunkBits >= chunks.Length)
                {
                    chunks = [.. chunks, new TypeNode?[1 << ChunkBits]];
                }

                _newest = chunks;
            }
        }

        _newest[node.Id >> ChunkBits][node.Id & ((1 << ChunkBits) - 1)] = node;
        return node;
    }

    /// <summary>The number of a name that was looked up before, if by this index: hundreds of thousands of types have the same members.</summary>
    /// <param name="name">The name.</param>
    /// <param name="hint">The number that it had there; it is only believed if it is right.</param>
    internal int Of(string name, ref TypeHint hint)
    {
        if (hint.Number < Count && string.Equals(_names[hint.Number], name))
        {
            return hint.Number;
        }

        var id = Of(name);
        hint = new TypeHint(id);
        return id;
    }

    /// <summary>The name of a number.</summary>
    internal string NameOf(int id) => _names[id];

    /// <summary>The numbers of all names, in the order of the names by code point.</summary>
    internal int[] Sorted()
    {
        lock (_lock)
        {
            if (_sorted.Length != _count)
            {
                var (names, ids) = (_names[..Count], new int[_count]);
                for (var i = 0; i < ids.Length; i++)
                {
                    ids[i] = i;
                }

                OrdinalSort.Sort(names, ids);
                _sorted = ids;
            }

            return _sorted;
        }
    }
}

/// <summary>Finds numbers by names. Threads look here while another one adds: a name that is not found is looked for again behind a lock.</summary>
internal sealed class Slots(int length)
{
    // Numbers are one higher than here, so that zero is an empty place.
    private readonly int[] _numbers = new int[length];

    /// <summary>How many places there are, a power of two.</summary>
    internal int Length => _numbers.Length;

    /// <summary>The number of a name; less than zero for none.</summary>
    internal int Find(string name, int hash, string[] names)
    {
        for (var place = hash & (length - 1); ; place = (place + 1) & (length - 1))
        {
            var number = Volatile.Read(ref _numbers[place]) - 1;
            if (number < 0 || number >= names.Length)
            {
                return -1;
            }

            if (string.Equals(names[number], name))
            {
                return number;
            }
        }
    }

    /// <summary>Adds a number.</summary>
    internal void Add(int number, int hash)
    {
        var place = hash & (length - 1);
        while (_numbers[place] != 0)
        {
            place = (place + 1) & (length - 1);
        }

        Volatile.Write(ref _numbers[place], number + 1);
    }
}

/// <summary>The number that a type's name had in an index. It says nothing of the member that has it, so all are equal.</summary>
/// <param name="Number">The number.</param>
internal readonly record struct TypeHint(int Number)
{
    /// <inheritdoc/>
    public bool Equals(TypeHint other) => true;

    /// <inheritdoc/>
    public override int GetHashCode() => 0;
}
