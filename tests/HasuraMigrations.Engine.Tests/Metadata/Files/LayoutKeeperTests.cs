using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Metadata.Files;

namespace HasuraMigrations.Engine.Tests.Metadata.Files;

/// <summary>Sources are written into the files that hold them, whatever an export would do.</summary>
public sealed class LayoutKeeperTests : MetadataFolder
{
    private static readonly MetadataWriteOptions Options = new() { PreserveFormatting = true, KeepsLayout = true };

    public LayoutKeeperTests()
    {
        Write("databases/databases.yaml", """
            # all of it
            - name: default
              kind: postgres
              configuration: {}
              tables:
              - table: {name: b, schema: public} # inline
                select_permissions:
                - role: user
                  permission:
                    columns:
                    - id # who reads
                    - name
                    filter: {}
              - !include odd/a.yaml
              - "!include odd/c.yaml"
            - name: other
              kind: postgres
              configuration: {}
              tables: "!include other/list.yaml"
            """);
        Write("databases/odd/a.yaml", "# one\ntable:\n  name: a\n  schema: public\nselect_permissions:\n- !include roles.yaml\n- role: admin2\n  permission: {columns: '*', filter: {}}\n");
        Write("databases/odd/roles.yaml", "# nested\nrole: user\npermission:\n  columns:\n  - id # all\n  - name\n  filter: {}\n");
        Write("databases/odd/c.yaml", "table: {name: c, schema: public}\n");
        Write("databases/odd/stray.yaml", "notes: mine\n");
        Write("databases/other/list.yaml", "- table: {name: d, schema: public} # here\n- !include ../odd/c.yaml\n");
    }

    [Fact]
    public void A_document_that_is_the_same_changes_no_file()
    {
        var plan = MetadataFiles.Plan(MetadataFiles.Read(Root).Document, MetadataFiles.LayoutOf(Root), Options);

        Assert.All(plan.Changes.Where(c => c.Path.Contains("databases", StringComparison.Ordinal)), c => Assert.Equal(MetadataFileChangeKind.Unchanged, c.Kind));
    }

    [Fact]
    public void Each_part_is_written_where_it_stands()
    {
        var changed = Plan(root =>
        {
            foreach (var columns in Tables(root, 0).SelectMany(t => t["select_permissions"]?.AsArray() ?? []).Select(p => p!["permission"]!["columns"]).OfType<JsonArray>())
            {
                columns[1] = "title";
            }
        });

        Assert.Equal(["databases/databases.yaml Changed", "databases/odd/roles.yaml Changed"], changed);
        Assert.Equal("# nested\nrole: user\npermission:\n  columns:\n  - id # all\n  - title\n  filter: {}\n", Read("databases/odd/roles.yaml"));
        Assert.Contains("  - table: {name: b, schema: public} # inline\n    select_permissions:\n    - role: user\n      permission:\n        columns:\n        - id # who reads\n        - title\n        filter: {}\n  - !include odd/a.yaml\n", Read("databases/databases.yaml"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_table_that_goes_takes_its_files_along_and_no_other()
    {
        var changed = Plan(root => root["sources"]![0]!["tables"]!.AsArray().Remove(Tables(root, 0).First(t => t["table"]!["name"]!.ToString() == "a")));

        Assert.Equal(["databases/databases.yaml Changed", "databases/odd/a.yaml Deleted", "databases/odd/roles.yaml Deleted"], changed);
        Assert.EndsWith("        - name\n        filter: {}\n  - \"!include odd/c.yaml\"\n- name: other\n  kind: postgres\n  configuration: {}\n  tables: \"!include other/list.yaml\"", Read("databases/databases.yaml").TrimEnd(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_table_with_another_name_stays_in_its_place()
    {
        var changed = Plan(root => Tables(root, 0).First(t => t["table"]!["name"]!.ToString() == "a")["table"]!["name"] = "z");

        Assert.Equal(["databases/odd/a.yaml Changed"], changed);
        Assert.StartsWith("# one\ntable:\n  name: z\n  schema: public\nselect_permissions:\n- !include roles.yaml\n", Read("databases/odd/a.yaml"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_two_places_name_cannot_differ_between_them()
    {
        var changed = Plan(root => Tables(root, 1).First(t => t["table"]!["name"]!.ToString() == "c")["is_enum"] = true);

        Assert.Equal(["databases/other/list.yaml Changed"], changed);
        Assert.Contains("# here\n", Read("databases/other/list.yaml"), StringComparison.Ordinal);
        Assert.DoesNotContain("include", Read("databases/other/list.yaml"), StringComparison.Ordinal);
        var again = MetadataFiles.Read(Root).Document.Root;
        Assert.Equal((null, true), (Find(again, 0)["is_enum"], Find(again, 1)["is_enum"]?.GetValue<bool>()));

        static JsonObject Find(JsonObject root, int source) => Tables(root, source).First(t => t["table"]!["name"]!.ToString() == "c");
    }

    private static IEnumerable<JsonObject> Tables(JsonObject root, int source) => root["sources"]![source]!["tables"]!.AsArray().Select(t => t!.AsObject());

    private string Read(string relative) => File.ReadAllText(Path.Combine(Root, relative));

    // What was written holds what was changed, and nothing else is another.
    private List<string> Plan(Action<JsonObject> change)
    {
        var document = MetadataFiles.Read(Root).Document.Clone();
        change(document.Root);
        var plan = MetadataFiles.Plan(document, MetadataFiles.LayoutOf(Root), Options);
        var changes = plan.Apply(c => c.Path.Contains("databases", StringComparison.Ordinal)).Where(c => c.Kind != MetadataFileChangeKind.Unchanged).ToList();
        Assert.True(JsonNode.DeepEquals(document.Root, MetadataFiles.Read(Root).Document.Root), MetadataFiles.Read(Root).Document.Root.ToJsonString());
        Assert.True(File.Exists(Path.Combine(Root, "databases/odd/stray.yaml")));
        return [.. changes.Select(c => $"{Path.GetRelativePath(Root, c.Path).Replace('\\', '/')} {c.Kind}").Order(StringComparer.Ordinal)];
    }
}
