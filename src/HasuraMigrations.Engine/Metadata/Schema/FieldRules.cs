using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Catalog;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Metadata.Model;

namespace HasuraMigrations.Engine.Metadata.Schema;

/// <summary>Relationships and computed fields lead somewhere, and no two fields of a table have one name.</summary>
internal sealed class FieldRules(MetadataEra era, SchemaCache cache, string source)
{
    /// <summary>Looks at the fields of a source's tables.</summary>
    internal void Build(JsonObject node)
    {
        foreach (var (name, table) in MetadataTree.TablesOf(node))
        {
            if (cache.FindTable(source, name) is { } info)
            {
                Add(info, [.. Candidates(name, table)]);
            }
            else if (era.IsVersion1)
            {
                // Servers 1.x report each member of an inconsistent table; servers 2.x report the table alone (Hasura 1.3.3 and 2.48).
                foreach (var (item, _, _) in Candidates(name, table))
                {
                    cache.Inconsistencies.Add(item.Id, item.Type, item.Name, item.Definition, era.MissingTable(source, name));
                }
            }
        }
    }

    private void Add(TableInfo info, List<Candidate> candidates)
    {
        var built = new List<(Candidate Candidate, FieldInfo Field, List<Need> Needs)>();
        foreach (var candidate in candidates)
        {
            try
            {
                var needs = new List<Need>();
                var field = Read(info, candidate, needs);
                built.Add((candidate, field, needs));
            }
            catch (RuleException e)
            {
                cache.Inconsistencies.Add(candidate.Object.Id, candidate.Object.Type, candidate.Object.Name, candidate.Object.Definition, e.Message);
            }
        }

        foreach (var group in built.GroupBy(b => b.Field.Name).ToList())
        {
            // All fields of one name fail. Where a column has the name, the column stays and only the field fails (Hasura 2.48).
            if (group.Count() > 1)
            {
                cache.Inconsistencies.AddConflict([.. group.Select(g => g.Candidate.Object)], $"conflicting definitions for field \"{group.Key}\"");
                continue;
            }

            var (candidate, field, needs) = group.Single();
            if (ColumnConflict(info, candidate, field) is { } reason)
            {
                cache.Inconsistencies.Add(candidate.Object.Id, candidate.Object.Type, candidate.Object.Name, candidate.Object.Definition, reason);
                continue;
            }

            info.Fields[field.Name] = field;
            cache.Keep(candidate.Object, needs);
        }
    }

    private static string? ColumnConflict(TableInfo info, Candidate candidate, FieldInfo field)
    {
        if (info.Fields.ContainsKey(field.Name))
        {
            // The text says postgres in both eras, though others changed to database in 2.x (Hasura 1.3.3 and 2.48).
            return "field definition conflicts with postgres column";
        }

        // Whatever returns rows of a table also has a field for their aggregate (Hasura 1.3.3 and 2.48).
        var claimed = candidate.Kind == "array_relation" || field is ComputedFieldInfo { Table: not null } ? new[] { field.Name, $"{field.Name}_aggregate" } : [field.Name];
        var clash = claimed.Select(c => info.CustomNames.FirstOrDefault(n => n.Value == c).Key).FirstOrDefault(k => k is not null);
        return clash is null ? null : $"field definition conflicts with custom field name for postgres column \"{clash}\"";
    }

    private FieldInfo Read(TableInfo info, Candidate candidate, List<Need> needs)
    {
        var (context, name) = ($"in table \"{info.Name.InMessage()}\": in ", candidate.Node["name"].AsText() ?? "");
        try
        {
            return candidate.Kind switch
            {
                "computed_field" => ReadComputedField(info, candidate.Node, needs),
                "remote_relationship" => RemoteRelationshipRules.Read(era, cache, info, candidate.Node, needs),
                _ => ReadRelationship(info, name, candidate.Node["using"], candidate.Kind == "array_relation", needs),
            };
        }
        catch (RuleException e)
        {
            var noun = candidate.Kind switch { "computed_field" => "computed field", "remote_relationship" => "remote relationship", _ => "relationship" };
            throw new RuleException($"{context}{noun} \"{name}\": {e.Message}");
        }
    }

    private ComputedFieldInfo ReadComputedField(TableInfo info, JsonObject entry, List<Need> needs)
    {
        var field = ComputedFieldRules.Read(era, cache, info, entry);
        if (field.Table is { } returned)
        {
            needs.Add(new Need(ObjectId.OfTable(source, returned)));
        }

        return field;
    }

    private FieldInfo ReadRelationship(TableInfo info, string name, JsonNode? definition, bool isArray, List<Need> needs)
    {
        // Servers validate nothing of it here: the dependency check reports missing tables and columns (Hasura 1.3.3 and 2.48).
        if (definition.Get("manual_configuration") is { } manual && QualifiedName.Read(manual.Get("remote_table")) is { } remote)
        {
            var mapping = (manual["column_mapping"] as JsonObject ?? []).Select(m => (m.Key, m.Value.AsText() ?? "")).ToList();
            needs.Add(new Need(ObjectId.OfTable(source, info.Name)));
            needs.Add(new Need(ObjectId.OfTable(source, remote)));
            needs.AddRange(mapping.Select(m => new Need(ObjectId.OfColumn(source, info.Name, m.Key))));
            needs.AddRange(mapping.Select(m => new Need(ObjectId.OfColumn(source, remote, m.Item2))));
            return new RelationshipField(name, isArray, remote, mapping);
        }

        if (definition.Get("manual_configuration").Get("remote_native_query").AsText() is { } query)
        {
            needs.Add(new Need(ObjectId.OfTable(source, info.Name)));
            needs.Add(new Need(NativeQueryRules.IdOf(source, query)));
            needs.AddRange((definition.Get("manual_configuration").Get("column_mapping") as JsonObject ?? []).Select(m => new Need(ObjectId.OfColumn(source, info.Name, m.Key))));
            return new NativeQueryField(name, isArray, query);
        }

        var key = definition.Get("foreign_key_constraint_on");
        if (key is not JsonObject)
        {
            var own = Pick(info.Facts.ForeignKeys, Texts(key), info.Name, needs);
            var target = new QualifiedName(own.Target.Schema, own.Target.Name);
            // The target is not looked up here: if it is not tracked, the dependency check reports that (Hasura 1.3.3 and 2.48).
            needs.Add(new Need(ObjectId.OfTable(source, target)));
            return new RelationshipField(name, isArray, target, [.. own.Columns.Zip(own.TargetColumns)]);
        }

        var other = QualifiedName.Read(key["table"]) ?? default;
        if (cache.FindTable(source, other) is not { } table)
        {
            throw new RuleException(era.MissingTable(source, other));
        }

        // The other table may have keys on the same columns to other tables; only those to this table count (Hasura 2.48).
        var foreign = Pick(table.Facts.ForeignKeys.Where(k => new QualifiedName(k.Target.Schema, k.Target.Name) == info.Name), Texts(key["columns"] ?? key["column"]), other, needs);
        needs.Add(new Need(ObjectId.OfTable(source, other)));
        return new RelationshipField(name, isArray, other, [.. foreign.TargetColumns.Zip(foreign.Columns)]);
    }

    private CatalogForeignKey Pick(IEnumerable<CatalogForeignKey> keys, string[] columns, QualifiedName owner, List<Need> needs)
    {
        // The order of the columns does not matter. Servers do not choose between several fitting keys (Hasura 1.3.3 and 2.48).
        var fitting = keys.Where(k => k.Columns.ToHashSet().SetEquals(columns)).ToList();
        var where = era.HasSpacedColons ? "column" : "column(s)";
        if (fitting.Count != 1)
        {
            throw new RuleException(fitting.Count == 0 ? $"no foreign constraint exists on the given {where}" : $"more than one foreign key constraint exists on the given {where}");
        }

        needs.Add(new Need(new ObjectId(ObjectKind.ForeignKey, source, owner, fitting[0].Name)));
        needs.AddRange(columns.Select(c => new Need(ObjectId.OfColumn(source, owner, c))));
        return fitting[0];
    }

    private static string[] Texts(JsonNode? node) => node is JsonArray ? [.. node.AsTexts()] : node.AsText() is { } text ? [text] : [];

    private IEnumerable<Candidate> Candidates(QualifiedName table, JsonObject node)
    {
        foreach (var (list, type, kind) in new[] { ("object_relationships", "object_relation", ObjectKind.Relationship), ("array_relationships", "array_relation", ObjectKind.Relationship), ("computed_fields", "computed_field", ObjectKind.ComputedField), ("remote_relationships", "remote_relationship", ObjectKind.RemoteRelationship) })
        {
            foreach (var entry in node[list].AsObjects())
            {
                var name = entry["name"].AsText() ?? "";
                yield return new Candidate(new NamedObject(new ObjectId(kind, source, table, name), type, $"{name} in table {table.InMessage()} in source {source}", () => Definition(table, entry, type)), type, entry);
            }
        }
    }

    private JsonObject Definition(QualifiedName table, JsonObject entry, string type)
    {
        var shown = new JsonObject();
        if (!era.IsVersion1)
        {
            shown["source"] = source;
        }

        shown["table"] = table.Written();
        shown["name"] = entry["name"]?.DeepClone();
        if (type is "object_relation" or "array_relation")
        {
            shown["using"] = InconsistencyDefinition.Using(era, entry["using"]);
            shown["comment"] = entry["comment"]?.DeepClone();
        }
        else
        {
            shown["definition"] = InconsistencyDefinition.Definition(entry["definition"]);
            if (type == "computed_field")
            {
                shown["comment"] = entry["comment"]?.DeepClone();
            }
        }

        return shown;
    }

    private sealed record Candidate(MetadataObject Object, string Kind, JsonObject Node);
}
