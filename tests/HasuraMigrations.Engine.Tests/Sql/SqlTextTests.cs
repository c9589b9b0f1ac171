using System.Text;
using HasuraMigrations.Engine.Sql;
using HasuraMigrations.Engine.Targets.Postgres.Sessions;
using HasuraMigrations.Engine.Tests.Support;

namespace HasuraMigrations.Engine.Tests.Sql;

/// <summary>A text that is kept compressed and cut in windows gives what the same text as one string gives.</summary>
public class SqlTextTests
{
    [Fact]
    [Trait("Case", "16")]
    public void ALongTextIsCutLikeAString()
    {
        var random = new Random(7);
        for (var i = 0; i < LongForm.Count(12, 4); i++)
        {
            var text = LongText(random, withoutQuotes: i % 2 == 0);
            var whole = SqlScript.Parse(text);
            var parts = SqlScript.Parse(InParts(text, random));

            Assert.Equal((false, true), (whole.Content.IsLong, parts.Content.IsLong));
            Assert.Equal(text, parts.Text);
            Assert.Equal(whole.Pieces.Select(p => (p.Kind, p.Start, p.Length)), parts.Pieces.Select(p => (p.Kind, p.Start, p.Length)));
            Assert.Equal(whole.Unterminated, parts.Unterminated);
            Assert.Equal(whole.Statements.Select(Facts), parts.Statements.Select(Facts));
            foreach (var index in Enumerable.Range(0, 200).Select(_ => random.Next(text.Length + 1)).Concat([0, text.Length]))
            {
                Assert.Equal(whole.PositionOf(index), parts.PositionOf(index));
                Assert.Equal(whole.LineOf(index), parts.LineOf(index));
                Assert.Equal(text.IndexOf("select", index, StringComparison.Ordinal), parts.Content.IndexOf("select", index));
            }
        }
    }

    [Fact]
    [Trait("Case", "16")]
    public void DataOfCopyIsPassedOverAcrossWindows()
    {
        var text = $"CREATE TABLE a (b text);\nCOPY a FROM stdin;\n{string.Concat(Enumerable.Repeat("one 'line; of data\n", 20_000))}\\.\nSELECT 1;\n";

        var script = SqlScript.Parse(InParts(text, new Random(1)));

        Assert.Equal(["CREATE TABLE a (b text)", "COPY a FROM stdin", "SELECT 1"], script.Statements.Select(s => s.Text));
        Assert.Contains(script.Pieces, p => p.Kind == SqlPieceKind.CopyData);
    }

    [Fact]
    [Trait("Case", "16")]
    public void AStatementOverManyWindowsIsOne()
    {
        var value = new string('x', 700_000);
        var script = SqlScript.Parse(InParts($"SELECT 0; INSERT INTO a VALUES ('{value}'); SELECT 2", new Random(2)));
        Assert.Equal(["SELECT 0", $"INSERT INTO a VALUES ('{value}')", "SELECT 2"], script.Statements.Select(s => s.Text));
        Assert.All(script.Statements, s => Assert.False(s.IsTooLong));
    }

    private static (int, int, int, SqlStatementClass, SqlStatementTraits, int?, int?, int?) Facts(SqlStatement s) =>
        (s.Ordinal, s.Start, s.Length, s.Class, s.Traits, s.ParameterIndex, s.MetaCommandIndex, s.NulIndex);

    private static string LongText(Random random, bool withoutQuotes)
    {
        var text = new StringBuilder();
        while (text.Length < 400_000)
        {
            var sample = SqlSamples.Random(random);
            // An open quote would make one statement of the rest.
            if (!withoutQuotes || SqlScript.Parse(sample) is { Unterminated: null } script && !script.Statements.Any(s => s.Has(SqlStatementTraits.CopyFromClient)))
            {
                text.Append(sample).Append(random.Next(3) switch { 0 => ";\r\n", 1 => ";😀\n", _ => ";" });
            }
        }

        return text.ToString();
    }

    private static SqlText InParts(string text, Random random)
    {
        var parts = new List<string>();
        for (var at = 0; at < text.Length;)
        {
            var length = Math.Min(text.Length - at, random.Next(1, 50_000));
            length += at + length < text.Length && char.IsHighSurrogate(text[at + length - 1]) ? 1 : 0;
            parts.Add(text.Substring(at, length));
            at += length;
        }

        return SqlText.Of(parts);
    }
}
