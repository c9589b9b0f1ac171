using System.Text;
using HasuraMigrations.Engine.Sql;

namespace HasuraMigrations.Engine.Seeds;

/// <summary>Makes the text of a seed file of the rows that tables have.</summary>
/// <param name="target">Where the tables are.</param>
/// <param name="database">Source name.</param>
public sealed class SeedDump(ISeedTarget target, string database)
{
    // Those that Hasura's CLI gives (hasura seed create --from-table).
    private static readonly string[] Options = ["--no-owner", "--no-acl", "--data-only", "--column-inserts"];

    private readonly List<Finding> _findings = [];

    /// <summary>The rows as INSERT statements, and what was noticed.</summary>
    /// <exception cref="HasuraMigrationException">SeedTableNotFound, SeedTableInvalid, DumpProgramMissing, DumpFailed, and the errors of the target.</exception>
    public async Task<(string Text, IReadOnlyList<Finding> Findings)> CreateAsync(IReadOnlyList<SeedTable> tables, CancellationToken cancellationToken)
    {
        var relations = await target.FindTablesAsync(tables, cancellationToken).ConfigureAwait(false);
        Check(tables, relations);
        // A partitioned table has no rows of its own; those of its partitions are inserted into it.
        string[] root = relations.Any(r => r.Kind == 'p') ? ["--load-via-partition-root"] : [];
        IEnumerable<string> names = relations.Where(r => r.Kind != 'f').Select(r => r.Table.ToString()).Distinct().SelectMany(t => new[] { "--table", t });
        var dump = await target.DumpAsync([.. Options, .. root, .. names], cancellationToken).ConfigureAwait(false);
        return (Clean(dump), _findings);
    }

    private void Check(IReadOnlyList<SeedTable> tables, IReadOnlyList<SeedRelation> relations)
    {
        if (tables.FirstOrDefault(t => relations.All(r => r.Table != t)) is { } missing)
        {
            throw new HasuraMigrationException("SeedTableNotFound", $"There is no table {missing} on {target.Description}. Case counts in names.", missing.ToString());
        }

        if (relations.FirstOrDefault(r => r.Table == r.Named && r.Kind is not ('r' or 'p')) is { } other)
        {
            throw new HasuraMigrationException("SeedTableInvalid", $"{other.Table} on {target.Description} is {Describe(other.Kind)}, which has no rows of its own.", other.Table.ToString());
        }

        foreach (var foreign in relations.Where(r => r.Kind == 'f'))
        {
            Warn("SeedRowsMissing", $"The partition {foreign.Table} of {foreign.Named} is a foreign table, whose rows are not in the seed file.");
        }
    }

    private static string Describe(char kind) => kind switch
    {
        'v' => "a view",
        'm' => "a materialized view",
        'f' => "a foreign table",
        'S' => "a sequence",
        _ => "not a table",
    };

    // By statements: a line in the middle of a value may look like anything.
    private string Clean(string dump)
    {
        var script = SqlScript.Parse(dump);
        var text = new StringBuilder();
        var hasRows = false;
        foreach (var statement in script.Statements.Where(s => !IsOfProgram(s)))
        {
            hasRows |= statement.Class == SqlStatementClass.Other;
            text.Append(statement.Text).Append(";\n");
        }

        if (!hasRows)
        {
            Warn("SeedEmpty", "The tables have no rows, so that the seed file contains no INSERT.");
        }

        return text.ToString();
    }

    // What pg_dump sets for its own session and writes for psql. A call that sets the state of a sequence is a query, too, but no setting.
    private static bool IsOfProgram(SqlStatement statement) =>
        statement.Class is SqlStatementClass.MetaCommand or SqlStatementClass.Set || (statement.Class == SqlStatementClass.Query && statement.Settings.Count > 0);

    private void Warn(string id, string message) =>
        _findings.Add(new Finding { Id = id, Severity = FindingSeverity.Warning, Message = message, Database = database });
}
