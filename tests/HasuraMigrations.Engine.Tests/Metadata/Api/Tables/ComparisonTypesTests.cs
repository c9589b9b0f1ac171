using HasuraMigrations.Engine.Metadata.Api.Types;
using HasuraMigrations.Engine.Metadata.Model;

namespace HasuraMigrations.Engine.Tests.Metadata.Api.Tables;

/// <summary>The filters of columns whose types few projects have.</summary>
public sealed class ComparisonTypesTests
{
    private static readonly SmallApi Api = new()
    {
        Catalog = """
            mood(value text*)
            place(id int4*, at geography, outline geometry, kind ltree, mood text -> mood.value)
            """,
        EnumValues = """{"public.mood":[["glad"]]}""",
        Tables = """
            [{"table":{"schema":"public","name":"mood"},"is_enum":true,"configuration":{"custom_name":"my_mood"}},{"table":{"schema":"public","name":"place"}}]
            """,
    };

    [Fact]
    public void The_convention_changes_their_names_but_not_those_of_distances()
    {
        var schema = Api.Build(settings: SmallApi.GraphQLNames);

        Assert.Contains("_stDWithin: st_d_within_geography_input", SmallApi.Inputs(schema, "GeographyComparisonExp"), StringComparison.Ordinal);
        Assert.Equal("distance: Float!, from: geography!, use_spheroid: Boolean", SmallApi.Inputs(schema, "st_d_within_geography_input"));
        Assert.Equal("distance: Float!, from: geometry!", SmallApi.Inputs(schema, "st_d_within_input"));
    }

    [Fact]
    public void The_filter_of_an_enum_is_named_as_that_of_any_type()
    {
        Assert.Equal("_eq: my_moodEnum, _in: [my_moodEnum!], _isNull: Boolean, _neq: my_moodEnum, _nin: [my_moodEnum!]", SmallApi.Inputs(Api.Build(settings: SmallApi.GraphQLNames), "MyMoodEnumComparisonExp"));
        Assert.Equal("_eq: my_mood_enum, _in: [my_mood_enum!], _is_null: Boolean, _neq: my_mood_enum, _nin: [my_mood_enum!]", SmallApi.Inputs(Api.Build(), "my_mood_enum_comparison_exp"));
    }

    [Fact]
    public void Operators_say_what_they_do()
    {
        var schema = Api.Build();

        Assert.Equal("does the column cross the given geometry value", Text(schema, "geometry_comparison_exp", "_st_crosses"));
        Assert.Equal("is the column within a given distance from the given geography value", Text(schema, "geography_comparison_exp", "_st_d_within"));
        Assert.Equal("does `ltree` match `lquery`?", Text(schema, "ltree_comparison_exp", "_matches"));
        Assert.Equal("does the column crosses the given geometry value", Text(Api.Build(settings: new ApiSettings { Era = MetadataEra.Version1 }), "geometry_comparison_exp", "_st_crosses"));
    }

    private static string? Text(ApiSchema schema, string type, string name) => schema.Find(type)!.InputFields.Single(f => f.Name == name).Description;
}
