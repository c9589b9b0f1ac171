using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Processes;

namespace HasuraMigrations.Engine.Metadata.Model;

/// <summary>
/// The whole metadata of a Hasura server as one ordered JSON tree, of metadata version 1, 2 or 3. Keys that are not known
/// stay where they are.
/// </summary>
public sealed class MetadataDocument
{
    /// <summary>The source that documents of version 1 and 2 belong to.</summary>
    public const string DefaultSource = "default";

    /// <summary>The variable that names the database of that source.</summary>
    public const string DatabaseVariable = "HASURA_GRAPHQL_DATABASE_URL";

    private const int ManyTables = 500;

    /// <summary>A document over a tree, which it takes over.</summary>
    /// <param name="root">The object that <c>export_metadata</c> answers and <c>replace_metadata</c> takes.</param>
    /// <param name="positions">Where its nodes stood in files; null where it came from none.</param>
    /// <exception cref="HasuraMigrationException">MetadataVersionUnsupported.</exception>
    public MetadataDocument(JsonObject root, MetadataPositions? positions = null)
    {
        Root = root;
        Positions = positions ?? new MetadataPositions();
        Version = ReadVersion(root, Positions);
    }

    /// <summary>
    /// The document in what somebody got from a server: itself, or what a server of version 2 answers and its console saves,
    /// the document beside its resource version.
    /// </summary>
    /// <param name="root">The object, which is taken over.</param>
    /// <param name="positions">Where its nodes stood in files; null where it came from none.</param>
    /// <exception cref="HasuraMigrationException">MetadataVersionUnsupported.</exception>
    public static MetadataDocument OfAnswer(JsonObject root, MetadataPositions? positions = null)
    {
        if (root is { Count: 2 } && root.ContainsKey("resource_version") && root["metadata"] is JsonObject metadata)
        {
            root.Remove("metadata");
            return new MetadataDocument(metadata, positions);
        }

        return new MetadataDocument(root, positions);
    }

    /// <summary>The tree.</summary>
    public JsonObject Root { get; }

    /// <summary>Where nodes stood in files.</summary>
    public MetadataPositions Positions { get; }

    /// <summary>Metadata version: 1, 2 or 3. Absent and null mean 1, as for Hasura.</summary>
    public int Version { get; }

    /// <summary>
    /// True where the tree rests, or may rest, on text. Nodes are made when they are looked at and take several times as much
    /// room, so whoever walks through a large document looks at a copy of each table and lets go of it.
    /// </summary>
    internal bool RestsOnText { get; init; }

    /// <summary>The sources of a document of version 3; empty for others.</summary>
    public IEnumerable<JsonObject> Sources => (Root["sources"] as JsonArray)?.OfType<JsonObject>() ?? [];

    /// <summary>A copy that shares no node with this one; its nodes have no positions.</summary>
    public MetadataDocument Clone() => new(Root.DeepClone().AsObject());

    /// <summary>The document as JSON; keys keep their order, numbers their text.</summary>
    /// <param name="isIndented">Two blanks a level and a newline at the end; else one line.</param>
    public string ToJson(bool isIndented) => JsonText.Write(Root, isIndented) + (isIndented ? "\n" : "");

    /// <summary>What is left after clearing: as on a server, the source <c>default</c> keeps its configuration.</summary>
    internal MetadataDocument Cleared()
    {
        if (Version < 3)
        {
            return new MetadataDocument(new JsonObject { ["version"] = 2, ["tables"] = new JsonArray() });
        }

        var kept = Sources.Where(s => s["name"].AsText() == DefaultSource).Select(s => new JsonObject
        {
            ["name"] = s["name"]?.DeepClone(),
            ["kind"] = s["kind"]?.DeepClone(),
            ["tables"] = new JsonArray(),
            ["configuration"] = s["configuration"]?.DeepClone(),
        });
        return new MetadataDocument(new JsonObject { ["version"] = 3, ["sources"] = new JsonArray([.. kept]) });
    }

    /// <summary>Makes the tables rest on text, and forgets where nodes stood in files. Nodes of tables that others hold are not part of it any more.</summary>
    internal void Compact()
    {
        foreach (var tables in TableLists)
        {
            for (var i = 0; i < tables.Count; i++)
            {
                if (!Positions.IsTree(tables[i]))
                {
                    tables[i] = tables[i] is JsonObject table ? StoredJson.Compact(table) : tables[i]?.DeepClone();
                }
            }
        }

        Positions.Forget();
    }

    /// <summary>Lets the tables go; for a document that nobody looks at any more, but may still hold.</summary>
    internal Task ReleaseAsync()
    {
        Positions.Forget();
        var isLarge = IsLarge;
        foreach (var tables in TableLists.ToList())
        {
            tables.Clear();
        }

        return isLarge ? CollectAsync() : Task.CompletedTask;
    }

    /// <summary>Has the runtime collect what was let go, where that may be much: the work that follows would take room of its own beside it.</summary>
    internal Task LetGoAsync() => IsLarge ? CollectAsync() : Task.CompletedTask;

    private bool IsLarge => TableLists.Sum(t => t.Count) > ManyTables;

    private IEnumerable<JsonArray> TableLists => Sources.Prepend(Root).Select(s => s["tables"]).OfType<JsonArray>();

    /// <summary>A table or function to look at: itself, or a copy that can be let go.</summary>
    internal JsonObject LookAt(JsonObject entry)
    {
        if (!RestsOnText)
        {
            return entry;
        }

        GarbageBound.Keep();
        return Positions.LookAt(entry);
    }

    private static async Task CollectAsync()
    {
        // Work that goes on where an answer of a server was read runs within the calls that read it, and each of them holds what it
        // returned until it is left.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
    }

    private static int ReadVersion(JsonObject root, MetadataPositions positions)
    {
        var node = root["version"];
        if (node is null)
        {
            return 1;
        }

        if (node is JsonValue value && value.GetValueKind() == System.Text.Json.JsonValueKind.Number && value.ToJsonString() is "1" or "2" or "3")
        {
            return int.Parse(value.ToJsonString(), System.Globalization.CultureInfo.InvariantCulture);
        }

        var position = positions.Near(node);
        throw new HasuraMigrationException("MetadataVersionUnsupported", $"The metadata version {node.ToJsonString()} is not 1, 2 or 3.")
        {
            File = position?.File,
            Line = position?.Line,
            Column = position?.Column,
        };
    }
}
