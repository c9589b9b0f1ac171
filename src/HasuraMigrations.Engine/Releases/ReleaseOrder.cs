using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Migrations;

namespace HasuraMigrations.Engine.Releases;

/// <summary>Decides which changes of the metadata come before the migrations of a release.</summary>
public interface IReleaseOrder
{
    /// <summary>Decides it by what metadata and databases refer to; only reads.</summary>
    /// <param name="present">The metadata that is in use.</param>
    /// <param name="next">The metadata that is to be written.</param>
    /// <param name="plans">The pending migrations by source name.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="HasuraMigrationException">The errors of connections and servers.</exception>
    Task<ReleaseOrder> FindAsync(MetadataDocument present, MetadataDocument next, IReadOnlyDictionary<string, MigrationPlan> plans, CancellationToken cancellationToken);
}

/// <summary>The order of metadata and SQL in a release.</summary>
/// <param name="First">
/// The metadata that is written before the migrations: that in use, without the references that end with the release and whose objects the
/// migrations drop. Null where all metadata follows the migrations.
/// </param>
/// <param name="Before">Why metadata goes first, in a sentence for each object.</param>
/// <param name="Held">Objects that refer to what is dropped and cannot go first, in a sentence each.</param>
public sealed record ReleaseOrder(MetadataDocument? First, IReadOnlyList<string> Before, IReadOnlyList<string> Held)
{
    /// <summary>All metadata follows the migrations.</summary>
    public static readonly ReleaseOrder SqlFirst = new(null, [], []);
}
