using HasuraMigrations.Engine.Sql;
using HasuraMigrations.Engine.Tests.Support;

namespace HasuraMigrations.Engine.Tests.Sql;

public sealed class SqlSplitterAllocationTests
{
    [Fact]
    public void Splitting_a_thousand_statements_allocates_no_more_than_it_did()
    {
        var text = string.Concat(Enumerable.Range(0, 1000).Select(i => $"CREATE TABLE table_{i} (id int PRIMARY KEY, name text DEFAULT 'a;b'); -- number {i}\n"));

        Allocations.AtMost(817_000, () => SqlScript.Parse(text));
    }
}
