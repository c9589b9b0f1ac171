namespace HasuraMigrations.Engine.Migrations;

/// <summary>Says why a file or directory that looks like a migration is none; null where it does not look like one.</summary>
internal static class IgnoredFileReason
{
    private const string StepIsFile = "a step is a file, and this is a directory";

    internal static string? OfFile(string fileName, string? directoryName, int configVersion)
    {
        var logical = directoryName is null ? fileName : $"{directoryName}.{fileName}";
        if (!HasStepEnding(fileName, directoryName is null))
        {
            return null;
        }

        var lower = logical.ToLowerInvariant();
        if (lower.EndsWith(".yml", StringComparison.Ordinal))
        {
            return "the extension must be .yaml";
        }

        if (lower.EndsWith(".yaml", StringComparison.Ordinal) && configVersion > 1)
        {
            return $"YAML migrations belong to config version 1; this project has version {configVersion}";
        }

        if (lower != logical && MigrationFileName.TryParse(LowerEnding(logical), configVersion, out _))
        {
            return "direction and extension must be in lower case";
        }

        return PrefixProblem(directoryName ?? fileName);
    }

    internal static string? OfNestedDirectory(string name, IEnumerable<string> files) =>
        files.Any(f => HasStepEnding(f, flat: !IsStepName(f))) ? $"the directory '{name}' is one level too deep"
        : HasStepEnding(name, flat: false) ? StepIsFile
        : null;

    internal static string? OfDirectory(string name, IEnumerable<string> files) =>
        HasStepEnding(name, flat: true) && !files.Any(f => HasStepEnding(f, flat: false)) ? StepIsFile : null;

    private static string? PrefixProblem(string name)
    {
        var digits = name.TakeWhile(char.IsAsciiDigit).Count();
        return (digits, name.Length > digits && name[digits] == '_') switch
        {
            (0, _) => name.StartsWith('-') && name.Length > 1 && char.IsAsciiDigit(name[1]) ? "a version cannot be negative" : "the name does not begin with a version and an underscore",
            (_, false) => "an underscore must follow the version",
            _ when !MigrationFileName.TryParsePrefix(name, out var version, out _) => "the version is greater than 9223372036854775807",
            _ => null,
        };
    }

    private static string LowerEnding(string logical)
    {
        var parts = logical.Split('.');
        for (var i = Math.Max(0, parts.Length - 2); i < parts.Length; i++)
        {
            parts[i] = parts[i].ToLowerInvariant();
        }

        return string.Join('.', parts);
    }

    private static bool IsStepName(string fileName) => fileName.Split('.') is [var direction, _] && IsDirection(direction);

    private static bool HasStepEnding(string fileName, bool flat)
    {
        var parts = fileName.ToLowerInvariant().Split('.');
        return parts.Length >= (flat ? 3 : 2) && IsDirection(parts[^2]) && parts[^1] is "sql" or "yaml" or "yml";
    }

    private static bool IsDirection(string text) => text.ToLowerInvariant() is "up" or "down";
}
