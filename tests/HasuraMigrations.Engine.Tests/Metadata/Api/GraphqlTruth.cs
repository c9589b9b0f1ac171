using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Catalog;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Metadata.Api.Formats;
using HasuraMigrations.Engine.Metadata.Api.Types;
using HasuraMigrations.Engine.Metadata.Files;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Tests.Support;

namespace HasuraMigrations.Engine.Tests.Metadata.Api;

/// <summary>The schemas that running servers showed, with the metadata and the catalogs that they were made of.</summary>
internal static class GraphqlTruth
{
    /// <summary>The document and the catalog of a project.</summary>
    public static (MetadataDocument Document, DatabaseCatalog Catalog) Read(string project)
    {
        var directory = Path.Combine(SharedData.Find("graphql-truth")!, project);
        return (Document(JsonNode.Parse(File.ReadAllText(Path.Combine(directory, "metadata.json")))!.AsObject()), CatalogJson.Read(JsonNode.Parse(File.ReadAllText(Path.Combine(directory, "catalog.json")))!));
    }

    /// <summary>The document of a project.</summary>
    public static MetadataDocument Document(string project) => Document(JsonNode.Parse(File.ReadAllText(Path.Combine(SharedData.Find("graphql-truth")!, project, "metadata.json")))!.AsObject());

    /// <summary>What the server showed.</summary>
    public static ApiSchema Schema(string project, string file) =>
        SdlSchemaReader.Read(File.ReadAllText(Path.Combine(SharedData.Find("graphql-truth")!, project, file)));

    // Files of a project put together: actions are in two of them, which the reader of files joins.
    private static MetadataDocument Document(JsonObject files)
    {
        var directory = Directory.CreateTempSubdirectory("hasura-truth-").FullName;
        try
        {
            void Write(string file, string text) => File.WriteAllText(Path.Combine(directory, file), text);
            Directory.CreateDirectory(Path.Combine(directory, "databases"));
            Write("version.yaml", "version: 3\n");
            Write("databases/databases.yaml", files["sources"].ToText());
            Write("actions.graphql", files["actions_graphql"].AsText() ?? "");
            foreach (var list in new[] { "actions", "inherited_roles", "remote_schemas" })
            {
                Write($"{list}.yaml", files[list].ToText());
            }

            return MetadataFiles.Read(MetadataFiles.LayoutOf(directory)).Document;
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }
}
