using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Tests.Support;
using HasuraMigrations.Engine.Yaml;

namespace HasuraMigrations.Engine.Tests.Yaml;

public sealed class YamlAllocationTests
{
    [Fact]
    public void Reading_a_table_allocates_no_more_than_it_did()
    {
        var text = LargeTable.Yaml();

        Allocations.AtMost(144_000, () => YamlReader.Read(text, "orders.yaml", new MetadataPositions()));
    }

    [Fact]
    public void Reading_a_table_of_another_style_allocates_no_more_than_it_did()
    {
        var text = "---\n" + LargeTable.Yaml();

        Allocations.AtMost(229_000, () => YamlReader.Read(text, "orders.yaml", new MetadataPositions()));
    }

    [Fact]
    public void Writing_a_table_allocates_no_more_than_it_did()
    {
        var table = LargeTable.Json();

        Allocations.AtMost(34_300, () => YamlWriter.Write(table, MetadataFileStyle.Cli25));
    }
}
