namespace HasuraMigrations;

/// <summary>Where the metadata of a project that is updated to a newer config version comes from.</summary>
public enum ProjectMetadataSource
{
    /// <summary>
    /// The files of the project: its metadata files; in config version 1 without such a file, what its migrations make of an empty
    /// database.
    /// </summary>
    Files,

    /// <summary>The metadata of the database or server.</summary>
    Target,
}
