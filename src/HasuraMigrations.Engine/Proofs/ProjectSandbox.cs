using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Projects;
using HasuraMigrations.Engine.Sandbox;
using HasuraMigrations.Engine.Targets.Postgres.ConnectionStrings;

namespace HasuraMigrations.Engine.Proofs;

/// <summary>A throwaway PostgreSQL with a database for each database of a project, in which its migrations were applied.</summary>
public sealed class ProjectSandbox : IAsyncDisposable
{
    private const int MaximumRepairs = 1000;

    private readonly PostgresSandbox _sandbox;
    private readonly Dictionary<string, HasuraConnection> _databases = new(StringComparer.Ordinal);

    private ProjectSandbox(PostgresSandbox sandbox) => _sandbox = sandbox;

    /// <summary>How its databases are reached, by the name of their source.</summary>
    public IReadOnlyDictionary<string, HasuraConnection> Databases => _databases;

    /// <summary>Starts a server, and applies the migrations of a project to it.</summary>
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
        inform("Starting a throwaway PostgreSQL.");
        var made = new ProjectSandbox(await PostgresSandbox.StartAsync(new SandboxOptions { Version = options.PostgresVersion, AllowDownload = options.AllowDownload }, cancellationToken).ConfigureAwait(false));
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

    /// <summary>Stops the server and deletes its databases.</summary>
    public ValueTask DisposeAsync() => _sandbox.DisposeAsync();

    private async Task AddAsync(string name, MigrationSource source, int configVersion, ProofOptions options, Action<string> inform, CancellationToken cancellationToken)
    {
        // Names of sources need not be names of databases.
        var text = await new SandboxDatabases(_sandbox).CreateAsync($"project_{_databases.Count + 1}", null, cancellationToken).ConfigureAwait(false);
        if (options.SetupSql is { } setup)
        {
            await SandboxDatabases.ExecuteAsync(text, setup, cancellationToken).ConfigureAwait(false);
        }

        inform($"Applying {source.Migrations.Count} migration{(source.Migrations.Count == 1 ? "" : "s")} of the database '{name}'.");
        for (var done = new List<string>(); ;)
        {
            try
            {
                await new ProofDatabase(text, configVersion, options.Variables).ApplyAsync(source, cancellationToken).ConfigureAwait(false);
                break;
            }
            catch (MigrationFailedException e) when (ProofRepairs.Of(e) is { } repair && !done.Contains(repair) && done.Count < MaximumRepairs)
            {
                done.Add(repair);
                inform($"In the throwaway database: {repair}.");
                await SandboxDatabases.ExecuteAsync(text, repair, cancellationToken).ConfigureAwait(false);
            }
        }

        _databases[name] = PostgresConnectionString.Read(text);
    }
}
