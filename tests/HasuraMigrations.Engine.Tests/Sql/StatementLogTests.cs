using System.Text.RegularExpressions;
using HasuraMigrations.Engine.Sql;
using HasuraMigrations.Engine.Tests.Support;

namespace HasuraMigrations.Engine.Tests.Sql;

/// <summary>The statements that we cut are those that a server gets when psql sends the same file.</summary>
public sealed partial class StatementLogTests(ITestOutputHelper output) : IDisposable
{
    private const int Seed = 7411;

    private readonly string _inputs = Directory.CreateTempSubdirectory("hm-inputs-").FullName;

    private int _written;

    [Fact]
    public void CutsRealFilesAsPsqlDoes()
    {
        Assert.SkipWhen(StatementLogOracle.MissingPart() is not null, StatementLogOracle.MissingPart() ?? "");
        var files = SqlSamples.CorpusFiles();
        SharedData.Needs(files.Count > 0, "corpus");
        Compare([.. LongForm.Of(files, 10)], executes: false);
    }

    [Fact]
    public void CutsRandomTextsAsPsqlDoes()
    {
        Assert.SkipWhen(StatementLogOracle.MissingPart() is not null, StatementLogOracle.MissingPart() ?? "");
        var random = new Random(Seed);
        var files = new List<string>();
        for (var left = LongForm.Count(10_000, 500); left > 0;)
        {
            var text = SqlSamples.Random(random);
            if (!PsqlDiffers(text))
            {
                files.Add(Write(text));
                left--;
            }
        }
        output.WriteLine($"seed {Seed}");
        Compare(files, executes: false);
    }

    [Fact]
    public void FollowsStandardConformingStringsAsPsqlDoes()
    {
        Assert.SkipWhen(StatementLogOracle.MissingPart() is not null, StatementLogOracle.MissingPart() ?? "");
        string[] texts =
        [
            "set standard_conforming_strings = off; select 'a\\';b'; set standard_conforming_strings = on; select 'a\\'; x;",
            "begin; set standard_conforming_strings to 'off'; select 'a\\';b'; rollback; select 'a\\'; select 2;",
            "begin; set local standard_conforming_strings = no; select 'a\\';b'; commit; select 'a\\'; select 2;",
            "set session standard_conforming_strings = 0; reset all; select 'a\\'; select 2;",
            "set standard_conforming_strings = off; reset standard_conforming_strings; select 'a\\'; select 2;",
            "set standard_conforming_strings = off; set standard_conforming_strings to default; select 'a\\'; select 2;",
            "set standard_conforming_strings = off; discard all; select 'a\\'; select 2;",
            "set standard_conforming_strings = of; select N'a\\';', b'\\'; select 2;",
        ];
        // psql asks the server for the setting at the start of each line.
        Compare([.. texts.Select(text => Write(text.Replace("; ", ";\n", StringComparison.Ordinal)))], executes: true);
    }

    public void Dispose() => Directory.Delete(_inputs, recursive: true);

    private void Compare(IReadOnlyList<string> files, bool executes)
    {
        using var oracle = new StatementLogOracle();
        var sent = oracle.Send(files, executes);
        Assert.Equal(files.Count, sent.Count);
        var statements = 0;
        for (var index = 0; index < files.Count; index++)
        {
            var text = File.ReadAllText(files[index]);
            var expected = SentByPsql(SqlScript.Parse(text));
            var actual = sent[index].ConvertAll(Trim);
            Assert.True(expected.SequenceEqual(actual),
                $"{files[index]}\n<<{text}>>\nours:\n{string.Join("\n|\n", expected)}\npsql:\n{string.Join("\n|\n", actual)}");
            statements += actual.Count;
        }
        output.WriteLine($"{files.Count} files, {statements} statements");
    }

    /// <summary>
    /// psql drops white space and line comments before a statement, and empty lines; it sends block comments and lone
    /// semicolons, too, and keeps the semicolon.
    /// </summary>
    private static List<string> SentByPsql(SqlScript script) =>
        [.. script.Pieces.Select(piece => Trim(script.Text.Substring(piece.Start, piece.Length))).Where(text => text.Length > 0)];

    private static string Trim(string text) => EmptyLines().Replace(LeadingTrivia().Replace(text, ""), "\n").TrimEnd(' ', '\t', '\r', '\n', '\f');

    /// <summary>
    /// Where psql is known to read a text otherwise than the server, or a version otherwise than the next: commands of its
    /// own; a continued escape string, whose second line it takes for a plain string; BEGIN without ATOMIC in the head of a
    /// routine; letters and dollar signs stuck to a number.
    /// </summary>
    private static bool PsqlDiffers(string text) =>
        SqlScript.Parse(text).Statements.Any(statement => statement.MetaCommandIndex is not null)
        || (text.Contains("'a\\'", StringComparison.Ordinal) && text.Contains("e'", StringComparison.OrdinalIgnoreCase))
        || BareBegin().IsMatch(text)
        || NumberWithJunk().IsMatch(text);

    private string Write(string text)
    {
        var path = Path.Combine(_inputs, $"{_written++}.sql");
        File.WriteAllText(path, text);
        return path;
    }

    [GeneratedRegex(@"\A(?:[ \t\r\n\f]+|--[^\r\n]*)+")]
    private static partial Regex LeadingTrivia();

    [GeneratedRegex(@"\n{2,}")]
    private static partial Regex EmptyLines();

    [GeneratedRegex(@"begin(?![ \r\n]+(?:/\* x \*/ +)?atomic(?![A-Za-z_0-9$\u0080-\uFFFF]))", RegexOptions.IgnoreCase)]
    private static partial Regex BareBegin();

    [GeneratedRegex(@"[0-9][A-Za-z_\u0080-\uFFFF][A-Za-z_0-9\u0080-\uFFFF]*\$")]
    private static partial Regex NumberWithJunk();
}
