using HasuraMigrations.Engine.Connections;
using HasuraMigrations.Engine.Dumps;
using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Projects;
using HasuraMigrations.Engine.Proofs;

namespace HasuraMigrations.Abstractions;

/// <summary>Makes migrations of what databases have, proves them, writes their files, and records them as applied.</summary>
/// <param name="project">The project.</param>
/// <param name="options">What a user chose.</param>
/// <param name="writer">Writes to the shell.</param>
internal sealed class SchemaMigrationMaker(HasuraProject project, SchemaMigrationOptions options, RunReporter.IWriter writer) : IRunObserver
{
    /// <summary>Makes a migration.</summary>
    /// <param name="database">The database.</param>
    /// <param name="connection">How it is reached.</param>
    /// <param name="migration">Name and version of the migration.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>The migration with its status; null where the database has no objects.</returns>
    /// <exception cref="HasuraMigrationException">SchemaInvalid, SchemaNotProven, SchemaNotReproduced, MigrationNotRecorded, and the errors of targets and files.</exception>
    internal async Task<HasuraMigration?> MakeAsync(ProjectDatabase database, ResolvedConnection connection, NewMigration migration, CancellationToken cancellationToken)
    {
        SchemaText schema;
        var source = MigrationTargets.OpenForDumps(connection, database.Name, project.ConfigVersion);
        await using (source.ConfigureAwait(false))
        {
            schema = await new SchemaDump(source).ReadAsync(options.Selection, cancellationToken).ConfigureAwait(false);
        }

        if (schema.Statements.Count == 0)
        {
            return null;
        }

        if (!options.SkipProof)
        {
            await new SchemaProof(options.AllowDownload, Informed).ProveAsync(schema, options.Selection, cancellationToken).ConfigureAwait(false);
        }

        var written = new MigrationWriter(project, database, TimeProvider.System).Write(migration with { UpSql = schema.Text });
        foreach (var finding in written.Findings)
        {
            Warned(finding);
        }

        return options.NoRecord ? written : await RecordAsync(database, connection, written, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public void Started(PlannedMigration migration)
    {
    }

    /// <inheritdoc/>
    public ValueTask FinishedAsync(MigrationResult result, CancellationToken cancellationToken) => ValueTask.CompletedTask;

    /// <inheritdoc/>
    public void Warned(Finding finding) => writer.Post(finding);

    /// <inheritdoc/>
    public void Informed(string message) => writer.Post(c => c.WriteVerbose(message));

    private async Task<HasuraMigration> RecordAsync(ProjectDatabase database, ResolvedConnection connection, HasuraMigration written, CancellationToken cancellationToken)
    {
        var target = MigrationTargets.Open(connection, database.Name, project.ConfigVersion);
        await using (target.ConfigureAwait(false))
        {
            try
            {
                var runner = new MigrationRunner(MigrationSource.Scan(project, database), target);
                await runner.RunAsync(new MigrationGoal.Exactly([written.Version], MigrationDirection.Up), new PlanOptions { IsRecordOnly = true }, new RunOptions(), null, this, cancellationToken).ConfigureAwait(false);
                return (await runner.StatusAsync(cancellationToken).ConfigureAwait(false)).Migrations.First(m => m.Version == written.Version);
            }
            catch (HasuraMigrationException e)
            {
                throw new HasuraMigrationException("MigrationNotRecorded", $"The migration '{written.Path}' was written, but was not recorded as applied on {target.Description}: {e.Message}", written.Version, e)
                {
                    RecommendedAction = $"Correct the cause, then run Invoke-HasuraMigration -Version {written.Version} -SkipExecution.",
                };
            }
        }
    }
}

/// <summary>How migrations are made of databases.</summary>
/// <param name="Selection">Which schemas.</param>
/// <param name="SkipProof">True to write them without a proof.</param>
/// <param name="AllowDownload">Whether npm may install a server for the proof.</param>
/// <param name="NoRecord">True not to record them as applied.</param>
internal sealed record SchemaMigrationOptions(SchemaSelection Selection, bool SkipProof, bool AllowDownload, bool NoRecord);
