using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Metadata;
using HasuraMigrations.Engine.Metadata.Commands;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Metadata.Schema;

namespace HasuraMigrations.Engine.Targets.Postgres.Api;

/// <summary>Replaces a document by the command of a server, and tells what became of it in the terms of an import.</summary>
internal static class MetadataReplacing
{
    /// <summary>Runs <c>replace_metadata</c>, or <c>clear_metadata</c>.</summary>
    /// <returns>What a server would warn of.</returns>
    /// <exception cref="HasuraMigrationException">MetadataInconsistent with the objects, MetadataNotStorable, MetadataInvalid.</exception>
    internal static async Task<IReadOnlyList<Finding>> RunAsync(CommandSession metadata, MetadataDocument document, MetadataReplaceOptions options, string description, CancellationToken cancellationToken)
    {
        var (name, args) = options.IsClearing
            ? ("clear_metadata", new JsonObject())
            : ("replace_metadata", new JsonObject { ["allow_inconsistent_metadata"] = options.AllowInconsistent || options.SkipConsistencyCheck, ["metadata"] = document.Root });

        try
        {
            return WarningReading.Read(await metadata.RunAsync(MetadataCommands.Find(metadata.Era, name)!, args, cancellationToken).ConfigureAwait(false));
        }
        catch (MetadataCommandException e)
        {
            throw Refused(e, description);
        }
        finally
        {
            // Unless it is taken over, the caller's document was lent.
            args.Remove("metadata");
        }
    }

    /// <summary>What became of it.</summary>
    /// <param name="built">What was made of the document; null where it was not compared with the databases.</param>
    /// <param name="version">The new resource version.</param>
    /// <param name="token">The new token.</param>
    /// <param name="notDone">Effects that were left out.</param>
    internal static MetadataReplaced Result(SchemaCache? built, long? version, string token, IReadOnlyList<string> notDone)
    {
        if (built is null)
        {
            return new MetadataReplaced(version, token, notDone, IsConsistent: null);
        }

        var inconsistencies = InconsistencyReading.Read(built.InconsistentObjects());
        bool? isConsistent = inconsistencies.Count > 0 ? false : built.Skipped.Count > 0 ? null : true;
        return new MetadataReplaced(version, token, notDone, isConsistent) { Inconsistencies = inconsistencies };
    }

    /// <summary>The objects that a refusal tells of; none where it is about something else.</summary>
    internal static IReadOnlyList<MetadataInconsistency> ObjectsOf(MetadataCommandException error) =>
        error.Internal is JsonArray list && list.AsObjects().Any(o => o.ContainsKey("reason")) ? InconsistencyReading.Read(list) : [];

    private static HasuraMigrationException Refused(MetadataCommandException error, string description)
    {
        var objects = ObjectsOf(error);
        var (id, why) = error switch
        {
            { Code: "unexpected" or "cyclic-dependency" } => ("MetadataInconsistent", objects.Count > 0 ? "it is inconsistent with the databases" : error.Message.TrimEnd('.')),
            { Code: "already-exists" } => ("MetadataNotStorable", error.Message),
            _ => ("MetadataInvalid", $"{error.Message.TrimEnd('.')} (at {error.Path})"),
        };
        return new HasuraServerException(id, $"The metadata was not replaced on {description}: {why}.{InconsistencyReading.Describe(objects, t => t)}", description, error)
        {
            Code = error.Code,
            Path = error.Path,
            Status = error.Status,
            Inconsistencies = objects,
        };
    }
}
