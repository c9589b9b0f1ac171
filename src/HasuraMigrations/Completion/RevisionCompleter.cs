using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using HasuraMigrations.Engine.Projects;

namespace HasuraMigrations.Completion;

/// <summary>Completes names of git branches and tags of the repository that holds the project, the newest first.</summary>
public sealed class RevisionCompleter : IArgumentCompleter
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters) =>
        CompletionProject.Try(() => Names(wordToComplete, fakeBoundParameters));

    private static IEnumerable<CompletionResult> Names(string typed, IDictionary bound)
    {
        var pattern = CompletionProject.Pattern(typed);
        using var stop = new CancellationTokenSource(Patience);
        try
        {
            return ProjectRevision.ListAsync(CompletionProject.Open(bound).Directory, stop.Token).GetAwaiter().GetResult()
                .Where(r => pattern.IsMatch(r.Name))
                .Select(r => CompletionProject.Result(r.Name, r.Subject));
        }
        catch (OperationCanceledException)
        {
            return [];
        }
    }
}
