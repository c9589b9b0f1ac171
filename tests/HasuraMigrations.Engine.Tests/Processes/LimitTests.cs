using HasuraMigrations.Engine.Processes;

namespace HasuraMigrations.Engine.Tests.Processes;

public sealed class LimitTests
{
    [Theory]
    [InlineData(null, 64L << 20)]
    [InlineData(" ", 64L << 20)]
    [InlineData("1000", 1000)]
    [InlineData("3kb", 3 << 10)]
    [InlineData("200 MB", 200L << 20)]
    [InlineData("1GB", 1L << 30)]
    public void A_value_is_a_number_with_a_unit(string? text, long expected) => Assert.Equal(expected, Limit.FileBytes.Read(text));

    [Theory]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("MB")]
    [InlineData("1.5GB")]
    [InlineData("2GB")]
    [InlineData("99999999999999999999")]
    [InlineData("64 megabytes")]
    public void Anything_else_is_refused_by_the_name_of_the_variable(string text)
    {
        var error = Assert.Throws<HasuraMigrationException>(() => Limit.FileBytes.Read(text));

        Assert.Equal("LimitInvalid", error.ErrorId);
        Assert.Contains("HASURA_MIGRATIONS_MAX_FILE_SIZE", error.Message);
    }

    [Theory]
    [InlineData("HASURA_MIGRATIONS_MAX_SQL_SIZE")]
    [InlineData("HASURA_MIGRATIONS_MAX_FILE_SIZE")]
    [InlineData("HASURA_MIGRATIONS_MAX_YAML_ALIASES")]
    [InlineData("HASURA_MIGRATIONS_MAX_ANSWER_SIZE")]
    public void A_project_is_not_opened_where_a_limit_is_invalid(string variable)
    {
        using var project = new Support.TestProject();

        var error = Assert.Throws<HasuraMigrationException>(() => project.Open((variable, "lots")));

        Assert.Equal("LimitInvalid", error.ErrorId);
        Assert.Contains(variable, error.Message);
    }
}
