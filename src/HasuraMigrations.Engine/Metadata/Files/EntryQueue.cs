using System.Text.Json.Nodes;

namespace HasuraMigrations.Engine.Metadata.Files;

/// <summary>
/// Entries of <c>actions.yaml</c> by name. Of several of one name each of several in SDL gets its own, in order; where there
/// are too many the last ones count, as for Hasura's CLI.
/// </summary>
internal sealed class EntryQueue
{
    private readonly Dictionary<string, Queue<JsonObject>> _entries = new(StringComparer.Ordinal);

    /// <summary>Sorts entries, each with a text <c>name</c>, to what SDL declares.</summary>
    internal EntryQueue(IEnumerable<JsonObject> declared, IEnumerable<JsonObject> entries)
    {
        var counts = declared.GroupBy(Name, StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.Count(), StringComparer.Ordinal);
        foreach (var group in entries.GroupBy(Name, StringComparer.Ordinal))
        {
            var count = counts.GetValueOrDefault(group.Key);
            if (count == 0)
            {
                Undeclared.AddRange(group);
                continue;
            }

            var all = group.ToList();
            Superseded.AddRange(all.SkipLast(count));
            _entries[group.Key] = new Queue<JsonObject>(all.TakeLast(count));
        }
    }

    /// <summary>Entries that nothing in SDL has the name of.</summary>
    internal List<JsonObject> Undeclared { get; } = [];

    /// <summary>Entries that later ones of their name take the place of.</summary>
    internal List<JsonObject> Superseded { get; } = [];

    /// <summary>The entry of the next declaration; null where it has none.</summary>
    internal JsonObject? Take(JsonObject declared) =>
        _entries.TryGetValue(Name(declared), out var queue) && queue.TryDequeue(out var entry) ? entry : null;

    private static string Name(JsonObject node) => node["name"]!.GetValue<string>();
}
