using HasuraMigrations.Engine.Variables;

namespace HasuraMigrations.Engine.Migrations;

/// <summary>Takes the values of variables out of the errors of a run.</summary>
internal static class MaskedErrors
{
    /// <summary>Does work; its errors hold no value, and no error of a driver, whose properties may.</summary>
    internal static async Task RunAsync(ValueMask mask, Func<Task> work)
    {
        try
        {
            await work().ConfigureAwait(false);
        }
        catch (OperationCanceledException e) when (!mask.IsEmpty)
        {
            throw new OperationCanceledException(mask.OfSentence(e.Message), e.CancellationToken);
        }
        catch (HasuraMigrationException e) when (!mask.IsEmpty)
        {
            throw Of(e, mask);
        }
    }

    private static HasuraMigrationException Of(HasuraMigrationException e, ValueMask mask)
    {
        // A message has lines where findings are listed.
        var lines = mask.OfSentence(e.Message).Split(Environment.NewLine);
        return e switch
        {
            // Its texts were cleared when it was made, where it is known which of them are a server's.
            MigrationFailedException failed => new MigrationFailedException(e.ErrorId, e.Message, e.Target)
            {
                Database = failed.Database,
                Version = failed.Version,
                Name = failed.Name,
                Direction = failed.Direction,
                RecommendedAction = e.RecommendedAction,
                File = e.File,
                Line = e.Line,
                Column = e.Column,
                Findings = e.Findings,
                StatementNumber = failed.StatementNumber,
                Statement = failed.Statement,
                StatementStartLine = failed.StatementStartLine,
                StatementEndLine = failed.StatementEndLine,
                SqlState = failed.SqlState,
                ServerMessage = failed.ServerMessage,
                Detail = failed.Detail,
                SchemaName = failed.SchemaName,
                TableName = failed.TableName,
                ColumnName = failed.ColumnName,
                ConstraintName = failed.ConstraintName,
                SourceLine = failed.SourceLine,
                Hint = failed.Hint,
                Context = failed.Context,
                AppliedBefore = failed.AppliedBefore,
            },
            HasuraServerException server => new HasuraServerException(e.ErrorId, lines[0], e.Target)
            {
                RecommendedAction = mask.OfSentence(e.RecommendedAction),
                File = e.File,
                Line = e.Line,
                Column = e.Column,
                Status = server.Status,
                Code = server.Code,
                Path = server.Path,
                SqlState = server.SqlState,
                DatabaseMessage = mask.OfServer(server.DatabaseMessage),
                DatabaseHint = mask.OfServer(server.DatabaseHint),
                MayHaveRun = server.MayHaveRun,
                Internal = mask.OfServer(server.Internal),
                Inconsistencies = server.Inconsistencies,
            },
            _ => new HasuraMigrationException(e.ErrorId, lines[0], e.Target, lines: lines[1..])
            {
                RecommendedAction = mask.OfSentence(e.RecommendedAction),
                File = e.File,
                Line = e.Line,
                Column = e.Column,
                Findings = [.. e.Findings.Select(f => Of(f, mask))],
            },
        };
    }

    /// <summary>A finding without values.</summary>
    internal static Finding Of(Finding finding, ValueMask mask) => mask.IsEmpty ? finding : finding with
    {
        Message = mask.OfSentence(finding.Message),
        RecommendedAction = finding.RecommendedAction is { } action ? mask.OfSentence(action) : null,
    };
}

/// <summary>Tells how a run goes, without the values of variables.</summary>
internal sealed class MaskedObserver(IRunObserver observer, ValueMask mask) : IRunObserver
{
    public void Planned(MigrationPlan plan) => observer.Planned(plan);

    public void Started(PlannedMigration migration) => observer.Started(migration);

    public ValueTask FinishedAsync(MigrationResult result, CancellationToken cancellationToken) => observer.FinishedAsync(result, cancellationToken);

    public void Warned(Finding finding) => observer.Warned(MaskedErrors.Of(finding, mask));

    public void Undelivered(PlannedMigration migration) => observer.Undelivered(migration);

    public void Informed(string message) => observer.Informed(mask.OfSentence(message));
}
