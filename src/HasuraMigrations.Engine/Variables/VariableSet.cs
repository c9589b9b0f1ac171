using System.Collections.Concurrent;
using HasuraMigrations.Engine.Processes;
using HasuraMigrations.Engine.Projects;
using HasuraMigrations.Engine.Sql;

namespace HasuraMigrations.Engine.Variables;

/// <summary>The values of variables in SQL files. Names are compared without regard to case.</summary>
public sealed class VariableSet
{
    /// <summary>What the names of environment variables begin with that give values.</summary>
    public const string EnvironmentPrefix = "HASURA_MIGRATIONS_VAR_";

    private static readonly StringComparer Names = StringComparer.OrdinalIgnoreCase;

    private readonly Dictionary<string, string> _values = new(Names);
    private readonly IReadOnlyCollection<string> _given;
    private readonly ConcurrentDictionary<string, bool> _mentioned = new(Names);
    private readonly ConcurrentDictionary<string, bool> _planned = new(StringComparer.Ordinal);

    private VariableSet(IReadOnlyCollection<string> given) => _given = given;

    /// <summary>No values.</summary>
    public static VariableSet None => new([]);

    /// <summary>What hides the values that were used from texts.</summary>
    internal ValueMask Mask { get; } = new();

    /// <summary>Number of databases that were planned with it.</summary>
    public int PlannedDatabases => _planned.Count;

    /// <summary>Variables that were given and that no file of any plan mentions.</summary>
    public IReadOnlyList<string> Unused => [.. _given.Where(n => !_mentioned.ContainsKey(n)).Order(StringComparer.OrdinalIgnoreCase)];

    /// <summary>Lays the sources over each other: what was given, then the environment, then a file.</summary>
    /// <param name="given">Values by name.</param>
    /// <param name="file">Full path of a file in the syntax of env files; null for none.</param>
    /// <param name="environment">The environment; null for that of the process.</param>
    /// <exception cref="HasuraMigrationException">VariableValueInvalid for a name that no variable can have; EnvFileInvalid.</exception>
    public static VariableSet Create(IReadOnlyDictionary<string, string> given, string? file = null, IEnumerable<KeyValuePair<string, string>>? environment = null)
    {
        ArgumentNullException.ThrowIfNull(given);
        var all = ProcessVariables.Copy(environment ?? ProcessVariables.All(), ProcessVariables.Names(null));
        var set = new VariableSet([.. given.Keys]);
        if (file is not null)
        {
            set.Add(EnvFile.Read(Path.GetDirectoryName(file)!, file, all, Names, []), $"the file '{file}'", file);
        }

        // As for other variables of the environment, an empty one counts as not set.
        set.Add(all.Where(v => v.Value.Length > 0 && v.Key.StartsWith(EnvironmentPrefix, StringComparison.OrdinalIgnoreCase)).Select(v => KeyValuePair.Create(v.Key[EnvironmentPrefix.Length..], v.Value)), "the environment", null);
        set.Add(given, "-Variable", null);
        return set;
    }

    /// <summary>The value of a variable of a file; null where it has none.</summary>
    internal string? ValueOf(string name, SqlVariableForm form)
    {
        _mentioned[name] = true;
        if (!_values.TryGetValue(name, out var value))
        {
            return null;
        }

        Mask.Add(name, value, form == SqlVariableForm.Raw ? SqlVariableValue.Words(value) : []);
        return value;
    }

    /// <summary>Takes note of a plan and of what its files mention; they are read only where a variable was given that is not known to be used.</summary>
    /// <param name="database">Source name of the database.</param>
    /// <param name="texts">Texts of the files that may have variables.</param>
    internal void NotePlan(string database, IEnumerable<SqlText> texts)
    {
        _planned[database] = true;
        if (Unused.Count == 0)
        {
            return;
        }

        foreach (var name in texts.Where(t => SqlVariableSyntax.FindDirective(t).IsThere).SelectMany(SqlVariableSyntax.NamesIn))
        {
            _mentioned[name] = true;
        }
    }

    private void Add(IEnumerable<KeyValuePair<string, string>> values, string source, string? file)
    {
        foreach (var (name, value) in values)
        {
            _values[name] = SqlVariableSyntax.IsName(name) ? value : throw new HasuraMigrationException("VariableValueInvalid", $"The name '{name}' in {source} is not that of a variable.", name)
            {
                File = file,
                RecommendedAction = "Use letters of ASCII, digits and '_' in the name, and begin it with a letter or '_'.",
            };
        }
    }
}
