using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Catalog;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Metadata.Schema;

namespace HasuraMigrations.Engine.Metadata.Commands;

/// <summary>
/// What SQL did to tracked objects of a source, carried into the document: renames are followed, what was dropped goes,
/// and what depends on it is refused or goes too.
/// </summary>
internal sealed class RunSqlChanges
{
    private readonly MetadataState _before;
    private readonly string _source;
    private readonly DatabaseCatalog _after;
    private readonly JsonObject _root;
    private readonly List<TableInfo> _tables;

    private RunSqlChanges(MetadataState before, string source, DatabaseCatalog after)
    {
        (_before, _source, _after) = (before, source, after);
        _root = before.Root.DeepClone().AsObject();
        _tables = [.. before.Cache.Tables.Values.Where(t => t.Source == source)];
    }

    /// <summary>The document after the SQL, before it is judged.</summary>
    /// <param name="before">The state before the SQL.</param>
    /// <param name="source">The source it ran on.</param>
    /// <param name="after">The database after it.</param>
    /// <param name="cascade">What depends on dropped things goes too.</param>
    /// <exception cref="MetadataCommandException">dependency-error, not-supported, unexpected.</exception>
    internal static JsonObject Follow(MetadataState before, string source, DatabaseCatalog after, bool cascade)
    {
        var changes = new RunSqlChanges(before, source, after);
        changes.RequireNotOverloaded();
        changes.DropDependents(cascade);
        changes.RequireVolatility();
        changes.DropGone();
        changes.FollowColumns();
        changes.FollowTables();
        return changes._root;
    }

    /// <summary>The state after SQL whose changes were followed.</summary>
    /// <param name="before">The state before the SQL.</param>
    /// <param name="root">The document that <see cref="Follow"/> gave.</param>
    /// <param name="facts">The databases after the SQL.</param>
    /// <exception cref="MetadataCommandException">unexpected: something does not fit any more.</exception>
    internal static CommandOutcome Judge(MetadataState before, JsonObject root, IReadOnlyDictionary<string, SourceFacts> facts)
    {
        var state = before.With(root).With(facts);
        CommandJudge.RequireNothingNew(before.Cache, state.Cache);
        return new CommandOutcome(state, MetadataCommands.Success(), IsModified: true, EventTriggerEffects.Between(before, state));
    }

    private IEnumerable<(TableInfo Info, CatalogTable? Now)> Pairs() => _tables.Select(t => (t, _after.FindTable(t.Facts.Oid)));

    private IEnumerable<(TableInfo Table, ComputedFieldInfo Field, CatalogFunction Function)> ComputedFields() =>
        from table in _tables
        from field in table.Fields.Values.OfType<ComputedFieldInfo>()
        from function in table.Catalog.FindFunctions(field.Function.Schema, field.Function.Name)
        select (table, field, function);

    private IEnumerable<(QualifiedName Name, CatalogFunction Function)> TrackedFunctions() =>
        from tracked in _before.Cache.Functions.Keys
        where tracked.Source == _source
        from function in _before.Facts[_source].Catalog!.FindFunctions(tracked.Name.Schema, tracked.Name.Name)
        select (tracked.Name, function);

    // A function that got another name counts as gone.
    private CatalogFunction? Now(CatalogFunction function) => _after.FindFunctions(function.Name.Schema, function.Name.Name).FirstOrDefault(f => f.Oid == function.Oid);

    private void RequireNotOverloaded()
    {
        var overloaded = TrackedFunctions().Where(f => _after.FindFunctions(f.Name.Schema, f.Name.Name).Count() > 1).Select(f => f.Name.InMessage()).ToList();
        if (overloaded.Count > 0)
        {
            throw new MetadataCommandException("not-supported", $"the following tracked function(s) cannot be overloaded: {string.Join(", ", overloaded)}");
        }
    }

    private void DropDependents(bool cascade)
    {
        var cache = _before.Cache;
        var gone = Pairs().Where(p => p.Now is null).Select(p => ObjectId.OfTable(_source, p.Info.Name)).ToList();
        var targets = new List<ObjectId>(gone);
        foreach (var (info, now) in Pairs().Where(p => p.Now is not null))
        {
            var positions = now!.Columns.Select(c => c.Position).ToHashSet();
            targets.AddRange(info.Facts.Columns.Where(c => !positions.Contains(c.Position)).Select(c => ObjectId.OfColumn(_source, info.Name, c.Name)));
            targets.AddRange(GoneKeys(info.Facts, now).Select(k => new ObjectId(ObjectKind.ForeignKey, _source, info.Name, k.Name)));
        }

        var dependents = targets.SelectMany(t => cache.DependentsOf(t))
            .Concat(ComputedFields().Where(f => Now(f.Function) is null).Select(f => new ObjectId(ObjectKind.ComputedField, _source, f.Table.Name, f.Field.Name)))
            .Where(d => !gone.Exists(d.IsWithin) && (_before.Era.IsVersion1 || d.Kind is not (ObjectKind.Function or ObjectKind.FunctionPermission)))
            .Where(d => d.Kind != ObjectKind.Function || TrackedFunctions().Any(f => f.Name == d.Table && Now(f.Function) is not null))
            .Distinct().ToList();
        if (dependents.Count > 0 && !cascade)
        {
            throw CommandContext.Dependents(_before.Era, dependents);
        }

        dependents.ForEach(d => ObjectRemover.Remove(_root, d));
    }

    // A key that was made again with the same target and columns does not count as dropped.
    private static IEnumerable<CatalogForeignKey> GoneKeys(CatalogTable before, CatalogTable now) =>
        before.ForeignKeys.Where(k => now.ForeignKeys.All(n => n.Oid != k.Oid && !(n.Target == k.Target && n.Columns.Zip(n.TargetColumns).ToHashSet().SetEquals(k.Columns.Zip(k.TargetColumns)))));

    private void RequireVolatility()
    {
        foreach (var (name, function) in TrackedFunctions())
        {
            if (function.Volatility != 'v' && Now(function)?.Volatility == 'v')
            {
                throw new MetadataCommandException("not-supported", $"type of function \"{name.InMessage()}\" is altered to \"VOLATILE\" which is not supported now");
            }
        }

        foreach (var (table, field, function) in ComputedFields())
        {
            if (function.Volatility != 'v' && Now(function)?.Volatility == 'v')
            {
                throw new MetadataCommandException("not-supported", $"The type of function \"{field.Function.InMessage()}\" associated with computed field \"{field.Name}\" of table \"{table.Name.InMessage()}\" is being altered to \"VOLATILE\"");
            }

            if (Now(function) is not null && _after.FindFunctions(field.Function.Schema, field.Function.Name).Count() > 1)
            {
                throw new MetadataCommandException("not-supported", $"The function \"{field.Function.InMessage()}\" associated with computed field\"{field.Name}\" of table \"{table.Name.InMessage()}\" is being overloaded");
            }
        }
    }

    private void DropGone()
    {
        foreach (var (info, _) in Pairs().Where(p => p.Now is null))
        {
            ObjectRemover.Remove(_root, ObjectId.OfTable(_source, info.Name));
        }

        foreach (var (name, _) in TrackedFunctions().Where(f => _after.FindFunctions(f.Name.Schema, f.Name.Name).All(n => n.Oid != f.Function.Oid) && _after.FindFunction(f.Function.Oid) is null).ToList())
        {
            ObjectRemover.Remove(_root, ObjectId.OfFunction(_source, name));
        }
    }

    private void FollowColumns()
    {
        foreach (var (info, now) in Pairs().Where(p => p.Now is not null))
        {
            // Of each table servers follow the name before the columns (Hasura 1.3.3 and 2.48).
            RequireRenamable(info, NameOf(now!));
            foreach (var column in info.Facts.Columns)
            {
                var next = now!.Columns.FirstOrDefault(c => c.Position == column.Position);
                if (next is not null && (next.Type, next.TypeKind) != (column.Type, column.TypeKind))
                {
                    RequireTypeFree(info, column);
                }

                if (next is not null && next.Name != column.Name)
                {
                    new ColumnRename(_before.Cache, _source, info.Name, column.Name, next.Name).Rewrite(_root);
                }
                else if (next is null)
                {
                    ColumnRename.Forget(_root, _source, info.Name, column.Name);
                }
            }
        }
    }

    private void RequireTypeFree(TableInfo info, CatalogColumn column)
    {
        var dependents = _before.Cache.DependentsOf(ObjectId.OfColumn(_source, info.Name, column.Name), onType: true).Where(d => IsThere(d)).ToList();
        if (dependents.Count > 0)
        {
            throw new MetadataCommandException("dependency-error", $"cannot change type of column \"{column.Name}\" in table \"{info.Name.InMessage()}\" because of the following dependencies{_before.Era.Colon}{string.Join(", ", dependents.Select(d => d.Describe(_before.Era)).Order(StringComparer.Ordinal))}");
        }
    }

    private bool IsThere(ObjectId permission) =>
        permission.Kind != ObjectKind.Permission
        || MetadataTree.SourcesOf(_root).Where(s => s.Name == permission.Source).SelectMany(s => MetadataTree.TablesOf(s.Node)).Any(t => t.Name == permission.Table && t.Node.EntryAt($"{permission.Name}_permissions", "role", permission.Role) is not null);

    private void FollowTables()
    {
        foreach (var (info, now) in Pairs().Where(p => p.Now is not null))
        {
            if (NameOf(now!) is var name && name != info.Name)
            {
                new TableRename(_source, info.Name, name).Rewrite(_root);
            }
        }
    }

    private void RequireRenamable(TableInfo info, QualifiedName name)
    {
        if (name == info.Name)
        {
            return;
        }

        var function = _before.Cache.DependentsOf(ObjectId.OfTable(_source, info.Name)).FirstOrDefault(d => d.Kind == ObjectKind.Function);
        if (function.Kind == ObjectKind.Function)
        {
            throw new MetadataCommandException("unexpected", $"unexpected {(_before.Era.IsVersion1 ? "dependancy" : "dependency")} {function.Describe(_before.Era)}; cannot rename table \"{info.Name.InMessage()}\" to \"{name.InMessage()}\"", status: 500);
        }
    }

    private static QualifiedName NameOf(CatalogTable table) => new(table.Name.Schema, table.Name.Name);
}
