using System.Management.Automation;
using HasuraMigrations.Abstractions;

namespace HasuraMigrations.Commands;

/// <summary>Shows a project: its directories, databases and settings.</summary>
[Cmdlet(VerbsCommon.Get, "HasuraProject")]
[OutputType(typeof(HasuraProjectInfo))]
public sealed class GetHasuraProjectCommand : HasuraProjectCmdlet
{
    private protected override void OnEnd() => WriteObject(OpenProject().ToInfo());
}
