using HasuraMigrations.Engine.Sql;

namespace HasuraMigrations.Engine.Targets.Postgres;

/// <summary>What commits at once when a file runs statement by statement: one statement, or a block from BEGIN to COMMIT.</summary>
/// <param name="First">First statement; the BEGIN of a block.</param>
/// <param name="Last">Last statement; the COMMIT of a block.</param>
/// <param name="Inner">What is sent between our BEGIN and COMMIT.</param>
/// <param name="Options">Transaction modes of the block's BEGIN.</param>
/// <param name="IsAlone">True for a statement that cannot share a transaction with the counter.</param>
internal sealed record StatementUnit(SqlStatement First, SqlStatement Last, IReadOnlyList<SqlStatement> Inner, string Options, bool IsAlone)
{
    internal static List<StatementUnit> Cut(SqlScript script)
    {
        var units = new List<StatementUnit>();
        var statements = script.Statements;
        for (var i = 0; i < statements.Count; i++)
        {
            var first = statements[i];
            if (first.Class != SqlStatementClass.Begin)
            {
                units.Add(new StatementUnit(first, first, [first], "", IsAloneStatement(first)));
                continue;
            }

            var end = i + 1;
            while (end < statements.Count && statements[end].Class is not (SqlStatementClass.Commit or SqlStatementClass.Rollback))
            {
                end++;
            }

            // A block that is rolled back, or never ended, leaves nothing; only its place counts.
            var isKept = end < statements.Count && statements[end].Class == SqlStatementClass.Commit;
            end = Math.Min(end, statements.Count - 1);
            units.Add(new StatementUnit(first, statements[end], isKept ? [.. statements.Skip(i + 1).Take(end - i - 1)] : [], first.TransactionModes ?? "", IsAlone: false));
            i = end;
        }

        return units;
    }

    // A procedure or block may end transactions itself, which the server allows only outside of one.
    private static bool IsAloneStatement(SqlStatement statement) =>
        statement.CannotRunInTransaction || statement.Has(SqlStatementTraits.MaybeNotInTransaction) || statement.Class is SqlStatementClass.Do or SqlStatementClass.Call;
}
