using HasuraMigrations.Engine.Metadata.Files;
using HasuraMigrations.Engine.Projects;

namespace HasuraMigrations.Abstractions;

/// <summary>The metadata of a project in a git revision.</summary>
internal static class RevisionMetadata
{
    /// <summary>Lays the revision out.</summary>
    /// <exception cref="HasuraMigrationException">PathOutsideProject, RevisionNotFound.</exception>
    internal static Task<ProjectRevision> CheckOutAsync(HasuraProject project, string revision, CancellationToken cancellationToken) =>
        project.Holds(project.MetadataDirectory)
            ? ProjectRevision.CheckOutAsync(project.Directory, revision, cancellationToken)
            : throw new HasuraMigrationException("PathOutsideProject", $"The metadata directory '{project.MetadataDirectory}' is outside the project, so revisions of the project do not contain it.", project.MetadataDirectory);

    /// <summary>Lays the revision out, if its migrations are in it, too.</summary>
    /// <exception cref="HasuraMigrationException">PathOutsideProject, RevisionNotFound.</exception>
    internal static Task<ProjectRevision> CheckOutWholeAsync(HasuraProject project, string revision, CancellationToken cancellationToken) =>
        project.Holds(project.MigrationsDirectory)
            ? CheckOutAsync(project, revision, cancellationToken)
            : throw new HasuraMigrationException("PathOutsideProject", $"The migrations directory '{project.MigrationsDirectory}' is outside the project, so revisions of the project do not contain it.", project.MigrationsDirectory);

    /// <summary>The project that was laid out.</summary>
    internal static HasuraProject Open(ProjectRevision revision) => HasuraProject.Open(new ProjectOptions { Path = revision.Directory, IsExplicit = true, CopyOf = revision.Original });

    /// <summary>Reads its metadata; findings and errors name files as a user knows them.</summary>
    internal static MetadataInput Read(ProjectRevision revision)
    {
        try
        {
            var reading = MetadataFiles.Read(Open(revision));
            return new MetadataInput(reading.Document, [.. revision.Findings.Concat(reading.Findings).Select(revision.Describe)], revision.Name);
        }
        catch (HasuraMigrationException e)
        {
            throw revision.Describe(e);
        }
    }
}
