using System.Collections;
using System.Management.Automation;
using HasuraMigrations.Engine.Projects;

namespace HasuraMigrations.Completion;

/// <summary>What completers share: the project that the line being typed is about.</summary>
internal static class CompletionProject
{
    /// <summary>The project named by -Project, or found from the current location.</summary>
    internal static HasuraProject Open(IDictionary bound)
    {
        using var shell = PowerShell.Create(RunspaceMode.CurrentRunspace);
        shell.AddScript("$args[0] ? $ExecutionContext.SessionState.Path.GetUnresolvedProviderPathFromPSPath($args[0]) : $ExecutionContext.SessionState.Path.CurrentFileSystemLocation.ProviderPath", useLocalScope: true)
            .AddArgument(bound["Project"]?.ToString());
        return HasuraProject.Open(new ProjectOptions
        {
            Path = shell.Invoke<string>()[0],
            IsExplicit = bound.Contains("Project"),
            EnvFile = bound["EnvFile"]?.ToString(),
        });
    }

    /// <summary>The databases that the line names; null where it names none.</summary>
    internal static List<string>? Databases(IDictionary bound) => (bound["Database"] ?? bound["DatabaseName"]) switch
    {
        null => null,
        string one => [one],
        IEnumerable many => [.. many.Cast<object>().Select(n => n.ToString()!)],
        var other => [other.ToString()!],
    };

    /// <summary>A completion, quoted where the shell would otherwise read it as something else.</summary>
    internal static CompletionResult Result(string value, string tooltip)
    {
        var isPlain = value.Length > 0 && value.All(c => char.IsLetterOrDigit(c) || c is '_' or '-' or '.' or '/');
        var text = isPlain ? value : $"'{value.Replace("'", "''", StringComparison.Ordinal)}'";
        return new CompletionResult(text, value, CompletionResultType.ParameterValue, tooltip.Length > 0 ? tooltip : value);
    }

    /// <summary>Matches what was typed so far, quotes aside.</summary>
    internal static WildcardPattern Pattern(string typed) => new(typed.Trim('\'', '"') + "*", WildcardOptions.IgnoreCase);

    /// <summary>Runs a completer. A line that is being typed is not the place for errors: no project, no suggestions.</summary>
    internal static IEnumerable<CompletionResult> Try(Func<IEnumerable<CompletionResult>> complete)
    {
        try
        {
            return [.. complete()];
        }
        catch (Exception e) when (e is HasuraMigrationException or RuntimeException)
        {
            return [];
        }
    }
}
