using HasuraMigrations.Engine.Metadata.Api;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Projects;
using HasuraMigrations.Engine.Targets.Postgres.ConnectionStrings;
using HasuraMigrations.Engine.Targets.Postgres.Store;

namespace HasuraMigrations.Engine.Proofs;

/// <summary>
/// The GraphQL schemas of a project: its migrations are applied to throwaway databases, and the schemas are computed of these and of the
/// metadata files. No database of anybody is touched.
/// </summary>
/// <param name="options">How the databases are made.</param>
/// <param name="inform">Is told what is being done.</param>
public sealed class ProjectApi(ProofOptions options, Action<string> inform)
{
    /// <summary>Reads them.</summary>
    /// <param name="project">The project.</param>
    /// <param name="document">Its metadata.</param>
    /// <param name="settings">Settings of the server.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="HasuraMigrationException">What the start of a sandbox, or a migration, may raise.</exception>
    public async Task<IApiSchemas> ReadAsync(HasuraProject project, MetadataDocument document, ApiSettings settings, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(project);
        ArgumentNullException.ThrowIfNull(document);
        var places = new List<ProofPlace>();
        try
        {
            var sources = new Dictionary<string, HasuraConnection>(StringComparer.Ordinal);
            foreach (var database in project.Databases)
            {
                var migrations = MigrationSource.Scan(project, database);
                inform($"Applying {migrations.Migrations.Count} migrations of the database '{database.Name}' to a throwaway database.");
                // The migrations of one database must not change roles of another one, so each has a server of its own.
                var place = await ProofPlace.StartAsync(options, new MigrationSource(database.Name, [], []), project.ConfigVersion, inform, cancellationToken).ConfigureAwait(false);
                places.Add(place);
                sources[database.Name] = await place.UseAsync(async proof =>
                {
                    await proof.ApplyAsync(migrations, cancellationToken).ConfigureAwait(false);
                    return PostgresConnectionString.Read(proof.ConnectionString);
                }, cancellationToken).ConfigureAwait(false);
            }

            // The databases are read here; what is computed of them needs them no more.
            var own = project.Databases.Count == 1 ? sources.Values.Single() : sources.GetValueOrDefault(MetadataDocument.DefaultSource);
            var target = new PostgresMetadataTarget(own ?? sources.Values.First(), own, sources, project.ConfigVersion);
            await using (target.ConfigureAwait(false))
            {
                return await target.ReadApiAsync(document, settings, cancellationToken).ConfigureAwait(false);
            }
        }
        finally
        {
            foreach (var place in places)
            {
                await place.DisposeAsync().ConfigureAwait(false);
            }
        }
    }
}
