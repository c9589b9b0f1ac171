using System.Management.Automation;
using System.Text;
using HasuraMigrations.Tests.Support;

namespace HasuraMigrations.Tests.Module;

/// <summary>
/// The commands as scripts see them, kept as text, so that a change that breaks scripts shows in review. After a change on
/// purpose, set HASURA_TEST_UPDATE_EXAMPLES=1 to have <c>commands.approved.txt</c> written anew.
/// </summary>
public sealed class SurfaceTests(HostedShell shell) : IClassFixture<HostedShell>
{
    private static readonly string Approved = Path.Combine(Repository.Root, "tests", "HasuraMigrations.Tests", "Module", "commands.approved.txt");

    [Fact]
    public void Commands_and_parameters_are_those_approved()
    {
        var text = new StringBuilder();
        foreach (var command in shell.Run("Get-Command -Module HasuraMigrations").Well().Output.Select(o => (CmdletInfo)o.BaseObject).OrderBy(c => c.Name, StringComparer.Ordinal))
        {
            text.Append(command.Name).Append('\n');
            foreach (var set in command.ParameterSets.OrderBy(s => s.Name, StringComparer.Ordinal))
            {
                text.Append($"  {set.Name}{(set.IsDefault ? " (default)" : "")}\n");
                foreach (var parameter in set.Parameters.Where(p => !Cmdlet.CommonParameters.Contains(p.Name)).OrderBy(p => p.Name, StringComparer.Ordinal))
                {
                    text.Append($"    -{parameter.Name} {TypeName(parameter.ParameterType)}{(parameter.IsMandatory ? " mandatory" : "")}{(parameter.Position >= 0 ? $" position {parameter.Position}" : "")}{(parameter.ValueFromPipeline ? " pipeline" : "")}{(parameter.ValueFromPipelineByPropertyName ? " by property" : "")}\n");
                }
            }
        }

        if (Environment.GetEnvironmentVariable("HASURA_TEST_UPDATE_EXAMPLES") == "1")
        {
            File.WriteAllText(Approved, text.ToString());
        }

        Assert.Equal(File.ReadAllText(Approved).ReplaceLineEndings("\n"), text.ToString());
    }

    private static string TypeName(Type type) => Nullable.GetUnderlyingType(type) is { } inner ? inner.Name + "?" : type.Name;
}
