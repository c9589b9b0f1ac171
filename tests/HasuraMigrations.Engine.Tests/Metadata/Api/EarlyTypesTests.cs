using HasuraMigrations.Engine.Metadata.Api.Types;
using HasuraMigrations.Engine.Metadata.Model;

namespace HasuraMigrations.Engine.Tests.Metadata.Api;

/// <summary>Types that servers of version 1 show though nothing leads to them.</summary>
public sealed class EarlyTypesTests
{
    private static readonly SmallApi Api = new()
    {
        Catalog = """
            note(id int4*)
            my note(id int4*)
            """,
        Tables = """[{"table":{"schema":"public","name":"note"}},{"table":{"schema":"public","name":"my note"}}]""",
    };

    [Fact]
    public void They_are_those_of_tables_that_GraphQL_can_name()
    {
        var schema = Api.Build(settings: new ApiSettings { Era = MetadataEra.Version1 });

        Assert.NotNull(schema.Find("note_arr_rel_insert_input"));
        Assert.NotNull(schema.Find("note_aggregate_order_by"));
        Assert.DoesNotContain(schema.Types, t => t.Name.StartsWith("my note", StringComparison.Ordinal));
        Assert.Empty(schema.Faults);
    }

    [Fact]
    public void Later_servers_show_nothing_of_the_kind() => Assert.Null(Api.Build().Find("note_arr_rel_insert_input"));
}
