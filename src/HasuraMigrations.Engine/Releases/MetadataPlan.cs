using System.Security.Cryptography;
using System.Text;
using HasuraMigrations.Engine.Metadata;

namespace HasuraMigrations.Engine.Releases;

/// <summary>What a plan has for the metadata.</summary>
public sealed record MetadataPlan
{
    /// <summary>Where the metadata was, for people.</summary>
    public required string Target { get; init; }

    /// <summary>Which place it was.</summary>
    public required string Identity { get; init; }

    /// <summary>What the place contained: its resource version, or a hash of its rows.</summary>
    public required string Token { get; init; }

    /// <summary>SHA-256 in hex of the document that is to be written.</summary>
    public required string Document { get; init; }

    /// <summary>The changes, in a sentence each, for people.</summary>
    public IReadOnlyList<string> Changes { get; init; } = [];

    /// <summary>The order of SQL and metadata when the plan was made, for people.</summary>
    public IReadOnlyList<string> Order { get; init; } = [];

    /// <summary>What the release does to the API, in a line each, where it was measured; null where it was not.</summary>
    public IReadOnlyList<string>? Impact { get; init; }

    internal bool IsComplete => Target is not null && Identity is not null && Token is not null && Document is not null && Changes?.All(c => c is not null) == true && Order?.All(o => o is not null) == true && Impact?.All(i => i is not null) != false;

    /// <summary>Takes what an import has.</summary>
    /// <param name="plan">The import.</param>
    /// <param name="target">Where the metadata is, for people.</param>
    /// <param name="identity">Which place it is.</param>
    public static MetadataPlan Of(MetadataImportPlan plan, string target, string identity)
    {
        ArgumentNullException.ThrowIfNull(plan);
        return new()
        {
            Target = target,
            Identity = identity,
            Token = plan.Token,
            Document = Hash(plan),
            Changes = [.. plan.Changes.Select(c => c.Description)],
        };
    }

    /// <summary>Refuses to go on where the place, what it contains, or a file is not what the plan was made of.</summary>
    /// <param name="now">The same import, planned now.</param>
    /// <param name="identity">The place now.</param>
    /// <exception cref="HasuraMigrationException">PlanOutdated, with everything that moved.</exception>
    public void Require(MetadataImportPlan now, string identity)
    {
        ArgumentNullException.ThrowIfNull(now);
        var moved = Moved(now, identity).ToList();
        if (moved.Count > 0)
        {
            throw new HasuraMigrationException("PlanOutdated", "The plan for the metadata was not applied, because it no longer fits:", Target, lines: moved.Select(m => $"  {m}"))
            {
                Findings = [.. moved.Select(m => new Finding { Id = "PlanOutdated", Severity = FindingSeverity.Error, Message = $"{m}." })],
            };
        }
    }

    private IEnumerable<string> Moved(MetadataImportPlan now, string identity)
    {
        if (identity != Identity)
        {
            yield return $"it was made for {Target}, which is another place than this one";
        }
        else if (now.Token != Token)
        {
            yield return $"the metadata was written since: it was at version {Token} and is at {now.Token}";
        }
        else if (Hash(now) != Document)
        {
            yield return "the metadata files, or the options of the import, changed";
        }
    }

    private static string Hash(MetadataImportPlan plan) => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(plan.Document.ToJson(isIndented: false)))).ToLowerInvariant();
}
