using HasuraMigrations.Engine.Metadata.Files;
using HasuraMigrations.Engine.Tests.Support;

namespace HasuraMigrations.Engine.Tests.Metadata.Files;

/// <summary>Metadata files are read, or refused with file and line.</summary>
public sealed class MetadataFilesTests : MetadataFolder
{
    [Fact]
    public void Includes_are_resolved_anywhere()
    {
        Write("databases/default/tables/public_a.yaml", Table("a") + "select_permissions: !include more/perms.json\n");
        Write("databases/default/tables/more/perms.json", """[{"role": "user", "permission": {"filter": {}, "columns": "*"}}]""");

        var reading = MetadataFiles.Read(Root);
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
        File.WriteAllText(Path.Combine(Top, "outside.yaml"), Table("secret"));
        Machine.Link(Path.Combine(Root, "databases/default/tables/link.yaml"), Path.Combine(Top, "outside.yaml"));
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
        using (var file = File.Create(Path.Combine(Root, "databases/default/tables/public_a.yaml")))
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
        File.WriteAllBytes(Path.Combine(Root, "databases/default/tables/public_a.yaml"), [.. "table:\n  name: "u8, 0xC3, 0x28]);

        var error = Refused();

        Assert.Equal(("FileEncodingInvalid", (int?)2), (error.ErrorId, error.Line));
    }

    [Theory]
    [InlineData("{\"version\": 3,\n\"sources\": [],\n\"sources\": []}", 3)]
    [InlineData("{\"version\": 3,\n\"sources\": [],\n}", 3)]
    public void Broken_JSON_is_told_with_its_line(string text, int line)
    {
        var path = Path.Combine(Top, "metadata.json");
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
        var path = Path.Combine(Top, "saved.json");
        File.WriteAllText(path, """{"resource_version":5,"metadata":{"version":3,"sources":[]}}""");

        Assert.Equal("""{"version":3,"sources":[]}""", MetadataFiles.Read(path).Document.ToJson(isIndented: false));
        Assert.Equal(3, MetadataFiles.ParseJson(File.ReadAllText(path), "the text given").Version);
    }

    [Fact]
    public void A_project_is_not_taken_for_its_metadata()
    {
        File.WriteAllText(Path.Combine(Top, "config.yaml"), "version: 3\n");

        var error = Assert.Throws<HasuraMigrationException>(() => MetadataFiles.Read(Top));

        Assert.Equal("MetadataNotFound", error.ErrorId);
        Assert.Contains("-Project", error.Message, StringComparison.Ordinal);
        File.WriteAllText(Path.Combine(Top, "version.yaml"), "version: 3\n");
        Assert.Equal(3, MetadataFiles.Read(Top).Document.Version);
    }

    [Fact]
    public void A_file_that_has_no_name_of_a_metadata_file_is_not_said_to_be_missing()
    {
        var path = Path.Combine(Top, "metadata.yaml.bak");
        File.WriteAllText(path, "version: 3\n");

        var error = Assert.Throws<HasuraMigrationException>(() => MetadataFiles.Read(path));

        Assert.Equal("MetadataNotFound", error.ErrorId);
        Assert.Contains("neither a directory nor a file ending in", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Missing_and_empty_files_are_findings()
    {
        Write("remote_schemas.yaml", "");
        File.Delete(Path.Combine(Root, "version.yaml"));

        var reading = MetadataFiles.Read(Root);

        Assert.Equal(3, reading.Document.Version);
        Assert.Contains(reading.Findings, f => f.Id == "MetadataFileEmpty" && f.File!.EndsWith("remote_schemas.yaml", StringComparison.Ordinal));
        Assert.Contains(reading.Findings, f => f is { Id: "MetadataFileMissing", Severity: FindingSeverity.Warning } && f.File!.EndsWith("version.yaml", StringComparison.Ordinal));
        Assert.Contains(reading.Findings, f => f is { Id: "MetadataFileMissing", Severity: FindingSeverity.Information } && f.Message.Contains("network.yaml", StringComparison.Ordinal));
    }

    [Fact]
    public void A_second_document_in_a_file_is_a_finding()
    {
        Write("remote_schemas.yaml", "[]\n---\n- name: lost\n");

        var finding = Assert.Single(MetadataFiles.Read(Root).Findings, f => f.Id == "MetadataDocumentIgnored");

        Assert.Equal(2, finding.Line);
    }

    [Fact]
    public void An_empty_included_file_is_a_finding()
    {
        Write("databases/default/tables/public_a.yaml", "# nothing\n");

        var reading = MetadataFiles.Read(Root);

        Assert.Empty(reading.Document.Sources.Single()["tables"]!.AsArray());
        Assert.Contains(reading.Findings, f => f.Id == "MetadataFileEmpty" && f.File!.EndsWith("public_a.yaml", StringComparison.Ordinal));
    }

    private HasuraMigrationException Refused()
    {
        var before = 0L;
        var error = Promptly.Run(() =>
        {
            before = GC.GetAllocatedBytesForCurrentThread();
            return Assert.Throws<HasuraMigrationException>(() => MetadataFiles.Read(Root));
        });
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 200_000_000);
        return error;
    }
}
