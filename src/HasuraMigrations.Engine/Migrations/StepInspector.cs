using HasuraMigrations.Engine.Sql;
using HasuraMigrations.Engine.Variables;

namespace HasuraMigrations.Engine.Migrations;

/// <summary>Reads a step, cuts it into statements, and finds what would fail or surprise when it runs.</summary>
internal sealed class StepInspector(string database, MigrationTransactionMode mode, TargetTraits traits, VariableSet variables, List<Finding> findings, List<string> enumLabels)
{
    /// <summary>The step ready to run; null where it cannot be read, with the reason among the findings.</summary>
    internal PlannedStep? Inspect(SourceStep step, long version, bool allowEmptyDown)
    {
        if (step.Kind is MigrationStepKind.UpYaml or MigrationStepKind.DownYaml)
        {
            return InspectActions(step, version);
        }

        StepText text;
        try
        {
            text = step.Text;
        }
        catch (HasuraMigrationException e)
        {
            // What is no YAML at all was found when the project was read.
            if (!findings.Any(f => f.Id == e.ErrorId && f.File == step.Path && f.Line == e.Line))
            {
                findings.Add(Make(e.ErrorId, FindingSeverity.Error, e.Message, step, version) with { Line = e.Line, Column = e.Column });
            }

            return null;
        }

        if (IsTooLong(text.Content, step, version))
        {
            return null;
        }

        var script = new StepVariables(variables, traits.IsPostgresSql, mode, (id, severity, message, place) => Add(id, severity, message, step, version, place)).Expand(SqlScript.Parse(text.Content));
        if (script.Origin is not null && IsTooLong(script.Content, step, version))
        {
            return null;
        }

        if (text.HasByteOrderMark)
        {
            Add("ByteOrderMark", FindingSeverity.Warning, "The file begins with a byte order mark, which Hasura's own CLI would send to the server; it is not sent.", step, version);
        }

        if (!text.IsKept)
        {
            Add("StepTextNotKept", FindingSeverity.Information, $"The file has {text.Content.Length:N0} characters, and the history keeps texts of up to {StepText.KeptLength:N0}; it cannot be read from there later.", step, version);
        }

        var isTransactional = IsTransactional(script);
        if (!isTransactional && traits.NoTransactionObstacle is { } unable)
        {
            Add("NoTransactionNotSupported", FindingSeverity.Error, $"The file must run without a transaction, but {unable}.", step, version, new SqlPosition(1, 1));
        }

        if (!traits.IsPostgresSql)
        {
            if (!isTransactional)
            {
                // As Hasura's CLI: the commands of these kinds have no such option, so that the file is sent as any other.
                Add("NoTransactionIgnored", FindingSeverity.Warning, $"The file is to run without a transaction, and a source of kind {traits.Kind} has no option for that; it runs as any other file.", step, version, new SqlPosition(1, 1));
            }

            return new PlannedStep(step, script, []);
        }

        if (script.IsCommentOnly)
        {
            ReportCommentOnly(step, version, allowEmptyDown);
        }

        InspectScript(script, step, version, isTransactional);
        if (!isTransactional)
        {
            var units = StatementUnits.Cut(script);
            Report(units.Refused, FindingSeverity.Error, step, version, null);
            Report(units.Skipped, FindingSeverity.Warning, step, version, null);
            return new PlannedStep(step, script, []);
        }

        var merge = TransactionMerge.Of(script);
        if (merge.Obstacle is { } obstacle)
        {
            Report([obstacle], FindingSeverity.Error, step, version, AdviceOfDirective(script));
            return new PlannedStep(step, script, []);
        }

        return new PlannedStep(step, script, merge.LeftOut) { TransactionOptions = merge.Options };
    }

    private bool IsTooLong(SqlText text, SourceStep step, long version)
    {
        if (!(text.Length > traits.MaximumCharacters))
        {
            return false;
        }

        findings.Add(Make("FileTooLarge", FindingSeverity.Error, $"The file has {text.Length:N0} characters; through a Hasura server a file is one request of up to {traits.MaximumCharacters:N0}.", step, version) with { RecommendedAction = "Split the file, or connect straight to the database, where it is sent in parts." });
        return true;
    }

    // The directive is advised only where the file would run with it.
    private string? AdviceOfDirective(SqlScript script) =>
        mode == MigrationTransactionMode.PerMigration && traits.NoTransactionObstacle is null && StatementUnits.Cut(script).Refused.Count == 0
            ? $"To run it as it is written, make '{SqlScript.NoTransactionDirective}' the first line of the file."
            : null;

    private void Report(IReadOnlyList<StatementRemark> remarks, FindingSeverity severity, SourceStep step, long version, string? more)
    {
        foreach (var remark in remarks)
        {
            findings.Add(Make(remark.Id, severity, remark.Message, step, version) with
            {
                Line = remark.Statement.Position.Line,
                Column = remark.Statement.Position.Column,
                RecommendedAction = more is null ? remark.Advice : $"{remark.Advice} {more}",
            });
        }
    }

    private PlannedStep? InspectActions(SourceStep step, long version)
    {
        if (traits.ActionsObstacle is { } obstacle)
        {
            Add("StepKindNotSupported", FindingSeverity.Error, $"The file contains metadata actions, but {obstacle}.", step, version);
            return null;
        }

        IReadOnlyList<StepAction> actions;
        try
        {
            actions = StepAction.Read(step.Text.Text, step.Path ?? SourceStep.FileName(step.Kind));
        }
        catch (HasuraMigrationException e)
        {
            // What is no YAML at all was found when the project was read.
            if (!findings.Any(f => f.Id == e.ErrorId && f.File == step.Path && f.Line == e.Line))
            {
                findings.Add(Make(e.ErrorId, FindingSeverity.Error, e.Message, step, version) with { Line = e.Line, Column = e.Column });
            }

            return null;
        }

        if (mode == MigrationTransactionMode.None)
        {
            Add("NoTransactionNotSupported", FindingSeverity.Error, "The file contains metadata actions, which run only in a transaction.", step, version);
        }

        foreach (var action in actions.Where(a => a.Sql.Any(s => SqlScript.Parse(s).TransactionControl.Count > 0)))
        {
            Add("TransactionControl", FindingSeverity.Error, $"The SQL of action {action.Ordinal} contains transaction control, but runs in one transaction together with its record.", step, version, action.Position);
        }

        return new PlannedStep(step, SqlScript.Parse(""), []) { Actions = actions };
    }

    internal bool IsTransactional(SqlScript script) => mode != MigrationTransactionMode.None && !script.HasNoTransactionDirective;

    private void ReportCommentOnly(SourceStep step, long version, bool allowEmptyDown)
    {
        if (step.Direction == MigrationDirection.Up)
        {
            Add("StepCommentOnly", FindingSeverity.Warning, "The file contains only comments; it is recorded and changes nothing.", step, version);
        }
        else
        {
            Add("DownEmpty", allowEmptyDown ? FindingSeverity.Warning : FindingSeverity.Error, "The down step contains only comments, so rolling back would only remove the record.", step, version);
        }
    }

    private void InspectScript(SqlScript script, SourceStep step, long version, bool isTransactional)
    {
        if (script.Unterminated is { Kind: not (SqlUnterminatedKind.Parenthesis or SqlUnterminatedKind.RoutineBody) } open)
        {
            Add("SqlUnterminated", FindingSeverity.Error, $"A {Describe(open.Kind)} is opened here and never closed.", step, version, script.PositionOf(open.Index));
        }

        if (mode == MigrationTransactionMode.All && script.HasNoTransactionDirective)
        {
            Add("NoTransactionInOneTransaction", FindingSeverity.Error, "The file must run without a transaction, but all files of the run are one transaction.", step, version, new SqlPosition(1, 1));
        }

        if (mode == MigrationTransactionMode.All && script.TransactionControl is [{ Ordinal: 1, TransactionModes.Length: > 0 } begin, ..])
        {
            Add("TransactionModesIgnored", FindingSeverity.Warning, $"The file begins a transaction with '{begin.TransactionModes}', but runs in one with all others.", step, version, begin.Position);
        }

        ReportLabelsOfEarlierFiles(script, step, version);
        foreach (var statement in script.Statements)
        {
            InspectStatement(script, statement, step, version, isTransactional);
        }
    }

    private void InspectStatement(SqlScript script, SqlStatement statement, SourceStep step, long version, bool isTransactional)
    {
        void Refuse(string id, string message, int? index = null) =>
            Add(id, FindingSeverity.Error, message, step, version, index is { } at ? script.PositionOf(at) : statement.Position);

        if (statement.IsTooLong)
        {
            Refuse("StatementTooLong", $"The statement has more than the {SqlStatement.MaximumBytes:N0} bytes that PostgreSQL accepts in one message.");
        }

        if (statement.Has(SqlStatementTraits.Nul))
        {
            Refuse("SqlContainsNul", "The statement contains a NUL character.", statement.NulIndex);
        }

        if (statement.Has(SqlStatementTraits.DumpGuard))
        {
            Add("DumpGuardSkipped", FindingSeverity.Warning, "The line is a psql command that pg_dump writes; it is skipped.", step, version, statement.Position);
        }
        else if (statement.Has(SqlStatementTraits.MetaCommand))
        {
            Refuse("PsqlCommand", "This is a psql command, which the server does not recognize.", statement.MetaCommandIndex);
        }

        if (statement.Has(SqlStatementTraits.Parameter))
        {
            Refuse("SqlParameter", "The statement has a parameter, and there is no value for it.", statement.ParameterIndex);
        }

        if (statement.Has(SqlStatementTraits.CopyFromClient) || statement.Has(SqlStatementTraits.CopyToClient))
        {
            Refuse("CopyNotSupported", "COPY from STDIN or to STDOUT needs a client that moves the data.");
        }

        if (statement.Has(SqlStatementTraits.ForeignEncoding))
        {
            var isHarmless = script.Content.IsAscii();
            Add("ForeignEncoding", isHarmless ? FindingSeverity.Warning : FindingSeverity.Error, "The client encoding is set to an encoding other than UTF8, but files are sent as UTF-8; non-ASCII text would be stored incorrectly.", step, version, statement.Position);
        }

        if (isTransactional && statement.CannotRunInTransaction && !statement.IsTransactionControl)
        {
            Refuse("NotInTransaction", "The server does not run this statement in a transaction.");
        }

        if (isTransactional && statement.EnumValue is { } value && UsesLabel(script, statement, value.Label))
        {
            Add("EnumValueUsed", FindingSeverity.Warning, $"The enum value '{value.Label}' is added and used in one transaction, which the server may refuse.", step, version, statement.Position);
        }
    }

    // In one transaction for all, what an earlier file added is not committed yet either.
    private void ReportLabelsOfEarlierFiles(SqlScript script, SourceStep step, long version)
    {
        if (mode != MigrationTransactionMode.All)
        {
            return;
        }

        foreach (var label in enumLabels)
        {
            if (script.Content.IndexOf(Quoted(label)) is >= 0 and var index)
            {
                Add("EnumValueUsed", FindingSeverity.Warning, $"The enum value '{label}' is used here and added by an earlier file of the same transaction, which the server may refuse.", step, version, script.PositionOf(index));
            }
        }

        enumLabels.AddRange(script.Statements.Where(s => s.EnumValue is not null).Select(s => s.EnumValue!.Label).Except(enumLabels));
    }

    internal static string Quoted(string label) => $"'{label.Replace("'", "''", StringComparison.Ordinal)}'";

    private static bool UsesLabel(SqlScript script, SqlStatement added, string label)
    {
        var end = added.Start + added.Length;
        return script.Content.IndexOf(Quoted(label), end) >= 0;
    }

    private static string Describe(SqlUnterminatedKind kind) => kind switch
    {
        SqlUnterminatedKind.String => "string",
        SqlUnterminatedKind.QuotedIdentifier => "quoted identifier",
        SqlUnterminatedKind.DollarString => "dollar-quoted string",
        _ => "comment",
    };

    private void Add(string id, FindingSeverity severity, string message, SourceStep step, long version, SqlPosition? position = null) =>
        findings.Add(Make(id, severity, message, step, version) with { Line = position?.Line, Column = position?.Column });

    private Finding Make(string id, FindingSeverity severity, string message, SourceStep step, long version) => new()
    {
        Id = id,
        Severity = severity,
        Message = message,
        Database = database,
        Version = version,
        File = step.Path,
    };
}
