using System.Text.Json;
using HasuraMigrations.Engine.Reports;

namespace HasuraMigrations.Engine.Tests.Reports;

/// <summary>What a report says of the objects of one command.</summary>
public sealed class ReportRowsTests
{
    private static readonly string Root = Path.GetFullPath("/srv/repo");

    [Fact]
    public void An_impact_is_a_finding_at_its_statement()
    {
        var builder = new ReportBuilder(Root);
        var impact = new HasuraImpact
        {
            Effect = ImpactEffect.Breaks,
            Severity = FindingSeverity.Error,
            Kind = DependencyObjectKind.Permission,
            Name = "public.users/select/user",
            Message = "It breaks.",
            File = Path.Combine(Root, "metadata/tables.yaml"),
            Line = 7,
            StatementFile = Path.Combine(Root, "migrations/2_b/up.sql"),
            StatementLine = 3,
            Version = 2,
        };

        Assert.True(builder.Add(impact));
        Assert.True(builder.Add(impact with { Effect = ImpactEffect.Loses, Severity = FindingSeverity.Warning, StatementFile = null, StatementLine = null }));

        using var json = JsonDocument.Parse(builder.Write(ReportFormat.Sarif, "t", DateTimeOffset.UnixEpoch, "1.0"));
        Assert.Equal(
            ["ImpactBreaks error migrations/2_b/up.sql:3", "ImpactLoses warning metadata/tables.yaml:7"],
            json.RootElement.GetProperty("runs")[0].GetProperty("results").EnumerateArray().Select(Line));
    }

    private static string Line(JsonElement result)
    {
        var place = result.GetProperty("locations")[0].GetProperty("physicalLocation");
        return $"{result.GetProperty("ruleId").GetString()} {result.GetProperty("level").GetString()} {place.GetProperty("artifactLocation").GetProperty("uri").GetString()}:{place.GetProperty("region").GetProperty("startLine").GetInt32()}";
    }
}
