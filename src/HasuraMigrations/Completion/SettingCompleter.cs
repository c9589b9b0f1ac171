using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using HasuraMigrations.Abstractions;

namespace HasuraMigrations.Completion;

/// <summary>Completes names and values of the settings that Hasura knows.</summary>
public sealed class SettingCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters) =>
        (parameterName == "Name" ? [StateRecords.MigrationMode] : (string[])["true", "false"])
            .Where(t => t.StartsWith(wordToComplete, StringComparison.OrdinalIgnoreCase))
            .Select(t => new CompletionResult(t));
}
