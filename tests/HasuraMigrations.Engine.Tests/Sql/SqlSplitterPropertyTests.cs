using HasuraMigrations.Engine.Sql;
using HasuraMigrations.Engine.Tests.Support;

namespace HasuraMigrations.Engine.Tests.Sql;

public class SqlSplitterPropertyTests(ITestOutputHelper output)
{
    private const int Seed = 20240917;

    [Fact]
    public void PiecesOfRealFilesAreTheFiles()
    {
        var files = SqlSamples.CorpusFiles();
        SharedData.Needs(files.Count > 0, "corpus");
        var statements = 0;
        foreach (var file in files)
        {
            var script = SqlScript.Parse(File.ReadAllText(file));
            AssertConsistent(script);
            Assert.True(script.Unterminated is null, file);
            statements += script.Statements.Count;
        }
        output.WriteLine($"{files.Count} files, {statements} statements");
    }

    [Fact]
    public void PiecesOfRandomTextsAreTheTexts()
    {
        var count = LongForm.Count(1_000_000, 20_000);
        var random = new Random(Seed);
        var statements = 0;
        for (var left = count; left > 0; left--)
        {
            var script = SqlScript.Parse(SqlSamples.Random(random));
            AssertConsistent(script);
            statements += script.Statements.Count;
        }
        output.WriteLine($"seed {Seed}: {count} texts, {statements} statements");
    }

    private static void AssertConsistent(SqlScript script)
    {
        var at = 0;
        var ordinal = 0;
        foreach (var piece in script.Pieces)
        {
            Assert.True(piece.Start == at && piece.Length > 0, script.Text);
            at += piece.Length;
            if (piece.Statement is { } statement)
            {
                Assert.True(statement.Ordinal == ++ordinal, script.Text);
                Assert.True(statement.Length > 0 && statement.Start >= piece.Start
                    && statement.Start + statement.Length <= at, script.Text);
                AssertStandsAlone(script, statement);
            }
        }
        Assert.True(at == script.Text.Length && ordinal == script.Statements.Count, script.Text);
    }

    /// <summary>Cut out, a statement is one statement again; no sample has standard_conforming_strings off.</summary>
    private static void AssertStandsAlone(SqlScript script, SqlStatement statement)
    {
        var text = statement.Text;
        var alone = SqlScript.Parse(text);
        Assert.True(alone.Statements is [{ } only] && only.Text == text && only.Class == statement.Class, script.Text);
    }
}
