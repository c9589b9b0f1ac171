using System.Globalization;

namespace HasuraMigrations.Engine.Projects;

/// <summary>Reads <c>.env</c>; it only adds variables and never overrides the environment.</summary>
internal static class EnvFile
{
    private static readonly IReadOnlyDictionary<string, string> Nothing = new Dictionary<string, string>();

    /// <summary>The variables of a file.</summary>
    /// <param name="projectDirectory">What a relative name is relative to.</param>
    /// <param name="name">The file that was named; null for the default, which need not exist.</param>
    /// <param name="environment">The environment, for <c>$NAME</c> in values.</param>
    /// <param name="names">How names of variables are compared.</param>
    /// <param name="findings">Takes what is wrong with the default file; then none of it counts, as in Hasura's CLI.</param>
    /// <exception cref="HasuraMigrationException">EnvFileInvalid, for a file that was named; no line is quoted.</exception>
    internal static IReadOnlyDictionary<string, string> Read(string projectDirectory, string? name, IReadOnlyDictionary<string, string> environment, StringComparer names, List<Finding> findings)
    {
        var path = Path.GetFullPath(Path.Combine(projectDirectory, name ?? ".env"));
        if (name is null && !File.Exists(path))
        {
            return Nothing;
        }

        var (variables, reason, line) = Read(path, environment, names);
        if (variables is not null)
        {
            return variables;
        }

        if (name is not null)
        {
            throw new HasuraMigrationException("EnvFileInvalid", $"The env file '{path}' could not be read: {reason}.", path) { File = path, Line = line };
        }

        findings.Add(new Finding
        {
            Id = "EnvFileIgnored",
            Severity = FindingSeverity.Warning,
            Message = $"The env file could not be read: {reason}; none of its lines is used.",
            File = path,
            Line = line,
            RecommendedAction = "Correct the file; quote a value that contains '#' or begins or ends with a space.",
        });
        return Nothing;
    }

    private static (IReadOnlyDictionary<string, string>? Variables, string Reason, int? Line) Read(string path, IReadOnlyDictionary<string, string> environment, StringComparer names)
    {
        try
        {
            var variables = EnvSyntax.Read(TextFile.Read(path, maximumBytes: 1024 * 1024).Text, environment, names, out var bad);
            return bad.Count == 0 ? (variables, "", null) : (null, Reason(bad), bad[0]);
        }
        catch (HasuraMigrationException e)
        {
            return (null, e.Message.TrimEnd('.'), e.Line);
        }
    }

    private static string Reason(IReadOnlyList<int> lines) =>
        $"{(lines.Count == 1 ? "line" : "lines")} {string.Join(", ", lines.Select(l => l.ToString(CultureInfo.InvariantCulture)))} {(lines.Count == 1 ? "is" : "are")} not NAME=value or NAME: value, or a quote is not closed";
}
