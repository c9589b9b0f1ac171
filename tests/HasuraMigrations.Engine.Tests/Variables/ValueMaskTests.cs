using HasuraMigrations.Engine.Variables;

namespace HasuraMigrations.Engine.Tests.Variables;

public sealed class ValueMaskTests
{
    [Theory]
    [InlineData("s3cret", "invalid input: \"s3cret\"", "invalid input: \"${x}\"")]
    [InlineData("it's", "at or near 'it''s'", "at or near '${x}'")]
    [InlineData("a\"b\"c", "column \"a\"\"b\"\"c\" does not exist", "column \"${x}\" does not exist")]
    [InlineData("one\ntwo", "it is one\\ntwo.", "it is ${x}.")]
    [InlineData("42", "42 of 142: value 42", "${x} of 142: value ${x}")]
    [InlineData("correct horse battery staple", "Token \"horse battery\" is invalid: {\"correct horse batt...", "Token \"${x}\" is invalid: {\"${x}...")]
    [InlineData("correct horse battery staple", "the horse is correct", "the horse is correct")]
    [InlineData("s3cret", "nothing to hide", "nothing to hide")]
    public void What_a_server_repeats_is_hidden(string value, string text, string expected)
    {
        var mask = new ValueMask();
        mask.Add("x", value, []);

        Assert.Equal(expected, mask.OfServer(text));
    }

    [Fact]
    public void A_short_value_is_hidden_in_our_sentences_only_in_quotes()
    {
        var mask = new ValueMask();
        mask.Add("x", "1", []);
        mask.Add("y", "public", []);

        Assert.Equal("Statement 1 adds '${x}' to ${y}.", mask.OfSentence("Statement 1 adds '1' to public."));
    }

    [Fact]
    public void Words_of_a_raw_value_are_hidden_and_the_name_of_one_variable_is_no_value_of_another()
    {
        var mask = new ValueMask();
        mask.Add("options", "owner_name IS NULL", ["owner_name"]);
        mask.Add("other", "options", []);

        Assert.Equal("column \"${options}\" does not exist in ${other}", mask.OfServer("column \"owner_name\" does not exist in options"));
    }
}
