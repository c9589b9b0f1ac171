using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Metadata;
using HasuraMigrations.Engine.Metadata.Files;
using HasuraMigrations.Engine.Tests.Support;
using HasuraMigrations.TestServer.Sql;

namespace HasuraMigrations.Engine.Tests.Corpus;

/// <summary>Metadata that servers of version 1 exported comes out of the rows of their catalog as it went in.</summary>
public sealed class MetadataRowsCorpusTests(PostgresServer server)
{
    [Fact]
    [Trait("Case", "12.5")]
    public async Task What_servers_of_version_1_exported_is_exported_again()
    {
        SharedData.Needs(CorpusCase.Root is not null, "corpus");
        await using var database = await server.CreateDatabaseAsync();
        await database.ExecuteAsync(RowCatalog.Version40);
        await using var target = database.Target(2);
        var (compared, differences) = (0, new List<string>());
        foreach (var (name, layout) in MetadataFilesCorpusTests.Layouts())
        {
            var document = MetadataFiles.Read(layout).Document;
            if (document.Version != 2 || IsOfAnotherServer(document.Root))
            {
                continue;
            }

            await target.ReplaceAsync(document, new MetadataReplaceOptions { AllowInconsistent = true, SkipSideEffects = true }, TestContext.Current.CancellationToken);
            differences.AddRange(Differences(document.Root, (await target.ExportAsync()).Document.Root, "").Select(d => $"{name}{d}"));
            compared++;
        }

        Assert.True(differences.Count == 0, string.Join(Environment.NewLine, differences.Take(20)));
        Assert.True(compared > 3, $"Only {compared} documents are of such servers.");
    }

    // Later ones sort the keys of names; earlier ones write what a computed field does not say.
    private static bool IsOfAnotherServer(JsonObject root) =>
        root["tables"].AsObjects().Any(t => t["table"] is JsonObject name && name.First().Key == "name" || t["computed_fields"].AsObjects().Any(f => f["definition"] is JsonObject d && d.ContainsKey("table_argument") && d["table_argument"] is null));

    // Keys that are names of columns come in the order of a hash table that nobody can foretell.
    private static bool HasOrder(string path) =>
        !path.EndsWith(".custom_column_names", StringComparison.Ordinal) && !path.EndsWith(".column_mapping", StringComparison.Ordinal) && !path.EndsWith(".set", StringComparison.Ordinal);

    // Such servers export them in the order in which they came, where an import brings them in that of version 2; or in the collation of
    // their database, which is not that of tests.
    private static readonly string[] Unsorted = [".computed_fields", ".cron_triggers", ".remote_relationships", ".actions", ".object_relationships", ".array_relationships"];

    private static string? Name(JsonNode? entry) => entry.Get("name").AsText();

    private static IEnumerable<string> Differences(JsonNode? before, JsonNode? after, string path)
    {
        switch (before, after)
        {
            case (JsonObject b, JsonObject a):
                var (keysB, keysA) = (b.Select(m => m.Key).ToList(), a.Select(m => m.Key).ToList());
                if (!(HasOrder(path) ? keysB.SequenceEqual(keysA) : keysB.ToHashSet().SetEquals(keysA)))
                {
                    yield return $"{path}: keys {string.Join(",", keysB)} -> {string.Join(",", keysA)}";
                }

                foreach (var d in keysB.Intersect(keysA).SelectMany(k => Differences(b[k], a[k], $"{path}.{k}")))
                {
                    yield return d;
                }

                break;
            case (JsonArray b, JsonArray a) when b.Count == a.Count:
                var isInOrder = !Unsorted.Any(u => path.EndsWith(u, StringComparison.Ordinal));
                foreach (var d in (isInOrder ? [.. b] : b.OrderBy(Name).ToArray()).Zip(isInOrder ? [.. a] : a.OrderBy(Name).ToArray()).SelectMany((p, i) => Differences(p.First, p.Second, $"{path}[{i}]")))
                {
                    yield return d;
                }

                break;
            default:
                if (!JsonNode.DeepEquals(before, after))
                {
                    yield return $"{path}: {before?.ToJsonString()} -> {after?.ToJsonString()}";
                }

                break;
        }
    }
}
