namespace HasuraMigrations.Engine.Metadata.Api.Types;

/// <summary>A type with the numbers of the types that it names, in the order of a server's walk: the arguments of a field before its type.</summary>
internal sealed class TypeNode
{
    // Hundreds of thousands of types are looked through: one list for all of them, and one mark for each name that was met.
    [ThreadStatic]
    private static List<int>? _uses;

    [ThreadStatic]
    private static int[]? _marks;

    [ThreadStatic]
    private static int _mark;

    // An array for each type would be a tenth of all objects that the schemas of many roles consist of.
    private const int ChunkLength = 4096;

    [ThreadStatic]
    private static int[]? _chunk;

    [ThreadStatic]
    private static int _chunkUsed;

    private readonly int[] _numbers;
    private readonly int _start;
    private readonly int _count;

    internal TypeNode(TypeIndex index, ApiType type)
        : this(index, index.Of(type.Name), type)
    {
    }

    internal TypeNode(TypeIndex index, int id, ApiType type)
    {
        (Type, Id) = (type, id);
        var uses = FindUses(index, type);
        if (_chunk is null || _chunk.Length - _chunkUsed < uses.Count)
        {
            (_chunk, _chunkUsed) = (new int[Math.Max(ChunkLength, uses.Count)], 0);
        }

        (_numbers, _start, _count) = (_chunk, _chunkUsed, uses.Count);
        uses.CopyTo(_numbers, _start);
        _chunkUsed += _count;
    }

    /// <summary>The type.</summary>
    internal ApiType Type { get; }

    /// <summary>The number of its name.</summary>
    internal int Id { get; }

    /// <summary>The thing whose type it is, such as a table; null for none.</summary>
    internal object? Owner { get; init; }

    /// <summary>Another type of this name that its owner has for other roles; null for none.</summary>
    internal TypeNode? Older { get; init; }

    /// <summary>The types that it names, each once; the complement of a number where a type that is met here first has no description.</summary>
    internal ReadOnlySpan<int> Uses => _numbers.AsSpan(_start, _count);

    private static List<int> FindUses(TypeIndex index, ApiType type)
    {
        var uses = _uses ??= [];
        uses.Clear();
        if (++_mark == int.MaxValue)
        {
            (_marks, _mark) = (null, 1);
        }

        foreach (var field in type.Fields)
        {
            foreach (var argument in field.Arguments)
            {
                Add(argument.TypeNumber(index));
            }

            Add(field.TypeNumber(index), field.LeavesTypeWithoutText);
        }

        foreach (var field in type.InputFields)
        {
            Add(field.TypeNumber(index));
        }

        foreach (var name in type.Interfaces)
        {
            Add(index.Of(name));
        }

        foreach (var name in type.PossibleTypes)
        {
            Add(index.Of(name));
        }

        return uses;

        void Add(int id, bool isWithoutText = false)
        {
            var marks = _marks;
            if (marks is null || id >= marks.Length)
            {
                Array.Resize(ref marks, Math.Max(index.Count, 2 * (marks?.Length ?? 64)));
                _marks = marks;
            }

            if (marks[id] != _mark)
            {
                marks[id] = _mark;
                uses.Add(isWithoutText ? ~id : id);
            }
        }
    }
}
