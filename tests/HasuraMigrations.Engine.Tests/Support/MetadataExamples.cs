using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Metadata.Model;

namespace HasuraMigrations.Engine.Tests.Support;

/// <summary>The worked examples of metadata beside the sample projects.</summary>
internal static class MetadataExamples
{
    private const string Part = "reference/examples/metadata";

    /// <summary>Their directory; null where it is absent.</summary>
    public static string? Root { get; } = SharedData.Find(Part);

    /// <summary>The directory of an example; skips the test where the examples are absent.</summary>
    public static string DirectoryOf(string name)
    {
        SharedData.Needs(Root is not null, Part);
        return Path.Combine(Root, name);
    }

    public static JsonObject Json(string path) => JsonNode.Parse(File.ReadAllText(DirectoryOf(path)))!.AsObject();

    public static MetadataDocument Document(string path) => new(Json(path));

    /// <summary>A document with one source and one table with columns, for small cases.</summary>
    public static MetadataDocument Small(string tables = "[]", string rest = "") =>
        new(JsonNode.Parse(
            """{"version":3,"sources":[{"name":"default","kind":"postgres","tables":""" + tables
            + ""","configuration":{"connection_info":{"database_url":{"from_env":"URL"}}}}]""" + (rest.Length > 0 ? "," : "") + rest + "}")!.AsObject());
}
