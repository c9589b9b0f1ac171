using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using HasuraMigrations.Engine.Metadata.Api;
using HasuraMigrations.Engine.Metadata.Files;

namespace HasuraMigrations.Completion;

/// <summary>Completes names of roles from the metadata of the project on disk.</summary>
public sealed class RoleCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters) =>
        CompletionProject.Try(() => Names(wordToComplete, fakeBoundParameters));

    private static IEnumerable<CompletionResult> Names(string typed, IDictionary bound)
    {
        var pattern = CompletionProject.Pattern(typed);
        return ApiRoles.Of(MetadataFiles.Read(CompletionProject.Open(bound)).Document)
            .Where(r => pattern.IsMatch(r))
            .Select(r => CompletionProject.Result(r, ""));
    }
}
