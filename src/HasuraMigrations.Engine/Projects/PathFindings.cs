namespace HasuraMigrations.Engine.Projects;

/// <summary>What is odd about paths of files that are written.</summary>
internal static class PathFindings
{
    /// <summary>A path that git for Windows does not add.</summary>
    internal static Finding TooLong(string path) => new()
    {
        Id = "PathTooLong",
        Severity = FindingSeverity.Warning,
        Message = $"The path has {path.Length} characters; programs on Windows, git among them, take {FileNames.MaximumPath} unless long paths are switched on.",
        File = path,
        RecommendedAction = "Choose a shorter name, or a directory nearer to the root.",
    };
}
