using System.Management.Automation;
using HasuraMigrations.Engine.Projects;

namespace HasuraMigrations.Abstractions;

/// <summary>Chooses databases of a project by name.</summary>
internal static class DatabaseSelection
{
    /// <summary>The databases that names and wildcards mean.</summary>
    /// <param name="project">The project.</param>
    /// <param name="names">Names and wildcards; null where none were given.</param>
    /// <param name="isAllByDefault">Whether no name means all of them, or must be clear.</param>
    /// <param name="mayBeNew">Whether a name may be that of a database the project does not have yet.</param>
    /// <exception cref="HasuraMigrationException">DatabaseNotFound, DatabaseRequired.</exception>
    internal static IReadOnlyList<ProjectDatabase> Select(HasuraProject project, IReadOnlyCollection<string>? names, bool isAllByDefault, bool mayBeNew = false)
    {
        if (names is null)
        {
            return isAllByDefault || project.Databases.Count == 1
                ? project.Databases
                : throw new HasuraMigrationException("DatabaseRequired", $"The project '{project.Directory}' has {project.Databases.Count} databases ({string.Join(", ", project.Databases.Select(d => d.Name))}), and none was specified.", project.Directory);
        }

        return [.. names.SelectMany(name => Matching(project, name, mayBeNew)).Distinct()];
    }

    private static IEnumerable<ProjectDatabase> Matching(HasuraProject project, string name, bool mayBeNew)
    {
        if (Secrets.IsNoDatabase(name))
        {
            throw new HasuraMigrationException("DatabaseNotFound", "The value given as a database name looks like a connection string.") { RecommendedAction = "Use -ConnectionString for a connection, and one of the names that Get-HasuraProject lists here." };
        }

        if (!WildcardPattern.ContainsWildcardCharacters(name))
        {
            return [mayBeNew ? project.DatabaseOrNew(name) : project.Database(name)];
        }

        var pattern = new WildcardPattern(name, WildcardOptions.IgnoreCase);
        return project.Databases.Where(d => pattern.IsMatch(d.Name));
    }
}
