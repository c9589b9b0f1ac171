using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Projects;
using HasuraMigrations.Engine.Updating;

namespace HasuraMigrations.Abstractions;

/// <summary>What an update does, as far as it is done.</summary>
internal sealed class UpdateOutcome
{
    private readonly string _path;
    private readonly int _from;

    /// <summary>That of a plan.</summary>
    internal UpdateOutcome(UpdatePlan plan)
    {
        (_path, _from, To, Database, Backup) = (plan.Project.Directory, plan.Project.ConfigVersion, plan.Options.ToVersion, plan.Options.ToVersion == 3 ? plan.Options.Database : HasuraProject.DefaultDatabase, plan.Backup);
        (Migrations, Versions, Written, Moved, Removed) = (plan.Migrations, plan.Versions, plan.Written, plan.Moved, plan.Removed);
    }

    /// <summary>That of an update whose plan was made by an earlier call.</summary>
    internal UpdateOutcome(string path, UpdateManifest manifest)
    {
        (_path, _from, To, Database, Backup) = (path, manifest.From, manifest.To, manifest.Database, manifest.Backup);
        (Migrations, Versions, Written, Moved, Removed) = (manifest.Migrations, manifest.Versions, manifest.Written, manifest.Moved, manifest.Removed);
    }

    /// <summary>Config version after the update.</summary>
    internal int To { get; }

    /// <summary>Source name of the database after the update.</summary>
    internal string Database { get; }

    /// <summary>Full path of the backup.</summary>
    internal string Backup { get; }

    /// <summary>Migrations whose YAML steps are replaced.</summary>
    internal IReadOnlyList<UpdatedMigration> Migrations { get; }

    /// <summary>What changes of applied versions.</summary>
    internal IReadOnlyList<VersionChange> Versions { get; }

    /// <summary>Files that are written.</summary>
    internal IReadOnlyList<string> Written { get; init; }

    /// <summary>Files that are moved.</summary>
    internal IReadOnlyList<ProjectFileMove> Moved { get; init; }

    /// <summary>Files that are removed.</summary>
    internal IReadOnlyList<string> Removed { get; init; }

    /// <summary>Where the metadata comes from.</summary>
    internal ProjectMetadataSource? MetadataSource { get; init; }

    /// <summary>Whether the conversion was proven.</summary>
    internal bool IsProven { get; init; }

    /// <summary>Whether this call changes files.</summary>
    internal bool AreFilesWritten { get; set; }

    /// <summary>Where records were changed.</summary>
    internal string? Target { get; set; }

    /// <summary>Versions whose records were changed.</summary>
    internal IReadOnlyList<long> Recorded { get; set; } = [];

    /// <summary>Versions that were added to the catalog state.</summary>
    internal int StateAdded { get; set; }

    /// <summary>What was noticed.</summary>
    internal List<Finding> Findings { get; init; } = [];

    /// <summary>The same as users see it.</summary>
    internal ProjectUpdate ToResult() => new()
    {
        Path = _path,
        FromVersion = _from,
        ToVersion = To,
        Database = Database,
        Migrations = Migrations,
        Written = Written,
        Moved = Moved,
        Removed = Removed,
        BackupPath = Backup,
        MetadataSource = MetadataSource,
        IsProven = IsProven,
        AreFilesWritten = AreFilesWritten,
        Target = Target,
        Recorded = Recorded,
        StateAdded = StateAdded,
        Findings = Findings,
    };
}
