using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Metadata.Schema;

namespace HasuraMigrations.Engine.Impacts;

/// <summary>Finds inconsistent objects in the files of a project.</summary>
public static class InconsistencyPlaces
{
    /// <summary>The same objects with file and line, as far as the project has them.</summary>
    /// <param name="inconsistencies">The objects that a server or a database told of.</param>
    /// <param name="document">The metadata of the project, with the places of its objects.</param>
    public static IReadOnlyList<MetadataInconsistency> Locate(IEnumerable<MetadataInconsistency> inconsistencies, MetadataDocument document)
    {
        ArgumentNullException.ThrowIfNull(inconsistencies);
        ArgumentNullException.ThrowIfNull(document);
        return [.. inconsistencies.Select(i => Locate(i, document))];
    }

    private static MetadataInconsistency Locate(MetadataInconsistency inconsistency, MetadataDocument document)
    {
        var place = InconsistencyIds.Of(inconsistency.Type, inconsistency.Name, JsonNode.Parse(inconsistency.Definition)) is { } id
            ? ObjectFinder.Find(document.Root, id).Select(document.Positions.Near).FirstOrDefault(p => p is not null)
            : null;
        return inconsistency with { File = place?.File, Line = place?.Line };
    }
}
