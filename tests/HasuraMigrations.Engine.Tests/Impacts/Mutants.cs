using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Catalog;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Metadata.Schema;
using HasuraMigrations.Engine.Sql;

namespace HasuraMigrations.Engine.Tests.Impacts;

/// <summary>A single change of a database or of metadata.</summary>
/// <param name="Text">What it is.</param>
/// <param name="Sql">The statement; null for a change of metadata.</param>
/// <param name="Edit">Changes a copy of the document; null for a change of the database.</param>
/// <param name="IsHarmless">It must not break anything.</param>
/// <param name="IsDropOrRename">It drops or renames a thing in the database.</param>
internal sealed record Mutant(string Text, string? Sql, Action<JsonObject>? Edit, bool IsHarmless, bool IsDropOrRename = false);

/// <summary>Makes random changes.</summary>
internal sealed class Mutants(Random random, JsonObject root, MetadataState state, string source)
{
    private readonly DatabaseCatalog _catalog = state.Facts[source].Catalog!;
    private readonly IReadOnlyList<MetadataReference> _references = [.. ReferenceReader.Read(root, state.Cache).Where(r => r.Kind is not (DependencyKind.Includes or DependencyKind.Role or DependencyKind.Type) || r.Owner.Kind == ObjectKind.InheritedRole)];
    private readonly List<TableInfo> _tables = [.. state.Cache.Tables.Values.Where(t => t.Source == source)];
    private int _number;

    /// <summary>A fault.</summary>
    public Mutant Fault() => random.Next(10) switch
    {
        0 => DropColumn(),
        1 => RenameColumn(),
        2 => DropTable(),
        3 => RenameTable(),
        4 => Function(),
        5 => DropKey(),
        6 => Retype(),
        7 => RemoveEntry(),
        _ => Misspell(),
    };

    /// <summary>A change that breaks nothing.</summary>
    public Mutant Harmless()
    {
        // One more column, and an enum table is none.
        var table = Any(_tables.Where(t => t.EnumValues is null).ToList());
        var (name, column) = (Quoted(table.Name), Any(table.Facts.Columns));
        return random.Next(5) switch
        {
            0 when IsPlain(table) => new($"add a column to {table.Name}", $"ALTER TABLE {name} ADD COLUMN mutant_{++_number} text", null, true),
            1 => new("add a table", $"CREATE TABLE public.mutant_{++_number} (id int PRIMARY KEY)", null, true),
            2 when IsPlain(table) => new($"add an index on {table.Name}", $"CREATE INDEX mutant_{++_number} ON {name} (({SqlName.Quote(column.Name)} IS NULL))", null, true),
            3 when IsPlain(table) => new($"comment on {table.Name}", $"COMMENT ON TABLE {name} IS 'mutant'", null, true),
            _ => new("add a function", $"CREATE FUNCTION public.mutant_{++_number}() RETURNS int LANGUAGE sql AS 'SELECT 1'", null, true),
        };
    }

    private Mutant DropColumn()
    {
        var (table, column) = Column();
        return new($"drop column {table.Name}.{column.Name}", $"ALTER TABLE {Quoted(table.Name)} DROP COLUMN {SqlName.Quote(column.Name)} CASCADE", null, false, true);
    }

    private Mutant RenameColumn()
    {
        var (table, column) = Column();
        return new($"rename column {table.Name}.{column.Name}", $"ALTER TABLE {Quoted(table.Name)} RENAME COLUMN {SqlName.Quote(column.Name)} TO mutant_{++_number}", null, false, true);
    }

    private Mutant DropTable()
    {
        var table = Any(_tables);
        return new($"drop {table.Name}", table.Facts.Writes is null ? $"DROP TABLE {Quoted(table.Name)} CASCADE" : $"DROP VIEW {Quoted(table.Name)} CASCADE", null, false, true);
    }

    private Mutant RenameTable()
    {
        var table = Any(_tables);
        return new($"rename {table.Name}", $"ALTER TABLE {Quoted(table.Name)} RENAME TO mutant_{++_number}", null, false, true);
    }

    private Mutant Function()
    {
        var used = _references.Where(r => r.Target.Kind == ObjectKind.Function && r.Target.Source == source).Select(r => r.Target.Table).Concat(state.Cache.Functions.Keys.Where(f => f.Source == source).Select(f => f.Name)).ToList();
        if (used.Count == 0)
        {
            return Misspell();
        }

        var name = Any(used);
        return random.Next(2) == 0
            ? new($"drop function {name}", $"DROP FUNCTION {Quoted(name)} CASCADE", null, false, true)
            : new($"rename function {name}", $"ALTER FUNCTION {Quoted(name)} RENAME TO mutant_{++_number}", null, false, true);
    }

    private Mutant DropKey()
    {
        var keys = _tables.SelectMany(t => t.Facts.ForeignKeys.Select(k => (Table: t, Key: k))).ToList();
        if (keys.Count == 0)
        {
            return Misspell();
        }

        var (table, key) = Any(keys);
        return new($"drop key {key.Name} of {table.Name}", $"ALTER TABLE {Quoted(table.Name)} DROP CONSTRAINT {SqlName.Quote(key.Name)}", null, false, true);
    }

    private Mutant Retype()
    {
        var (table, column) = Column();
        var type = Any(["text", "jsonb", "bytea"]);
        return new($"change type of {table.Name}.{column.Name} to {type}", $"ALTER TABLE {Quoted(table.Name)} ALTER COLUMN {SqlName.Quote(column.Name)} DROP DEFAULT, ALTER COLUMN {SqlName.Quote(column.Name)} TYPE {type} USING NULL", null, false);
    }

    private Mutant RemoveEntry()
    {
        var table = Any(_tables);
        return new($"untrack {table.Name}", null, copy => ObjectFinder.Find(copy, ObjectId.OfTable(source, table.Name)).First().Detach(), false);
    }

    private Mutant Misspell()
    {
        if (_references.Count == 0)
        {
            return DropTable();
        }

        var index = random.Next(_references.Count);
        var reference = _references[index];
        return new($"misspell {ObjectNames.Describe(reference.Target)} in {ObjectNames.Describe(reference.Owner)} ({reference.Kind})", null, copy => Misspell(Twin(copy, reference)), false);
    }

    // The same reference in a copy of the document.
    private MetadataReference Twin(JsonObject copy, MetadataReference reference)
    {
        var all = ReferenceReader.Read(root, state.Cache);
        var place = all.Select((r, i) => (r, i)).First(r => r.r == reference || (r.r.Place.Equals(reference.Place) && r.r.Target == reference.Target)).i;
        return ReferenceReader.Read(copy, state.Cache)[place];
    }

    private static void Misspell(MetadataReference reference)
    {
        const string Suffix = "_mutant";
        var place = reference.Place;
        if (place.IsKey)
        {
            var map = place.Container.AsObject();
            var members = map.ToList();
            map.Clear();
            foreach (var (key, value) in members)
            {
                map[key == place.Key ? key + Suffix : key] = value;
            }
        }
        else if (place.Node is JsonObject name)
        {
            name["name"] = name["name"].AsText() + Suffix;
        }
        else if (place.Key is null)
        {
            place.Container.AsArray()[place.Index] = place.Node.AsText() + Suffix;
        }
        else
        {
            place.Container.AsObject()[place.Key] = place.Node.AsText() + Suffix;
        }
    }

    private (TableInfo Table, CatalogColumn Column) Column()
    {
        var table = Any(_tables.Where(IsPlain).ToList());
        return (table, Any(table.Facts.Columns));
    }

    // A partition, or a view, has no columns of its own to change.
    private bool IsPlain(TableInfo table) => table.Facts is { Writes: null, IsPartition: false } && _catalog.FindTable(table.Facts.Oid) is not null;

    private T Any<T>(IReadOnlyList<T> list) => list[random.Next(list.Count)];

    private static string Quoted(QualifiedName name) => $"{SqlName.Quote(name.Schema)}.{SqlName.Quote(name.Name)}";
}
