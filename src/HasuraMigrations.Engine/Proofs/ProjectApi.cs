using HasuraMigrations.Engine.Metadata.Api;
using HasuraMigrations.Engine.Metadata.Api.Types;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Projects;
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
        var sandbox = await ProjectSandbox.StartAsync(project, options, null, inform, cancellationToken).ConfigureAwait(false);
        await using (sandbox.ConfigureAwait(false))
        {
            return await ReadAsync(sandbox, project, document, settings, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Reads those of a document over databases that were made already.</summary>
    /// <param name="sandbox">The databases.</param>
    /// <param name="project">The project.</param>
    /// <param name="document">The metadata.</param>
    /// <param name="settings">Settings of the server.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="HasuraMigrationException">QueryFailed, and the errors of connections.</exception>
    internal static async Task<IApiSchemas> ReadAsync(ProjectSandbox sandbox, HasuraProject project, MetadataDocument document, ApiSettings settings, CancellationToken cancellationToken)
    {
        // The databases are read here; what is computed of them needs them no more.
        var sources = sandbox.Databases;
        var own = sources.Count == 1 ? sources.Values.Single() : sources.GetValueOrDefault(MetadataDocument.DefaultSource);
        var target = new PostgresMetadataTarget(own ?? sources.Values.First(), own, sources, project.ConfigVersion);
        await using (target.ConfigureAwait(false))
        {
            return await target.ReadApiAsync(document, settings, cancellationToken).ConfigureAwait(false);
        }
    }
}
