using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Catalog;
using HasuraMigrations.Engine.Json;

namespace HasuraMigrations.Engine.Tests.Metadata.Api;

/// <summary>A catalog that was read from a database and kept as JSON.</summary>
internal static class CatalogJson
{
    /// <summary>Reads it.</summary>
    public static DatabaseCatalog Read(JsonNode json)
    {
        // Functions have numbers of their own, so that these are the same whatever tables there are.
        var (texts, oids, others) = (new CatalogTexts(), new Oids(16_384), new Oids(1_000_000));
        var tables = json["tables"].AsObjects().Select(t => Table(t, texts, oids)).ToList();
        var functions = json["functions"].AsObjects().SelectMany(f => f["overloads"].AsObjects().Select(o => Function(f, o, texts, others))).ToList();
        var facts = new CatalogFacts
        {
            Mark = null!,
            WithSystem = false,
            Floor = "",
            FirstColumns = new Dictionary<uint, IReadOnlyList<CatalogColumn>>(),
            Rows = null!,
            Functions = functions,
            BaseTypes = [.. json["types"].AsTexts()],
        };
        var rows = (json["enum_values"] as JsonObject ?? []).ToDictionary(
            e => new CatalogName(e.Key[..e.Key.IndexOf('.')], e.Key[(e.Key.IndexOf('.') + 1)..]),
            e => new EnumRows([.. e.Value!.AsArray().Select(r => (r![0]!.ToString(), r.AsArray().Count > 1 ? r[1].AsText() : null))], null));
        return new DatabaseCatalog(tables, facts).With(rows).With(texts);
    }

    private static CatalogTable Table(JsonObject node, CatalogTexts texts, Oids oids)
    {
        var oid = (uint?)node["oid"] ?? oids.Next();
        var kind = node["kind"]!.ToString();
        var table = new CatalogTable(oid, new CatalogName(node["schema"]!.ToString(), node["name"]!.ToString())) { Writes = kind is "v" or "m" ? (int)(node["upd"] ?? node["updatable"])! : null };
        if (node["desc"].AsText() is { } text)
        {
            texts.Tables[oid] = text;
        }

        foreach (var column in node["cols"].AsObjects())
        {
            var position = (int)column["pos"]!;
            var type = column["type"]!.ToString();
            // The name of an array in pg_type is made of that of its elements.
            var raw = type.EndsWith("[]", StringComparison.Ordinal) ? $"_{type[..^2]}" : type;
            table.Add(new CatalogColumn(column["name"]!.ToString(), position, type, raw, column["kind"]!.ToString()[0], (bool)column["nullable"]!, (bool)column["mutable"]! ? "" : "a", false));
            if (column["desc"].AsText() is { } comment)
            {
                texts.Columns[(oid, position)] = comment;
            }
        }

        foreach (var key in node["idx"].AsObjects())
        {
            table.Add(new CatalogKey(key["name"]!.ToString(), oids.Next(), (bool)key["pk"]!, [.. key["cols"].AsTexts()]));
        }

        foreach (var key in node["fks"].AsObjects())
        {
            table.Add(new CatalogForeignKey(key["name"]!.ToString(), oids.Next(), new CatalogName((key["fs"] ?? key["schema"])!.ToString(), (key["ft"] ?? key["table"])!.ToString()), [.. key["cols"].AsTexts()], [.. key["fcols"].AsTexts()]));
        }

        return table;
    }

    private static CatalogFunction Function(JsonObject function, JsonObject node, CatalogTexts texts, Oids oids)
    {
        var oid = oids.Next();
        var (names, types) = (node["names"].AsTexts().ToList(), node["args"].AsObjects().ToList());
        if (node["desc"].AsText() is { } comment)
        {
            texts.Functions[oid] = comment;
        }

        texts.Calls[oid] = (types.Count, (int)(node["ndef"] ?? node["defaults"] ?? 0)!);
        return new CatalogFunction
        {
            Oid = oid,
            Name = new CatalogName(function["schema"]!.ToString(), function["name"]!.ToString()),
            Arguments = [.. types.Select((t, i) => new CatalogArgument(i < names.Count ? names[i] : "", t["s"].AsText() ?? "pg_catalog", t["type"]!.ToString(), t["kind"]!.ToString()[0]))],
            Volatility = node["vol"]!.ToString()[0],
            Returns = new CatalogName(node["rs"]!.ToString(), node["rt"]!.ToString()),
            ReturnKind = node["rk"]!.ToString()[0],
            ReturnsSet = (bool)node["set"]!,
            IsVariadic = (bool)node["variadic"]!,
        };
    }

    private sealed class Oids(uint first)
    {
        private uint _last = first;

        public uint Next() => ++_last;
    }
}
