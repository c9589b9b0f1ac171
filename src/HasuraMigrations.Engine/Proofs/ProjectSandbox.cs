using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Projects;
using HasuraMigrations.Engine.Sandbox;
using HasuraMigrations.Engine.Targets.Postgres.ConnectionStrings;

namespace HasuraMigrations.Engine.Proofs;

/// <summary>
/// Throwaway databases, one for each database of a project, in which its migrations were applied. Migrations of one may create roles that those of
/// another create, too, and roles belong to the server: so each database has a server of its own.
/// </summary>
public sealed class ProjectSandbox : IAsyncDisposable
{
    private const int MaximumRepairs = 1000;

    private readonly List<PostgresSandbox> _sandboxes = [];
    private readonly Dictionary<string, HasuraConnection> _databases = new(StringComparer.Ordinal);

    private ProjectSandbox()
    {
    }

    /// <summary>How its databases are reached, by the name of their source.</summary>
    public IReadOnlyDictionary<string, HasuraConnection> Databases => _databases;

    /// <summary>Starts servers, and applies the migrations of a project to them.</summary>
    /// <param name="project">The project.</param>
    /// <param name="options">How throwaway databases are made.</param>
    /// <param name="filter">The migrations of a database to apply; all where it is null.</param>
    /// <param name="inform">Is told what is being done.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="HasuraMigrationException">What the start of a sandbox, the SQL or a migration may raise.</exception>
    public static async Task<ProjectSandbox> StartAsync(HasuraProject project, ProofOptions options, Func<MigrationSource, MigrationSource>? filter, Action<string> inform, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(project);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(inform);
        // What cannot be read keeps a server from being started for nothing.
        var sources = project.Databases.Where(d => d.IsPostgres).Select(d => (d.Name, Source: MigrationSource.Scan(project, d))).Select(d => (d.Name, Source: filter?.Invoke(d.Source) ?? d.Source)).ToList();
        var made = new ProjectSandbox();
        try
        {
            foreach (var (name, source) in sources)
            {
                await made.AddAsync(name, source, project.ConfigVersion, options, inform, cancellationToken).ConfigureAwait(false);
            }

            return made;
        }
        catch
        {
            await made.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Stops the servers and deletes their databases.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var sandbox in _sandboxes)
        {
            await sandbox.DisposeAsync().ConfigureAwait(false);
        }
    }

    private async Task AddAsync(string name, MigrationSource source, int configVersion, ProofOptions options, Action<string> inform, CancellationToken cancellationToken)
    {
        inform("Starting a throwaway PostgreSQL.");
        _sandboxes.Add(await PostgresSandbox.StartAsync(new SandboxOptions { Version = options.PostgresVersion, AllowDownload = options.AllowDownload }, cancellationToken).ConfigureAwait(false));
        // Names of sources need not be names of databases.
        var text = await new SandboxDatabases(_sandboxes[^1]).CreateAsync("project", null, cancellationToken).ConfigureAwait(false);
        if (options.SetupSql is { } setup)
        {
            await SandboxDatabases.ExecuteAsync(text, setup, cancellationToken).ConfigureAwait(false);
        }

        inform($"Applying {source.Migrations.Count} migration{(source.Migrations.Count == 1 ? "" : "s")} of the database '{name}'.");
        for (var done = new List<ProofRepair>(); ;)
        {
            try
            {
                await new ProofDatabase(text, configVersion, options.Variables).ApplyAsync(source, cancellationToken).ConfigureAwait(false);
                break;
            }
            catch (MigrationFailedException e) when (ProofRepairs.Of(e) is { } repair && !done.Contains(repair) && done.Count < MaximumRepairs)
            {
                done.Add(repair);
                inform($"In the throwaway database: {repair.Title}.");
                await SandboxDatabases.ExecuteAsync(text, repair.Sql, cancellationToken).ConfigureAwait(false);
            }
            catch (MigrationFailedException e)
            {
                throw e.Recommend("The migrations do not run in an empty database. Correct the statement named, or create what it requires, such as an extension, in a file of SQL for -SetupPath.");
            }
        }

        _databases[name] = PostgresConnectionString.Read(text);
    }
}
