using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Metadata;
using HasuraMigrations.Engine.Tests.Corpus;

namespace HasuraMigrations.Engine.Tests.Support;

/// <summary>The worked examples of metadata beside the sample projects.</summary>
internal static class MetadataExamples
{
    private static readonly string? Root = CorpusCase.Root is { } corpus ? Path.GetFullPath(Path.Combine(corpus, "..", "reference", "examples", "metadata")) : null;

    /// <summary>The directory of an example; skips the test where the examples are absent.</summary>
    public static string DirectoryOf(string name)
    {
        Assert.SkipUnless(Root is not null && Directory.Exists(Root), "The examples of metadata are not on this machine.");
        return Path.Combine(Root!, name);
    }

    public static JsonObject Json(string path) => JsonNode.Parse(File.ReadAllText(DirectoryOf(path)))!.AsObject();

    public static MetadataDocument Document(string path) => new(Json(path));

    /// <summary>A document with one source and one table with columns, for small cases.</summary>
    public static MetadataDocument Small(string tables = "[]", string rest = "") =>
        new(JsonNode.Parse(
            """{"version":3,"sources":[{"name":"default","kind":"postgres","tables":""" + tables
            + ""","configuration":{"connection_info":{"database_url":{"from_env":"URL"}}}}]""" + (rest.Length > 0 ? "," : "") + rest + "}")!.AsObject());
}
