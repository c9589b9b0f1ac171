using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Catalog;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Metadata.Commands;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Metadata.Schema;

namespace HasuraMigrations.Engine.Impacts;

/// <summary>
/// The smallest change of a document that follows what became of its databases: a name that changed is written anew, of what is gone
/// only the reference goes, and no permission goes with it or becomes wider.
/// </summary>
internal sealed class MetadataProposal
{
    private readonly JsonObject _root;
    private readonly SchemaCache _cache;
    private readonly IReadOnlyList<CatalogChange> _changes;
    private readonly HashSet<ObjectId> _gone;

    private MetadataProposal(JsonObject root, SchemaCache cache, IReadOnlyList<CatalogChange> changes)
    {
        (_root, _cache, _changes) = (root, cache, changes);
        _gone = [.. changes.Where(c => c.Kind == CatalogChangeKind.Dropped && c.Before.Kind != ObjectKind.ForeignKey).Select(c => c.Before)];
    }

    /// <summary>Makes the changed document.</summary>
    /// <param name="document">The document, which is not changed.</param>
    /// <param name="before">The same beside its databases before the change.</param>
    /// <param name="changes">What became of the databases.</param>
    /// <param name="after">The databases after the change, by source.</param>
    internal static MetadataDocument Make(MetadataDocument document, MetadataState before, IReadOnlyList<CatalogChange> changes, IReadOnlyDictionary<string, DatabaseCatalog> after)
    {
        var copy = document.Clone();
        var proposal = new MetadataProposal(copy.Root, before.Cache, changes);
        proposal.KeepRelationships();
        proposal.FindGoneMembers();
        proposal.RemoveGone();
        proposal.Rename();
        proposal.CloseEnums(after);
        proposal.CloseKeyFields();
        return copy;
    }

    // A relationship by a foreign key that is gone goes on by its columns, as long as they are there.
    private void KeepRelationships()
    {
        foreach (var key in _changes.Where(c => c.Kind == CatalogChangeKind.Dropped && c.Before.Kind == ObjectKind.ForeignKey).Select(c => c.Before))
        {
            foreach (var (id, needs) in _cache.Objects.Where(o => o.Key.Kind == ObjectKind.Relationship && o.Value.Needs.Any(n => n.Target == key)).Select(o => (o.Key, o.Value.Needs)).ToList())
            {
                if (_cache.FindTable(id.Source, id.Table)?.Fields.GetValueOrDefault(id.Name) is RelationshipField field
                    && needs.All(n => !IsGone(n.Target))
                    && field.Columns.All(c => !IsGone(ObjectId.OfColumn(id.Source, id.Table, c.Column)) && !IsGone(ObjectId.OfColumn(id.Source, field.Target, c.Target))))
                {
                    foreach (var entry in ObjectFinder.Find(_root, id).OfType<JsonObject>())
                    {
                        entry["using"] = new JsonObject
                        {
                            ["manual_configuration"] = new JsonObject
                            {
                                ["remote_table"] = field.Target.ToNode(),
                                ["column_mapping"] = new JsonObject(field.Columns.Select(c => new KeyValuePair<string, JsonNode?>(c.Column, c.Target))),
                                ["insertion_order"] = null,
                            },
                        };
                    }
                }
                else
                {
                    _gone.Add(id);
                }
            }
        }
    }

    // Fields that need what is gone cannot be without it; and so on.
    private void FindGoneMembers()
    {
        for (var count = -1; count != _gone.Count;)
        {
            count = _gone.Count;
            foreach (var (id, needs) in _cache.Objects.Where(o => !_gone.Contains(o.Key)).Select(o => (o.Key, o.Value.Needs)).ToList())
            {
                var isField = id.Kind is ObjectKind.Relationship or ObjectKind.RemoteRelationship or ObjectKind.ComputedField;
                if ((isField && needs.Any(n => n.Target.Kind != ObjectKind.ForeignKey && IsGone(n.Target))) || (isField && Function(id) is { } function && IsGone(function)) || (id.Kind == ObjectKind.Function && needs.Any(n => IsGone(n.Target))))
                {
                    _gone.Add(id);
                }
            }
        }
    }

    private ObjectId? Function(ObjectId field) => _cache.FindTable(field.Source, field.Table)?.Fields.GetValueOrDefault(field.Name) switch
    {
        ComputedFieldInfo { Table: { } returned } when IsGone(ObjectId.OfTable(field.Source, returned)) => ObjectId.OfTable(field.Source, returned),
        ComputedFieldInfo computed => ObjectId.OfFunction(field.Source, computed.Function),
        _ => null,
    };

    private bool IsGone(ObjectId id) => _gone.Contains(id) || (id.Table.Name is not null && id.IsWithin(ObjectId.OfTable(id.Source, id.Table)) && _gone.Contains(ObjectId.OfTable(id.Source, id.Table)));

    private void RemoveGone()
    {
        if (_gone.Count == 0)
        {
            return;
        }

        foreach (var (source, node) in MetadataTree.SourcesOf(_root))
        {
            foreach (var (name, table) in MetadataTree.TablesOf(node).Where(t => !_gone.Contains(ObjectId.OfTable(source, t.Name))))
            {
                PruneExpressions(new TableScope(_cache, source, name), table);
            }
        }

        // From the end, so that no index moves before it is used.
        foreach (var reference in ReferenceReader.Read(_root, _cache).Where(r => IsGone(r.Target)).Reverse())
        {
            RemoveReference(reference);
        }

        foreach (var id in _gone.Where(g => g.Kind is ObjectKind.Table or ObjectKind.Function or ObjectKind.Relationship or ObjectKind.RemoteRelationship or ObjectKind.ComputedField))
        {
            ObjectRemover.Remove(_root, id);
        }
    }

    private void PruneExpressions(TableScope scope, JsonObject table)
    {
        foreach (var permission in PermissionRules.Kinds.SelectMany(k => table[$"{k}_permissions"].AsObjects()).Select(p => p["permission"]).OfType<JsonObject>())
        {
            foreach (var key in new[] { "filter", "check" })
            {
                var pruned = new ExpressionPruner(IsGone, scope).Prune(permission[key]);
                if (!ReferenceEquals(pruned, permission[key]))
                {
                    permission[key] = pruned;
                }
            }
        }
    }

    /// <summary>Removes a name from the document, with what cannot be without it.</summary>
    internal static void RemoveReference(MetadataReference reference)
    {
        var place = reference.Place;
        switch (reference.Kind)
        {
            case DependencyKind.Lists when place.Key is null:
                place.Container.AsArray().RemoveAt(place.Index);
                if (reference.Owner.Kind == ObjectKind.EventTrigger)
                {
                    CloseOperation(place.Container.AsArray());
                }

                break;
            case DependencyKind.Preset or DependencyKind.Configuration:
                place.Container.AsObject().Remove(place.Key!);
                break;
            // A relationship of a custom type or of a native query is no object of its own.
            case DependencyKind.Relationship when reference.Owner.Kind is ObjectKind.CustomTypes or ObjectKind.NativeQuery:
                var entry = place.Container;
                while (entry.Parent is { } parent and not JsonArray)
                {
                    entry = parent;
                }

                (entry.Parent as JsonArray)?.Remove(entry);
                break;
        }
    }

    // A trigger cannot listen to updates of no column (Hasura, event triggers); what it no longer can be called for, it is not called for.
    private static void CloseOperation(JsonArray columns)
    {
        if (columns.Count == 0 && columns.Parent is JsonObject operation && operation.Parent is JsonObject definition && columns.GetPropertyName() == "columns")
        {
            definition.Remove(operation.GetPropertyName());
            var isManual = definition["enable_manual"] is JsonValue flag && flag.TryGetValue<bool>(out var isEnabled) && isEnabled;
            if (!isManual && !EventTriggerRules.Operations.Any(definition.ContainsKey) && definition.Parent is JsonObject trigger)
            {
                trigger.Detach();
            }
        }
    }

    // A table that cannot be an enum table any more is a table; its columns that were enums are texts.
    private void CloseEnums(IReadOnlyDictionary<string, DatabaseCatalog> after)
    {
        foreach (var (source, node) in MetadataTree.SourcesOf(_root).Where(s => after.ContainsKey(s.Name)))
        {
            foreach (var (name, table) in MetadataTree.TablesOf(node).Where(t => t.Node["is_enum"] is not null))
            {
                if (after[source].FindTable(name.Schema, name.Name) is { } facts && !EnumTableRules.CanBe(name, facts, after[source]))
                {
                    table.Remove("is_enum");
                }
            }
        }
    }

    // Without a primary key, or a column of it, no row can be asked for by it (Hasura, root field visibility).
    private void CloseKeyFields()
    {
        foreach (var key in _changes.Where(c => c.Kind == CatalogChangeKind.Dropped && c.Before.Kind == ObjectKind.Constraint).Select(c => c.Before))
        {
            foreach (var permission in ObjectFinder.Find(_root, ObjectId.OfTable(key.Source, key.Table)).SelectMany(t => t["select_permissions"].AsObjects()).Select(p => p["permission"]))
            {
                foreach (var list in new[] { "query_root_fields", "subscription_root_fields" }.Select(l => permission.Get(l)).OfType<JsonArray>())
                {
                    foreach (var field in list.Where(f => f.AsText() == "select_by_pk").ToList())
                    {
                        list.Remove(field);
                    }
                }
            }
        }
    }

    private void Rename()
    {
        var names = _changes.Where(c => c.Kind == CatalogChangeKind.Renamed).ToDictionary(c => c.Before, c => c.After!.Value);
        if (names.Count == 0)
        {
            return;
        }

        var references = ReferenceReader.Read(_root, _cache).Where(r => names.ContainsKey(r.Target) && r.Kind is not (DependencyKind.Includes or DependencyKind.Role)).ToList();
        // Values before keys, which say where the values are.
        foreach (var reference in references.Where(r => !r.Place.IsKey))
        {
            WriteValue(reference.Place, names[reference.Target]);
        }

        foreach (var map in references.Where(r => r.Place.IsKey).GroupBy(r => r.Place.Container, ReferenceEqualityComparer.Instance))
        {
            var changed = map.ToDictionary(r => r.Place.Key!, r => names[r.Target].Name, StringComparer.Ordinal);
            var owner = (JsonObject)map.Key!;
            var members = owner.ToList();
            owner.Clear();
            foreach (var (key, value) in members)
            {
                owner[changed.GetValueOrDefault(key, key)] = value;
            }
        }

        foreach (var (old, now) in names)
        {
            if (old.Kind is ObjectKind.Table or ObjectKind.Function)
            {
                RenameEntry(old, now);
            }
        }
    }

    private static void WriteValue(NamePlace place, ObjectId name)
    {
        JsonNode value = name.Kind == ObjectKind.Column ? JsonValue.Create(name.Name)
            // The form that the document has for it.
            : place.Node is JsonObject || name.Table.Schema != "public" ? name.Table.ToNode() : JsonValue.Create(name.Table.Name);
        if (place.Key is null)
        {
            place.Container.AsArray()[place.Index] = value;
        }
        else
        {
            place.Container.AsObject()[place.Key] = value;
        }
    }

    private void RenameEntry(ObjectId old, ObjectId now)
    {
        foreach (var entry in ObjectFinder.Find(_root, old).ToList())
        {
            if (entry is JsonObject map && map.ContainsKey(old.Kind == ObjectKind.Table ? "table" : "function"))
            {
                WriteValue(new NamePlace(map, old.Kind == ObjectKind.Table ? "table" : "function"), now);
            }
            else if (entry.Parent is JsonArray list)
            {
                WriteValue(new NamePlace(list, null, list.IndexOf(entry)), now);
            }
        }
    }
}
