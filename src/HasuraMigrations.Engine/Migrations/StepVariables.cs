using HasuraMigrations.Engine.Sql;
using HasuraMigrations.Engine.Variables;

namespace HasuraMigrations.Engine.Migrations;

/// <summary>Puts the values of variables into a step, and finds what is wrong with them.</summary>
/// <param name="variables">The values.</param>
/// <param name="isPostgresSql">False where nothing can be said of the statements of files.</param>
/// <param name="mode">How transactions are laid.</param>
/// <param name="report">Takes what is wrong: id, severity, message, place.</param>
internal sealed class StepVariables(VariableSet variables, bool isPostgresSql, MigrationTransactionMode mode, Action<string, FindingSeverity, string, SqlPosition> report)
{
    /// <summary>The script with values; the same one where the file does not ask for them.</summary>
    internal SqlScript Expand(SqlScript script)
    {
        if (script.VariablesLookalike is { } lookalike)
        {
            report("VariableDirectiveIgnored", FindingSeverity.Warning, $"The line is not '{SqlScript.VariablesDirective}', so that the file is sent as it is.", script.PositionOf(lookalike));
        }

        if (!script.HasVariables)
        {
            return script;
        }

        if (!isPostgresSql)
        {
            report("VariableNotSupported", FindingSeverity.Error, "The file has variables, but the source does not use the SQL of PostgreSQL, so that it is unknown how to write their values.", new SqlPosition(1, 1));
            return script;
        }

        var problems = new List<SqlVariableProblem>();
        var expanded = new SqlExpansion(script, variables.ValueOf, problems).Run();
        foreach (var problem in problems)
        {
            report(problem.Id, FindingSeverity.Error, problem.Message, script.PositionOf(problem.Index));
        }

        if (problems.Count == 0 && (mode == MigrationTransactionMode.None || script.HasNoTransactionDirective))
        {
            CompareStatements(script, expanded);
        }

        return expanded;
    }

    // The history keeps a number of finished statements, and a later run may have another value.
    private void CompareStatements(SqlScript script, SqlScript expanded)
    {
        foreach (var (before, after) in script.Statements.Zip(expanded.Statements))
        {
            if (expanded.SourceIndex(after.Start) != before.Start || expanded.SourceEnd(after.Start + after.Length) != before.Start + before.Length)
            {
                Report(before.Position);
                return;
            }
        }

        if (script.Statements.Count != expanded.Statements.Count)
        {
            Report(script.Statements.Count > 0 ? script.Statements[^1].Position : new SqlPosition(1, 1));
        }
    }

    private void Report(SqlPosition position) =>
        report("VariableChangesStatements", FindingSeverity.Error, "A raw value begins or ends statements, but the file runs without a transaction, where a run that is interrupted is resumed by the number of the statement.", position);
}
