using HasuraMigrations.Engine.Metadata.Merging;

namespace HasuraMigrations.Engine.Tests.Metadata.Merging;

/// <summary>Single files, as git gives them to a merge driver.</summary>
public sealed class MetadataFileMergerTests : IDisposable
{
    private const string Users = """
        # The people.
        table:
          name: users
          schema: public
        select_permissions:
          - role: user # everybody
            permission:
              columns:
                - id
                - name
              filter: {}

        """;

    private readonly string _directory = Directory.CreateTempSubdirectory("hasura-merge-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void Comments_of_both_sides_stay_where_lines_can_be_merged()
    {
        var merged = Merge("metadata/databases/default/tables/public_users.yaml", Users, Users.Replace("schema: public", "schema: public # ours"), Users.Replace("filter: {}", "filter: {} # theirs\n      limit: 5"));

        Assert.Empty(merged.Conflicts);
        Assert.Equal(Users.Replace("schema: public", "schema: public # ours").Replace("filter: {}", "filter: {} # theirs\n      limit: 5"), merged.Text);
        Assert.Contains("limit", Assert.Single(merged.Changes).Description);
    }

    [Fact]
    public void Permissions_that_both_add_at_one_place_are_both_there()
    {
        string With(string role) => Users + $"  # of {role}\n  - role: {role}\n    permission:\n      columns: []\n      filter: {{}}\n";

        var merged = Merge("tables/public_users.yaml", Users, With("b"), With("a"));

        Assert.Empty(merged.Conflicts);
        Assert.Equal(With("b") + With("a")[Users.Length..], merged.Text);
    }

    [Fact]
    public void Lines_that_cannot_be_merged_are_written_from_what_they_say()
    {
        string With(params string[] columns) => Users.Replace("                - id\n                - name\n", "").Replace("        - id\n        - name\n", string.Concat(columns.Select(c => $"        - {c}\n")));

        var merged = Merge("databases/default/tables/public_users.yaml", Users, With("id", "email"), With("id", "name", "title"));

        Assert.Empty(merged.Conflicts);
        Assert.Equal(With("id", "title", "email").Order(), merged.Text.Order());
        Assert.Contains("# everybody", merged.Text);
    }

    [Fact]
    public void A_conflict_has_marks_around_its_field_alone_and_cannot_be_read()
    {
        var merged = Merge("databases/default/tables/public_users.yaml", Users, Users.Replace("filter: {}", "filter:\n        id:\n          _eq: 1"), Users.Replace("filter: {}", "filter:\n        id:\n          _eq: 2").Replace("- name", "- name\n        - email"));

        var conflict = Assert.Single(merged.Conflicts);
        Assert.Equal("permission.filter", conflict.Field);
        Assert.Equal((Path.Combine(_directory, "ours"), 12, Path.Combine(_directory, "theirs"), 13), (conflict.OursFile, conflict.OursLine, conflict.TheirsFile, conflict.TheirsLine));
        Assert.Contains("        - email\n      filter:\n        id:\n<<<<<<< ours\n          _eq: 1\n=======\n          _eq: 2\n>>>>>>> theirs\n", merged.Text);
        Assert.Throws<HasuraMigrationException>(() => Merge("databases/default/tables/public_users.yaml", merged.Text, merged.Text, merged.Text));
    }

    [Theory]
    [InlineData(MetadataMergeSide.Ours, "_eq: 1")]
    [InlineData(MetadataMergeSide.Theirs, "_eq: 2")]
    public void A_side_can_be_favored(MetadataMergeSide side, string expected)
    {
        var merged = Merge("t/tables/a.yaml", Users, Users.Replace("filter: {}", "filter:\n        id:\n          _eq: 1"), Users.Replace("filter: {}", "filter:\n        id:\n          _eq: 2"), side);

        Assert.Single(merged.Conflicts);
        Assert.Contains(expected, merged.Text);
        Assert.DoesNotContain("<<<", merged.Text);
    }

    [Fact]
    public void Includes_of_new_tables_are_merged_by_name()
    {
        const string List = "- \"!include public_b.yaml\"\n- \"!include public_e.yaml\"\n";

        var merged = Merge("metadata/databases/default/tables/tables.yaml", List, List.Replace("- \"!include public_e", "- \"!include public_d.yaml\"\n- \"!include public_e"), "- \"!include public_c.yaml\"\n- \"!include public_e.yaml\"\n");

        Assert.Empty(merged.Conflicts);
        Assert.Equal("- \"!include public_c.yaml\"\n- \"!include public_d.yaml\"\n- \"!include public_e.yaml\"\n", string.Concat(merged.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Order().Select(l => l + "\n")));
    }

    [Theory]
    [InlineData("metadata/databases/databases.yaml", "- name: default\n  kind: postgres\n  tables: \"!include default/tables/tables.yaml\"\n", "- name: a\n  kind: postgres\n  tables: \"!include a/tables/tables.yaml\"\n", "- name: b\n  kind: postgres\n  tables: \"!include b/tables/tables.yaml\"\n")]
    [InlineData("metadata/remote_schemas.yaml", "- name: default\n  definition:\n    url: http://a\n", "- name: a\n  definition:\n    url: http://a\n", "- name: b\n  definition:\n    url: http://b\n")]
    [InlineData("metadata/tables.yaml", "- table:\n    name: a\n    schema: public\n", "- table:\n    name: b\n    schema: public\n", "- table:\n    name: c\n    schema: public\n")]
    [InlineData("metadata/databases/default/functions/functions.yaml", "- \"!include public_a.yaml\"\n", "- \"!include public_b.yaml\"\n", "- \"!include public_c.yaml\"\n")]
    [InlineData("metadata/other_keys.yaml", "a: 1\n", "b: 1\n", "c: 1\n")]
    public void Both_sides_may_add_to_a_file(string name, string text, string ours, string theirs)
    {
        var merged = Merge(name, text, text + ours, text + theirs);

        Assert.Empty(merged.Conflicts);
        Assert.Equal(text + ours + theirs, merged.Text);
    }

    [Fact]
    public void Actions_and_their_signatures_are_merged_by_name()
    {
        const string Yaml = "actions:\n  - name: login\n    definition:\n      kind: synchronous\n      handler: http://login\ncustom_types:\n  enums: []\n  input_objects: []\n  objects:\n    - name: Token\n  scalars: []\n";
        const string Sdl = "type Mutation {\n  login(\n    email: String!\n  ): Token\n}\n\ntype Token {\n  token: String!\n}\n\n";

        var yaml = Merge("metadata/actions.yaml", Yaml, Yaml.Replace("http://login", "http://ours"), Yaml.Replace("kind: synchronous", "kind: asynchronous").Replace("- name: Token", "- name: Token\n    - name: Other"));
        var sdl = Merge("metadata/actions.graphql", Sdl, Sdl.Replace("email: String!", "email: String!\n    ours: Int"), Sdl.Replace("email: String!", "email: String!\n    theirs: Int").Replace("token: String!", "token: String"));

        Assert.Empty(yaml.Conflicts);
        Assert.Equal(Yaml.Replace("http://login", "http://ours").Replace("kind: synchronous", "kind: asynchronous").Replace("- name: Token", "- name: Token\n    - name: Other"), yaml.Text);
        Assert.Empty(sdl.Conflicts);
        Assert.Equal(Sdl.Replace("email: String!", "email: String!\n    ours: Int\n    theirs: Int").Replace("token: String!", "token: String"), sdl.Text);
    }

    [Fact]
    public void Sdl_whose_comments_would_be_lost_is_a_conflict_with_marks()
    {
        const string Sdl = "# Signs in.\ntype Mutation {\n  login(email: String!): Token\n}\n\ntype Token {\n  token: String!\n}\n";

        var merged = Merge("actions.graphql", Sdl, Sdl.Replace("email: String!", "email: String!, ours: Int"), Sdl.Replace("email: String!", "email: String!, theirs: Int"));

        Assert.Contains("comments", Assert.Single(merged.Conflicts).Description);
        Assert.Contains("<<<<<<< ours\n  login(email: String!, ours: Int): Token\n=======\n", merged.Text);
    }

    [Fact]
    public void An_action_that_both_sides_added_differently_is_a_conflict_of_its_fields()
    {
        const string Sdl = "type Query {\n  a: Int\n}\n\n";

        var merged = Merge("actions.graphql", Sdl, Sdl + "type Query {\n  b: Int\n}\n\n", Sdl + "type Query {\n  b: String\n}\n\n");

        Assert.Equal(("Action/b", "definition.output_type"), Assert.Single(merged.Conflicts) is var c ? (c.Id, c.Field) : default);
        Assert.Contains("<<<<<<< ours\n  b: Int\n=======\n  b: String\n>>>>>>> theirs\n", merged.Text);
    }

    [Fact]
    public void A_whole_document_is_merged_in_its_format()
    {
        const string Json = "{\n  \"version\": 3,\n  \"sources\": [],\n  \"inherited_roles\": [\n    {\"role_name\": \"boss\", \"role_set\": [\"a\", \"b\"]}\n  ]\n}\n";

        var merged = Merge("metadata.json", Json, Json.Replace("\"b\"]", "\"b\", \"c\"]"), Json.Replace("\"a\", ", ""));

        Assert.Empty(merged.Conflicts);
        Assert.Equal("{\"version\":3,\"sources\":[],\"inherited_roles\":[{\"role_name\":\"boss\",\"role_set\":[\"b\",\"c\"]}]}", string.Concat(merged.Text.Where(c => !char.IsWhiteSpace(c))));
        Assert.EndsWith("}\n", merged.Text);
    }

    [Theory]
    [InlineData("graphql_schema_introspection.yaml", "disabled_for_roles: []\n")]
    [InlineData("allow_list.yaml", "[]\n")]
    [InlineData("x/tables/tables.yaml", "- \"!include a.yaml\"\n")]
    public void A_comment_of_their_side_is_taken_into_a_file_of_one_line(string name, string text) =>
        Assert.Equal(text + "# theirs\n", Merge(name, text, text, text + "# theirs\n").Text);

    [Fact]
    public void Line_ends_of_our_side_are_kept()
    {
        var merged = Merge("x/tables/a.yaml", Users, Users.ReplaceLineEndings("\r\n"), Users.Replace("filter: {}", "filter: {}\n      limit: 5"));

        Assert.Equal(Users.Replace("filter: {}", "filter: {}\n      limit: 5").ReplaceLineEndings("\r\n"), merged.Text);
    }

    [Fact]
    public void A_file_that_both_sides_added_has_an_empty_ancestor()
    {
        var merged = Merge("x/tables/a.yaml", "", Users, Users.Replace("role: user", "role: other"));

        Assert.Empty(merged.Conflicts);
        Assert.Contains("role: other", merged.Text);
        Assert.Contains("role: user", merged.Text);
    }

    [Fact]
    public void Two_new_names_of_one_table_are_a_conflict()
    {
        var merged = Merge("x/tables/a.yaml", Users, Users.Replace("name: users", "name: people"), Users.Replace("name: users", "name: persons"));

        Assert.Contains("several", Assert.Single(merged.Conflicts).Description);
        Assert.Contains("<<<<<<< ours\n  name: people\n=======\n  name: persons\n>>>>>>> theirs\n", merged.Text);
    }

    [Theory]
    [InlineData("version.yaml", "version: 3\n")]
    [InlineData("notes.yaml", "- a\n")]
    [InlineData("x/tables/a.yaml", "table:\n  name: a\n  schema: '\\x21include '\n  x: '!include b'\n  y: \"\\x21include b\"\n")]
    public void Other_files_are_refused(string name, string text) =>
        Assert.Equal("MetadataMergeFileUnknown", Assert.Throws<HasuraMigrationException>(() => Merge(name, text, text + "# a\n", text + "# b\n")).ErrorId);

    private MetadataFileMerge Merge(string name, string @base, string ours, string theirs, MetadataMergeSide? favored = null) =>
        MetadataFileMerger.Merge(Write("base", @base), Write("ours", ours), Write("theirs", theirs), name, favored);

    private string Write(string name, string text)
    {
        var path = Path.Combine(_directory, name);
        File.WriteAllText(path, text);
        return path;
    }
}
