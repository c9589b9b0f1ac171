using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Metadata;
using HasuraMigrations.Engine.Metadata.Model;

namespace HasuraMigrations.Engine.Releases;

/// <summary>
/// Sources that a server has to know before migrations can run on them. Hasura's CLI writes the whole metadata before the migrations, so
/// that the API is broken until they ran; this writes only the connections.
/// </summary>
internal static class ReleaseSources
{
    private const string Configuration = "configuration";

    /// <summary>Sources with migrations that the server does not have, or with another connection.</summary>
    /// <param name="plan">What is to become of the metadata.</param>
    /// <param name="databases">Source names of the databases that migrations run on.</param>
    internal static IReadOnlyList<string> Find(MetadataImportPlan plan, IEnumerable<string> databases) =>
        plan.Document.Version < 3 ? []
        : [.. plan.Changes.Where(c => c.Kind == MetadataObjectKind.Source && IsPlaced(c)).Select(c => c.Name).Intersect(databases)];

    /// <summary>Metadata with the connections of sources as they are to be.</summary>
    /// <param name="document">The metadata.</param>
    /// <param name="next">What is to become of it.</param>
    /// <param name="names">The sources.</param>
    internal static MetadataDocument Prepare(MetadataDocument document, MetadataDocument next, IReadOnlyList<string> names)
    {
        var prepared = document.Clone();
        foreach (var source in next.Sources.Where(s => names.Contains(s["name"]?.ToString())))
        {
            var present = prepared.Sources.FirstOrDefault(s => s["name"]?.ToString() == source["name"]?.ToString());
            if (present is not null)
            {
                present[Configuration] = source[Configuration]?.DeepClone();
                continue;
            }

            var added = new JsonObject { ["name"] = source["name"]?.DeepClone(), ["kind"] = source["kind"]?.DeepClone(), ["tables"] = new JsonArray(), [Configuration] = source[Configuration]?.DeepClone() };
            if (source["customization"] is { } customization)
            {
                added["customization"] = customization.DeepClone();
            }

            (prepared.Root["sources"] as JsonArray ?? (JsonArray)(prepared.Root["sources"] = new JsonArray())).Add(added);
        }

        return prepared;
    }

    // Settings of a pool, for example, lead to no other database.
    private static bool IsPlaced(MetadataChange change) =>
        change.Change == MetadataChangeKind.Added
        || (change.Change == MetadataChangeKind.Changed && change.Fields.Any(f => f.Path is Configuration or $"{Configuration}.connection_info" || f.Path.StartsWith($"{Configuration}.connection_info.database_url", StringComparison.Ordinal)));
}
