using HasuraMigrations.Engine.Connections;
using HasuraMigrations.Engine.Metadata;
using HasuraMigrations.Engine.Metadata.Files;
using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Projects;
using HasuraMigrations.Engine.Releases;
using HasuraMigrations.Engine.Seeds;
using HasuraMigrations.Engine.Targets.Postgres.ConnectionStrings;

namespace HasuraMigrations.Engine.Tests.Support;

/// <summary>Releases of a project with the database <c>default</c>.</summary>
internal static class ReleaseRuns
{
    /// <summary>Makes a release.</summary>
    /// <param name="directory">The project.</param>
    /// <param name="way">The URL of a server, or a connection string.</param>
    /// <param name="isOnce">Seed files are recorded.</param>
    /// <param name="hasSeeds">Seed files are part of it.</param>
    internal static async Task<ReleaseResult> RunAsync(string directory, string way, bool isOnce, bool hasSeeds = true)
    {
        var project = HasuraProject.Open(new ProjectOptions { Path = directory, IsExplicit = true, Environment = new Dictionary<string, string>() });
        var database = project.Database("default");
        var connection = way.StartsWith("http", StringComparison.Ordinal) ? new HasuraConnection(new HasuraServerConnection(way)) : PostgresConnectionString.Read(way);
        var (target, seeds) = MigrationTargets.OpenForBoth(new ResolvedConnection(connection, null), database.Name, project.ConfigVersion);
        await using var metadata = MetadataTargets.Open(new MetadataPlaces(connection, connection.Server is null ? connection : null, new Dictionary<string, HasuraConnection>()), project);
        await using (target)
        {
            var parts = new ReleaseParts
            {
                Project = project,
                Databases = [new ReleaseDatabase(database, MigrationSource.Scan(project, database), target) { Seeds = hasSeeds ? SeedSource.Scan(project, database) : null, SeedTarget = seeds }],
                Metadata = metadata,
                Document = MetadataFiles.Read(project).Document,
            };
            var options = new ReleaseOptions
            {
                Plan = new PlanOptions(),
                Run = new RunOptions { LockTimeout = TimeSpan.FromMinutes(2), CreateStateStore = true, WatchInterval = TimeSpan.FromMilliseconds(500) },
                Seeds = new SeedOptions { IsOnce = isOnce },
                Metadata = new MetadataImportOptions { Force = true, Replace = new MetadataReplaceOptions { CreateStateStore = true } },
            };
            return (await new ReleaseRunner(parts, options).RunAsync(approved: null, new SilentRelease(), CancellationToken.None)).Result;
        }
    }

    private sealed class SilentRelease : IReleaseObserver
    {
        public void Entered(ReleaseStep step)
        {
        }

        public IRunObserver BeginMigrations(string database, int count) => new RecordingObserver();

        public void EndMigrations(DatabaseRunSummary summary)
        {
        }

        public ISeedObserver BeginSeeds(string database, int count) => new SeedRecording();

        public void EndSeeds(string database)
        {
        }

        public void Warned(Finding finding)
        {
        }

        public void Stopped(IReadOnlyList<string> notUndone)
        {
        }
    }
}
