namespace HasuraMigrations.Engine.Projects;

/// <summary>Finds the directory with <c>config.yaml</c>, from one directory upwards, as Hasura's CLI does.</summary>
internal static class ProjectSearch
{
    internal static string Find(string start, bool isExplicit, List<Finding> findings)
    {
        var full = ProjectPaths.Full(start);
        if (!Directory.Exists(full))
        {
            throw new HasuraMigrationException("ProjectNotFound", $"The project directory '{full}' {(File.Exists(full) ? "is a file" : "does not exist")}.", full);
        }

        var found = Upwards(full).FirstOrDefault(HasConfig)
            ?? throw new HasuraMigrationException("ProjectNotFound", $"Neither '{full}' nor a directory above it contains a {ConfigFile.Name}.", full);
        var outer = Upwards(found).Skip(1).FirstOrDefault(d => HasConfig(d) && LooksLikeProject(d));
        if (outer is not null)
        {
            Report(found, outer, isExplicit || found == full, findings);
        }

        return found;
    }

    private static void Report(string found, string outer, bool isClear, List<Finding> findings)
    {
        var message = $"The project '{found}' is inside another project, '{outer}'.";
        if (!isClear)
        {
            throw new HasuraMigrationException("ProjectAmbiguous", message + " It is unclear which one to use, because the current location is below both.", found);
        }

        findings.Add(new Finding
        {
            Id = "ProjectNested",
            Severity = FindingSeverity.Warning,
            Message = message + " The inner one is used.",
            File = Path.Combine(found, ConfigFile.Name),
        });
    }

    // A file named config.yaml is common; only one beside Hasura's directories makes a project to be confused with.
    private static bool LooksLikeProject(string directory) =>
        Directory.Exists(Path.Combine(directory, "migrations")) || Directory.Exists(Path.Combine(directory, "metadata"));

    private static bool HasConfig(string directory) => File.Exists(Path.Combine(directory, ConfigFile.Name));

    private static IEnumerable<string> Upwards(string directory)
    {
        for (var current = directory; current is not null; current = Path.GetDirectoryName(current))
        {
            yield return current;
        }
    }
}
