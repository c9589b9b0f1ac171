using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Catalog;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Metadata.Schema;

namespace HasuraMigrations.Engine.Tests.Impacts;

/// <summary>
/// Which objects a change must break, told by names alone: whatever names something that no longer bears the name, and whatever names
/// what is broken by that. The rules of servers have no part in it.
/// </summary>
internal static class MutantOracle
{
    /// <summary>The objects that name what is not there.</summary>
    /// <param name="root">The document after the change.</param>
    /// <param name="before">What a server made of it before, which tells where expressions lead.</param>
    /// <param name="source">The source that is looked at.</param>
    /// <param name="catalog">Its catalog after the change.</param>
    public static HashSet<ObjectId> Broken(JsonObject root, SchemaCache before, string source, DatabaseCatalog catalog)
    {
        var broken = new HashSet<ObjectId>();
        var tables = MetadataTree.SourcesOf(root).Where(s => s.Name == source).SelectMany(s => MetadataTree.TablesOf(s.Node)).ToList();
        var tracked = tables.Select(t => t.Name).ToHashSet();
        foreach (var (name, _) in tables.Where(t => catalog.FindTable(t.Name.Schema, t.Name.Name) is null))
        {
            broken.Add(ObjectId.OfTable(source, name));
        }

        // An enum table has a key, and at most one column beside it.
        foreach (var (name, node) in tables.Where(t => t.Node["is_enum"]?.GetValue<bool>() == true))
        {
            if (catalog.FindTable(name.Schema, name.Name) is { } facts && (facts.PrimaryKey is null || facts.Columns.Count > 2))
            {
                broken.Add(ObjectId.OfTable(source, name));
            }
        }

        foreach (var (name, _) in MetadataTree.SourcesOf(root).Where(s => s.Name == source).SelectMany(s => MetadataTree.FunctionsOf(s.Node)).Where(f => !catalog.FindFunctions(f.Name.Schema, f.Name.Name).Any()))
        {
            broken.Add(ObjectId.OfFunction(source, name));
        }

        foreach (var (name, _) in MetadataTree.SourcesOf(root).Where(s => s.Name == source).SelectMany(s => MetadataTree.FunctionsOf(s.Node)).Where(f => catalog.FindFunctions(f.Name.Schema, f.Name.Name).Any(c => !tracked.Contains(new QualifiedName(c.Returns.Schema, c.Returns.Name)))))
        {
            broken.Add(ObjectId.OfFunction(source, name));
        }

        var references = ReferenceReader.Read(root, before).Where(r => r.Kind != DependencyKind.Includes && (r.Owner.Source == source || r.Owner.Source.Length == 0)).ToList();
        for (var count = -1; count != broken.Count;)
        {
            count = broken.Count;
            foreach (var (name, node) in tables)
            {
                var there = tracked.Where(t => !broken.Contains(ObjectId.OfTable(source, t))).ToHashSet();
                foreach (var entry in node["object_relationships"].AsObjects().Concat(node["array_relationships"].AsObjects()).Where(e => !HasKey(catalog, there, name, e["using"].Get("foreign_key_constraint_on"))))
                {
                    broken.Add(new ObjectId(ObjectKind.Relationship, source, name, entry["name"].AsText()!));
                }
            }

            foreach (var reference in references.Where(r => !IsThere(root, source, catalog, tracked, broken, r.Target)))
            {
                // The configuration of a column that is not there breaks its table.
                broken.Add(reference.Kind == DependencyKind.Configuration ? ObjectId.OfTable(source, reference.Owner.Table) : reference.Owner);
            }
        }

        return broken;
    }

    private static bool IsThere(JsonObject root, string source, DatabaseCatalog catalog, HashSet<QualifiedName> tracked, HashSet<ObjectId> broken, ObjectId target)
    {
        if (target.Source != source && target.Source.Length > 0)
        {
            return true;
        }

        var owner = ObjectId.OfTable(target.Source, target.Table);
        return target.Kind switch
        {
            ObjectKind.Table => tracked.Contains(target.Table) && !broken.Contains(target),
            ObjectKind.Column => tracked.Contains(target.Table) && !broken.Contains(owner) && catalog.FindTable(target.Table.Schema, target.Table.Name)?.FindColumn(target.Name) is not null,
            ObjectKind.Function => catalog.FindFunctions(target.Table.Schema, target.Table.Name).Any(),
            ObjectKind.Role => root["inherited_roles"].AsObjects().Any(r => r["role_name"].AsText() == target.Name) || root.ToText().Contains($"\"role\":\"{target.Name}\"", StringComparison.Ordinal),
            ObjectKind.Relationship or ObjectKind.ComputedField or ObjectKind.RemoteRelationship => ObjectFinder.Find(root, target).Any() && !broken.Contains(target) && !broken.Contains(owner),
            ObjectKind.CustomTypes => root["custom_types"].EntryAt("objects", "name", target.Name) is not null,
            ObjectKind.CollectionQuery or ObjectKind.RemoteSchema or ObjectKind.LogicalModel => ObjectFinder.Find(root, target).Any(),
            _ => true,
        };
    }

    private static bool HasKey(DatabaseCatalog catalog, HashSet<QualifiedName> tracked, QualifiedName own, JsonNode? key)
    {
        if (key is null)
        {
            return true;
        }

        var table = key is JsonObject map ? QualifiedName.Read(map["table"]) ?? default : own;
        var columns = key is JsonObject other ? Texts(other["columns"] ?? other["column"]) : Texts(key);
        return table.Name is not null && catalog.FindTable(table.Schema, table.Name) is { } found && found.ForeignKeys.Any(k => k.Columns.ToHashSet().SetEquals(columns) && (key is JsonObject ? k.Target == new CatalogName(own.Schema, own.Name) : tracked.Contains(new QualifiedName(k.Target.Schema, k.Target.Name))));
    }

    private static string[] Texts(JsonNode? node) => node is JsonArray ? [.. node.AsTexts()] : node.AsText() is { } text ? [text] : [];
}
