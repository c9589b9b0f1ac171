namespace HasuraMigrations.Engine.Catalog;

/// <summary>What a database held at one moment. Nobody changes it once it is read.</summary>
internal sealed class DatabaseCatalog
{
    private readonly Dictionary<CatalogName, CatalogTable> _tables;
    private readonly Dictionary<uint, CatalogTable> _tablesByOid;
    private readonly ILookup<CatalogName, CatalogFunction> _functions;
    private readonly Dictionary<uint, CatalogFunction> _functionsByOid;
    private readonly HashSet<string> _baseTypes;
    private readonly IReadOnlyDictionary<CatalogName, EnumRows> _enumRows;
    private readonly IReadOnlyDictionary<string, QueryTrial> _trials;

    internal DatabaseCatalog(IReadOnlyList<CatalogTable> tables, CatalogFacts facts)
    {
        (Tables, Facts) = (tables, facts);
        _tables = tables.ToDictionary(t => t.Name);
        _tablesByOid = tables.ToDictionary(t => t.Oid);
        _functions = facts.Functions.ToLookup(f => f.Name);
        _functionsByOid = facts.Functions.ToDictionary(f => f.Oid);
        _baseTypes = [.. facts.BaseTypes];
        (_enumRows, _trials) = (new Dictionary<CatalogName, EnumRows>(), new Dictionary<string, QueryTrial>());
    }

    private DatabaseCatalog(DatabaseCatalog other, IReadOnlyDictionary<CatalogName, EnumRows> enumRows, CatalogTexts texts, IReadOnlyDictionary<string, QueryTrial> trials)
    {
        (Tables, Facts) = (other.Tables, other.Facts);
        (_tables, _tablesByOid, _functions, _functionsByOid, _baseTypes) = (other._tables, other._tablesByOid, other._functions, other._functionsByOid, other._baseTypes);
        (_enumRows, Texts, _trials) = (enumRows, texts, trials);
    }

    /// <summary>Tables and views.</summary>
    internal IReadOnlyList<CatalogTable> Tables { get; }

    /// <summary>The rows it was made of.</summary>
    internal CatalogFacts Facts { get; }

    /// <summary>Comments, and how functions are called; empty where nobody asked for them.</summary>
    internal CatalogTexts Texts { get; } = CatalogTexts.None;

    /// <summary>A table or view; null where there is none.</summary>
    internal CatalogTable? FindTable(string schema, string name) => _tables.GetValueOrDefault(new CatalogName(schema, name));

    /// <summary>A table or view by oid.</summary>
    internal CatalogTable? FindTable(uint oid) => _tablesByOid.GetValueOrDefault(oid);

    /// <summary>All functions of a name.</summary>
    internal IEnumerable<CatalogFunction> FindFunctions(string schema, string name) => _functions[new CatalogName(schema, name)];

    /// <summary>A function by oid.</summary>
    internal CatalogFunction? FindFunction(uint oid) => _functionsByOid.GetValueOrDefault(oid);

    /// <summary>True for the name of a base type, of whatever schema.</summary>
    internal bool IsBaseType(string name) => _baseTypes.Contains(name);

    /// <summary>What an enum table holds; null where nobody asked for it.</summary>
    internal EnumRows? FindEnumRows(string schema, string name) => _enumRows.GetValueOrDefault(new CatalogName(schema, name));

    /// <summary>The same with the rows of enum tables.</summary>
    internal DatabaseCatalog With(IReadOnlyDictionary<CatalogName, EnumRows> enumRows) => IsSame(enumRows) ? this : new(this, enumRows, Texts, _trials);

    /// <summary>What the database says of a query; null where nobody asked.</summary>
    /// <param name="query">The query as <see cref="QueryTrialReader.Preparation"/> takes it.</param>
    internal QueryTrial? FindTrial(string query) => _trials.GetValueOrDefault(query);

    /// <summary>The same with what the database says of queries, beside those that are known.</summary>
    internal DatabaseCatalog With(IReadOnlyDictionary<string, QueryTrial> trials) =>
        new(this, _enumRows, Texts, _trials.Where(t => !trials.ContainsKey(t.Key)).Concat(trials).ToDictionary(StringComparer.Ordinal));

    /// <summary>The same with what another catalog of the database, read at the same time, knows of queries.</summary>
    internal DatabaseCatalog WithTrialsOf(DatabaseCatalog other) => other._trials.Count == 0 ? this : With(other._trials);

    /// <summary>The same with comments.</summary>
    internal DatabaseCatalog With(CatalogTexts texts) => new(this, _enumRows, texts, _trials);

    /// <summary>The same, where enum tables that got another name have the rows that they had in an earlier catalog of the database.</summary>
    internal DatabaseCatalog WithRowsOf(DatabaseCatalog earlier)
    {
        var rows = new Dictionary<CatalogName, EnumRows>(_enumRows);
        foreach (var (name, known) in earlier._enumRows)
        {
            if (earlier.FindTable(name.Schema, name.Name) is { } table && FindTable(table.Oid) is { } now)
            {
                rows.TryAdd(now.Name, known);
            }
        }

        return With(rows);
    }

    /// <summary>True where enum tables have the rows that they have in another catalog.</summary>
    internal bool HasSameRows(DatabaseCatalog other) => other.IsSame(_enumRows);

    private bool IsSame(IReadOnlyDictionary<CatalogName, EnumRows> enumRows) =>
        enumRows.Count == _enumRows.Count && enumRows.All(r => FindEnumRows(r.Key.Schema, r.Key.Name) is { } known && known.Error == r.Value.Error && known.Values.SequenceEqual(r.Value.Values));
}
