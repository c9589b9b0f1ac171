namespace HasuraMigrations.Engine.Tests.Faults;

/// <summary>The named points of a run, by what can be done there.</summary>
internal static class RunPoints
{
    /// <summary>Named points that a run comes to once.</summary>
    internal static readonly string[] PointsReachedOnce =
    [
        "before-lock", "after-run-lock", "after-lock", "before-history", "after-history", "before-synchronize", "after-synchronize",
        "before-finish", "before-notice", "after-notice", "before-release", "before-lock-release",
    ];

    /// <summary>Named points that a run comes to again and again.</summary>
    internal static readonly string[] PointsReachedOften =
    [
        "between-migrations", "before-send", "after-send", "after-flush-started", "after-answer", "before-report", "after-report",
        "before-mirror", "after-mirror", "before-no-transaction-begin", "no-transaction-begin", "no-transaction-in-doubt",
        "no-transaction-after-statement", "no-transaction-between-statements", "no-transaction-end", "after-no-transaction-end",
    ];

    /// <summary>Points at which a run holds the lock and has work before it.</summary>
    internal static readonly string[] TakeOverPoints = ["between-migrations", "before-send", "before-no-transaction-begin", "no-transaction-in-doubt", "no-transaction-between-statements"];

    /// <summary>Named points of migrations that act on metadata.</summary>
    internal static readonly string[] PointsOfActions = ["between-migrations", "before-actions-commit", "after-actions-commit", "before-mirror", "after-mirror"];

    /// <summary>Named points from which on a run may lose what passes without a sign.</summary>
    internal static readonly string[] PointsOfSilence = [.. PointsReachedOften, "before-synchronize", "after-synchronize", "before-finish", "before-notice", "after-notice", "before-release"];

    /// <summary>Named points around what a run does with a metadata database of its own.</summary>
    internal static readonly string[] PointsOfMetadata = ["before-synchronize", "after-synchronize", "between-migrations", "before-mirror", "after-mirror", "before-finish", "before-last-look", "before-notice"];
}
