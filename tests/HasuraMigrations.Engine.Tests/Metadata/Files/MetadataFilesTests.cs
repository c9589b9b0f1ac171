using System.Diagnostics;
using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Metadata.Files;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Targets.Postgres.Sessions;
using HasuraMigrations.Engine.Tests.Support;

namespace HasuraMigrations.Engine.Tests.Metadata.Files;

public sealed class MetadataFilesTests : IDisposable
{
    private readonly string _top = Directory.CreateTempSubdirectory("hasura-metadata-").FullName;
    private readonly string _root;

    public MetadataFilesTests()
    {
        _root = Path.Combine(_top, "metadata");
        Write("version.yaml", "version: 3\n");
        Write("databases/databases.yaml", "- name: default\n  kind: postgres\n  configuration: {}\n  tables: \"!include default/tables/tables.yaml\"\n");
        Write("databases/default/tables/tables.yaml", "- \"!include public_a.yaml\"\n");
        Write("databases/default/tables/public_a.yaml", Table("a"));
    }

    public void Dispose() => Directory.Delete(_top, recursive: true);

    [Fact]
    public void Includes_are_resolved_anywhere()
    {
        Write("databases/default/tables/public_a.yaml", Table("a") + "select_permissions: !include more/perms.json\n");
        Write("databases/default/tables/more/perms.json", """[{"role": "user", "permission": {"filter": {}, "columns": "*"}}]""");

        var reading = MetadataFiles.Read(_root);
        var permission = reading.Document.Sources.Single()["tables"]![0]!["select_permissions"]![0]!;

        Assert.Equal("user", (string?)permission["role"]);
        Assert.EndsWith("perms.json", reading.Document.Positions.Of(permission)!.Value.File, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("nowhere.yaml", "MetadataIncludeMissing")]
    [InlineData("../../../../outside.yaml", "PathOutsideProject")]
    [InlineData("/etc/passwd.yaml", "MetadataIncludeInvalid")]
    [InlineData("public_a.txt", "MetadataIncludeInvalid")]
    [InlineData("tables.yaml", "MetadataIncludeInvalid")]
    [InlineData("link.yaml", "PathOutsideProject")]
    public void An_include_that_cannot_be_followed_is_refused(string path, string id)
    {
        File.WriteAllText(Path.Combine(_top, "outside.yaml"), Table("secret"));
        Machine.Link(Path.Combine(_root, "databases/default/tables/link.yaml"), Path.Combine(_top, "outside.yaml"));
        Write("databases/default/tables/tables.yaml", $"- \"!include public_a.yaml\"\n- \"!include {path}\"\n");

        var error = Refused();

        Assert.Equal((id, (int?)2), (error.ErrorId, error.Line));
        Assert.EndsWith("tables.yaml", error.File, StringComparison.Ordinal);
    }

    [Fact]
    public void A_chain_of_includes_is_told_in_the_error()
    {
        Write("databases/default/tables/public_a.yaml", "table: !include b.yaml\n");

        Assert.Contains("included by", Refused().Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_thousand_nested_includes_are_refused()
    {
        for (var i = 0; i < 1000; i++)
        {
            Write($"databases/default/tables/n{i}.yaml", $"x: !include n{i + 1}.yaml\n");
        }

        Write("databases/default/tables/public_a.yaml", "table: !include n0.yaml\n");
        Assert.Equal("MetadataTooLarge", Refused().ErrorId);
    }

    [Fact]
    public void A_huge_file_is_refused_without_reading_it()
    {
        using (var file = File.Create(Path.Combine(_root, "databases/default/tables/public_a.yaml")))
        {
            file.SetLength(1L << 30);
        }

        Assert.Equal("FileTooLarge", Refused().ErrorId);
    }

    [Theory]
    [InlineData("table:\n\tname: a\n", 2)]
    [InlineData("table:\n  name: a\n  name: b\n", 3)]
    [InlineData("table:\n  name: [a\n", 3)]
    public void A_broken_file_is_told_with_its_line(string text, int line)
    {
        Write("databases/default/tables/public_a.yaml", text);

        var error = Refused();

        Assert.Equal(("MetadataFileInvalid", (int?)line), (error.ErrorId, error.Line));
        Assert.EndsWith("public_a.yaml", error.File, StringComparison.Ordinal);
    }

    [Fact]
    public void Text_that_is_no_UTF_8_is_refused_with_its_line()
    {
        File.WriteAllBytes(Path.Combine(_root, "databases/default/tables/public_a.yaml"), [.. "table:\n  name: "u8, 0xC3, 0x28]);

        var error = Refused();

        Assert.Equal(("FileEncodingInvalid", (int?)2), (error.ErrorId, error.Line));
    }

    [Theory]
    [InlineData("{\"version\": 3,\n\"sources\": [],\n\"sources\": []}", 3)]
    [InlineData("{\"version\": 3,\n\"sources\": [],\n}", 3)]
    public void Broken_JSON_is_told_with_its_line(string text, int line)
    {
        var path = Path.Combine(_top, "metadata.json");
        File.WriteAllText(path, text);

        Assert.Equal((int?)line, Assert.Throws<HasuraMigrationException>(() => MetadataFiles.Read(path)).Line);
    }

    [Theory]
    [InlineData("{\"version\":3]", "Invalid JSON in the text given, line 1, column 13: ']' is invalid without a matching open.")]
    [InlineData("{\"version\":3,", "instead reached end of data.")]
    [InlineData("{\"version\":3,}", "column 14: The JSON object contains a trailing comma at the end, which JSON does not allow.")]
    public void Broken_JSON_is_told_with_one_place(string text, string words) =>
        Assert.EndsWith(words, Assert.Throws<HasuraMigrationException>(() => MetadataFiles.ParseJson(text, "the text given")).Message, StringComparison.Ordinal);

    [Fact]
    public void What_a_server_answers_to_an_export_is_read_as_its_document()
    {
        var path = Path.Combine(_top, "saved.json");
        File.WriteAllText(path, """{"resource_version":5,"metadata":{"version":3,"sources":[]}}""");

        Assert.Equal("""{"version":3,"sources":[]}""", MetadataFiles.Read(path).Document.ToJson(isIndented: false));
        Assert.Equal(3, MetadataFiles.ParseJson(File.ReadAllText(path), "the text given").Version);
    }

    [Fact]
    public void A_project_is_not_taken_for_its_metadata()
    {
        File.WriteAllText(Path.Combine(_top, "config.yaml"), "version: 3\n");

        var error = Assert.Throws<HasuraMigrationException>(() => MetadataFiles.Read(_top));

        Assert.Equal("MetadataNotFound", error.ErrorId);
        Assert.Contains("-Project", error.Message, StringComparison.Ordinal);
        File.WriteAllText(Path.Combine(_top, "version.yaml"), "version: 3\n");
        Assert.Equal(3, MetadataFiles.Read(_top).Document.Version);
    }

    [Fact]
    public void A_file_that_has_no_name_of_a_metadata_file_is_not_said_to_be_missing()
    {
        var path = Path.Combine(_top, "metadata.yaml.bak");
        File.WriteAllText(path, "version: 3\n");

        var error = Assert.Throws<HasuraMigrationException>(() => MetadataFiles.Read(path));

        Assert.Equal("MetadataNotFound", error.ErrorId);
        Assert.Contains("neither a directory nor a file ending in", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Missing_and_empty_files_are_findings()
    {
        Write("remote_schemas.yaml", "");
        File.Delete(Path.Combine(_root, "version.yaml"));

        var reading = MetadataFiles.Read(_root);

        Assert.Equal(3, reading.Document.Version);
        Assert.Contains(reading.Findings, f => f.Id == "MetadataFileEmpty" && f.File!.EndsWith("remote_schemas.yaml", StringComparison.Ordinal));
        Assert.Contains(reading.Findings, f => f is { Id: "MetadataFileMissing", Severity: FindingSeverity.Warning } && f.File!.EndsWith("version.yaml", StringComparison.Ordinal));
        Assert.Contains(reading.Findings, f => f is { Id: "MetadataFileMissing", Severity: FindingSeverity.Information } && f.Message.Contains("network.yaml", StringComparison.Ordinal));
    }

    [Fact]
    public void A_second_document_in_a_file_is_a_finding()
    {
        Write("remote_schemas.yaml", "[]\n---\n- name: lost\n");

        var finding = Assert.Single(MetadataFiles.Read(_root).Findings, f => f.Id == "MetadataDocumentIgnored");

        Assert.Equal(2, finding.Line);
    }

    [Fact]
    public void An_empty_included_file_is_a_finding()
    {
        Write("databases/default/tables/public_a.yaml", "# nothing\n");

        var reading = MetadataFiles.Read(_root);

        Assert.Empty(reading.Document.Sources.Single()["tables"]!.AsArray());
        Assert.Contains(reading.Findings, f => f.Id == "MetadataFileEmpty" && f.File!.EndsWith("public_a.yaml", StringComparison.Ordinal));
    }

    [Fact]
    public void Sources_that_share_a_file_part_when_they_differ()
    {
        Write("databases/databases.yaml", "- name: one\n  kind: postgres\n  configuration: {}\n  tables: \"!include default/tables/tables.yaml\"\n- name: two\n  kind: postgres\n  configuration: {}\n  tables: \"!include default/tables/tables.yaml\"\n");
        var document = MetadataFiles.Read(_root).Document;
        document.Sources.Last()["tables"]![0]!["is_enum"] = true;

        MetadataFiles.Plan(document, MetadataFiles.LayoutOf(_root)).Apply();

        Assert.True(document.Root.SameAs(MetadataFiles.Read(_root).Document.Root));
    }

    [Fact]
    public void Only_what_differs_is_written_and_stale_files_go()
    {
        Write("databases/default/tables/tables.yaml", "- \"!include public_a.yaml\"\n- \"!include public_b.yaml\"\n");
        Write("databases/default/tables/public_b.yaml", "# of people\n" + Table("b"));
        Write("databases/default/tables/notes.yaml", "about: tables\n");
        var document = MetadataFiles.Read(_root).Document;
        document.Sources.Single()["tables"]!.AsArray().RemoveAt(0);

        var plan = MetadataFiles.Plan(document, MetadataFiles.LayoutOf(_root));
        plan.Apply();

        Assert.Equal(["tables.yaml"], Names(plan, MetadataFileChangeKind.Changed));
        Assert.Equal(["public_a.yaml"], Names(plan, MetadataFileChangeKind.Deleted));
        Assert.StartsWith("# of people", File.ReadAllText(Path.Combine(_root, "databases/default/tables/public_b.yaml")), StringComparison.Ordinal);
        Assert.True(document.Root.SameAs(MetadataFiles.Read(_root).Document.Root));
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

        var document = MetadataFiles.Read(_root).Document;

        Assert.Empty(Names(MetadataFiles.Plan(document, MetadataFiles.LayoutOf(_root)), MetadataFileChangeKind.Changed));
    }

    [Fact]
    public void Names_that_collide_are_told_apart_and_names_that_are_there_stay()
    {
        Write("databases/default/tables/tables.yaml", "- \"!include mine.yaml\"\n");
        File.Move(Path.Combine(_root, "databases/default/tables/public_a.yaml"), Path.Combine(_root, "databases/default/tables/mine.yaml"));
        var document = MetadataFiles.Read(_root).Document;
        foreach (var (schema, name) in new[] { ("a_b", "c"), ("a", "b_c"), ("A", "B_c"), ("public", "q?"), ("public", "x/../y") })
        {
            document.Sources.Single()["tables"]!.AsArray().Add(new JsonObject { ["table"] = new JsonObject { ["name"] = name, ["schema"] = schema } });
        }

        MetadataFiles.Plan(document, MetadataFiles.LayoutOf(_root)).Apply();

        Assert.True(File.Exists(Path.Combine(_root, "databases/default/tables/mine.yaml")));
        Assert.Equal(7, Directory.GetFiles(Path.Combine(_root, "databases/default/tables")).Select(f => f.ToUpperInvariant()).Distinct().Count());
        Assert.True(document.Root.SameAs(MetadataFiles.Read(_root).Document.Root));
        Assert.All(MetadataFiles.Plan(document, MetadataFiles.LayoutOf(_root)).Changes, c => Assert.Equal(MetadataFileChangeKind.Unchanged, c.Kind));
    }

    [Fact]
    public void Unknown_keys_survive_in_a_directory()
    {
        var document = MetadataFiles.Read(_root).Document;
        document.Root["brand_new"] = new JsonArray(1, 2);
        document.Sources.Single()["also_new"] = "x";

        MetadataFiles.Plan(document, MetadataFiles.LayoutOf(_root)).Apply();
        Assert.True(document.Root.SameAs(MetadataFiles.Read(_root).Document.Root));

        document.Root.Remove("brand_new");
        MetadataFiles.Plan(document, MetadataFiles.LayoutOf(_root)).Apply();
        Assert.False(File.Exists(Path.Combine(_root, "other_keys.yaml")));
    }

    [Fact]
    public void Text_of_a_table_that_looks_like_an_include_survives()
    {
        var document = MetadataFiles.Read(_root).Document;
        document.Sources.Single()["tables"]![0]!["configuration"] = new JsonObject { ["comment"] = "!include public_a.yaml" };

        MetadataFiles.Plan(document, MetadataFiles.LayoutOf(_root)).Apply();

        Assert.True(document.Root.SameAs(MetadataFiles.Read(_root).Document.Root));
    }

    [Fact]
    public void A_directory_link_out_of_the_metadata_is_not_written_through()
    {
        var outside = Directory.CreateDirectory(Path.Combine(_top, "outside")).FullName;
        Directory.Delete(Path.Combine(_root, "databases"), recursive: true);
        Machine.Link(Path.Combine(_root, "databases"), outside, isDirectory: true);
        var document = new MetadataDocument(new JsonObject { ["version"] = 3, ["sources"] = new JsonArray() });

        Assert.Equal("PathOutsideProject", Assert.Throws<HasuraMigrationException>(() => MetadataFiles.Plan(document, new MetadataLayout(MetadataLayoutKind.DirectoryV3, _root))).ErrorId);
        Assert.Empty(Directory.GetFiles(outside));
    }

    [Fact]
    public void A_document_of_another_version_is_refused() =>
        Assert.Equal("MetadataVersionMismatch", Assert.Throws<HasuraMigrationException>(() => MetadataFiles.Plan(new MetadataDocument(new JsonObject { ["version"] = 2 }), MetadataFiles.LayoutOf(_root))).ErrorId);

    [Fact]
    [Trait("Case", "8")]
    public void A_text_that_goes_on_at_the_column_of_its_key_does_not_double_includes()
    {
        Write("databases/databases.yaml", "- name: default\n  kind: postgres\n  tables: \"!include default/tables/tables.yaml\"\n  note:\n    text: \"first\n    second\"\n");

        var source = MetadataFiles.Read(_root).Document.Sources.Single();

        Assert.Equal(["a"], source["tables"]!.AsArray().Select(t => (string?)t!["table"]!["name"]));
        Assert.Equal("first second", (string?)source["note"]!["text"]);
    }

    [Fact]
    [Trait("Case", "17")]
    public void A_file_that_differs_from_a_written_one_by_case_is_not_deleted()
    {
        Write("databases/default/tables/public_Post.yaml", Table("Post"));
        Write("databases/default/tables/tables.yaml", "- \"!include public_Post.yaml\"\n");
        var document = MetadataFiles.Read(_root).Document;
        document.Sources.Single()["tables"]![0]!["table"]!["name"] = "post";

        var plan = MetadataFiles.Plan(document, MetadataFiles.LayoutOf(_root));

        Assert.Contains("public_post.yaml", Names(plan, MetadataFileChangeKind.Added));
        Assert.DoesNotContain(Names(plan, MetadataFileChangeKind.Deleted), n => n.Equals("public_post.yaml", StringComparison.OrdinalIgnoreCase));
        plan.Apply();
        Assert.Equal("post", (string?)MetadataFiles.Read(_root).Document.Sources.Single()["tables"]![0]!["table"]!["name"]);
    }

    [Fact]
    [Trait("Case", "17")]
    public void The_files_of_a_folder_that_differs_by_case_are_not_deleted()
    {
        Directory.Move(Path.Combine(_root, "databases", "default"), Path.Combine(_root, "databases", "Default"));
        Write("databases/databases.yaml", "[]\n");
        Write("databases/Default/tables/public_a.yaml", Table("a"));
        var document = new MetadataDocument((JsonObject)JsonNode.Parse("""{"version":3,"sources":[{"name":"default","kind":"postgres","tables":[{"table":{"schema":"public","name":"a"}}]}]}""")!);

        Assert.Empty(Names(MetadataFiles.Plan(document, MetadataFiles.LayoutOf(_root)), MetadataFileChangeKind.Deleted));
    }

    [Fact]
    [Trait("Case", "17")]
    public void Line_ends_stay_where_the_formatting_is_to_be_kept()
    {
        Write("databases/default/tables/public_a.yaml", $"# a comment\n{Table("a")}select_permissions:\n  - role: user\n    permission:\n      columns: []\n      filter: {{}}\n".ReplaceLineEndings("\r\n"));
        var document = MetadataFiles.Read(_root).Document;
        document.Sources.Single()["tables"]![0]!["select_permissions"]![0]!["role"] = "editor";

        MetadataFiles.Plan(document, MetadataFiles.LayoutOf(_root), new MetadataWriteOptions { PreserveFormatting = true }).Apply();

        var written = File.ReadAllText(Path.Combine(_root, "databases/default/tables/public_a.yaml"));
        Assert.Contains("# a comment\r\n", written, StringComparison.Ordinal);
        Assert.Contains("editor", written, StringComparison.Ordinal);
        Assert.Equal(written, written.ReplaceLineEndings("\r\n"));
    }

    [Fact]
    [Trait("Case", "8")]
    public void A_new_file_has_the_mode_that_the_process_gives()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no modes of files.");
        var byProcess = Path.Combine(_top, "mode");
        File.WriteAllText(byProcess, "");
        var document = MetadataFiles.Read(_root).Document;
        document.Root["inherited_roles"] = new JsonArray(new JsonObject { ["role_name"] = "r", ["role_set"] = new JsonArray("a", "b") });

        MetadataFiles.Plan(document, MetadataFiles.LayoutOf(_root)).Apply();

        Assert.Equal(Machine.Mode(byProcess), Machine.Mode(Path.Combine(_root, "inherited_roles.yaml")));
    }

    [Fact]
    public void Files_with_CRLF_are_the_same_files()
    {
        foreach (var file in Directory.GetFiles(_root, "*.yaml", SearchOption.AllDirectories))
        {
            File.WriteAllText(file, File.ReadAllText(file).ReplaceLineEndings("\r\n"));
        }

        var plan = MetadataFiles.Plan(MetadataFiles.Read(_root).Document, MetadataFiles.LayoutOf(_root));

        Assert.Empty(Names(plan, MetadataFileChangeKind.Changed));
    }

    [Fact]
    public void Text_of_what_did_not_change_is_kept_on_request()
    {
        const string Head = "# about a\ntable: {name: a, schema: \"public\"} # flow\n";
        Write("databases/default/tables/public_a.yaml", Head
            + "select_permissions:\n# for users\n- role: user\n  permission:\n    # all of them\n    columns: '*'\n    filter: {}\n    limit: 10 # rows\n"
            + "# for guests\n- role: guest\n  permission: {columns: [id], filter: {}} # few\n");
        var document = MetadataFiles.Read(_root).Document;
        var permissions = document.Sources.Single()["tables"]![0]!["select_permissions"]!.AsArray();
        permissions[0]!["permission"]!["limit"] = 20;
        permissions.Add(new JsonObject { ["role"] = "new", ["permission"] = new JsonObject { ["columns"] = new JsonArray("id"), ["filter"] = new JsonObject() } });

        MetadataFiles.Plan(document, MetadataFiles.LayoutOf(_root), new MetadataWriteOptions { PreserveFormatting = true }).Apply();

        Assert.Equal(
            Head
            + "select_permissions:\n# for users\n- role: user\n  permission:\n    # all of them\n    columns: '*'\n    filter: {}\n    limit: 20\n"
            + "# for guests\n- role: guest\n  permission: {columns: [id], filter: {}} # few\n"
            + "- role: new\n  permission:\n    columns:\n      - id\n    filter: {}\n",
            File.ReadAllText(Path.Combine(_root, "databases/default/tables/public_a.yaml")));
        Assert.True(document.Root.SameAs(MetadataFiles.Read(_root).Document.Root));
    }

    private static List<string> Names(MetadataWritePlan plan, MetadataFileChangeKind kind) =>
        [.. plan.Changes.Where(c => c.Kind == kind).Select(c => Path.GetFileName(c.Path))];

    private HasuraMigrationException Refused()
    {
        var watch = Stopwatch.StartNew();
        var before = GC.GetAllocatedBytesForCurrentThread();
        var error = Assert.Throws<HasuraMigrationException>(() => MetadataFiles.Read(_root));
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(5), $"{watch.Elapsed}");
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 200_000_000);
        return error;
    }

    private static string Table(string name) => $"table:\n  name: {name}\n  schema: public\n";

    private void Write(string relative, string text)
    {
        var path = Path.Combine(_root, relative);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }
}
