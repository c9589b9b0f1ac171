using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Projects;

namespace HasuraMigrations.Abstractions;

/// <summary>What became of several databases. Used on the pipeline thread only.</summary>
/// <param name="databases">The databases.</param>
internal sealed class DatabaseLoop(IReadOnlyList<ProjectDatabase> databases)
{
    private readonly Dictionary<string, HasuraMigrationException> _failures = new(StringComparer.Ordinal);
    private readonly HashSet<ProjectDatabase> _open = [];
    private int _ended;

    /// <summary>Databases on which work has begun and not ended.</summary>
    internal IReadOnlyCollection<ProjectDatabase> Open => _open;

    /// <summary>True where nothing failed.</summary>
    internal bool IsWell => _failures.Count == 0;

    /// <summary>How far the work is, from 0 to 100.</summary>
    internal int Percent => _ended * 100 / Math.Max(1, databases.Count);

    /// <summary>The same in words.</summary>
    internal string Progress => $"{_ended} of {databases.Count} databases";

    /// <summary>Work on a database begins; its number among all, from 0, is returned.</summary>
    internal int Begin(ProjectDatabase database)
    {
        _open.Add(database);
        return _ended + _open.Count - 1;
    }

    /// <summary>Work on a database has ended.</summary>
    internal void End(ProjectDatabase database, HasuraMigrationException? failure)
    {
        _open.Remove(database);
        _ended++;
        if (failure is not null)
        {
            _failures[database.Name] = failure;
        }
    }

    /// <summary>One error for all that failed.</summary>
    internal HasuraMigrationException ToException() =>
        DatabaseFailures.Join(databases.Where(d => _failures.ContainsKey(d.Name)).Select(d => (d.Name, _failures[d.Name])), databases.Count);
}
