using System.Text;
using HasuraMigrations.Engine.Metadata.Schema;

namespace HasuraMigrations.Engine.Tests.Metadata.Schema;

/// <summary>Permissions are found in the text of a table, whatever else is in it.</summary>
public sealed class PermissionTextsTests
{
    private static readonly string[] Members = ["insert_permissions", "select_permissions"];

    [Theory]
    [InlineData("""{"table":"a"}""", "")]
    [InlineData("""{"select_permissions":null,"insert_permissions":{"role":"x"}}""", "")]
    [InlineData("""{"select_permissions":[{"role":"x","permission":{"columns":["role"]}}]}""", """1 0 x {"columns":["role"]}""")]
    [InlineData("""{"select_permissions":[{"permission":{"permission":1},"comment":[{"role":"z"}],"role":"é\""}]}""", """1 0 é" {"permission":1}""")]
    [InlineData("""{"select_permissions":[1,{"role":7},[{"role":"y"}],{"role":"x","permission":null}]}""", "1 1  ;1 3 x null")]
    [InlineData("""{"select_permissions":[{"role":"s"}],"x":{"insert_permissions":[{"role":"no"}]},"insert_permissions":[{"role":"i","permission":"*"}]}""", """1 0 s ;0 0 i "*" """)]
    public void They_are_found_with_their_kinds_places_roles_and_values(string table, string expected)
    {
        var utf8 = Encoding.UTF8.GetBytes(table);

        var found = PermissionTexts.Find(utf8, Members);

        Assert.Equal(expected.Trim(' '), string.Join(";", found.Select(f => $"{f.Kind} {f.Index} {f.Role} {Encoding.UTF8.GetString(utf8, f.Start, f.Length)}")).Trim(' '));
    }
}
