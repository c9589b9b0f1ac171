using HasuraMigrations.Engine.Projects;

namespace HasuraMigrations.Abstractions;

/// <summary>What came through the pipeline, joined by database, so that each database is visited once.</summary>
/// <typeparam name="T">What is said of a database, such as versions.</typeparam>
internal sealed class PipedInput<T>
{
    private readonly List<(string[]? Databases, IReadOnlyList<T> Values)> _input = [];

    /// <summary>True where nothing came: an empty pipeline asks for nothing, and does not mean everything.</summary>
    internal bool IsEmpty => _input.Count == 0;

    /// <summary>Takes one input object.</summary>
    internal void Add(string[]? databases, IReadOnlyList<T> values) => _input.Add((databases, values));

    /// <summary>What was said of each database, in the order in which they came; nothing said is an empty list.</summary>
    /// <exception cref="HasuraMigrationException">DatabaseNotFound, DatabaseRequired.</exception>
    internal Dictionary<ProjectDatabase, List<T>> ByDatabase(HasuraProject project, bool isAllByDefault, bool mayBeNew = false)
    {
        var byDatabase = new Dictionary<ProjectDatabase, List<T>>();
        foreach (var (names, values) in _input)
        {
            foreach (var database in DatabaseSelection.Select(project, names, isAllByDefault, mayBeNew))
            {
                // Who named nothing asked for everything; what others name is part of it.
                var isKnown = byDatabase.TryGetValue(database, out var list);
                byDatabase[database] = values.Count == 0 || list is { Count: 0 } ? [] : isKnown ? [.. list!.Union(values)] : [.. values.Distinct()];
            }
        }

        return byDatabase;
    }
}
