using HasuraMigrations.Engine.Sql;

namespace HasuraMigrations.Engine.Migrations;

/// <summary>Whether the rest of a file that ran without a transaction and was interrupted can run.</summary>
internal static class Resumption
{
    /// <summary>What is to be run of it: the statements behind those that are done.</summary>
    /// <param name="planned">The migration.</param>
    /// <param name="row">How far it came.</param>
    /// <param name="report">Takes what stands against it.</param>
    internal static PlannedMigration Resume(PlannedMigration planned, HistoryRow row, Action<Finding> report)
    {
        // A run without a transaction has one step only: metadata actions are refused there.
        var script = planned.Steps.Count > 0 ? planned.Steps[0].Script : null;
        // The history keeps a number of statements; only an equal hash proves that it counts the same ones.
        if (script is null || row.FinishedStatements > script.Statements.Count || row.FinishedHash != HashOfFinished(script, row.FinishedStatements))
        {
            report(Error("ResumeChanged", $"The first {row.FinishedStatements} statement(s) of the interrupted {planned.Title} are not those that ran.", planned));
        }
        else if (script.Statements.Take(row.FinishedStatements).FirstOrDefault(s => s.Has(SqlStatementTraits.TemporaryObject)) is { } temporary)
        {
            report(Error("ResumeImpossible", $"Statement {temporary.Ordinal} of the interrupted {planned.Title} created a temporary object, which no longer exists.", planned));
        }

        // The PostgreSQL catalog cannot show the outcome of this statement, and running it again could do its work twice
        // (docs/migrations.md, Transactions).
        if (script is not null && row.IsNextInDoubt && planned.Steps[0].CutUnits().FirstOrDefault(u => u.Last.Ordinal > row.FinishedStatements) is { CanBeLookedUp: false } unit)
        {
            report(Error("StatementInDoubt", StatementDoubt.Message(planned, unit.Last), planned) with
            {
                File = planned.Steps[0].Step.Path,
                Line = unit.Last.Position.Line,
                Column = unit.Last.Position.Column,
                RecommendedAction = $"Find out whether it took effect, then run {StatementDoubt.Repairs(planned)}.",
            });
        }

        // An interrupted run was without a transaction, so its rest is too, whatever the mode of this run.
        return planned with { ResumeAfter = row.FinishedStatements, IsTransactional = false };
    }

    /// <summary>
    /// SHA-256 in hex of the text up to the end of a statement, which proves on resume that the same statements were done. It is that of
    /// the file: one of a text with values would let somebody who reads the history try out values.
    /// </summary>
    internal static string HashOfFinished(SqlScript script, int statements)
    {
        var end = statements == 0 ? 0 : script.Statements[statements - 1] is var last ? last.Start + last.Length : 0;
        return StepText.ChecksumOf(script.Source.Parts(0, script.SourceEnd(end)));
    }

    private static Finding Error(string id, string message, PlannedMigration planned) => new()
    {
        Id = id,
        Severity = FindingSeverity.Error,
        Message = message,
        Database = planned.Database,
        Version = planned.Version,
        File = planned.Source?.Path,
    };
}
