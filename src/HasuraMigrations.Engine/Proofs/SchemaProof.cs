using HasuraMigrations.Engine.Connections;
using HasuraMigrations.Engine.Dumps;
using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Projects;
using HasuraMigrations.Engine.Sandbox;
using HasuraMigrations.Engine.Targets.Postgres.ConnectionStrings;

namespace HasuraMigrations.Engine.Proofs;

/// <summary>
/// Proves that the text of a schema creates that schema: it runs as a migration in a throwaway database, whose schema is then read
/// and compared. The text comes from a database whose owners need not be trusted, so it runs without the rights of the superuser.
/// </summary>
/// <param name="allowDownload">Whether npm may install server programs.</param>
/// <param name="inform">Is told what is being done.</param>
public sealed class SchemaProof(bool allowDownload, Action<string> inform)
{
    private const string MissingRight = "42501";
    private const int MaximumRoles = 1000;
    private const int MaximumShown = 300;

    /// <summary>Proves it.</summary>
    /// <param name="schema">The text, and the schema it was made of.</param>
    /// <param name="selection">The schemas that it was made of.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="HasuraMigrationException">
    /// SchemaNotProven: no server could be started, or it lacks an extension. SchemaNotReproduced: the text fails, or creates another schema.
    /// </exception>
    public async Task ProveAsync(SchemaText schema, SchemaSelection selection, CancellationToken cancellationToken)
    {
        await using var sandbox = await StartAsync(schema, cancellationToken).ConfigureAwait(false);
        var directory = Directory.CreateTempSubdirectory("hasura-proof-").FullName;
        try
        {
            var database = await ConfinedDatabase.CreateAsync(sandbox, cancellationToken).ConfigureAwait(false);
            var connection = new ResolvedConnection(PostgresConnectionString.Read(database.ConnectionString), null);
            Check(await database.CreateExtensionsAsync(schema.Of(SchemaStatementKind.Schema), schema.Of(SchemaStatementKind.Extension), cancellationToken).ConfigureAwait(false));
            await RunAsync(schema, directory, database, connection, cancellationToken).ConfigureAwait(false);
            Check(await database.ExecuteAsync([.. schema.Of(SchemaStatementKind.Superuser)], cancellationToken).ConfigureAwait(false));
            await CompareAsync(schema, selection, connection, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private async Task<PostgresSandbox> StartAsync(SchemaText schema, CancellationToken cancellationToken)
    {
        inform($"Starting a throwaway PostgreSQL {schema.MajorVersion} to prove the migration.");
        try
        {
            return await PostgresSandbox.StartAsync(new SandboxOptions { Version = schema.MajorVersion, AllowDownload = allowDownload }, cancellationToken).ConfigureAwait(false);
        }
        catch (HasuraMigrationException e)
        {
            throw NotProven($"it requires a throwaway PostgreSQL {schema.MajorVersion}, which could not be started: {e.Message}", e);
        }
    }

    private static void Check(RefusedStatement? refused)
    {
        if (refused is null)
        {
            return;
        }

        throw refused.Message.Contains("extension control file", StringComparison.Ordinal) || refused.Message.EndsWith("is not available", StringComparison.Ordinal)
            ? NotProven($"the throwaway PostgreSQL lacks an extension: {refused.Message}", null)
            : NotReproduced($"applied to an empty database, it fails with {refused.SqlState}: {refused.Message}. Statement: {Short(refused.Statement)}", null);
    }

    private async Task RunAsync(SchemaText schema, string directory, ConfinedDatabase database, ResolvedConnection connection, CancellationToken cancellationToken)
    {
        var project = MakeProject(directory);
        WriteMigration(project, string.Concat(schema.Of(SchemaStatementKind.Other).Select(s => $"{s};\n")));
        // Policies name roles, which belong to the cluster: no dump of a database contains them.
        for (var roles = 0; ; roles++)
        {
            try
            {
                var target = MigrationTargets.Open(connection, HasuraProject.DefaultDatabase, project.ConfigVersion);
                await using (target.ConfigureAwait(false))
                {
                    var runner = new MigrationRunner(MigrationSource.Scan(project, project.Databases[0]), target);
                    await runner.RunAsync(new MigrationGoal.AllPending(), new PlanOptions(), new RunOptions { NoStoreText = true }, null, new SilentObserver(), cancellationToken).ConfigureAwait(false);
                }

                return;
            }
            catch (MigrationFailedException e) when (roles < MaximumRoles && ProofRepairs.MissingRole(e) is { } role)
            {
                Check(await database.ExecuteAsync([ProofRepairs.CreateRole(role)], cancellationToken).ConfigureAwait(false));
            }
            catch (MigrationFailedException e) when (e is { SqlState: MissingRight, Statement: not null })
            {
                throw NotProven($"the proof has no rights of a superuser, which this statement requires: {e.ServerMessage}. Statement: {Short(e.Statement)}", e);
            }
            catch (MigrationFailedException e) when (e is { ServerMessage: not null, Statement: not null })
            {
                // The file of the proof is gone by the time anybody reads this.
                throw NotReproduced($"applied to an empty database, it fails with {e.SqlState}: {e.ServerMessage}. Statement {e.StatementNumber}: {Short(e.Statement)}", e);
            }
            catch (HasuraMigrationException e)
            {
                throw NotReproduced($"applied to an empty database, it fails: {e.Message}", e);
            }
        }
    }

    private static HasuraProject MakeProject(string directory)
    {
        File.WriteAllText(Path.Combine(directory, "config.yaml"), "version: 2\n");
        return HasuraProject.Open(new ProjectOptions { Path = directory, IsExplicit = true });
    }

    private static void WriteMigration(HasuraProject project, string text)
    {
        var directory = Directory.CreateDirectory(Path.Combine(project.Databases[0].MigrationsDirectory, "1_proof"));
        WholeFile.WriteNew(Path.Combine(directory.FullName, SourceStep.FileName(MigrationStepKind.UpSql)), text);
    }

    private async Task CompareAsync(SchemaText schema, SchemaSelection selection, ResolvedConnection connection, CancellationToken cancellationToken)
    {
        inform("Comparing the schema that the migration creates with that of the database.");
        var target = MigrationTargets.OpenForDumps(connection, HasuraProject.DefaultDatabase, configVersion: 2);
        await using (target.ConfigureAwait(false))
        {
            var made = await new SchemaDump(target).ReadAsync(selection, cancellationToken).ConfigureAwait(false);
            var missing = Difference(schema.Statements, made.Statements);
            var added = Difference(made.Statements, schema.Statements);
            if (missing.Count + added.Count > 0)
            {
                throw NotReproduced($"it creates another schema. {(missing.Count > 0 ? $"Not created: {Short(missing[0])}. " : "")}{(added.Count > 0 ? $"Created instead: {Short(added[0])}." : "")}".TrimEnd(), null);
            }
        }
    }

    // In any order: that of objects without dependencies may follow their numbers.
    private static List<string> Difference(IEnumerable<string> from, IEnumerable<string> without)
    {
        var left = from.ToList();
        foreach (var statement in without)
        {
            left.Remove(statement);
        }

        return left;
    }

    private static string Short(string statement)
    {
        var line = Printable.Of(statement.ReplaceLineEndings(" "));
        return $"'{(line.Length > MaximumShown ? $"{line[..MaximumShown]} ..." : line)}'";
    }

    private static HasuraMigrationException NotProven(string why, Exception? cause) =>
        new("SchemaNotProven", $"It could not be proven that the migration creates the schema of the database: {why}", null, cause);

    private static HasuraMigrationException NotReproduced(string why, Exception? cause) =>
        new("SchemaNotReproduced", $"The migration made of the dump does not create the schema of the database: {why}", null, cause);
}
