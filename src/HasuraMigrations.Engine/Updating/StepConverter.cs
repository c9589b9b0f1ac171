using HasuraMigrations.Engine.Metadata.Commands;
using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Sql;
using HasuraMigrations.Engine.Squashing;
using HasuraMigrations.Engine.Variables;

namespace HasuraMigrations.Engine.Updating;

/// <summary>What becomes of the steps of a direction.</summary>
/// <param name="HasYaml">True where it has a YAML step.</param>
/// <param name="HasSql">True where SQL is left.</param>
/// <param name="Text">The text of the SQL file; null where it stays as it is, or there is none.</param>
/// <param name="Statements">Statements taken over from YAML.</param>
/// <param name="Actions">Actions on metadata.</param>
internal sealed record ConvertedStep(bool HasYaml, bool HasSql, string? Text = null, int Statements = 0, int Actions = 0);

/// <summary>Joins the SQL of the steps of one direction of a migration.</summary>
/// <param name="database">Source name.</param>
/// <param name="migration">The migration.</param>
/// <param name="direction">The direction.</param>
/// <param name="findings">Takes what cannot be joined, and what was noticed.</param>
internal sealed class StepConverter(string database, SourceMigration migration, MigrationDirection direction, List<Finding> findings)
{
    // Actions of Hasura's version 1 API on rows, which are neither SQL nor metadata.
    private static readonly string[] RowTypes = ["insert", "update", "delete"];

    /// <summary>Converts.</summary>
    internal ConvertedStep Convert()
    {
        var steps = migration.StepsOf(direction);
        if (!steps.Any(s => s.Kind is MigrationStepKind.UpYaml or MigrationStepKind.DownYaml))
        {
            return new ConvertedStep(HasYaml: false, HasSql: steps.Count > 0);
        }

        var items = Items(steps);
        var sql = items.Where(i => i.Sql is not null).ToList();
        items.Where(i => i.Sql is null).ToList().ForEach(Report);
        var taken = sql.Where(i => i.Action is not null).ToList();
        var (statements, actions) = (taken.Sum(i => i.Statements.Count), items.Count - sql.Count);
        if (taken.Count == 0)
        {
            return new ConvertedStep(HasYaml: true, HasSql: steps.Any(s => s.Kind is MigrationStepKind.UpSql or MigrationStepKind.DownSql), null, 0, actions);
        }

        return new ConvertedStep(HasYaml: true, HasSql: true, Join(sql), statements, actions);
    }

    private List<SquashItem> Items(IReadOnlyList<SourceStep> steps)
    {
        var found = new List<Finding>();
        var inspector = new StepInspector(database, MigrationTransactionMode.PerMigration, TargetTraits.Postgres, VariableSet.None, found, []);
        var items = new List<SquashItem>();
        var isJoined = false;
        foreach (var step in steps.OrderBy(s => s.Kind is MigrationStepKind.UpSql or MigrationStepKind.DownSql ? 1 : 0))
        {
            if (step.Kind is MigrationStepKind.UpYaml or MigrationStepKind.DownYaml)
            {
                items.AddRange((inspector.Inspect(step, migration.Version, allowEmptyDown: true)?.Actions ?? []).SelectMany(a => SquashItem.OfAction(migration, step.Place, a.Position, a.Body)));
                isJoined = items.Exists(i => i.Sql is not null);
            }
            else if (isJoined)
            {
                Inspect(inspector, step, items);
            }
        }

        // What is odd about a file that is joined is odd without it, too, and is told when it runs.
        findings.AddRange(found.Where(f => f.Severity == FindingSeverity.Error));
        return items;
    }

    private void Inspect(StepInspector inspector, SourceStep step, List<SquashItem> items)
    {
        if (step.SqlOrNull is { } text && SqlScript.Parse(text).HasVariables)
        {
            Refuse(step, $"The file has variables ({SqlScript.VariablesDirective}), and would have the SQL of a YAML step in it, whose text they would be looked for in, too.");
        }
        else if (inspector.Inspect(step, migration.Version, allowEmptyDown: true) is { } planned)
        {
            if (planned.TransactionOptions.Length > 0)
            {
                Refuse(step, $"The file asks for a transaction with the modes '{planned.TransactionOptions}', which the SQL of the YAML step was not made for.");
            }

            items.Insert(direction == MigrationDirection.Up ? 0 : items.Count, SquashItem.OfFile(migration, planned));
        }
    }

    private string? Join(List<SquashItem> sql)
    {
        var separated = SqlJoin.Separated(sql);
        var text = string.Concat(separated.Select(i => i.Sql));
        var script = SqlScript.Parse(text);
        // What is a comment in YAML would be a directive at the top of a file.
        if (sql[0].Action is not null && (script.HasNoTransactionDirective || script.HasVariables))
        {
            text = $"-- {migration.Version}_{migration.Name}\n{text}";
            script = SqlScript.Parse(text);
        }

        if (SqlJoin.FirstAmbiguous(separated, script) is { } ambiguous)
        {
            findings.Add(Make("UpdateNotConvertible", FindingSeverity.Error, "The statements are read differently in one file than by themselves, because something in them is left open.", ambiguous.File, ambiguous.Position, "Close quotes, comments and parentheses that are left open."));
            return null;
        }

        return text;
    }

    private void Report(SquashItem item)
    {
        if (RowTypes.Contains(item.Type))
        {
            findings.Add(Make("UpdateNotConvertible", FindingSeverity.Error, $"The action {item.Type} changes rows, and is neither SQL nor part of the metadata.", item.File, item.Position, "Replace it with an action run_sql."));
        }
        else if (item.Type is "bulk" or "concurrent_bulk")
        {
            findings.Add(Make("UpdateNotConvertible", FindingSeverity.Error, $"The action {item.Type} has entries that are no actions, so it is not known what it runs.", item.File, item.Position, "Correct its args, a list of actions with a type each."));
        }
        else if (item.Type == "run_sql")
        {
            findings.Add(Make("ActionLeftOut", FindingSeverity.Warning, "The action run_sql has no text 'sql' in its args, so a server refuses it, and it was left out; the backup keeps it.", item.File, item.Position, "Write what it was meant to do into the SQL file."));
        }
        // Done once, such as the invocation of an event trigger, or not known here.
        else if (!MetadataCommands.Names.Contains(item.Type))
        {
            findings.Add(Make("ActionLeftOut", FindingSeverity.Warning, $"The action {item.Type} is not part of the metadata, so no file has it any more; the backup keeps it.", item.File, item.Position, null));
        }
    }

    private void Refuse(SourceStep step, string why) =>
        findings.Add(Make("UpdateNotConvertible", FindingSeverity.Error, why, step.Place, new SqlPosition(1, 1), "Move the SQL of the YAML step into a migration of its own."));

    private Finding Make(string id, FindingSeverity severity, string message, string file, SqlPosition position, string? advice) => new()
    {
        Id = id,
        Severity = severity,
        Message = message,
        Database = database,
        Version = migration.Version,
        File = file,
        Line = position.Line,
        Column = position.Column,
        RecommendedAction = advice,
    };
}
