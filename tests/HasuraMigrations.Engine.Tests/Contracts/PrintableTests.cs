using HasuraMigrations.Tests.Support;

namespace HasuraMigrations.Engine.Tests.Contracts;

public sealed class PrintableTests
{
    [Theory]
    [Trait("Case", "16.4")]
    [InlineData(null, "")]
    [InlineData("SELECT 'ü', a[1];\t-- 日本 😀", "SELECT 'ü', a[1];\t-- 日本 😀")]
    [InlineData("n1\n##vso[task.setvariable variable=n]1", @"n1\n##vso\u005Btask.setvariable variable=n]1")]
    [InlineData("a\r\n::set-output name=a::b", @"a\r\n\u003A:set-output name=a::b")]
    [InlineData("  ::any::thing ::Warning file=a::b", @"  \u003A:any::thing \u003A:Warning file=a::b")]
    [InlineData(":::error::x", @"\u003A\u003A:error::x")]
    [InlineData("SELECT a::text || b::errors, c::int[] ::", "SELECT a::text || b::errors, c::int[] ::")]
    [InlineData("  ##[error]x", @"  ##\u005Berror]x")]
    [InlineData("#[a] #x[b]", "#[a] #x[b]")]
    [InlineData("\u001b[31mred\u0007\0\u0085", @"\u001B[31mred\u0007\u0000\u0085")]
    [InlineData("abc\u202Egnp.\u2066x\u2029", @"abc\u202Egnp.\u2066x\u2029")]
    public void What_could_act_is_shown_as_an_escape(string? text, string expected)
    {
        Assert.Equal(expected, Printable.Of(text));
        Assert.Equal(expected, Printable.Of(expected));
    }

    [Fact]
    public void Half_a_character_is_shown_as_an_escape() => Assert.Equal(@"😀 \uD83D \uDE00\uFFFE", Printable.Of("\uD83D\uDE00 \uD83D \uDE00\uFFFE"));

    public static TheoryData<int> Texts => [.. Enumerable.Range(0, HostileTexts.All.Length)];

    [Theory]
    [MemberData(nameof(Texts))]
    public void No_agent_reads_a_command_wherever_a_host_breaks_the_line(int text)
    {
        var shown = Printable.Of(HostileTexts.All[text]);

        for (var i = 0; i <= shown.Length; i++)
        {
            var log = $"{shown[..i]}\n   {shown[i..]}";
            Assert.Empty(AgentReader.Azure(log));
            Assert.Empty(AgentReader.GitHub(log));
        }
    }

    [Fact]
    public void In_place_nothing_moves() => Assert.Equal("a\t\uFFFD##x\uFFFDy", Printable.InPlace("a\t\u001b##x[y"));

    [Fact]
    [Trait("Case", "16.4")]
    public void Messages_and_findings_are_printable_and_keep_their_own_lines()
    {
        var error = new HasuraMigrationException("FileUnreadable", "The file 'a\n::b' is bad.", lines: ["  one\ntwo", "  three"]);
        var finding = new Finding { Id = "X", Severity = FindingSeverity.Warning, Message = "m\u001b", RecommendedAction = "r\n", File = "f\n", Line = 1 };

        Assert.Equal(["The file 'a\\n::b' is bad.", "  one\\ntwo", "  three"], error.Message.Split(Environment.NewLine));
        Assert.Equal(("m\\u001B", "r\\n"), (finding.Message, finding.RecommendedAction));
        Assert.Equal("warning X: f\\n:1: m\\u001B", finding.ToString());
    }
}
