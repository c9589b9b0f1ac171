namespace HasuraMigrations;

/// <summary>A Hasura project on disk.</summary>
public sealed record HasuraProjectInfo
{
    /// <summary>Full path of the directory that holds <c>config.yaml</c>.</summary>
    public required string Path { get; init; }

    /// <summary>Config version: 1, 2 or 3.</summary>
    public required int ConfigVersion { get; init; }

    /// <summary>Server endpoint, as set or by default.</summary>
    public required string Endpoint { get; init; }

    /// <summary>True where an admin secret is set; the secret itself is not shown.</summary>
    public required bool HasAdminSecret { get; init; }

    /// <summary>Full path of the migrations directory; it need not exist.</summary>
    public required string MigrationsDirectory { get; init; }

    /// <summary>Full path of the metadata directory; it need not exist.</summary>
    public required string MetadataDirectory { get; init; }

    /// <summary>Full path of the seeds directory; it need not exist.</summary>
    public required string SeedsDirectory { get; init; }

    /// <summary>Names of the databases (sources) of the project.</summary>
    public required IReadOnlyList<string> Databases { get; init; }

    /// <summary>Every setting with its origin.</summary>
    public required IReadOnlyList<ProjectSetting> Settings { get; init; }

    /// <summary>What was noticed while reading.</summary>
    public required IReadOnlyList<Finding> Findings { get; init; }

    /// <summary>The path.</summary>
    public override string ToString() => Path;
}
