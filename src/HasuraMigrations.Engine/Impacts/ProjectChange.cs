using HasuraMigrations.Engine.Connections;
using HasuraMigrations.Engine.Metadata.Api;
using HasuraMigrations.Engine.Metadata.Api.Types;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Projects;
using HasuraMigrations.Engine.Proofs;
using HasuraMigrations.Engine.Targets.Postgres.Store;

namespace HasuraMigrations.Engine.Impacts;

/// <summary>
/// The GraphQL schemas of a project, and how they came about: the migrations that another place has are applied to throwaway databases first, and
/// then the others, statement by statement.
/// </summary>
/// <param name="project">The project.</param>
/// <param name="document">Its metadata.</param>
/// <param name="options">How throwaway databases are made.</param>
/// <param name="inform">Is told what is being done.</param>
public sealed class ProjectChange(HasuraProject project, MetadataDocument document, ProofOptions options, Action<string> inform)
{
    /// <summary>Makes the databases, and computes the schemas.</summary>
    /// <param name="old">The metadata of the other place.</param>
    /// <param name="isThere">Whether the other place has a migration of a database.</param>
    /// <param name="settings">Settings of the server.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="HasuraMigrationException">What the start of a sandbox, or a migration, may raise.</exception>
    public async Task<ProjectChangeResult> ReadAsync(MetadataDocument old, Func<string, long, bool> isThere, ApiSettings settings, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(old);
        ArgumentNullException.ThrowIfNull(isThere);
        ArgumentNullException.ThrowIfNull(settings);
        MigrationSource Known(MigrationSource source) => new(source.Database, source.Migrations.Where(m => isThere(source.Database, m.Version)), source.Findings);
        try
        {
            var sandbox = await ProjectSandbox.StartAsync(project, options, Known, inform, cancellationToken).ConfigureAwait(false);
            await using (sandbox.ConfigureAwait(false))
            {
                var earlier = await ProjectApi.ReadAsync(sandbox, project, old, settings, cancellationToken).ConfigureAwait(false);
                var before = await MetadataModel.ReadAsync(old, sandbox.Databases, withLinks: true, cancellationToken).ConfigureAwait(false);
                var trace = await RunAsync(sandbox, cancellationToken).ConfigureAwait(false);
                var after = await MetadataModel.ReadAsync(document, sandbox.Databases, withLinks: false, cancellationToken).ConfigureAwait(false);
                var now = await ProjectApi.ReadAsync(sandbox, project, document, settings, cancellationToken).ConfigureAwait(false);
                return new ProjectChangeResult(now, earlier, new ApiDifference(before, after, trace, settings));
            }
        }
        catch (StatementFailedException e)
        {
            // Whole migrations are mended where a role or an extension is missing; then nothing is known of single statements.
            inform($"The statements of the migrations could not be separated: {e.Message}");
            return new ProjectChangeResult(await new ProjectApi(options, inform).ReadAsync(project, document, settings, cancellationToken).ConfigureAwait(false), null, null);
        }
    }

    private async Task<ChangeTrace> RunAsync(ProjectSandbox sandbox, CancellationToken cancellationToken)
    {
        var (steps, statements) = (new List<ChangeStep>(), new List<ChangeStatement>());
        foreach (var database in project.Databases.Where(d => d.IsPostgres))
        {
            var connection = sandbox.Databases[database.Name];
            foreach (var unit in (await PlanAsync(database, connection, cancellationToken).ConfigureAwait(false)).ToList())
            {
                var found = await new SchemaTrial(connection).RunAsync([.. unit.Statements.Select(s => s.Sql)], unit.IsTransactional, cancellationToken).ConfigureAwait(false);
                statements.AddRange(unit.Statements);
                steps.AddRange(found.Skip(1).Select((f, i) => new ChangeStep(unit.Statements[f.Statement], database.Name, found[i].Catalog, f.Catalog)));
            }
        }

        return new ChangeTrace(steps, statements);
    }

    private async Task<IEnumerable<ChangeUnit>> PlanAsync(ProjectDatabase database, HasuraConnection connection, CancellationToken cancellationToken)
    {
        var source = MigrationSource.Scan(project, database);
        var target = MigrationTargets.Open(new ResolvedConnection(connection, null), database.Name, project.ConfigVersion == 1 ? 1 : 2);
        await using (target.ConfigureAwait(false))
        {
            var plan = await new MigrationRunner(source, target).PlanAsync(new MigrationGoal.AllPending(), new PlanOptions { AllowEmptyDown = true, Variables = options.Variables }, cancellationToken).ConfigureAwait(false);
            plan.ThrowIfRefused();
            inform($"Applying {plan.All.Count} more of the database '{database.Name}', statement by statement.");
            return ChangeUnit.Of(plan);
        }
    }
}

/// <summary>The schemas of a project, and how they came about.</summary>
/// <param name="After">The schemas.</param>
/// <param name="Before">Those of the other place, if it is what its migrations make of it; null where that is not known.</param>
/// <param name="Difference">Tells causes; null where that is not known.</param>
public sealed record ProjectChangeResult(IApiSchemas After, IApiSchemas? Before, ApiDifference? Difference);
