using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Metadata.Schema;

namespace HasuraMigrations.Engine.Impacts;

/// <summary>What a change of databases does to the API that a document makes of them.</summary>
internal sealed class ImpactReader
{
    private readonly MetadataModel _model;
    private readonly MetadataModel _result;
    private MetadataState _before;
    private MetadataState _after;
    private readonly IReadOnlyList<(CatalogChange Change, ChangeStatement? Cause)> _changes;
    private readonly Dictionary<ObjectId, (CatalogChange Change, ChangeStatement? Cause)> _byObject = [];
    private readonly Dictionary<ObjectId, ObjectId> _renames;
    private readonly List<HasuraImpact> _found = [];

    private ImpactReader(MetadataModel model, MetadataModel result, IReadOnlyList<(CatalogChange, ChangeStatement?)> changes)
    {
        (_model, _result, _before, _after, _changes) = (model, result, model.State, result.State, changes);
        foreach (var change in _changes.Where(c => c.Change.Kind != CatalogChangeKind.Added))
        {
            _byObject.TryAdd(change.Change.Before, change);
        }

        _renames = _changes.Where(c => c.Change.Kind == CatalogChangeKind.Renamed).ToDictionary(c => c.Change.Before, c => c.Change.After!.Value);
    }

    /// <summary>Everything that breaks, becomes wider, goes, or gets another name or type.</summary>
    /// <param name="model">The metadata before the change, with what depends on what.</param>
    /// <param name="result">The metadata after it, beside the databases after it.</param>
    /// <param name="causes">The statements that changed the databases; null for none.</param>
    internal static IReadOnlyList<HasuraImpact> Read(MetadataModel model, MetadataModel result, Func<CatalogChange, ChangeStatement?> causes)
    {
        var (before, after) = (model.State.Facts, result.State.Facts);
        var changes = after.Where(a => a.Value.Catalog is not null && before.GetValueOrDefault(a.Key)?.Catalog is not null)
            .SelectMany(a => CatalogChange.Between(a.Key, before[a.Key].Catalog!, a.Value.Catalog!))
            .Select(c => (c, causes(c)))
            .ToList();
        var reader = new ImpactReader(model, result, changes);
        // Rows of enum tables are values of the API that no catalog tells of.
        var hasSameRows = after.All(a => a.Value.Catalog is not { } now || before.GetValueOrDefault(a.Key)?.Catalog is not { } was || now.HasSameRows(was));
        if (hasSameRows && ReferenceEquals(model.Document, result.Document) && ImpactSlice.Of(model.State.Readable, model.Graph, [.. changes.Select(c => c.c)]) is { } part)
        {
            (reader._before, reader._after) = (model.State.WithReadable(part), result.State.WithReadable(part));
        }

        reader.ReadBroken();
        reader.ReadAccess();
        reader.ReadStoredQueries();
        return reader._found;
    }

    private void ReadBroken()
    {
        foreach (var broken in _after.Cache.NewSince(_before.Cache))
        {
            var (cause, edge) = CauseOf(broken.Id);
            var place = ReferenceEquals(_model.Document, _result.Document) ? edge?.Place?.In(_model.Document.Positions) : null;
            place ??= _result.PlaceOf(broken.Id);
            _found.Add(New(ImpactEffect.Breaks, FindingSeverity.Error, broken.Id, cause?.Cause, $"The {ObjectNames.Describe(broken.Id)} becomes inconsistent: {Plain(broken.Reason)}{Because(cause)}.") with
            {
                File = place?.File,
                Line = place?.Line,
            });
        }

        if (_after.Cache.HardError is { } error && _before.Cache.HardError?.Message != error.Message)
        {
            _found.Add(New(ImpactEffect.Breaks, FindingSeverity.Error, new ObjectId(ObjectKind.Source, MetadataDocument.DefaultSource, default, ""), null, $"The schema of the API cannot be built any more: {error.Message.TrimEnd('.')}."));
        }
    }

    private void ReadStoredQueries()
    {
        var worked = StoredQueries.Check(_model.State).Where(p => p.Problem is null).Select(p => (p.Query, p.Role)).ToHashSet();
        var broken = _after.Cache.Inconsistencies.Found.Select(i => i.Id).ToHashSet();
        foreach (var problem in StoredQueries.Check(_result.State, worked.Select(w => w.Role).Distinct()).Where(p => p.Problem is not null && worked.Contains((p.Query, p.Role)) && !(p.Role == RoleAccess.Admin && broken.Contains(p.Query))))
        {
            var place = _result.PlaceOf(problem.Query);
            var endpoints = problem.Endpoints.Count == 0 ? "" : $", and with it the REST endpoint '{string.Join("', '", problem.Endpoints)}'";
            _found.Add(New(ImpactEffect.Breaks, FindingSeverity.Error, problem.Query, null, $"The {ObjectNames.Describe(problem.Query)} stops working for the role '{problem.Role}'{endpoints}: {problem.Problem}") with
            {
                Role = problem.Role,
                File = place?.File,
                Line = place?.Line,
            });
        }
    }

    private void ReadAccess()
    {
        var (old, now) = (RoleAccess.Of(_before).All, RoleAccess.Of(_after).All);
        var moved = old.ToDictionary(a => a, a => a with { Target = Moved(a.Target) });
        var whole = WholeTables(old, now, moved);
        foreach (var lost in moved.Where(m => m.Key.Operation != "delete" && !now.Contains(m.Value) && !whole.Contains((m.Key.Role, m.Key.Operation, TableOf(m.Key.Target)))).GroupBy(m => (m.Key.Role, m.Key.Target), m => m.Key.Operation))
        {
            var field = RoleAccess.FieldOf(_before.Cache, lost.Key.Target);
            AddAccess(ImpactEffect.Loses, FindingSeverity.Warning, lost.Key.Target, lost.Key.Role, field, [.. lost], $"The role '{lost.Key.Role}' loses {Noun(lost.Key.Target)} '{field}' ({string.Join(", ", lost)})");
        }

        foreach (var table in whole.GroupBy(w => (w.Role, w.Table), w => w.Operation))
        {
            var field = RoleAccess.FieldOf(_before.Cache, table.Key.Table);
            AddAccess(ImpactEffect.Loses, FindingSeverity.Warning, table.Key.Table, table.Key.Role, field, [.. table], $"The role '{table.Key.Role}' loses '{field}' ({string.Join(", ", table)})");
        }

        foreach (var kept in moved.Where(m => now.Contains(m.Value)).GroupBy(m => (m.Key.Role, m.Key.Target), m => m))
        {
            ReadKept(kept.Key.Role, kept.Key.Target, kept.First().Value.Target, [.. kept.Select(k => k.Key.Operation)]);
        }

        var known = moved.Values.ToHashSet();
        // A field that leads to rows, and a function, give no more than the permissions of their tables.
        foreach (var gained in now.Where(a => a.Role != RoleAccess.Admin && a.Target.Kind is ObjectKind.Column or ObjectKind.Table && !known.Contains(a) && WasInEffect(a)).GroupBy(a => (a.Role, a.Target), a => a.Operation))
        {
            var field = RoleAccess.FieldOf(_after.Cache, gained.Key.Target);
            // What somebody wrote into a permission is meant.
            var isMeant = gained.Any(o => !IsSamePermission(gained.Key.Target, o, gained.Key.Role));
            AddAccess(ImpactEffect.Widens, isMeant ? FindingSeverity.Warning : FindingSeverity.Error, gained.Key.Target, gained.Key.Role, field, [.. gained], $"The role '{gained.Key.Role}' gains {Noun(gained.Key.Target)} '{field}' ({string.Join(", ", gained)}), {(isMeant ? "as its permission was changed" : "although no permission was changed")}");
        }
    }

    // A role that loses every column of a table for an operation loses the table.
    private static HashSet<(string Role, string Operation, ObjectId Table)> WholeTables(IReadOnlySet<Access> old, IReadOnlySet<Access> now, Dictionary<Access, Access> moved)
    {
        var left = old.Where(a => now.Contains(moved[a]) && a.Target.Kind == ObjectKind.Column).Select(a => (a.Role, a.Operation, TableOf(a.Target))).ToHashSet();
        return [.. old.Where(a => a.Target.Kind == ObjectKind.Column).Select(a => (a.Role, a.Operation, TableOf(a.Target))).Where(a => !left.Contains(a)), .. old.Where(a => a.Operation == "delete" && !now.Contains(moved[a])).Select(a => (a.Role, a.Operation, a.Target))];
    }

    // A permission that comes into effect, since what it names is there now, becomes no wider.
    private bool WasInEffect(Access access) =>
        !IsSamePermission(access.Target, access.Operation, access.Role) || _before.Cache.HasPermission(OldPermission(access.Target, access.Operation, access.Role));

    private bool IsSamePermission(ObjectId target, string operation, string role)
    {
        // A role that inherits has no entry of its own.
        var id = new ObjectId(ObjectKind.Permission, target.Source, target.Table, operation, role);
        var (before, after) = (ObjectFinder.Find(_model.Document.Root, OldPermission(target, operation, role)).FirstOrDefault(), ObjectFinder.Find(_result.Document.Root, id).FirstOrDefault());
        return before.SameAs(after);
    }

    // By the name that the table had.
    private ObjectId OldPermission(ObjectId target, string operation, string role)
    {
        var table = _renames.FirstOrDefault(r => r.Value == TableOf(target)).Key is { Table.Name: not null } old ? old.Table : target.Table;
        return new ObjectId(ObjectKind.Permission, target.Source, table, operation, role);
    }

    private void ReadKept(string role, ObjectId target, ObjectId moved, IReadOnlyList<string> operations)
    {
        var (old, now) = (RoleAccess.FieldOf(_before.Cache, target), RoleAccess.FieldOf(_after.Cache, moved));
        if (old != now)
        {
            AddAccess(ImpactEffect.Renames, FindingSeverity.Warning, target, role, old, operations, $"The role '{role}' has {Noun(target)} '{old}' under the name '{now}'");
        }

        if (target.Kind == ObjectKind.Column)
        {
            foreach (var (change, cause) in _changes.Where(c => c.Change.Before == target && IsTypeChange(c.Change)))
            {
                // Whoever writes need not give a column, whether it may be null or not (Hasura, input objects).
                if (change.Kind == CatalogChangeKind.NullabilityChanged)
                {
                    if (!operations.Contains("select"))
                    {
                        continue;
                    }

                    operations = ["select"];
                }

                var place = PlaceOfAccess(target, role, operations[0]);
                _found.Add(New(ImpactEffect.ChangesType, FindingSeverity.Warning, target, cause, $"The field '{old}' changes its type for the role '{role}' ({string.Join(", ", operations)}): it {change.Sentence}{At(cause)}.") with
                {
                    Role = role,
                    Field = old,
                    Operations = operations,
                    File = place?.File,
                    Line = place?.Line,
                });
            }
        }
    }

    // Several types of a database are one type of the API (Hasura, scalars).
    private static bool IsTypeChange(CatalogChange change) =>
        change.Kind == CatalogChangeKind.NullabilityChanged || (change.Kind == CatalogChangeKind.Retyped && PostgresScalar.Of(change.Old ?? "").Name != PostgresScalar.Of(change.New ?? "").Name);

    private void AddAccess(ImpactEffect effect, FindingSeverity severity, ObjectId target, string role, string? field, IReadOnlyList<string> operations, string sentence)
    {
        var cause = CauseOfAccess(target, role, operations);
        var place = PlaceOfAccess(target, role, operations[0]);
        _found.Add(New(effect, severity, target, cause?.Cause, $"{sentence}{Because(cause)}.") with
        {
            Role = role,
            Field = field,
            Operations = operations,
            File = place?.File,
            Line = place?.Line,
        });
    }

    // What is gone stands in the old metadata only, which has places where it came from files.
    private SourcePosition? PlaceOfAccess(ObjectId target, string role, string operation)
    {
        var permission = new ObjectId(ObjectKind.Permission, target.Source, target.Table, operation, role);
        return _result.PlaceOf(permission) ?? _result.PlaceOf(TableOf(target)) ?? _model.PlaceOf(permission) ?? _model.PlaceOf(TableOf(target));
    }

    private (CatalogChange Change, ChangeStatement? Cause)? CauseOfAccess(ObjectId target, string role, IReadOnlyList<string> operations) =>
        Find(target)
        ?? Find(TableOf(target))
        ?? (_changes.Where(c => c.Change.Kind == CatalogChangeKind.Added && (c.Change.Before == target || c.Change.Before == TableOf(target))).Select(c => ((CatalogChange, ChangeStatement?)?)c).FirstOrDefault())
        ?? operations.Select(o => CauseOf(new ObjectId(ObjectKind.Permission, target.Source, target.Table, o, role)).Cause).FirstOrDefault(c => c is not null)
        ?? CauseOf(target).Cause;

    // The nearest changed thing that an object depends on, and the dependency that leads to it.
    private ((CatalogChange Change, ChangeStatement? Cause)? Cause, Dependency? Edge) CauseOf(ObjectId id)
    {
        if (Find(id) is { } own)
        {
            return (own, null);
        }

        foreach (var (edge, first) in _model.Graph.WalkNeeds(id))
        {
            if (Find(edge.To) is { } cause)
            {
                return (cause, first.Kind == DependencyKind.PartOf ? null : first);
            }
        }

        // A table can break by what became of a part of it, such as the key of an enum table.
        return (id.Kind == ObjectKind.Table && _changes.FirstOrDefault(c => c.Change.Before.IsWithin(id)) is { Change: not null } part ? part : null, null);
    }

    private (CatalogChange Change, ChangeStatement? Cause)? Find(ObjectId id) => _byObject.TryGetValue(id, out var found) ? found : null;

    private ObjectId Moved(ObjectId target)
    {
        if (_renames.TryGetValue(target, out var own))
        {
            return own;
        }

        return _renames.TryGetValue(TableOf(target), out var table) && target.Kind is not (ObjectKind.Function or ObjectKind.Action) ? target with { Table = table.Table } : target;
    }

    private static ObjectId TableOf(ObjectId id) => ObjectId.OfTable(id.Source, id.Table);

    private static string Noun(ObjectId target) => target.Kind switch
    {
        ObjectKind.Table => "the table",
        ObjectKind.Function => "the function",
        ObjectKind.Action => "the action",
        _ => "the field",
    };

    private static string Plain(string reason)
    {
        var at = reason.StartsWith("Inconsistent object: ", StringComparison.Ordinal) ? "Inconsistent object: ".Length : 0;
        return reason[at..].TrimEnd('.');
    }

    private static string Because((CatalogChange Change, ChangeStatement? Cause)? cause) =>
        cause is { } known ? $": the {ObjectNames.Describe(known.Change.Before)} {known.Change.Sentence}{At(known.Cause)}" : "";

    private static string At(ChangeStatement? statement) => statement is null ? "" : $" {statement.Place}";

    private static HasuraImpact New(ImpactEffect effect, FindingSeverity severity, ObjectId id, ChangeStatement? cause, string message) => new()
    {
        Effect = effect,
        Severity = severity,
        Kind = ObjectNames.KindOf(id),
        Name = ObjectNames.Text(id),
        Source = id.Source.Length == 0 ? null : id.Source,
        Role = ObjectNames.RoleOf(id),
        Message = message,
        Statement = cause?.Short,
        StatementFile = cause?.File,
        StatementLine = cause?.Line,
        Version = cause?.Version,
    };
}
