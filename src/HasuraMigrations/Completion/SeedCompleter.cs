using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using HasuraMigrations.Abstractions;
using HasuraMigrations.Engine.Seeds;

namespace HasuraMigrations.Completion;

/// <summary>Completes paths of seed files from the project on disk.</summary>
public sealed class SeedCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters) =>
        CompletionProject.Try(() => Paths(wordToComplete, fakeBoundParameters));

    private static IEnumerable<CompletionResult> Paths(string typed, IDictionary bound)
    {
        var project = CompletionProject.Open(bound);
        var pattern = CompletionProject.Pattern(typed);
        return DatabaseSelection.Select(project, CompletionProject.Databases(bound), isAllByDefault: true)
            .SelectMany(d => SeedSource.Scan(project, d).Entries)
            .Where(e => pattern.IsMatch(e.Path))
            .DistinctBy(e => e.Path)
            .Select(e => CompletionProject.Result(e.Path, e.File));
    }
}
