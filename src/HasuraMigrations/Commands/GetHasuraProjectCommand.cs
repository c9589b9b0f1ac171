using System.Management.Automation;
using HasuraMigrations.Abstractions;

namespace HasuraMigrations.Commands;

/// <summary>Shows a Hasura project: its directories, databases and settings.</summary>
/// <remarks>
/// <para>
/// Finds the project from -Project or from the current location upwards, and reads config.yaml, the env file and the environment.
/// Each setting is shown with its value and its source; secrets are masked. Reading writes nothing.
/// </para>
/// <para>
/// The property Findings contains possible problems, such as a nested project or an unknown key. Important findings are also
/// written as warnings.
/// </para>
/// </remarks>
/// <output cref="HasuraProjectInfo">The project.</output>
/// <notes>
/// config.yaml of versions 1, 2 and 3 is read. Environment variables start with HASURA_GRAPHQL_ and override the env file, which
/// overrides config.yaml.
/// </notes>
/// <seealso href="about_HasuraMigrations_Projects"/>
/// <seealso cref="GetHasuraMigrationCommand"/>
[Cmdlet(VerbsCommon.Get, "HasuraProject", HelpUri = HelpPages.Base + "Get-HasuraProject.md")]
[OutputType(typeof(HasuraProjectInfo))]
public sealed class GetHasuraProjectCommand : HasuraProjectCmdlet
{
    private protected override void OnEnd() => WriteObject(OpenProject().ToInfo());
}
