using HasuraMigrations.Engine.Sql;

namespace HasuraMigrations.Engine.Migrations;

/// <summary>
/// Whether a file that controls transactions itself asks for no more than one transaction around the whole file gives. Then
/// its BEGINs and COMMITs are left out and ours takes their place.
/// </summary>
/// <param name="LeftOut">The statements that are not sent.</param>
/// <param name="Obstacle">The statement that stands against it, and why; null where nothing does.</param>
internal sealed record TransactionMerge(IReadOnlyList<SqlStatement> LeftOut, StatementRemark? Obstacle)
{
    private const string OneTransaction = "Remove BEGIN and COMMIT; the file runs in one transaction anyway.";

    /// <summary>Modes of the transaction: those of a BEGIN that opens the file, and of SET TRANSACTION right behind.</summary>
    internal string Options => string.Join(", ", LeftOut.Select(s => s.TransactionModes).Where(m => !string.IsNullOrEmpty(m)));

    /// <summary>Judges a file.</summary>
    internal static TransactionMerge Of(SqlScript script)
    {
        var statements = script.Statements.Where(s => !s.Has(SqlStatementTraits.DumpGuard));
        var opening = statements.TakeWhile((s, i) => (i == 0 && s.Class == SqlStatementClass.Begin) || IsBeforeWork(s))
            .Where((s, i) => (i == 0 && s.Class == SqlStatementClass.Begin) || (s.Class == SqlStatementClass.SetTransaction && IsMode(s))).ToList();
        var merge = new TransactionMerge([.. opening, .. script.TransactionControl.Except(opening)], null);
        var obstacle = ReadOnly(statements) ?? Pairing(script.TransactionControl, opening) ?? Boundary(script, statements);
        return merge with { Obstacle = obstacle };
    }

    /// <summary>
    /// True for a statement behind BEGIN that says no more than modes of the BEGIN itself. They hold only before the
    /// transaction did any work, and our lock is work; so they become modes of our BEGIN.
    /// </summary>
    internal static bool IsMode(SqlStatement statement) =>
        statement.Class is SqlStatementClass.SetTransaction or SqlStatementClass.Begin && statement.TransactionModes?.StartsWith("snapshot", StringComparison.OrdinalIgnoreCase) != true;

    /// <summary>True for a statement behind which modes can still be set.</summary>
    internal static bool IsBeforeWork(SqlStatement statement) => IsMode(statement) || statement.Class is SqlStatementClass.Set or SqlStatementClass.Reset;

    private static StatementRemark? ReadOnly(IEnumerable<SqlStatement> statements) =>
        statements.FirstOrDefault(s => s.Has(SqlStatementTraits.ReadOnly)) is { } statement
            ? new StatementRemark(statement, "TransactionReadOnly", "It makes the transaction read only, and the record is written in the same transaction.", "Remove it; a migration is recorded where it runs.")
            : null;

    private static StatementRemark? Pairing(IReadOnlyList<SqlStatement> control, List<SqlStatement> opening)
    {
        for (var i = 0; i < control.Count; i++)
        {
            var statement = control[i];
            var isAsExpected = statement.Class == (i % 2 == 0 ? SqlStatementClass.Begin : SqlStatementClass.Commit);
            var why = isAsExpected && statement.Has(SqlStatementTraits.Chain) ? "It ends the transaction that the record is part of, and begins another."
                : isAsExpected && statement.Class == SqlStatementClass.Begin && !string.IsNullOrEmpty(statement.TransactionModes) && !opening.Contains(statement) ? "It begins a transaction with modes of its own, but the file runs in one transaction that began before."
                : isAsExpected ? null
                : "The file contains transaction control, but runs in one transaction together with its record.";
            if (why is not null)
            {
                return new StatementRemark(statement, "TransactionControl", why, OneTransaction);
            }
        }

        return control.Count % 2 == 0 ? null
            : new StatementRemark(control[^1], "TransactionUnfinished", "The transaction block that begins here is never ended.", "Write COMMIT where the block should end, or remove BEGIN.");
    }

    // A COMMIT in the middle means something where what stands before it depends on it.
    private static StatementRemark? Boundary(SqlScript script, IEnumerable<SqlStatement> statements)
    {
        var blocks = script.TransactionControl;
        for (var i = 1; i < blocks.Count; i += 2)
        {
            var commit = blocks[i];
            if (!script.Statements.Skip(commit.Ordinal).Any(s => !s.Has(SqlStatementTraits.DumpGuard) && !s.IsTransactionControl))
            {
                continue;
            }

            var before = statements.TakeWhile(s => s.Ordinal < commit.Ordinal);
            if (before.FirstOrDefault(s => s.EnumValue is { } value && script.Content.IndexOf(StepInspector.Quoted(value.Label), commit.Start) >= 0) is { } added)
            {
                return new StatementRemark(commit, "TransactionControl", $"The enum value '{added.EnumValue!.Label}' is used after this COMMIT, and the server accepts it only after it is committed, but the file runs in one transaction.", "Put what uses the value into a migration of its own.");
            }

            if (before.FirstOrDefault(s => s.Ordinal >= blocks[i - 1].Ordinal && (s.Has(SqlStatementTraits.LocalSetting) || s.Has(SqlStatementTraits.UntilCommit) || !string.IsNullOrEmpty(s.TransactionModes))) is { } local)
            {
                return new StatementRemark(commit, "TransactionControl", $"What statement {local.Ordinal} did lasts until this COMMIT, but the file runs in one transaction and goes on.", "Put each block into a migration of its own.");
            }
        }

        return null;
    }
}
