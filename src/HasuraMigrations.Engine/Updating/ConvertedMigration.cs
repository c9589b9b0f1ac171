using HasuraMigrations.Engine.Migrations;

namespace HasuraMigrations.Engine.Updating;

/// <summary>A migration of config version 1 as migrations of newer config versions are: with SQL alone.</summary>
/// <param name="Old">The migration as it is.</param>
/// <param name="New">The migration as it will be; its changed texts are not on disk yet. Null where no SQL is left.</param>
internal sealed record ConvertedMigration(SourceMigration Old, SourceMigration? New)
{
    /// <summary>The files of its steps that change.</summary>
    internal IReadOnlyList<FileChange> Files { get; init; } = [];

    /// <summary>Statements that were taken over from YAML steps.</summary>
    internal int Statements { get; init; }

    /// <summary>Actions on metadata in its up step.</summary>
    internal int Actions { get; init; }

    /// <summary>The same as users see it.</summary>
    internal UpdatedMigration ToResult() => new() { Version = Old.Version, Name = Old.Name, IsRemoved = New is null, Statements = Statements, Actions = Actions };
}

/// <summary>The migrations of a project in config version 1 as newer config versions have them.</summary>
/// <param name="Old">The migrations as they are.</param>
/// <param name="New">The migrations as they will be.</param>
/// <param name="Findings">What was noticed.</param>
public sealed record ConvertedMigrations(MigrationSource Old, MigrationSource New, IReadOnlyList<Finding> Findings)
{
    /// <summary>Those with YAML steps.</summary>
    internal IReadOnlyList<ConvertedMigration> Changed { get; init; } = [];

    /// <summary>YAML files that hold no step, and what else goes with them.</summary>
    internal IReadOnlyList<FileChange> EmptyFiles { get; init; } = [];

    /// <summary>True where up steps have actions on metadata, so that the metadata has to come from somewhere.</summary>
    public bool HasActions => Changed.Any(c => c.Actions > 0);

    /// <summary>True where SQL was taken over, so that there is something to prove.</summary>
    public bool HasSql => Changed.Any(c => c.Statements > 0);
}
