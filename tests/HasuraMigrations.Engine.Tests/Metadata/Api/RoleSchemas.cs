using HasuraMigrations.Engine.Catalog;
using HasuraMigrations.Engine.Metadata.Api;
using HasuraMigrations.Engine.Metadata.Api.Formats;
using HasuraMigrations.Engine.Metadata.Api.Types;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Metadata.Schema;

namespace HasuraMigrations.Engine.Tests.Metadata.Api;

/// <summary>Schemas of documents whose sources of PostgreSQL all lie in one database.</summary>
internal static class RoleSchemas
{
    /// <summary>The schema of a role.</summary>
    public static ApiSchema Build(MetadataDocument document, DatabaseCatalog catalog, string role, ApiSettings? settings = null, bool isBackend = false) =>
        Builder(document, catalog, settings).Build(role, isBackend);

    /// <summary>A builder of the schemas of all roles.</summary>
    public static ApiSchemaBuilder Builder(MetadataDocument document, DatabaseCatalog catalog, ApiSettings? settings = null)
    {
        settings ??= new ApiSettings();
        var facts = MetadataTree.SourcesOf(document.Root).ToDictionary(s => s.Name, _ => new SourceFacts(catalog));
        return new ApiSchemaBuilder(new MetadataState(settings.Era, document.Root, facts), settings);
    }

    /// <summary>The text of a schema.</summary>
    public static string ToText(ApiSchema schema)
    {
        using var writer = new StringWriter { NewLine = "\n" };
        SdlSchemaWriter.Write(schema, writer);
        return writer.ToString();
    }
}
