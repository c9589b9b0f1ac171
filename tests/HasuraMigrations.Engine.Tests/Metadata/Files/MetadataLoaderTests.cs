using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Metadata.Files;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Tests.Support;

namespace HasuraMigrations.Engine.Tests.Metadata.Files;

/// <summary>Files that are read and stored several at a time.</summary>
public sealed class MetadataLoaderTests : IDisposable
{
    private const int Count = 300;

    private readonly string _root = Directory.CreateTempSubdirectory("hasura-metadata-").FullName;

    public MetadataLoaderTests()
    {
        var tables = Enumerable.Range(0, Count).Select(i => { var table = LargeTable.Json(); table["table"]!["name"] = $"t{i:000}"; return (JsonNode)table; });
        Plan(new MetadataDocument(new JsonObject { ["version"] = 3, ["sources"] = new JsonArray(new JsonObject { ["name"] = "default", ["kind"] = "postgres", ["tables"] = new JsonArray([.. tables]) }) })).Apply();
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void Tables_come_in_the_order_of_their_list_and_know_their_places()
    {
        var document = MetadataFiles.Read(_root).Document;
        var tables = document.Sources.Single()["tables"]!.AsArray();

        Assert.Equal(Enumerable.Range(0, Count).Select(i => $"t{i:000}"), tables.Select(t => (string?)t!["table"]!["name"]));
        Assert.Equal(Enumerable.Range(0, Count).Select(i => (PathOf(i), 9)), tables.Select(t => document.Positions.Of(document.LookAt(t!.AsObject())["select_permissions"]![0])!.Value).Select(p => (p.File, p.Line)));
    }

    [Fact]
    public void Tables_of_an_included_list_know_their_places_too()
    {
        File.WriteAllText(Path.Combine(Path.GetDirectoryName(PathOf(0))!, "tables.yaml"), "- table: users\n  is_enum: true\n");
        var document = MetadataFiles.Read(_root).Document;

        Assert.Equal(2, document.Positions.Of(document.LookAt(document.Sources.Single()["tables"]![0]!.AsObject())["is_enum"])?.Line);
    }

    [Fact]
    public void Of_several_wrong_files_the_first_is_told()
    {
        foreach (var i in new[] { 250, 31, 32, 130 })
        {
            File.WriteAllText(PathOf(i), "table: [\n");
        }

        Assert.Equal(PathOf(31), Assert.Throws<HasuraMigrationException>(() => MetadataFiles.Read(_root)).File);
        File.Delete(PathOf(30));
        Assert.Equal("MetadataIncludeMissing", Assert.Throws<HasuraMigrationException>(() => MetadataFiles.Read(_root)).ErrorId);
    }

    [Fact]
    public void Where_a_file_cannot_be_written_those_before_it_are_in_place_and_nothing_is_left_of_those_after_it()
    {
        var document = MetadataFiles.Read(_root).Document.Clone();
        foreach (var table in document.Sources.Single()["tables"]!.AsArray())
        {
            table!["is_enum"] = true;
        }

        // A directory is in the way.
        File.Delete(PathOf(40));
        Directory.CreateDirectory(PathOf(40));
        var written = new List<string>();

        var error = Assert.Throws<HasuraMigrationException>(() => written.AddRange(Plan(document).Apply(_ => true).Select(c => c.Path)));

        Assert.Equal(("FileUnwritable", PathOf(40)), (error.ErrorId, error.File));
        Assert.Equal(Enumerable.Range(0, Count).Select(i => i < 40), Enumerable.Range(0, Count).Select(i => i != 40 && File.ReadAllText(PathOf(i)).Contains("is_enum", StringComparison.Ordinal)));
        Assert.Empty(Directory.EnumerateFiles(_root, ".*.tmp", SearchOption.AllDirectories));
    }

    private string PathOf(int table) => Path.Combine(_root, "databases", "default", "tables", $"public_t{table:000}.yaml");

    private MetadataWritePlan Plan(MetadataDocument document) => MetadataFiles.Plan(document, MetadataFiles.LayoutOf(_root));
}
