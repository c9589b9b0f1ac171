using dotenv.net;

namespace HasuraMigrations.Engine.Projects;

/// <summary>Reads <c>.env</c>; it only adds variables and never overrides the environment.</summary>
internal static class EnvFile
{
    private static readonly IReadOnlyDictionary<string, string> Nothing = new Dictionary<string, string>();

    internal static IReadOnlyDictionary<string, string> Read(string projectDirectory, string? name, List<Finding> findings)
    {
        var path = Path.GetFullPath(Path.Combine(projectDirectory, name ?? ".env"));
        if (name is null && !File.Exists(path))
        {
            return Nothing;
        }

        try
        {
            // Read first by our own reader, which is strict about size and encoding; only the syntax is the library's.
            var text = TextFile.Read(path, maximumBytes: 1024 * 1024).Text;
            RefuseLinesWithoutName(text);
            var options = new DotEnvOptions(ignoreExceptions: false, envFilePaths: [path], trimValues: true, supportExportSyntax: true, supportInlineComments: true);
            return text.Length == 0
                ? Nothing
                : DotEnv.Read(options).ToDictionary(p => p.Key, p => p.Value, StringComparer.Ordinal);
        }
        catch (Exception e) when (e is HasuraMigrationException or ArgumentException or IOException or FormatException or InvalidOperationException)
        {
            if (name is not null)
            {
                throw new HasuraMigrationException("EnvFileInvalid", $"The env file '{path}' could not be read{Reason(e)}.", path) { File = path };
            }

            findings.Add(new Finding
            {
                Id = "EnvFileIgnored",
                Severity = FindingSeverity.Warning,
                Message = $"The env file could not be read{Reason(e)}; it is ignored.",
                File = path,
            });
            return Nothing;
        }
    }

    // The library passes over such lines silently.
    private static void RefuseLinesWithoutName(string text)
    {
        char? open = null;
        foreach (var line in text.Split('\n').Select(l => l.Trim()))
        {
            if (open is { } quote)
            {
                open = line.Contains(quote) ? null : open;
            }
            else if (line.Length > 0 && line[0] != '#')
            {
                var equals = line.IndexOf('=');
                if (equals <= 0)
                {
                    throw new FormatException();
                }

                open = line[(equals + 1)..].TrimStart() is [('"' or '\'') and var first, .. var rest] && !rest.Contains(first) ? first : null;
            }
        }
    }

    // The library quotes the line, which may hold a secret; only our own reader's words are passed on.
    private static string Reason(Exception e) => e is HasuraMigrationException ours ? $": {ours.Message.TrimEnd('.')}" : " (a line is not NAME=value)";
}
