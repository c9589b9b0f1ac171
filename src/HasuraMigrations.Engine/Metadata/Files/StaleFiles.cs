using System.Text.Json.Nodes;

namespace HasuraMigrations.Engine.Metadata.Files;

/// <summary>Finds files below <c>databases/</c> that an export wrote once and whose object is gone.</summary>
internal static class StaleFiles
{
    /// <summary>Only files that lie and look as an export writes them: one table or function under its own name, or an index.</summary>
    internal static IEnumerable<string> Find(string root, HashSet<string> keep, MetadataLoader loader)
    {
        var databases = new DirectoryInfo(Path.Combine(root, "databases"));
        if (!databases.Exists || databases.LinkTarget is not null)
        {
            return [];
        }

        return [.. databases.EnumerateDirectories()
            .Where(d => d.LinkTarget is null)
            .SelectMany(d => new[] { (d, "tables", "table"), (d, "functions", "function") })
            .SelectMany(l => InList(new DirectoryInfo(Path.Combine(l.d.FullName, l.Item2)), l.Item2, l.Item3, keep, loader))
            .Order(StringComparer.Ordinal)];
    }

    private static IEnumerable<string> InList(DirectoryInfo directory, string list, string member, HashSet<string> keep, MetadataLoader loader) =>
        !directory.Exists || directory.LinkTarget is not null
            ? []
            : directory.EnumerateFiles("*.yaml")
                .Where(f => f.LinkTarget is null && !keep.Contains(f.FullName) && loader.Load(f.FullName) is { } file && IsExported(file, f.Name, list, member))
                .Select(f => f.FullName);

    private static bool IsExported(LoadedFile file, string name, string list, string member) =>
        name == list + ".yaml"
            ? file.Root is null or JsonArray
            : file.Root is JsonObject value && value.ContainsKey(member) && Names(value[member], member == "function").Any(n => name == n + ".yaml" || name.StartsWith(n + "~", StringComparison.Ordinal));

    private static IEnumerable<string> Names(JsonNode? name, bool isFunction) =>
        new[] { "postgres", "mssql", "bigquery" }.Select(kind => MetadataFileNames.Safe(MetadataFileNames.Stem(name, kind, isFunction)));
}
