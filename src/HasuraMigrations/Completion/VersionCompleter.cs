using System.Collections;
using System.Globalization;
using System.Management.Automation;
using System.Management.Automation.Language;
using HasuraMigrations.Abstractions;
using HasuraMigrations.Engine.Migrations;

namespace HasuraMigrations.Completion;

/// <summary>Completes versions of migrations from the project on disk; the tooltip is the name.</summary>
public sealed class VersionCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters) =>
        CompletionProject.Try(() => Versions(wordToComplete, fakeBoundParameters));

    private static IEnumerable<CompletionResult> Versions(string typed, IDictionary bound)
    {
        var project = CompletionProject.Open(bound);
        var pattern = CompletionProject.Pattern(typed);
        return DatabaseSelection.Select(project, CompletionProject.Databases(bound), isAllByDefault: true)
            .SelectMany(d => MigrationSource.Scan(project, d).Migrations)
            .Select(m => (Text: m.Version.ToString(CultureInfo.InvariantCulture), m.Name))
            .Where(m => pattern.IsMatch(m.Text) || pattern.IsMatch(m.Name))
            .DistinctBy(m => m.Text)
            .Select(m => CompletionProject.Result(m.Text, m.Name));
    }
}
