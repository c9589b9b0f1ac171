using System.Text;
using HasuraMigrations.Engine.Metadata.Commands;
using HasuraMigrations.Engine.Metadata.Model;

namespace HasuraMigrations.Engine.Tests.Metadata.Commands;

/// <summary>What a look through a document that rests on text leaves in memory. It is measured for the whole process, so nothing else runs beside it.</summary>
[Collection(nameof(DuplicateCheckMemoryTests))]
[CollectionDefinition(nameof(DuplicateCheckMemoryTests), DisableParallelization = true)]
public class DuplicateCheckMemoryTests
{
    private const int Tables = 1000;

    [Fact]
    public void No_node_of_a_permission_stays_beside_the_text()
    {
        const string permission = """{"columns":["id","name"],"filter":{"owner_id":{"_eq":"X-Hasura-User-Id"}}}""";
        var permissions = string.Join(',', Enumerable.Range(0, 11).Select(r => $$"""{"role":"role_{{r}}","permission":{{permission}} }"""));
        var tables = string.Join(',', Enumerable.Range(0, Tables).Select(t => $$"""{"table":{"schema":"public","name":"table_{{t}}"},"select_permissions":[{{permissions}}]}"""));
        var text = Encoding.UTF8.GetBytes($$"""{"version":3,"sources":[{"name":"default","kind":"postgres","tables":[{{tables}}]}]}""");
        var root = StoredJson.Parse(text)!.AsObject();
        var before = GC.GetTotalMemory(forceFullCollection: true);

        DuplicateCheck.Refuse(MetadataEra.Version2, root, "$.args");

        var kept = GC.GetTotalMemory(forceFullCollection: true) - before;
        Assert.True(kept < text.Length, $"{kept:N0} bytes are kept beside a text of {text.Length:N0}.");
        GC.KeepAlive(root);
    }
}
