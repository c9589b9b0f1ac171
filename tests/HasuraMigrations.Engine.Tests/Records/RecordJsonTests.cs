using System.Text.Json;
using HasuraMigrations.Engine.Records;

namespace HasuraMigrations.Engine.Tests.Records;

/// <summary>Texts by name are read as the serializer would read them.</summary>
public sealed class RecordJsonTests
{
    [Theory]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("""{"up.sql": "a1", "down.sql": "b2"}""")]
    [InlineData("""{"up.sql": "1", "up.sql": "2"}""")]
    [InlineData("""{"\u0061\"": "\\ \n \ud83d\ude00 ä"}""")]
    public void Texts_are_those_of_the_serializer(string json) =>
        Assert.Equal(JsonSerializer.Deserialize(json, RecordJson.Default.DictionaryStringString) ?? [], RecordJson.Texts(json));

    [Theory]
    [InlineData("[]")]
    [InlineData("1")]
    [InlineData("""{"up.sql": 1}""")]
    [InlineData("""{"up.sql": {}}""")]
    [InlineData("""{"up.sql": "a"} {}""")]
    [InlineData("""{"up.sql": "a" """)]
    [InlineData("")]
    public void Anything_else_is_refused(string json) => Assert.ThrowsAny<JsonException>(() => RecordJson.Texts(json));
}
