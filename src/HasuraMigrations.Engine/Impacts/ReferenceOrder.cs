using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Metadata.Commands;
using HasuraMigrations.Engine.Metadata.Comparing;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Metadata.Schema;
using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Releases;

namespace HasuraMigrations.Engine.Impacts;

/// <summary>
/// The order of a release by what refers to what. Metadata that names what the migrations drop, and will not any more, goes first: a server
/// would otherwise answer with errors of the database until the metadata is written, and event triggers would break writes. Metadata that
/// names what the migrations make follows them.
/// </summary>
/// <param name="databases">How databases are reached, by the name of their source.</param>
public sealed class ReferenceOrder(IReadOnlyDictionary<string, HasuraConnection> databases) : IReleaseOrder
{
    /// <inheritdoc/>
    public async Task<ReleaseOrder> FindAsync(MetadataDocument present, MetadataDocument next, IReadOnlyDictionary<string, MigrationPlan> plans, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(present);
        ArgumentNullException.ThrowIfNull(next);
        ArgumentNullException.ThrowIfNull(plans);
        var drops = plans.ToDictionary(p => p.Key, p => DroppedNames.Of(ChangeUnit.Of(p.Value).SelectMany(u => u.Statements)), StringComparer.Ordinal);
        var read = databases.Where(d => drops.GetValueOrDefault(d.Key) is { IsNothing: false }).ToDictionary(StringComparer.Ordinal);
        if (read.Count == 0 || present.Version != next.Version || MetadataComparer.Compare(present, next).Count == 0)
        {
            return ReleaseOrder.SqlFirst;
        }

        var model = await MetadataModel.ReadAsync(present, read, withLinks: true, cancellationToken).ConfigureAwait(false);
        // What native queries use, the databases tell.
        var later = CommandPrerequisites.NativeQueries(next.Root, null).Count == 0 ? null : await MetadataModel.ReadAsync(next, read, withLinks: false, cancellationToken).ConfigureAwait(false);
        return Find(model, next, drops, later?.State.Facts);
    }

    /// <summary>The order beside catalogs that are known.</summary>
    /// <param name="present">The metadata that is in use beside its databases.</param>
    /// <param name="next">The metadata that is to be written.</param>
    /// <param name="drops">What the migrations may drop, by source.</param>
    /// <param name="later">The databases as they are, read beside the next metadata; null where the facts of the present metadata are enough for it.</param>
    internal static ReleaseOrder Find(MetadataModel present, MetadataDocument next, IReadOnlyDictionary<string, DroppedNames> drops, IReadOnlyDictionary<string, SourceFacts>? later = null) =>
        new Search(present, next, drops, later).Find();

    // How an object goes first.
    private enum Form
    {
        // As it will be.
        Next,

        // As it is, without what it lists of the dropped things: it gives no more than before.
        Narrow,

        // Not at all.
        Kept,
    }

    private sealed class Search
    {
        private readonly MetadataModel _present;
        private readonly MetadataDocument _next;
        private readonly IReadOnlyDictionary<string, DroppedNames> _drops;
        private readonly IReadOnlyDictionary<string, SourceFacts> _facts;
        private readonly HashSet<ObjectId> _known;
        private readonly Dictionary<ObjectId, List<(ObjectId Target, ChangeStatement Statement)>> _ending = [];
        private readonly Dictionary<ObjectId, Form> _forms = [];
        private readonly HashSet<ObjectId> _closedEnums = [];
        private readonly ILookup<(ObjectId Owner, ObjectId Target), DependencyKind> _references;

        internal Search(MetadataModel present, MetadataDocument next, IReadOnlyDictionary<string, DroppedNames> drops, IReadOnlyDictionary<string, SourceFacts>? later)
        {
            (_present, _next, _drops) = (present, next, drops);
            _facts = present.State.Facts.ToDictionary(f => f.Key, f => f.Value.Catalog is { } known && later?.GetValueOrDefault(f.Key)?.Catalog is { } other ? f.Value with { Catalog = known.WithTrialsOf(other) } : f.Value, StringComparer.Ordinal);
            _known = [.. present.State.Cache.Inconsistencies.Found.Select(i => i.Id)];
            _references = ReferenceReader.Read(present.Document.Root, present.State.Cache).ToLookup(r => (r.Owner, r.Target), r => r.Kind);
            FindEnding();
            FindClosedEnums();
        }

        internal ReleaseOrder Find()
        {
            var document = _present.Document;
            while (_forms.Values.Any(f => f != Form.Kept))
            {
                document = Make();
                var state = MetadataModel.Of(document, _facts).State;
                var broken = state.Cache.Inconsistencies.Found.Select(i => i.Id).Where(i => !_known.Contains(i)).Distinct().ToList();
                if (broken.Count == 0 && (state.Cache.HardError is null || _present.State.Cache.HardError is not null))
                {
                    break;
                }

                if (broken.Count == 0 || !broken.Select(Yield).ToList().Contains(true))
                {
                    // What breaks is not what went first, so that nothing can tell which of it is to wait.
                    _forms.Keys.ToList().ForEach(k => _forms[k] = Form.Kept);
                }
            }

            var before = Sentences(isKept: false);
            var held = Sentences(isKept: true);
            return MetadataComparer.Compare(_present.Document, document).Count == 0 || before.Count == 0 ? new ReleaseOrder(null, [], held) : new ReleaseOrder(document, before, held);
        }

        private List<string> Sentences(bool isKept) =>
            [.. _forms.Where(f => f.Value == Form.Kept == isKept && _ending.ContainsKey(f.Key) && !GoesWithTable(f.Key)).Select(f => Sentence(f.Key)).Order(StringComparer.Ordinal)];

        private bool GoesWithTable(ObjectId id)
        {
            var table = ObjectId.OfTable(id.Source, id.Table);
            return id != table && id.IsWithin(table) && _forms.GetValueOrDefault(table, Form.Kept) == Form.Next && IsGone(table);
        }

        // References that the next metadata does not have, and whose objects may be dropped.
        private void FindEnding()
        {
            var (named, all) = Edges(_next.Root, MetadataModel.Of(_next, _facts).State);
            var present = Edges(_present.Document.Root, _present.State);
            foreach (var (owner, target) in present.All.Where(e => !(present.Named.Contains(e) ? named : all).Contains(e)))
            {
                if (Dropping(target) is not { } statement)
                {
                    continue;
                }

                if (!_ending.TryGetValue(owner, out var list))
                {
                    _ending[owner] = list = [];
                    _forms[owner] = FirstForm(owner);
                }

                // Of a table that stays, only names of columns can go, and not that it is an enum table.
                if (owner.Kind == ObjectKind.Table && !IsGone(owner) && !_references[(owner, target)].Contains(DependencyKind.Configuration))
                {
                    _forms[owner] = Form.Kept;
                }

                list.Add((target, statement));
            }

            // What can only be narrowed has to be listed with everything that ends.
            foreach (var owner in _forms.Where(f => f.Value == Form.Narrow && !IsListed(f.Key)).Select(f => f.Key).ToList())
            {
                _forms[owner] = Form.Kept;
            }
        }

        // Without its key, or with other columns, an enum table is inconsistent, and with it all that belongs to it. That it will be a plain table can go first.
        private void FindClosedEnums()
        {
            var later = CommandPrerequisites.EnumTables(_next.Root, null);
            foreach (var (source, table) in CommandPrerequisites.EnumTables(_present.Document.Root, null).SelectMany(s => s.Select(t => (s.Key, t))).Where(t => !later[t.Key].Contains(t.t)))
            {
                var id = ObjectId.OfTable(source, table);
                if (IsGone(id) || _facts.GetValueOrDefault(source)?.Catalog?.FindTable(table.Schema, table.Name) is not { PrimaryKey: { } key } facts)
                {
                    continue;
                }

                var parts = facts.Columns.Select(c => ObjectId.OfColumn(source, table, c.Name)).Prepend(id with { Kind = ObjectKind.Constraint, Name = key.Name });
                if (parts.Select(p => (p, Statement: Dropping(p))).FirstOrDefault(p => p.Statement is not null) is (var part, { } statement))
                {
                    _closedEnums.Add(id);
                    _forms.TryAdd(id, Form.Next);
                    _ending.TryAdd(id, [(part, statement)]);
                }
            }
        }

        // An event trigger that goes and is put back after a failure would lose its events. A new permission, or the relationship that its filter
        // goes through, is meant for the rows that the migrations leave: on those from before, it could show more.
        private Form FirstForm(ObjectId owner)
        {
            if (IsGone(owner))
            {
                return Triggers(owner) ? Form.Kept : Form.Next;
            }

            var mayChange = _drops.TryGetValue(owner.Source, out var own) ? own.MayChangeRows : _drops.Values.Any(d => d.MayChangeRows);
            return !mayChange || owner.Kind is ObjectKind.EventTrigger or ObjectKind.Table ? Form.Next
                : owner.Kind == ObjectKind.Permission ? Form.Narrow
                : Form.Kept;
        }

        // All references, and those by name: a permission on all columns that also names one in its filter does not end with the name.
        private static (HashSet<(ObjectId Owner, ObjectId Target)> Named, HashSet<(ObjectId Owner, ObjectId Target)> All) Edges(JsonObject root, MetadataState state)
        {
            var cache = state.Cache;
            var references = ReferenceReader.Read(root, cache).ToLookup(r => r.Kind == DependencyKind.Includes, r => (r.Owner, r.Target));
            var (named, included) = (references[false].ToHashSet(), references[true].ToHashSet());
            named.UnionWith(cache.Objects.Values.SelectMany(o => o.Needs.Select(n => (o.Object.Id, n.Target))).Where(n => !included.Contains(n)));
            named.UnionWith(NativeQueryUses.Read(state).Select(u => (u.From, u.To)));
            named.UnionWith(cache.Objects.Keys.Where(o => o.Kind is ObjectKind.Table or ObjectKind.Function).Select(o => (o, o)));
            return (named, [.. named, .. included]);
        }

        private ChangeStatement? Dropping(ObjectId target)
        {
            if (target.Kind is not (ObjectKind.Table or ObjectKind.Column or ObjectKind.ForeignKey or ObjectKind.Function or ObjectKind.Constraint) || _drops.GetValueOrDefault(target.Source) is not { } drops)
            {
                return null;
            }

            return drops.Find(target) ?? _present.Graph.WalkNeeds(target, ofDatabase: true).Select(n => drops.Find(n.Edge.To)).FirstOrDefault(s => s is not null);
        }

        private bool IsGone(ObjectId id) => !ObjectFinder.Find(_next.Root, id).Any();

        private bool Triggers(ObjectId id) => id.Kind == ObjectKind.EventTrigger
            || (id.Kind == ObjectKind.Table && ObjectFinder.Find(_present.Document.Root, id).Any(t => t["event_triggers"].AsObjects().Any()));

        // Makes an object go first in another way; false where there is none.
        private bool Yield(ObjectId id)
        {
            if (!_forms.TryGetValue(id, out var known))
            {
                // It rests on what goes first, and may fit in the form that it will have.
                var (old, now) = (ObjectFinder.Find(_present.Document.Root, id).FirstOrDefault(), ObjectFinder.Find(_next.Root, id).FirstOrDefault());
                var form = id.Kind is ObjectKind.Table or ObjectKind.EventTrigger || old is null || old.SameAs(now) ? Form.Kept : FirstForm(id);
                if (form != Form.Next)
                {
                    return false;
                }

                _forms[id] = form;
                return true;
            }

            _forms[id] = known == Form.Next && id.Kind == ObjectKind.Permission && IsListed(id) ? Form.Narrow : Form.Kept;
            return known != Form.Kept;
        }

        // What is dropped stands in lists of columns alone, and not in a filter or a preset.
        private bool IsListed(ObjectId id) =>
            _ending.TryGetValue(id, out var ending)
            && ending.TrueForAll(e => _references[(id, e.Target)].ToList() is { Count: > 0 } kinds && kinds.TrueForAll(k => k == DependencyKind.Lists));

        private MetadataDocument Make()
        {
            var copy = _present.Document.Clone();
            var lists = _forms.Any(f => f.Value == Form.Narrow || f.Key.Kind == ObjectKind.Table)
                ? ReferenceReader.Read(copy.Root, _present.State.Cache).Where(r => r.Kind is DependencyKind.Lists or DependencyKind.Configuration && Ends(r)).Reverse().ToList()
                : [];
            // From the end, so that no index moves before it is used; and before the containers go.
            lists.ForEach(MetadataProposal.RemoveReference);
            foreach (var table in _closedEnums.Where(t => _forms[t] == Form.Next).SelectMany(t => ObjectFinder.Find(copy.Root, t)).OfType<JsonObject>())
            {
                table.Remove("is_enum");
            }

            foreach (var (id, _) in _forms.Where(f => f.Value == Form.Next && (f.Key.Kind != ObjectKind.Table || IsGone(f.Key))))
            {
                var (old, now) = (ObjectFinder.Find(copy.Root, id).ToList(), ObjectFinder.Find(_next.Root, id).ToList());
                if (now.Count == 0)
                {
                    ObjectRemover.Remove(copy.Root, id);
                }
                else if (old.Count == 1 && now.Count == 1)
                {
                    Replace(old[0], now[0].DeepClone());
                }
            }

            return copy;
        }

        private bool Ends(MetadataReference reference) =>
            _ending.TryGetValue(reference.Owner, out var ending) && ending.Exists(e => e.Target == reference.Target)
            && (_forms[reference.Owner] == Form.Narrow || (reference.Owner.Kind == ObjectKind.Table && _forms[reference.Owner] == Form.Next && !IsGone(reference.Owner)));

        private static void Replace(JsonNode old, JsonNode now)
        {
            if (old.Parent is JsonArray list)
            {
                list[list.IndexOf(old)] = now;
            }
            else if (old.Parent is JsonObject map)
            {
                map[old.GetPropertyName()] = now;
            }
        }

        private string Sentence(ObjectId owner)
        {
            var (target, statement) = _ending[owner][0];
            var verb = IsGone(owner) ? "goes with" : "no longer refers to";
            return owner == target ? $"The {ObjectNames.Describe(owner)} may be dropped {statement.Place}." : $"The {ObjectNames.Describe(owner)} {verb} the {ObjectNames.Describe(target)}, which may be dropped {statement.Place}.";
        }
    }
}
