using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Metadata.Comparing;
using HasuraMigrations.Engine.Metadata.Files;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Tests.Support;

namespace HasuraMigrations.Engine.Tests.Metadata.Files;

/// <summary>
/// Each further table costs what the one before it did. So few tables are read, compared and laid out in the thread of the caller, where what
/// is allocated can be counted.
/// </summary>
public sealed class MetadataGrowthTests : MetadataFolder
{
    [Fact]
    public void Reading_grows_with_the_number_of_tables() => AssertLinear(count =>
    {
        var names = Enumerable.Range(0, count).Select(i => $"t{i:00}").ToList();
        names.ForEach(n => Write($"databases/default/tables/public_{n}.yaml", Text(n, 10)));
        Write("databases/default/tables/tables.yaml", string.Concat(names.Select(n => $"- \"!include public_{n}.yaml\"\n")));
        return () => MetadataFiles.Read(Root);
    });

    [Fact]
    public void Comparing_grows_with_the_number_of_tables() => AssertLinear(count =>
    {
        var (old, @new) = (Document(count, 10), Document(count, 20));
        return () => MetadataComparer.Compare(old, @new);
    });

    [Fact]
    public void Laying_out_files_grows_with_the_number_of_tables() => AssertLinear(count =>
    {
        var document = Document(count, 10);
        var layout = MetadataFiles.LayoutOf(Path.Combine(Top, "new"));
        return () => MetadataFiles.Plan(document, layout).Changes.Sum(c => c.Text?.Length ?? 0);
    });

    // Work that grows with the square of the number would allocate 1.7 times as much for the last ten tables as for the ten before.
    private static void AssertLinear(Func<int, Action> prepare)
    {
        var (ten, twenty, thirty) = (Allocations.Of(prepare(10)), Allocations.Of(prepare(20)), Allocations.Of(prepare(30)));

        Assert.True(thirty - twenty <= (twenty - ten) * 1.2, $"{ten:N0}, {twenty:N0} and {thirty:N0} bytes are allocated for 10, 20 and 30 tables.");
    }

    private static string Text(string name, int limit) =>
        $"table:\n  name: {name}\n  schema: public\nselect_permissions:\n" + string.Concat(Enumerable.Range(0, 5).Select(r =>
            $"  - role: role_{r}\n    permission:\n      columns:\n        - id\n        - name\n      filter:\n        id:\n          _eq: X-Hasura-User-Id\n      limit: {limit}\n"));

    private static MetadataDocument Document(int count, int limit) => new(new JsonObject
    {
        ["version"] = 3,
        ["sources"] = new JsonArray(new JsonObject
        {
            ["name"] = "default",
            ["kind"] = "postgres",
            ["tables"] = new JsonArray([.. Enumerable.Range(0, count).Select(i => JsonNode.Parse($$$"""
                {"table":{"name":"t{{{i:00}}}","schema":"public"},"select_permissions":[{"role":"user","permission":{"columns":["id","name"],"filter":{},"limit":{{{limit}}}}}]}
                """))]),
        }),
    });
}
