using HasuraMigrations.Engine.Sql;
using HasuraMigrations.Engine.Tests.Support;
using HasuraMigrations.Engine.Variables;

namespace HasuraMigrations.Engine.Tests.Variables;

public sealed class VariableSetTests
{
    [Fact]
    public void What_is_given_comes_before_the_environment_and_that_before_the_file()
    {
        using var project = new TestProject().Write("values.env", "one=f1\nTWO=f2\nthree='f3 $x'\nfour: f4\n");
        var set = VariableSet.Create(
            new Dictionary<string, string> { ["one"] = "g1", ["empty"] = "" },
            Path.Combine(project.Directory, "values.env"),
            new Dictionary<string, string> { ["HASURA_MIGRATIONS_VAR_ONE"] = "e1", ["HASURA_MIGRATIONS_VAR_two"] = "e2", ["HASURA_MIGRATIONS_VAR_four"] = "", ["OTHER"] = "x" });

        Assert.Equal(["g1", "e2", "f3 $x", "f4", ""], new[] { "One", "two", "three", "four", "empty" }.Select(n => set.ValueOf(n, SqlVariableForm.Default)));
        Assert.Null(set.ValueOf("other", SqlVariableForm.Default));
        Assert.Empty(set.Unused);
    }

    [Fact]
    public void A_file_that_cannot_be_read_and_a_name_that_no_variable_can_have_are_errors()
    {
        using var project = new TestProject().Write("values.env", "ok=1\nno line of it\n").Write("names.env", "a.b=1\n");

        var file = Assert.Throws<HasuraMigrationException>(() => VariableSet.Create(new Dictionary<string, string>(), Path.Combine(project.Directory, "values.env")));
        var names = Assert.Throws<HasuraMigrationException>(() => VariableSet.Create(new Dictionary<string, string>(), Path.Combine(project.Directory, "names.env")));
        var given = Assert.Throws<HasuraMigrationException>(() => VariableSet.Create(new Dictionary<string, string> { ["a b"] = "secret" }));

        Assert.Equal(("EnvFileInvalid", 2), (file.ErrorId, file.Line));
        Assert.Equal(("VariableValueInvalid", Path.Combine(project.Directory, "names.env")), (names.ErrorId, names.File));
        Assert.Equal("The name 'a b' in -Variable is not that of a variable.", given.Message);
    }

    [Fact]
    public void Variables_that_no_file_mentions_are_unused()
    {
        var set = VariableSet.Create(new Dictionary<string, string> { ["used"] = "1", ["mentioned"] = "2", ["typo"] = "3" }, environment: []);
        set.ValueOf("USED", SqlVariableForm.Default);

        set.NotePlan("default", [SqlText.Of("-- hasura:variables\nSELECT '${mentioned:literal}'"), SqlText.Of("SELECT ${typo}")]);

        Assert.Equal(["typo"], set.Unused);
        set.NotePlan("default", []);
        Assert.Equal(1, set.PlannedDatabases);
    }
}
