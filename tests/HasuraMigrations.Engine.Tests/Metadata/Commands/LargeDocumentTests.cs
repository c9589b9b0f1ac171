using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Metadata.Commands;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Metadata.Schema;

namespace HasuraMigrations.Engine.Tests.Metadata.Commands;

/// <summary>What a large document would make a process hold is held once.</summary>
public sealed class LargeDocumentTests(CommandExamples examples) : IClassFixture<CommandExamples>
{
    [Fact]
    [Trait("Case", "16")]
    public void Replacing_takes_over_a_document_that_is_given_and_copies_one_that_is_lent()
    {
        var (given, lent) = (Document(roles: 2), Document(roles: 2));

        Assert.Same(given, Replace(given, takesArguments: true).Root);
        Assert.NotSame(lent, Replace(lent, takesArguments: false).Root);
        Assert.Equal(Document(roles: 2).ToJsonString(), lent.ToJsonString());
        Assert.Null(given.Parent);
    }

    [Fact]
    [Trait("Case", "16")]
    public void What_fits_keeps_no_copy_of_its_definition_and_roles_share_what_they_need()
    {
        var permissions = Replace(Document(roles: 11), takesArguments: true).Cache.Objects.Values.Where(o => o.Object.Id.Kind == ObjectKind.Permission).ToList();

        Assert.Equal(11, permissions.Count);
        Assert.All(permissions, p => Assert.NotSame(p.Object.Definition, p.Object.Definition));
        Assert.Equal(3, permissions.SelectMany(p => p.Needs).Distinct(ReferenceEqualityComparer.Instance).Count());
        Assert.Equal(33, permissions.Sum(p => p.Needs.Length));
    }

    [Fact]
    [Trait("Case", "16")]
    public void Documents_that_are_taken_over_forget_their_places()
    {
        var positions = new MetadataPositions();
        var node = new JsonObject();
        positions.Set(node, new SourcePosition("tables.yaml", 3, 1));
        Assert.Equal(3, positions.Of(node)?.Line);

        positions.Forget();

        Assert.Null(positions.Of(node));
    }

    private MetadataState Replace(JsonObject document, bool takesArguments)
    {
        var state = examples.State(MetadataEra.Version2);
        var args = new JsonObject { ["allow_inconsistent_metadata"] = true, ["metadata"] = document };
        var after = MetadataCommands.Run(state, MetadataCommands.Find(state.Era, "replace_metadata")!, args, takesArguments: takesArguments).State;
        args.Remove("metadata");
        return after;
    }

    private static JsonObject Document(int roles) => new()
    {
        ["version"] = 3,
        ["sources"] = new JsonArray(new JsonObject
        {
            ["name"] = "default",
            ["kind"] = "postgres",
            ["configuration"] = new JsonObject { ["connection_info"] = new JsonObject { ["database_url"] = new JsonObject { ["from_env"] = "URL" } } },
            ["tables"] = new JsonArray(new JsonObject
            {
                ["table"] = new JsonObject { ["schema"] = "public", ["name"] = "a" },
                ["select_permissions"] = new JsonArray([.. Enumerable.Range(0, roles).Select(r => new JsonObject
                {
                    ["role"] = $"role_{r}",
                    ["permission"] = new JsonObject { ["columns"] = new JsonArray("id", "name"), ["filter"] = new JsonObject() },
                })]),
            }),
        }),
    };
}
