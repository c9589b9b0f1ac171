using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Tests.Support;
using HasuraMigrations.Engine.Variables;
using static HasuraMigrations.Engine.Tests.Support.Plans;

namespace HasuraMigrations.Engine.Tests.Migrations;

public sealed class StepVariablesTests
{
    private const string Directive = "-- hasura:variables\n";

    [Fact]
    public void Given_values_are_missing_all_of_them_and_other_problems_are_found_with_file_and_line()
    {
        using var project = new TestProject(2).Add(1, Directive + "SELECT ${a};\nSELECT '${b}',\n  \"${c}\";\nVACUUM;");

        var plan = PlanOf(project, ("b", "x"));

        Assert.Equal(
            [("VariableMissing", 2, 8), ("VariableMissing", 4, 4), ("NotInTransaction", 5, 1)],
            plan.Findings.Where(f => f.Severity == FindingSeverity.Error).Select(f => (f.Id, f.Line!.Value, f.Column!.Value)));
        Assert.All(plan.Findings.Where(f => f.Severity == FindingSeverity.Error), f => Assert.Equal(Path.Combine(project.Migrations, "1_m", "up.sql"), f.File));
    }

    [Fact]
    public void Given_no_directive_nothing_is_replaced()
    {
        using var project = new TestProject(2).Add(1, "SELECT '${a}';\n-- hasura:variables").Add(2, "-- Hasura: variables\nSELECT '${a}';");

        var plan = PlanOf(project);

        Assert.Equal("SELECT '${a}'", plan.Migrations[0].Steps[0].Statements.Single().Text);
        Assert.Equal(("VariableDirectiveIgnored", 2L), Assert.Single(plan.Findings, f => f.Id != "StateStoreMissing") is var found ? (found.Id, found.Version!.Value) : default);
    }

    [Theory]
    [InlineData("COMMIT; DROP TABLE t", "TransactionControl")]
    [InlineData("VACUUM", "NotInTransaction")]
    [InlineData("COPY t FROM STDIN", "CopyNotSupported")]
    public void Given_a_raw_value_the_checks_see_what_it_brings(string value, string id)
    {
        using var project = new TestProject(2).Add(1, Directive + "SELECT 1;\n${sql:raw};");

        var finding = Assert.Single(PlanOf(project, ("sql", value)).Findings, f => f.Severity == FindingSeverity.Error);

        Assert.Equal((id, 3), (finding.Id, finding.Line));
    }

    [Theory]
    [InlineData("VACUUM; ANALYZE", false)]
    [InlineData("", false)]
    [InlineData("VACUUM", true)]
    public void Given_a_file_without_a_transaction_a_raw_value_must_not_change_the_number_of_statements(string value, bool isWell)
    {
        using var project = new TestProject(2).Add(1, "-- hasura:no-transaction\n" + Directive + "SELECT 1;\n${sql:raw};\nSELECT ${a};");

        var errors = PlanOf(project, ("sql", value), ("a", "x")).Ids(FindingSeverity.Error);

        Assert.Equal(isWell ? [] : ["VariableChangesStatements"], errors);
    }

    [Fact]
    public void Given_a_finding_that_quotes_a_value_the_value_is_hidden()
    {
        using var project = new TestProject(2).Add(1, Directive + "ALTER TYPE e ADD VALUE ${label};\nINSERT INTO t VALUES (${label});");

        var finding = Assert.Single(PlanOf(project, ("label", "top secret")).Findings, f => f.Id == "EnumValueUsed");

        Assert.Equal("The enum value '${label}' is added and used in one transaction, which the server may refuse.", finding.Message);
    }

    [Fact]
    public void The_checksum_is_that_of_the_file()
    {
        using var project = new TestProject(2).Add(1, Directive + "SELECT ${a};");

        var checksums = PlanOf(project, ("a", "x")).Migrations[0].Source!.Checksums();

        Assert.Equal(StepText.Of(Directive + "SELECT ${a};").Checksum, checksums["up.sql"]);
    }

    private static MigrationPlan PlanOf(TestProject project, params (string Name, string Value)[] values) => Plan(
        project.Scan(),
        Ledger(),
        options: new PlanOptions { Variables = VariableSet.Create(values.ToDictionary(v => v.Name, v => v.Value), environment: []) });
}
