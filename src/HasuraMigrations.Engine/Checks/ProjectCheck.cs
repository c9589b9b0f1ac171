using HasuraMigrations.Engine.Metadata.Checking;
using HasuraMigrations.Engine.Metadata.Files;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Projects;
using HasuraMigrations.Engine.Seeds;

namespace HasuraMigrations.Engine.Checks;

/// <summary>All that can be wrong with the files of a project, without a database.</summary>
public static class ProjectCheck
{
    private static readonly StateSnapshot NoState = new() { Kind = StateStoreKind.None };

    /// <summary>Checks a project. What cannot be read is a finding, and the rest is checked all the same.</summary>
    /// <param name="project">How it is opened.</param>
    /// <returns>The findings: those of the project, of each database in turn, of the metadata.</returns>
    /// <exception cref="HasuraMigrationException">ProjectNotFound, ProjectAmbiguous.</exception>
    public static IReadOnlyList<Finding> Check(ProjectOptions project)
    {
        HasuraProject opened;
        try
        {
            opened = HasuraProject.Open(project);
        }
        catch (HasuraMigrationException e) when (e.ErrorId is not ("ProjectNotFound" or "ProjectAmbiguous"))
        {
            return Finding.Of(e);
        }

        // A file that two parts read is reported once. Values of variables belong to a run.
        return [.. opened.Findings.Concat(opened.Databases.SelectMany(d => OfDatabase(opened, d))).Concat(OfMetadata(opened)).Where(f => f.Id != "VariableMissing").Distinct()];
    }

    private static IEnumerable<Finding> OfDatabase(HasuraProject project, ProjectDatabase database) =>
    [
        .. OrFindings(() => OfMigrations(project, MigrationSource.Scan(project, database), database)),
        .. OrFindings(() => OfSeeds(SeedSource.Scan(project, database), database)),
    ];

    // Planned as on an empty database, and then for rolling back all of it, so that each step is seen as a run would see it.
    private static IEnumerable<Finding> OfMigrations(HasuraProject project, MigrationSource source, ProjectDatabase database)
    {
        var options = new PlanOptions
        {
            TransactionMode = project.ConfigVersion == 1 ? MigrationTransactionMode.All : MigrationTransactionMode.PerMigration,
            AllowEmptyDown = true,
        };
        var traits = TargetTraits.OfKind(database.Kind);
        var up = Plan(source, [], traits, options, new MigrationGoal.AllPending());
        var applied = source.Migrations.Where(m => m.StepsOf(MigrationDirection.Up).Count > 0).Select(m => new HistoryRow
        {
            Version = m.Version,
            Name = m.Name,
            Direction = MigrationDirection.Up,
            IsRunning = false,
            Checksums = new Dictionary<string, string>(),
        });
        var down = Plan(source, [.. applied], traits, options, new MigrationGoal.Last(int.MaxValue));
        return up.Concat(down.Where(f => f.File is not null && f.Id != "DownMissing"));
    }

    private static IEnumerable<Finding> Plan(MigrationSource source, IReadOnlyList<HistoryRow> applied, TargetTraits traits, PlanOptions options, MigrationGoal goal)
    {
        var ledger = MigrationLedger.Reconcile(source.Database, new TargetSnapshot(applied.Count > 0, applied, NoState) { Traits = traits });
        return new MigrationPlanner(source, ledger, options).Plan(goal).Findings.Except(ledger.Findings);
    }

    private static IEnumerable<Finding> OfSeeds(SeedSource source, ProjectDatabase database)
    {
        var options = new SeedOptions { TransactionMode = MigrationTransactionMode.PerMigration };
        return new SeedPlanner(source, new SeedSnapshot([], TargetTraits.OfKind(database.Kind)), options).Plan().Run.Findings;
    }

    private static IEnumerable<Finding> OfMetadata(HasuraProject project)
    {
        var layout = MetadataFiles.LayoutOf(project);
        if (!File.Exists(layout.Path) && !Directory.Exists(layout.Path))
        {
            // Projects of config version 1 have metadata in their migrations.
            return project.ConfigVersion == 1 ? [] :
            [
                new Finding { Id = "MetadataNotFound", Severity = FindingSeverity.Warning, Message = $"The project has no metadata: '{layout.Path}' does not exist.", File = layout.Path },
            ];
        }

        return OrFindings(() =>
        {
            var reading = MetadataFiles.Read(project);
            return [.. reading.Findings, .. MetadataInspector.Inspect(reading.Document), .. WithoutSource(project, reading.Document)];
        });
    }

    private static IEnumerable<Finding> WithoutSource(HasuraProject project, MetadataDocument document)
    {
        var sources = document.Sources.Select(s => (string?)s["name"]).ToHashSet();
        return project.ConfigVersion < 3 || sources.Count == 0 ? [] : project.Databases.Where(d => !sources.Contains(d.Name)).Select(d => new Finding
        {
            Id = "DatabaseWithoutSource",
            Severity = FindingSeverity.Warning,
            Message = $"The directory '{d.Name}' has migrations of a database, but the metadata has no source of this name.",
            Database = d.Name,
            File = d.MigrationsDirectory,
            RecommendedAction = "Rename the directory as the source, or add the source to databases.yaml.",
        });
    }

    private static IEnumerable<Finding> OrFindings(Func<IEnumerable<Finding>> check)
    {
        try
        {
            return [.. check()];
        }
        catch (HasuraMigrationException e)
        {
            return Finding.Of(e);
        }
    }
}
