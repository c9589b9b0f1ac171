using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Metadata.Files;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Tests.Support;

namespace HasuraMigrations.Engine.Tests.Metadata.Files;

/// <summary>What a document changes in the files, and what of them stays.</summary>
public sealed class MetadataWritingTests : MetadataFolder
{
    [Fact]
    public void Sources_that_share_a_file_part_when_they_differ()
    {
        Write("databases/databases.yaml", "- name: one\n  kind: postgres\n  configuration: {}\n  tables: \"!include default/tables/tables.yaml\"\n- name: two\n  kind: postgres\n  configuration: {}\n  tables: \"!include default/tables/tables.yaml\"\n");
        var document = MetadataFiles.Read(Root).Document;
        document.Sources.Last()["tables"]![0]!["is_enum"] = true;

        MetadataFiles.Plan(document, MetadataFiles.LayoutOf(Root)).Apply();

        Assert.True(document.Root.SameAs(MetadataFiles.Read(Root).Document.Root));
    }

    [Fact]
    public void Only_what_differs_is_written_and_stale_files_go()
    {
        Write("databases/default/tables/tables.yaml", "- \"!include public_a.yaml\"\n- \"!include public_b.yaml\"\n");
        Write("databases/default/tables/public_b.yaml", "# of people\n" + Table("b"));
        Write("databases/default/tables/notes.yaml", "about: tables\n");
        var document = MetadataFiles.Read(Root).Document;
        document.Sources.Single()["tables"]!.AsArray().RemoveAt(0);

        var plan = MetadataFiles.Plan(document, MetadataFiles.LayoutOf(Root));
        plan.Apply();

        Assert.Equal(["tables.yaml"], Names(plan, MetadataFileChangeKind.Changed));
        Assert.Equal(["public_a.yaml"], Names(plan, MetadataFileChangeKind.Deleted));
        Assert.StartsWith("# of people", File.ReadAllText(Path.Combine(Root, "databases/default/tables/public_b.yaml")), StringComparison.Ordinal);
        Assert.True(document.Root.SameAs(MetadataFiles.Read(Root).Document.Root));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("<<<<<<< ours\ntable: {name: b\n")]
    public void A_file_that_is_missing_or_broken_is_written_and_no_other(string? text)
    {
        Write("databases/default/tables/tables.yaml", "# in the order of the forms\n- \"!include public_b.yaml\"\n- \"!include public_a.yaml\"\n");
        Write("databases/default/tables/public_b.yaml", Table("b"));
        Write("databases/databases.yaml", "# one database\n" + File.ReadAllText(Path.Combine(Root, "databases/databases.yaml")));
        var document = MetadataFiles.Read(Root).Document;
        File.Delete(Path.Combine(Root, "databases/default/tables/public_b.yaml"));
        if (text is not null)
        {
            Write("databases/default/tables/public_b.yaml", text);
        }

        var plan = MetadataFiles.Plan(document, MetadataFiles.LayoutOf(Root));
        plan.Apply();

        Assert.Equal("public_b.yaml", Path.GetFileName(Assert.Single(plan.Changes, c => c.Path.Contains("databases", StringComparison.Ordinal) && c.Kind != MetadataFileChangeKind.Unchanged).Path));
        Assert.True(document.Root.SameAs(MetadataFiles.Read(Root).Document.Root));
    }

    [Fact]
    public void Files_that_several_threads_read_before_a_write_do_not_disturb_each_other()
    {
        const int files = 1500;
        Write("databases/default/tables/tables.yaml", string.Concat(Enumerable.Range(0, files).Select(i => $"- \"!include public_t{i}.yaml\"\n")));
        for (var i = 0; i < files; i++)
        {
            // Texts that no other file has, so that each file adds to what is remembered.
            Write($"databases/default/tables/public_t{i}.yaml", Table($"t{i}") + $"configuration:\n  custom_name: n{i}\n  column_config:\n{string.Concat(Enumerable.Range(0, 10).Select(c => $"    c{i}_{c}:\n      custom_name: m{i}_{c}\n"))}");
        }

        var document = MetadataFiles.Read(Root).Document;

        Assert.Empty(Names(MetadataFiles.Plan(document, MetadataFiles.LayoutOf(Root)), MetadataFileChangeKind.Changed));
    }

    [Fact]
    public void Names_that_collide_are_told_apart_and_names_that_are_there_stay()
    {
        Write("databases/default/tables/tables.yaml", "- \"!include mine.yaml\"\n");
        File.Move(Path.Combine(Root, "databases/default/tables/public_a.yaml"), Path.Combine(Root, "databases/default/tables/mine.yaml"));
        var document = MetadataFiles.Read(Root).Document;
        foreach (var (schema, name) in new[] { ("a_b", "c"), ("a", "b_c"), ("A", "B_c"), ("public", "q?"), ("public", "x/../y") })
        {
            document.Sources.Single()["tables"]!.AsArray().Add(new JsonObject { ["table"] = new JsonObject { ["name"] = name, ["schema"] = schema } });
        }

        MetadataFiles.Plan(document, MetadataFiles.LayoutOf(Root)).Apply();

        Assert.True(File.Exists(Path.Combine(Root, "databases/default/tables/mine.yaml")));
        Assert.Equal(7, Directory.GetFiles(Path.Combine(Root, "databases/default/tables")).Select(f => f.ToUpperInvariant()).Distinct().Count());
        Assert.True(document.Root.SameAs(MetadataFiles.Read(Root).Document.Root));
        Assert.All(MetadataFiles.Plan(document, MetadataFiles.LayoutOf(Root)).Changes, c => Assert.Equal(MetadataFileChangeKind.Unchanged, c.Kind));
    }

    [Theory]
    [InlineData("bigquery", """{"dataset":"d","name":"x"}""", "tables/d_x.yaml", "functions/_x.yaml")]
    [InlineData("mssql", """{"name":"x"}""", "tables/dbo_x.yaml", "functions/dbo_x.yaml")]
    [InlineData("snowflake", """["S","x"]""", "tables/S_x.yaml", "functions/S_x.yaml")]
    [InlineData("snowflake", "\"x\"", "tables/x.yaml", "functions/x.yaml")]
    public void A_name_of_a_file_is_that_of_the_kind_of_source(string kind, string name, string table, string function)
    {
        var document = MetadataFiles.Read(Root).Document;
        document.Root["sources"]!.AsArray().Add(JsonNode.Parse($$"""{"name":"other","kind":"{{kind}}","configuration":{},"tables":[{"table":{{name}}}],"functions":[{"function":{{name}}}]}"""));

        MetadataFiles.Plan(document, MetadataFiles.LayoutOf(Root)).Apply();

        Assert.All(new[] { table, function }, path => Assert.True(File.Exists(Path.Combine(Root, "databases/other", path)), path));
        document.Sources.Last().Remove("functions");
        document.Sources.Last()["tables"]!.AsArray().Clear();
        MetadataFiles.Plan(document, MetadataFiles.LayoutOf(Root)).Apply();
        Assert.All(new[] { table, function }, path => Assert.False(File.Exists(Path.Combine(Root, "databases/other", path)), path));
    }

    [Fact]
    public void Unknown_keys_survive_in_a_directory()
    {
        var document = MetadataFiles.Read(Root).Document;
        document.Root["brand_new"] = new JsonArray(1, 2);
        document.Sources.Single()["also_new"] = "x";

        MetadataFiles.Plan(document, MetadataFiles.LayoutOf(Root)).Apply();
        Assert.True(document.Root.SameAs(MetadataFiles.Read(Root).Document.Root));

        document.Root.Remove("brand_new");
        MetadataFiles.Plan(document, MetadataFiles.LayoutOf(Root)).Apply();
        Assert.False(File.Exists(Path.Combine(Root, "other_keys.yaml")));
    }

    [Fact]
    public void Text_of_a_table_that_looks_like_an_include_survives()
    {
        var document = MetadataFiles.Read(Root).Document;
        document.Sources.Single()["tables"]![0]!["configuration"] = new JsonObject { ["comment"] = "!include public_a.yaml" };

        MetadataFiles.Plan(document, MetadataFiles.LayoutOf(Root)).Apply();

        Assert.True(document.Root.SameAs(MetadataFiles.Read(Root).Document.Root));
    }

    [Fact]
    public void A_directory_link_out_of_the_metadata_is_not_written_through()
    {
        var outside = Directory.CreateDirectory(Path.Combine(Top, "outside")).FullName;
        Directory.Delete(Path.Combine(Root, "databases"), recursive: true);
        Machine.Link(Path.Combine(Root, "databases"), outside, isDirectory: true);
        var document = new MetadataDocument(new JsonObject { ["version"] = 3, ["sources"] = new JsonArray() });

        Assert.Equal("PathOutsideProject", Assert.Throws<HasuraMigrationException>(() => MetadataFiles.Plan(document, new MetadataLayout(MetadataLayoutKind.DirectoryV3, Root))).ErrorId);
        Assert.Empty(Directory.GetFiles(outside));
    }

    [Fact]
    public void A_document_of_another_version_is_refused() =>
        Assert.Equal("MetadataVersionMismatch", Assert.Throws<HasuraMigrationException>(() => MetadataFiles.Plan(new MetadataDocument(new JsonObject { ["version"] = 2 }), MetadataFiles.LayoutOf(Root))).ErrorId);

    [Fact]
    [Trait("Case", "8")]
    public void A_text_that_goes_on_at_the_column_of_its_key_does_not_double_includes()
    {
        Write("databases/databases.yaml", "- name: default\n  kind: postgres\n  tables: \"!include default/tables/tables.yaml\"\n  note:\n    text: \"first\n    second\"\n");

        var source = MetadataFiles.Read(Root).Document.Sources.Single();

        Assert.Equal(["a"], source["tables"]!.AsArray().Select(t => (string?)t!["table"]!["name"]));
        Assert.Equal("first second", (string?)source["note"]!["text"]);
    }

    [Fact]
    [Trait("Case", "17")]
    public void A_file_that_differs_from_a_written_one_by_case_is_not_deleted()
    {
        Write("databases/default/tables/public_Post.yaml", Table("Post"));
        Write("databases/default/tables/tables.yaml", "- \"!include public_Post.yaml\"\n");
        var document = MetadataFiles.Read(Root).Document;
        document.Sources.Single()["tables"]![0]!["table"]!["name"] = "post";

        var plan = MetadataFiles.Plan(document, MetadataFiles.LayoutOf(Root));

        Assert.Contains("public_post.yaml", Names(plan, MetadataFileChangeKind.Added));
        Assert.DoesNotContain(Names(plan, MetadataFileChangeKind.Deleted), n => n.Equals("public_post.yaml", StringComparison.OrdinalIgnoreCase));
        plan.Apply();
        Assert.Equal("post", (string?)MetadataFiles.Read(Root).Document.Sources.Single()["tables"]![0]!["table"]!["name"]);
    }

    [Fact]
    [Trait("Case", "17")]
    public void The_files_of_a_folder_that_differs_by_case_are_not_deleted()
    {
        Directory.Move(Path.Combine(Root, "databases", "default"), Path.Combine(Root, "databases", "Default"));
        Write("databases/databases.yaml", "[]\n");
        Write("databases/Default/tables/public_a.yaml", Table("a"));
        var document = new MetadataDocument((JsonObject)JsonNode.Parse("""{"version":3,"sources":[{"name":"default","kind":"postgres","tables":[{"table":{"schema":"public","name":"a"}}]}]}""")!);

        Assert.Empty(Names(MetadataFiles.Plan(document, MetadataFiles.LayoutOf(Root)), MetadataFileChangeKind.Deleted));
    }

    [Fact]
    [Trait("Case", "17")]
    public void Line_ends_stay_where_the_formatting_is_to_be_kept()
    {
        Write("databases/default/tables/public_a.yaml", $"# a comment\n{Table("a")}select_permissions:\n  - role: user\n    permission:\n      columns: []\n      filter: {{}}\n".ReplaceLineEndings("\r\n"));
        var document = MetadataFiles.Read(Root).Document;
        document.Sources.Single()["tables"]![0]!["select_permissions"]![0]!["role"] = "editor";

        MetadataFiles.Plan(document, MetadataFiles.LayoutOf(Root), new MetadataWriteOptions { PreserveFormatting = true }).Apply();

        var written = File.ReadAllText(Path.Combine(Root, "databases/default/tables/public_a.yaml"));
        Assert.Contains("# a comment\r\n", written, StringComparison.Ordinal);
        Assert.Contains("editor", written, StringComparison.Ordinal);
        Assert.Equal(written, written.ReplaceLineEndings("\r\n"));
    }

    [Fact]
    [Trait("Case", "8")]
    public void A_new_file_has_the_mode_that_the_process_gives()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no modes of files.");
        var byProcess = Path.Combine(Top, "mode");
        File.WriteAllText(byProcess, "");
        var document = MetadataFiles.Read(Root).Document;
        document.Root["inherited_roles"] = new JsonArray(new JsonObject { ["role_name"] = "r", ["role_set"] = new JsonArray("a", "b") });

        MetadataFiles.Plan(document, MetadataFiles.LayoutOf(Root)).Apply();

        Assert.Equal(Machine.Mode(byProcess), Machine.Mode(Path.Combine(Root, "inherited_roles.yaml")));
    }

    [Fact]
    public void Files_with_CRLF_are_the_same_files()
    {
        foreach (var file in Directory.GetFiles(Root, "*.yaml", SearchOption.AllDirectories))
        {
            File.WriteAllText(file, File.ReadAllText(file).ReplaceLineEndings("\r\n"));
        }

        var plan = MetadataFiles.Plan(MetadataFiles.Read(Root).Document, MetadataFiles.LayoutOf(Root));

        Assert.Empty(Names(plan, MetadataFileChangeKind.Changed));
    }

    [Fact]
    public void Text_of_what_did_not_change_is_kept_on_request()
    {
        const string Head = "# about a\ntable: {name: a, schema: \"public\"} # flow\n";
        Write("databases/default/tables/public_a.yaml", Head
            + "select_permissions:\n# for users\n- role: user\n  permission:\n    # all of them\n    columns: '*'\n    filter: {}\n    limit: 10 # rows\n"
            + "# for guests\n- role: guest\n  permission: {columns: [id], filter: {}} # few\n");
        var document = MetadataFiles.Read(Root).Document;
        var permissions = document.Sources.Single()["tables"]![0]!["select_permissions"]!.AsArray();
        permissions[0]!["permission"]!["limit"] = 20;
        permissions.Add(new JsonObject { ["role"] = "new", ["permission"] = new JsonObject { ["columns"] = new JsonArray("id"), ["filter"] = new JsonObject() } });

        MetadataFiles.Plan(document, MetadataFiles.LayoutOf(Root), new MetadataWriteOptions { PreserveFormatting = true }).Apply();

        Assert.Equal(
            Head
            + "select_permissions:\n# for users\n- role: user\n  permission:\n    # all of them\n    columns: '*'\n    filter: {}\n    limit: 20\n"
            + "# for guests\n- role: guest\n  permission: {columns: [id], filter: {}} # few\n"
            + "- role: new\n  permission:\n    columns:\n      - id\n    filter: {}\n",
            File.ReadAllText(Path.Combine(Root, "databases/default/tables/public_a.yaml")));
        Assert.True(document.Root.SameAs(MetadataFiles.Read(Root).Document.Root));
    }

    private static List<string> Names(MetadataWritePlan plan, MetadataFileChangeKind kind) =>
        [.. plan.Changes.Where(c => c.Kind == kind).Select(c => Path.GetFileName(c.Path))];
}
