using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace HasuraMigrations.Completion;

/// <summary>Completes names of databases from the project on disk.</summary>
public sealed class DatabaseCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters) =>
        CompletionProject.Try(() => Names(wordToComplete, fakeBoundParameters));

    private static IEnumerable<CompletionResult> Names(string typed, IDictionary bound)
    {
        var pattern = CompletionProject.Pattern(typed);
        return CompletionProject.Open(bound).Databases
            .Where(d => pattern.IsMatch(d.Name))
            .Select(d => CompletionProject.Result(d.Name, d.UrlVariable is null ? d.Kind : $"{d.Kind}, {d.UrlVariable}"));
    }
}
