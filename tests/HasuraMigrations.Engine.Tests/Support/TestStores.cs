using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Metadata;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Targets.Postgres.ConnectionStrings;
using HasuraMigrations.Engine.Targets.Postgres.Store;

namespace HasuraMigrations.Engine.Tests.Support;

/// <summary>Metadata in databases of tests.</summary>
internal static class TestStores
{
    public static readonly MetadataReplaceOptions Create = new() { CreateStateStore = true };

    /// <summary>The target of a database, which keeps its session from one command to the next.</summary>
    public static PostgresMetadataTarget Target(this TestDatabase database, int configVersion = 3, TestDatabase? metadata = null) =>
        database.Kept($"metadata {configVersion} {metadata?.Name}", () => new PostgresMetadataTarget(PostgresConnectionString.Read(database.ConnectionString), metadata is null ? null : PostgresConnectionString.Read(metadata.ConnectionString), configVersion));

    public static MetadataDocument Document(string json) => new(JsonNode.Parse(json)!.AsObject());

    public static Task<MetadataSnapshot> ExportAsync(this IMetadataTarget target) => target.ExportAsync(CancellationToken.None);

    /// <summary>Stores a document whatever the databases hold; what is judged has tests of its own.</summary>
    public static Task<MetadataReplaced> ReplaceAsync(this IMetadataTarget target, string json, MetadataReplaceOptions? options = null) =>
        target.ReplaceAsync(Document(json), (options ?? new MetadataReplaceOptions()) with { AllowInconsistent = true }, CancellationToken.None);

    public static async Task<HasuraMigrationException> FailsAsync(this IMetadataTarget target, string json, MetadataReplaceOptions? options = null) =>
        await Assert.ThrowsAnyAsync<HasuraMigrationException>(() => target.ReplaceAsync(Document(json), options ?? new MetadataReplaceOptions(), CancellationToken.None));

    /// <summary>Changes the metadata as a careful writer does: reads again whenever somebody else was faster.</summary>
    public static async Task ChangeAsync(this IMetadataTarget target, Action<JsonObject> change)
    {
        while (true)
        {
            var snapshot = await target.ExportAsync();
            change(snapshot.Document.Root);
            try
            {
                await target.ReplaceAsync(snapshot.Document, new MetadataReplaceOptions { ExpectedToken = snapshot.Token, AllowInconsistent = true }, CancellationToken.None);
                return;
            }
            catch (HasuraMigrationException e) when (e.ErrorId == "MetadataConflict")
            {
            }
        }
    }
}
