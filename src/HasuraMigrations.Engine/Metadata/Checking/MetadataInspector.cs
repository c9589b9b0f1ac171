using HasuraMigrations.Engine.Metadata.Forms;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Metadata.Shapes;

namespace HasuraMigrations.Engine.Metadata.Checking;

/// <summary>Checks a document by itself, without a database: its shape, and whether what it refers to is there.</summary>
public static class MetadataInspector
{
    /// <summary>Ids of findings that no server accepts, whatever is allowed; the others make objects inconsistent.</summary>
    private static readonly HashSet<string> Refused = ["MetadataKeyUnknown", "MetadataKeyMissing", "MetadataValueInvalid", "MetadataDuplicate", "MetadataVersionMismatch"];

    /// <summary>Everything there is to tell, errors and warnings.</summary>
    public static IReadOnlyList<Finding> Inspect(MetadataDocument document)
    {
        document = SourceNames.Complete(document);
        var findings = new FindingWriter(document);
        if (MetadataVersions.Contradiction(document) is { } contradiction)
        {
            // Measured by the wrong version, every key would be unknown.
            findings.Error(contradiction.ErrorId, document.Root["version"] ?? document.Root, contradiction.Message, contradiction.RecommendedAction);
            return findings.Findings;
        }

        ShapeInspector.InspectDocument(document, findings.Add);
        new ReferenceInspector(document, findings).Inspect();
        new SecretInspector(document, findings).Inspect();
        return findings.Findings;
    }

    /// <summary>Refuses a document with errors.</summary>
    /// <param name="findings">What <see cref="Inspect"/> told.</param>
    /// <param name="allowInconsistent">True to let references to missing objects pass, as a server can be told to.</param>
    /// <exception cref="HasuraMigrationException">MetadataInvalid, with the errors.</exception>
    public static void ThrowIfRefused(IReadOnlyList<Finding> findings, bool allowInconsistent)
    {
        var errors = findings.Where(f => f.Severity == FindingSeverity.Error && (!allowInconsistent || Refused.Contains(f.Id))).ToList();
        if (errors.Count == 0)
        {
            return;
        }

        throw new HasuraMigrationException("MetadataInvalid", $"The metadata has {errors.Count} error{(errors.Count == 1 ? "" : "s")}; nothing was written.", lines: [.. errors.Take(50).Select(e => e.ToString()), .. errors.Count > 50 ? [$"and {errors.Count - 50} more"] : Array.Empty<string>()])
        {
            Findings = findings,
            File = errors[0].File,
            Line = errors[0].Line,
            Column = errors[0].Column,
        };
    }
}
