using HasuraMigrations.Engine.Connections;
using HasuraMigrations.Engine.Impacts;
using HasuraMigrations.Engine.Metadata.Api;
using HasuraMigrations.Engine.Metadata.Api.Types;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Projects;
using HasuraMigrations.Engine.Proofs;

namespace HasuraMigrations.Abstractions;

/// <summary>Reads the GraphQL schemas of two sides, of which the new one is the project, so that causes of differences are known.</summary>
/// <param name="project">The project.</param>
/// <param name="document">Its metadata.</param>
/// <param name="proof">How throwaway databases are made.</param>
/// <param name="settings">Settings of the server.</param>
/// <param name="inform">Is told what is being done.</param>
internal sealed class ApiReference(HasuraProject project, MetadataDocument document, ProofOptions proof, ApiSettings settings, Action<string> inform)
{
    private ProjectChange Change => new(project, document, proof, inform);

    /// <summary>Beside schemas of which nothing else is known.</summary>
    internal async Task<ApiSides> BesideAsync(IApiSchemas old, CancellationToken cancellationToken) =>
        new(old, await new ProjectApi(proof, inform).ReadAsync(project, document, settings, cancellationToken).ConfigureAwait(false), null);

    /// <summary>Beside a database or a server.</summary>
    internal async Task<ApiSides> BesideAsync(IApiSchemas old, MetadataPlaces places, CancellationToken cancellationToken)
    {
        MetadataDocument? live;
        var target = MetadataTargets.Open(places, project);
        await using (target.ConfigureAwait(false))
        {
            var snapshot = await target.ExportAsync(cancellationToken).ConfigureAwait(false);
            live = snapshot.Exists ? snapshot.Document : null;
        }

        if (live is null)
        {
            return await BesideAsync(old, cancellationToken).ConfigureAwait(false);
        }

        var pending = new Dictionary<string, HashSet<long>>(StringComparer.Ordinal);
        foreach (var database in project.Databases.Where(d => d.IsPostgres))
        {
            pending[database.Name] = await PendingAsync(places, database, cancellationToken).ConfigureAwait(false);
        }

        var result = await Change.ReadAsync(live, (database, version) => !pending[database].Contains(version), settings, cancellationToken).ConfigureAwait(false);
        return new ApiSides(old, result.After, result.Difference);
    }

    /// <summary>Beside the project as it was in a git revision.</summary>
    internal async Task<ApiSides> BesideAsync(ProjectRevision revision, MetadataDocument old, CancellationToken cancellationToken)
    {
        var earlier = RevisionMetadata.Open(revision);
        var known = earlier.Databases.Where(d => d.IsPostgres).ToDictionary(d => d.Name, d => MigrationSource.Scan(earlier, d), StringComparer.Ordinal);
        bool IsThere(string database, long version) => known.GetValueOrDefault(database)?.Find(version) is not null;
        var result = await Change.ReadAsync(old, IsThere, settings, cancellationToken).ConfigureAwait(false);
        var before = result.Before;
        if (before is null || !IsBeginning(known))
        {
            inform($"Making the databases of the revision '{revision.Name}'.");
            try
            {
                before = await new ProjectApi(proof, inform).ReadAsync(earlier, old, settings, cancellationToken).ConfigureAwait(false);
            }
            catch (HasuraMigrationException e)
            {
                throw revision.Describe(e);
            }
        }

        return new ApiSides(before, result.After, result.Difference);
    }

    // What the project makes of the migrations of the revision is what the revision makes of them, as long as they are the same.
    private bool IsBeginning(Dictionary<string, MigrationSource> known)
    {
        foreach (var (database, source) in known)
        {
            var own = project.Databases.Any(d => d.Name == database && d.IsPostgres) ? MigrationSource.Scan(project, project.Database(database)) : null;
            if (own is null || source.Repeatables.Count > 0 || source.Migrations.Any(m => own.Find(m.Version) is not { } same || !Texts(same).SetEquals(Texts(m))))
            {
                return false;
            }
        }

        return true;
    }

    private static HashSet<(string, string)> Texts(SourceMigration migration) => [.. migration.Checksums().Select(c => (c.Key, c.Value))];

    // A database that cannot be reached has everything, as far as anybody can tell.
    private async Task<HashSet<long>> PendingAsync(MetadataPlaces places, ProjectDatabase database, CancellationToken cancellationToken)
    {
        var connection = places.Metadata.Server is not null ? places.Metadata
            : places.Sources.GetValueOrDefault(database.Name) ?? (project.Databases.Count == 1 ? places.Own : null);
        if (connection is null)
        {
            inform($"Which migrations are pending on the database '{database.Name}' is not known, because no connection to it is.");
            return [];
        }

        var resolved = new ResolvedConnection(connection, ReferenceEquals(connection, places.Metadata) ? null : places.Metadata);
        var target = MigrationTargets.Open(resolved, database.Name, project.ConfigVersion);
        await using (target.ConfigureAwait(false))
        {
            var plan = await new MigrationRunner(MigrationSource.Scan(project, database), target)
                .PlanAsync(new MigrationGoal.AllPending(), new PlanOptions { AllowChanged = true, Variables = proof.Variables }, cancellationToken).ConfigureAwait(false);
            return [.. plan.Migrations.Where(m => m.Direction == MigrationDirection.Up).Select(m => m.Version)];
        }
    }
}

/// <summary>The GraphQL schemas of two sides.</summary>
/// <param name="Old">The old ones.</param>
/// <param name="New">The new ones.</param>
/// <param name="Difference">Tells what causes differences; null where nothing is known of that.</param>
internal sealed record ApiSides(IApiSchemas Old, IApiSchemas New, ApiDifference? Difference);
