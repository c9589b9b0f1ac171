using System.Globalization;
using HasuraMigrations.Engine.Projects;
using HasuraMigrations.Engine.Sql;

namespace HasuraMigrations.Engine.Seeds;

/// <summary>Writes new seed files, as Hasura's CLI names them; never over something that exists.</summary>
/// <param name="project">The project.</param>
/// <param name="database">The database that the file is for.</param>
/// <param name="clock">Gives the version.</param>
public sealed class SeedWriter(HasuraProject project, ProjectDatabase database, TimeProvider clock)
{
    private const string LockFile = ".new-seed.lock";

    /// <summary>The file that would be written, with a version that is free; writes nothing.</summary>
    /// <exception cref="HasuraMigrationException">SeedNameInvalid, PathOutsideProject, FileUnreadable.</exception>
    public (long Version, string File) Choose(string name)
    {
        NewName.Check("SeedNameInvalid", "seed", name);
        var directory = DirectoryOf();
        var taken = Directory.Exists(directory) ? ProjectPaths.Entries(new DirectoryInfo(directory)).Select(e => VersionOf(e.Name)).ToHashSet() : [];
        var version = clock.GetUtcNow().ToUnixTimeMilliseconds();
        while (taken.Contains(version))
        {
            version++;
        }

        return (version, Path.Combine(directory, $"{version}_{name}.sql"));
    }

    /// <summary>Writes a file.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="text">Its text; empty for a file to be filled.</param>
    /// <param name="findings">What was noticed when the text was made.</param>
    /// <exception cref="HasuraMigrationException">As of <see cref="Choose"/>; FileUnwritable.</exception>
    public HasuraSeed Write(string name, string text, IReadOnlyList<Finding> findings)
    {
        NewName.Check("SeedNameInvalid", "seed", name);
        using var turn = WriterTurn.Take(DirectoryOf(), LockFile);
        var (version, file) = Choose(name);
        // Under another name first: a file that was written in part would be run by whoever comes next.
        var temporary = Path.Combine(Path.GetDirectoryName(file)!, $".new-{version}-{Guid.NewGuid():N}");
        try
        {
            WholeFile.WriteNew(temporary, text.Length == 0 || text.EndsWith('\n') ? text : text + "\n");
            HeldFiles.Retry(() => File.Move(temporary, file));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            HeldFiles.Retry(() => File.Delete(temporary));
            throw WholeFile.Unwritable(file, e);
        }

        return new HasuraSeed
        {
            Database = database.Name,
            Version = version,
            Name = name,
            Path = Path.GetFileName(file),
            File = file,
            StatementCount = SqlScript.Parse(text).Statements.Count,
            Findings = [.. findings, .. file.Length > FileNames.MaximumPath ? [PathFindings.TooLong(file)] : Array.Empty<Finding>()],
        };
    }

    private string DirectoryOf() => ProjectPaths.ReallyInside(project.SeedsDirectoryOf(database), project.SeedsDirectory);

    private static long VersionOf(string name) =>
        name.IndexOf('_') is > 0 and var end && long.TryParse(name.AsSpan(0, end), NumberStyles.None, CultureInfo.InvariantCulture, out var version) ? version : 0;
}
