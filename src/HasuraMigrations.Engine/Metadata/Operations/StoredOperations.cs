using System.Text.Json;
using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Metadata.Model;

namespace HasuraMigrations.Engine.Metadata.Operations;

/// <summary>Which operations of the metadata are meant; those that one of these names.</summary>
/// <param name="AllowList">Those of collections in the allow list.</param>
/// <param name="Endpoints">Those that REST endpoints run.</param>
/// <param name="IsCollection">Those of collections with such names.</param>
public sealed record StoredSelection(bool AllowList, bool Endpoints, Func<string, bool> IsCollection);

/// <summary>Operations in the collections of the metadata.</summary>
public static class StoredOperations
{
    /// <summary>Reads them.</summary>
    /// <param name="document">The metadata.</param>
    /// <param name="selection">Which.</param>
    public static IReadOnlyList<Operation> Read(MetadataDocument document, StoredSelection selection)
    {
        ArgumentNullException.ThrowIfNull(document);
        ArgumentNullException.ThrowIfNull(selection);
        return Read(document.Root, document.Positions, selection);
    }

    /// <summary>Reads all of them.</summary>
    internal static IReadOnlyList<Operation> Read(JsonObject root) => Read(root, null, new StoredSelection(false, false, _ => true));

    private static IReadOnlyList<Operation> Read(JsonObject root, MetadataPositions? positions, StoredSelection selection) => OperationReader.Read(Texts(root, positions, selection), sharesFragments: false);

    private static IEnumerable<OperationText> Texts(JsonObject root, MetadataPositions? positions, StoredSelection selection)
    {
        var endpoints = root["rest_endpoints"].AsObjects().ToLookup(e => KeyOf(e["definition"].Get("query")), e => e["name"].AsText() ?? "");
        var allowed = root["allowlist"].AsObjects().ToLookup(a => a["collection"].AsText() ?? "", RolesOf, StringComparer.Ordinal);
        foreach (var collection in root["query_collections"].AsObjects())
        {
            var name = collection["name"].AsText() ?? "";
            foreach (var query in collection["definition"].Get("queries").AsObjects())
            {
                var key = (name, query["name"].AsText() ?? "");
                var isMeant = selection.IsCollection(name) || (selection.Endpoints && endpoints.Contains(key));
                if (isMeant || (selection.AllowList && allowed.Contains(name)))
                {
                    var place = positions?.Near(query["query"]);
                    yield return new OperationText(query["query"].AsText() ?? "")
                    {
                        File = place?.File,
                        Line = place?.Line,
                        Column = place?.Column,
                        Key = key.Item2,
                        Collection = name,
                        Endpoints = [.. endpoints[key]],
                        // Who may run it in another way is not said.
                        Roles = isMeant || allowed[name].Any(r => r is null) ? null : [.. allowed[name].SelectMany(r => r!).Distinct(StringComparer.Ordinal)],
                    };
                }
            }
        }
    }

    // An entry without a scope is for everybody (Hasura 2.3, allow lists).
    private static IReadOnlyList<string>? RolesOf(JsonObject entry) =>
        entry["scope"].Get("global") is JsonValue global && global.GetValueKind() == JsonValueKind.False ? [.. entry["scope"].Get("roles").AsTexts()] : null;

    private static (string Collection, string Query) KeyOf(JsonNode? reference) => (reference.Get("collection_name").AsText() ?? "", reference.Get("query_name").AsText() ?? "");
}
