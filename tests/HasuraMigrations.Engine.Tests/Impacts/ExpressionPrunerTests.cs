using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Impacts;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Metadata.Schema;

namespace HasuraMigrations.Engine.Tests.Impacts;

/// <summary>What is left of an expression permits no row that it did not permit; the column <c>gone</c> is dropped, the table <c>lost</c> too.</summary>
public sealed class ExpressionPrunerTests
{
    private const string False = """{"_not":{}}""";

    [Theory]
    [InlineData("""{"id":{"_eq":1}}""", """{"id":{"_eq":1}}""")]
    [InlineData("""{"gone":{"_eq":1}}""", False)]
    [InlineData("""{"gone":{"_eq":1},"id":{"_eq":1}}""", False)]
    [InlineData("""{"_and":[{"gone":{"_eq":1}},{"id":{"_eq":1}}]}""", False)]
    [InlineData("""{"_or":[{"gone":{"_eq":1}},{"id":{"_eq":1}}]}""", """{"_or":[{"id":{"_eq":1}}]}""")]
    [InlineData("""{"_or":[{"gone":{"_eq":1}}]}""", False)]
    [InlineData("""{"_not":{"gone":{"_eq":1}}}""", False)]
    [InlineData("""{"_not":{"gone":{"_eq":1},"id":{"_eq":1}}}""", """{"_not":{"id":{"_eq":1}}}""")]
    [InlineData("""{"_not":{"_or":[{"gone":{"_eq":1}},{"id":{"_eq":1}}]}}""", False)]
    [InlineData("""{"_not":{"_and":[{"gone":{"_eq":1}},{"id":{"_eq":1}}]}}""", """{"_not":{"_and":[{"id":{"_eq":1}}]}}""")]
    [InlineData("""{"_not":{"_not":{"gone":{"_eq":1}}}}""", False)]
    [InlineData("""{"$or":[{"gone":1},{"id":1}]}""", """{"$or":[{"id":1}]}""")]
    [InlineData("""{"id":{"_ceq":["gone"]}}""", False)]
    [InlineData("""{"id":{"_cgt":["$","gone"]}}""", False)]
    [InlineData("""{"id":{"_ceq":"other"}}""", """{"id":{"_ceq":"other"}}""")]
    [InlineData("""{"_exists":{"_table":"lost","_where":{}}}""", False)]
    [InlineData("""{"_not":{"_exists":{"_table":"lost","_where":{}}}}""", False)]
    [InlineData("""{"_exists":{"_table":"kept","_where":{"gone":{"_eq":1}}}}""", """{"_exists":{"_table":"kept","_where":{"gone":{"_eq":1}}}}""")]
    [InlineData("""{"_not":{"_exists":{"_table":"t","_where":{"gone":{"_eq":1}}}}}""", """{"_not":{"_exists":{"_table":"t","_where":{}}}}""")]
    public void What_is_gone_permits_nothing(string expression, string expected)
    {
        var scope = new TableScope(SchemaCache.None, "default", new QualifiedName("public", "t"));
        var pruner = new ExpressionPruner(id => id == ObjectId.OfColumn("default", scope.Name, "gone") || id.Table.Name == "lost", scope);

        Assert.Equal(expected, pruner.Prune(JsonNode.Parse(expression)).ToText());
    }
}
