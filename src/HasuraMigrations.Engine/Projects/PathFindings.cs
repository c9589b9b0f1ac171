namespace HasuraMigrations.Engine.Projects;

/// <summary>What is odd about paths of files that are written.</summary>
internal static class PathFindings
{
    /// <summary>A path that git for Windows does not add.</summary>
    internal static Finding TooLong(string path) => new()
    {
        Id = "PathTooLong",
        Severity = FindingSeverity.Warning,
        Message = $"The path has {path.Length} characters; programs on Windows, including git, accept {FileNames.MaximumPath} unless long paths are enabled.",
        File = path,
        RecommendedAction = "Choose a shorter name, or a directory closer to the root.",
    };
}
