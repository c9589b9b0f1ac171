using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Sql;

namespace HasuraMigrations.Engine.Impacts;

/// <summary>A statement of a change that is tried out.</summary>
/// <param name="Sql">Its text.</param>
/// <param name="File">Full path of its file; null for a text.</param>
/// <param name="Line">Line of its beginning, from 1; null where it is not known.</param>
/// <param name="Version">Version of its migration; null for a text.</param>
internal sealed record ChangeStatement(string Sql, string? File, int? Line, long? Version)
{
    private const int MaximumShown = 200;

    /// <summary>What a user is shown in its place; null for its text.</summary>
    internal string? Shown { get; init; }

    /// <summary>Where it stands, as the end of a sentence; of a text, the statement itself.</summary>
    internal string Place => File is null ? $"by '{Short}'" : $"in {Path.GetFileName(Path.GetDirectoryName(File))}/{Path.GetFileName(File)}:{Line}";

    /// <summary>Its beginning on one line.</summary>
    internal string Short
    {
        get
        {
            var line = Printable.Of((Shown ?? Sql).ReplaceLineEndings(" ").Trim());
            return line.Length > MaximumShown ? $"{line[..MaximumShown]} ..." : line;
        }
    }
}

/// <summary>Statements that are tried out together: a migration, or a text.</summary>
/// <param name="Statements">The statements.</param>
/// <param name="IsTransactional">They run in one transaction.</param>
internal sealed record ChangeUnit(IReadOnlyList<ChangeStatement> Statements, bool IsTransactional)
{
    /// <summary>The migrations of a plan. Of YAML actions, the SQL is tried out.</summary>
    internal static IEnumerable<ChangeUnit> Of(MigrationPlan plan) => plan.All.Where(m => !m.IsRecordOnly).Select(Of);

    /// <summary>A text of SQL.</summary>
    /// <param name="text">The text.</param>
    /// <param name="file">Its file; null for none.</param>
    internal static ChangeUnit Of(string text, string? file)
    {
        var script = SqlScript.Parse(text);
        var isTransactional = !script.HasNoTransactionDirective && !script.Statements.Any(s => s.CannotRunInTransaction);
        return new ChangeUnit([.. script.Statements.Where(s => !s.IsTransactionControl).Select(s => new ChangeStatement(s.Text, file, s.Position.Line, null))], isTransactional);
    }

    private static ChangeUnit Of(PlannedMigration migration)
    {
        var statements = from step in migration.Steps
                         from statement in step.Actions.Count > 0
                             ? step.Actions.SelectMany(a => a.Sql.SelectMany(s => SqlScript.Parse(s).Statements).Where(s => !s.IsTransactionControl).Select(s => new ChangeStatement(s.Text, step.Step.Path, a.Position.Line, migration.Version)))
                             : step.Statements.Select(s => new ChangeStatement(s.Text, step.Step.Path, s.Position.Line, migration.Version))
                         select statement;
        return new ChangeUnit([.. statements], migration.IsTransactional);
    }
}
