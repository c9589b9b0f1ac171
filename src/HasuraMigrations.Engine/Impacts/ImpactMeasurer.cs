using HasuraMigrations.Engine.Catalog;
using HasuraMigrations.Engine.Metadata.Api;
using HasuraMigrations.Engine.Metadata.Api.Types;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Metadata.Schema;
using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Sql;
using HasuraMigrations.Engine.Targets.Postgres.Store;

namespace HasuraMigrations.Engine.Impacts;

/// <summary>Tries a change in throwaway databases, and tells what it does to the API.</summary>
/// <param name="document">The metadata.</param>
/// <param name="source">The source that changes, where no plans of several say it.</param>
/// <param name="databases">Databases by the name of their source. Those that change are throwaway databases.</param>
public sealed class ImpactMeasurer(MetadataDocument document, string source, IReadOnlyDictionary<string, HasuraConnection> databases)
{
    private const string MissingRight = "42501";

    /// <summary>The metadata after the change; null where it stays as it is.</summary>
    public MetadataDocument? Result { get; init; }

    /// <summary>The metadata beside its databases before the change; null before it was measured.</summary>
    internal MetadataModel? Before { get; private set; }

    /// <summary>The metadata beside its databases after the change; null before it was measured.</summary>
    internal MetadataModel? Changed { get; private set; }

    /// <summary>The statements of the change, and what each did.</summary>
    internal ChangeTrace Trace { get; private set; } = ChangeTrace.None;

    /// <summary>What the change did to the databases.</summary>
    internal IReadOnlyDictionary<string, DatabaseCatalog> After { get; private set; } = new Dictionary<string, DatabaseCatalog>();

    /// <summary>The GraphQL schemas before and after the change that was measured.</summary>
    /// <param name="settings">Settings of the server.</param>
    /// <exception cref="InvalidOperationException">Nothing was measured.</exception>
    public (IApiSchemas Before, IApiSchemas After) ReadApi(ApiSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        IApiSchemas Of(MetadataModel? model) =>
            model is null ? throw new InvalidOperationException("Nothing was measured.") : new ComputedApiSchemas(model.State, settings.IsVersionGiven ? settings : settings with { Era = model.State.Era });
        return (Of(Before), Of(Changed));
    }

    /// <summary>Measures the migrations of a plan.</summary>
    /// <exception cref="HasuraMigrationException">ImpactNotMeasured with the statement that failed, and the errors of connections.</exception>
    public Task<IReadOnlyList<HasuraImpact>> MeasureAsync(MigrationPlan plan, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(plan);
        return MeasureAsync(new Dictionary<string, MigrationPlan> { [source] = plan }, cancellationToken);
    }

    /// <summary>Measures the migrations of plans.</summary>
    /// <param name="plans">The plans by the names of the sources; none where the metadata alone changes.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="HasuraMigrationException">ImpactNotMeasured with the statement that failed, and the errors of connections.</exception>
    public Task<IReadOnlyList<HasuraImpact>> MeasureAsync(IReadOnlyDictionary<string, MigrationPlan> plans, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(plans);
        return MeasureAsync(_ => [.. plans.SelectMany(p => ChangeUnit.Of(p.Value).Select(u => (p.Key, u)))], cancellationToken);
    }

    /// <summary>Measures a text of SQL.</summary>
    /// <param name="sql">The text.</param>
    /// <param name="file">Full path of its file; null for none.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="HasuraMigrationException">ImpactNotMeasured with the statement that failed, and the errors of connections.</exception>
    public Task<IReadOnlyList<HasuraImpact>> MeasureAsync(string sql, string? file, CancellationToken cancellationToken) =>
        MeasureAsync(_ => [(source, ChangeUnit.Of(sql, file))], cancellationToken);

    /// <summary>Measures what dropping objects of the database would do, with all that depends on them there.</summary>
    /// <param name="names">Names of tables, columns, functions, types, constraints or schemas.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="HasuraMigrationException">DependencyObjectNotFound, ImpactNotMeasured, and the errors of connections.</exception>
    public Task<IReadOnlyList<HasuraImpact>> MeasureDropAsync(IReadOnlyList<string> names, CancellationToken cancellationToken) =>
        MeasureAsync(model => [(source, new ChangeUnit([.. names.SelectMany(n => DropStatements(model, n))], IsTransactional: true))], cancellationToken);

    /// <summary>The smallest change of the metadata that follows the change that was measured.</summary>
    /// <returns>The metadata, and what is inconsistent in it nevertheless.</returns>
    /// <exception cref="InvalidOperationException">Nothing was measured.</exception>
    public (MetadataDocument Document, IReadOnlyList<Finding> Left) Propose()
    {
        var before = (Before ?? throw new InvalidOperationException("Nothing was measured.")).State;
        var changes = After.Where(a => before.Facts.GetValueOrDefault(a.Key)?.Catalog is not null).SelectMany(a => CatalogChange.Between(a.Key, before.Facts[a.Key].Catalog!, a.Value)).ToList();
        var proposed = MetadataProposal.Make(Result ?? document, before, changes, After);
        var facts = before.Facts.ToDictionary(f => f.Key, f => After.TryGetValue(f.Key, out var now) ? new SourceFacts(f.Value.Catalog is { } known ? now.WithRowsOf(known) : now) : f.Value, StringComparer.Ordinal);
        return (proposed, MetadataModel.Of(proposed, facts).Findings().Where(f => f.Severity == FindingSeverity.Error).ToList());
    }

    /// <summary>The difference that the change that was measured makes in the GraphQL schema of each role.</summary>
    /// <param name="settings">Settings of the server.</param>
    /// <exception cref="InvalidOperationException">Nothing was measured.</exception>
    public ApiDifference CompareApi(ApiSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        return new ApiDifference(Before ?? throw new InvalidOperationException("Nothing was measured."), Changed!, Trace, settings);
    }

    private async Task<IReadOnlyList<HasuraImpact>> MeasureAsync(Func<MetadataModel, IReadOnlyList<(string Source, ChangeUnit Unit)>> change, CancellationToken cancellationToken)
    {
        Before = await MetadataModel.ReadAsync(document, databases, withLinks: true, cancellationToken).ConfigureAwait(false);
        var snapshots = new List<(string Source, ChangeStatement Cause, DatabaseCatalog Catalog)>();
        var units = change(Before);
        foreach (var (name, unit) in units)
        {
            snapshots.AddRange((await TryAsync(name, unit, cancellationToken).ConfigureAwait(false)).Select(s => (name, s.Cause, s.Catalog)));
        }

        var result = await MetadataModel.ReadAsync(Result ?? document, databases, withLinks: false, cancellationToken).ConfigureAwait(false);
        var changed = units.Select(u => u.Source).Append(source).ToHashSet();
        After = result.State.Facts.Where(f => changed.Contains(f.Key) && f.Value.Catalog is not null).ToDictionary(f => f.Key, f => f.Value.Catalog!, StringComparer.Ordinal);
        Changed = result;
        var known = Before.State.Facts.Where(f => f.Value.Catalog is not null).ToDictionary(f => f.Key, f => f.Value.Catalog!, StringComparer.Ordinal);
        Trace = ChangeTrace.Of(known, snapshots, [.. units.SelectMany(u => u.Unit.Statements)]);
        return ImpactReader.Read(Before, result, new ChangeOrigins(known, Trace).Find);
    }

    private async Task<IEnumerable<(ChangeStatement Cause, DatabaseCatalog Catalog)>> TryAsync(string name, ChangeUnit unit, CancellationToken cancellationToken)
    {
        try
        {
            var found = await new SchemaTrial(databases[name]).RunAsync([.. unit.Statements.Select(s => s.Sql)], unit.IsTransactional, cancellationToken).ConfigureAwait(false);
            return found.Where(f => f.Statement >= 0).Select(f => (unit.Statements[f.Statement], f.Catalog));
        }
        catch (StatementFailedException e)
        {
            var statement = unit.Statements[e.Statement];
            var place = statement.File is null ? "" : $" at {statement.File}:{statement.Line}";
            // In a copy of a schema, nothing runs with the rights of a superuser.
            var why = e.SqlState == MissingRight ? " With -Sandbox, where the migrations of the project make the database, they run with the rights of a superuser." : "";
            throw new HasuraMigrationException("ImpactNotMeasured", $"The change cannot be tried in a throwaway database{place}: {e.SqlState}: {e.Message}. Statement: '{statement.Short}'.{why}", name, e)
            {
                File = statement.File,
                Line = statement.Line,
            };
        }
    }

    private IEnumerable<ChangeStatement> DropStatements(MetadataModel model, string name)
    {
        var objects = model.ObjectsOf(name, null).Where(o => o.Source == source).ToList();
        var statements = objects.Select(o => DropStatement(model, o)).OfType<ChangeStatement>().ToList();
        return statements.Count > 0
            ? statements
            : throw new HasuraMigrationException("DependencyObjectNotFound", $"'{name}' is no object of the database of the source '{source}' that can be dropped.")
            {
                RecommendedAction = "Name a table, column, function, type, constraint or schema.",
            };
    }

    private static ChangeStatement? DropStatement(MetadataModel model, ObjectId id)
    {
        var table = id.Table;
        var owner = table == default ? "" : $"{SqlName.Quote(table.Schema)}.{SqlName.Quote(table.Name)}";
        var catalog = model.State.Facts[id.Source].Catalog!;
        if (id.Kind == ObjectKind.Function && catalog.FindFunctions(table.Schema, table.Name).ToList() is { Count: > 1 } overloaded)
        {
            return DropFunctions(owner, overloaded.Select(f => f.Oid));
        }

        if (id.Kind == ObjectKind.Table && catalog.FindTable(table.Schema, table.Name) is { Writes: not null } view)
        {
            return DropView(owner, view.Oid);
        }

        var sql = id.Kind switch
        {
            ObjectKind.DatabaseSchema => $"DROP SCHEMA {SqlName.Quote(id.Name)} CASCADE",
            ObjectKind.Table when catalog.FindTable(table.Schema, table.Name) is not null => $"DROP TABLE {owner} CASCADE",
            ObjectKind.Column when catalog.FindTable(table.Schema, table.Name)?.FindColumn(id.Name) is not null => $"ALTER TABLE {owner} DROP COLUMN {SqlName.Quote(id.Name)} CASCADE",
            ObjectKind.Function when catalog.FindFunctions(table.Schema, table.Name).Any() => $"DROP ROUTINE {owner} CASCADE",
            ObjectKind.DatabaseType => $"DROP TYPE {owner} CASCADE",
            ObjectKind.Constraint or ObjectKind.ForeignKey => $"ALTER TABLE {owner} DROP CONSTRAINT {SqlName.Quote(id.Name)} CASCADE",
            ObjectKind.Sequence => $"DROP SEQUENCE {owner} CASCADE",
            _ => null,
        };
        return sql is null ? null : new ChangeStatement(sql, null, null, null);
    }

    // Which kind of view it is, only the database knows. A name can hold whatever would end a body in dollar quotes.
    private static ChangeStatement DropView(string owner, uint oid)
    {
        var body = $"BEGIN IF EXISTS (SELECT FROM pg_catalog.pg_class WHERE oid OPERATOR(pg_catalog.=) {oid}::pg_catalog.oid AND relkind OPERATOR(pg_catalog.=) 'm') THEN DROP MATERIALIZED VIEW {owner} CASCADE; ELSE DROP VIEW {owner} CASCADE; END IF; END";
        return Block(body, $"DROP VIEW {owner} CASCADE");
    }

    // A name alone means none of several.
    private static ChangeStatement DropFunctions(string owner, IEnumerable<uint> oids)
    {
        var loop = $"DECLARE r pg_catalog.regprocedure; BEGIN FOREACH r IN ARRAY '{{{string.Join(',', oids)}}}'::pg_catalog.regprocedure[] LOOP EXECUTE 'DROP ROUTINE ' OPERATOR(pg_catalog.||) r::pg_catalog.text OPERATOR(pg_catalog.||) ' CASCADE'; END LOOP; END";
        return Block(loop, $"DROP ROUTINE {owner} CASCADE, for each function of the name");
    }

    private static ChangeStatement Block(string body, string shown) =>
        new($"DO E'{body.Replace(@"\", @"\\", StringComparison.Ordinal).Replace("'", "''", StringComparison.Ordinal)}'", null, null, null) { Shown = shown };
}
