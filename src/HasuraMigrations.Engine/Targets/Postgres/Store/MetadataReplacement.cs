using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Metadata.Model;

namespace HasuraMigrations.Engine.Targets.Postgres.Store;

/// <summary>A document and what it changes; it holds nothing of the tree it replaces, which may be large.</summary>
internal sealed class MetadataReplacement
{
    internal MetadataReplacement(StoredMetadata current, MetadataDocument document)
    {
        var (before, after) = (current.Document.Root, document.Root);
        Document = document;
        ResourceVersion = current.ResourceVersion;
        Token = current.Token;
        Size = current.Size;
        GoneEventTriggers = [.. MetadataEffects.GoneEventTriggers(before, after)];
        HiddenCronTriggers = [.. MetadataEffects.CronTriggers(before).Where(MetadataTree.IsHiddenCronTrigger).Select(t => JsonNode.Parse(t.ToJsonString())!.AsObject())];
        HiddenNames = [.. HiddenCronTriggers.Select(t => t["name"]!.ToString())];
        StaleCronTriggers = [.. MetadataEffects.StaleCronTriggers(before, after).Except(HiddenNames)];
    }

    internal MetadataDocument Document { get; }

    /// <summary>Number of what is replaced; null where the catalog has none.</summary>
    internal long? ResourceVersion { get; }

    /// <summary>The token that identified the version that was replaced.</summary>
    internal string Token { get; }

    /// <summary>Length of its text in bytes; 0 where it is not known.</summary>
    internal int Size { get; }

    /// <summary>Event triggers that go.</summary>
    internal IReadOnlyList<string> GoneEventTriggers { get; }

    /// <summary>Cron triggers that no export shows; they stay.</summary>
    internal IReadOnlyList<JsonObject> HiddenCronTriggers { get; }

    /// <summary>Their names.</summary>
    internal HashSet<string> HiddenNames { get; }

    /// <summary>Cron triggers whose coming events go.</summary>
    internal IReadOnlyList<string> StaleCronTriggers { get; }

    /// <summary>The error for metadata that somebody else wrote since it was read.</summary>
    internal static HasuraMigrationException Conflict(string description, string expected, string current) =>
        new("MetadataConflict", $"The metadata on {description} was changed by another writer: expected {expected}, found {current}.", description);

    /// <exception cref="HasuraMigrationException">MetadataNotStorable: a cron trigger has the name of a hidden one.</exception>
    internal void CheckCronTriggers(string description)
    {
        if (MetadataEffects.CronTriggers(Document.Root).Select(t => t["name"]?.ToString()).FirstOrDefault(n => n is not null && HiddenNames.Contains(n)) is { } clash)
        {
            throw new HasuraMigrationException("MetadataNotStorable", $"The cron trigger {clash} exists with include_in_metadata false, so the metadata must not contain it too.", description);
        }
    }
}
