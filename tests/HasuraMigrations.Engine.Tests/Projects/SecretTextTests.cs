using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Projects;

namespace HasuraMigrations.Engine.Tests.Projects;

public sealed class SecretTextTests
{
    [Theory]
    [Trait("Case", "16.5")]
    [InlineData("https://u:canary@host:1/x", "https://u:***@host:1/x")]
    [InlineData("https://canary@host/x", "https://***@host/x")]
    [InlineData("postgres://u:p@canary@host/d", "postgres://u:***@host/d")]
    [InlineData("see http://h/p?a=1&access_token=canary&b=2.", "see http://h/p?a=1&access_token=***&b=2.")]
    [InlineData("https://h/x?Password=canary", "https://h/x?Password=***")]
    [InlineData("https://h:8080/v1?page=2#a@b", "https://h:8080/v1?page=2#a@b")]
    [InlineData("user@host", "user@host")]
    public void Urls_are_shown_without_their_secrets(string text, string expected) => Assert.Equal(expected, SecretText.OfUrls(text));

    [Theory]
    [Trait("Case", "16.5")]
    [InlineData("host=h password=canary user=u", "***")]
    [InlineData("Server=h;Pwd=canary", "***")]
    [InlineData("postgres://h/d?password=canary", "postgres://h/d?***")]
    [InlineData("postgres://u:canary@h/d?sslmode=require", "postgres://u:***@h/d?***")]
    [InlineData("{{PG_URL}}", "{{PG_URL}}")]
    public void Connection_strings_are_shown_as_far_as_they_are_a_plain_url(string text, string expected) => Assert.Equal(expected, SecretText.OfConnection(text));

    [Theory]
    [Trait("Case", "16.5")]
    [InlineData("X-Token")]
    [InlineData("Cookie")]
    [InlineData("Authorization")]
    [InlineData("x-hasura-admin-secret")]
    [InlineData("My-Header")]
    public void The_value_of_a_header_is_hidden_unless_its_name_is_known_to_be_harmless(string name)
    {
        var headers = JsonNode.Parse($$"""[{"name":"{{name}}","value":"canary"},{"name":"Content-Type","value":"text/plain"},{"name":"{{name}}","value":"{{"{{VARIABLE}}"}}"}]""");

        var text = SecretMask.ToText(headers);

        Assert.DoesNotContain("canary", text);
        Assert.Contains("text/plain", text);
        Assert.Contains("{{VARIABLE}}", text);
    }

    [Theory]
    [InlineData("X-Token", true)]
    [InlineData("Cookie", true)]
    [InlineData("X-Hasura-Role", false)]
    [InlineData("My-Header", false)]
    public void A_warning_is_for_names_that_say_it(string name, bool isSecret) => Assert.Equal(isSecret, SecretText.IsSecretName(name));
}
