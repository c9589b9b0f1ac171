using System.Globalization;

namespace HasuraMigrations.Abstractions;

/// <summary>Reads version numbers as users give them: as text, so that a wrong one gets an error of ours.</summary>
internal static class MigrationVersions
{
    /// <summary>The number in a text.</summary>
    /// <param name="text">A whole number.</param>
    /// <param name="least">The smallest that is accepted.</param>
    /// <exception cref="HasuraMigrationException">MigrationVersionInvalid.</exception>
    internal static long Parse(string text, long least = 1) =>
        TryParse(text, out var version) && version >= least
            ? version
            : version == 0 && text.Trim() == "0" ? throw new HasuraMigrationException("MigrationVersionInvalid", "The version 0 stands for repeatable files, which the command does not accept.", text)
            {
                RecommendedAction = "Give the versions of migrations. From the pipeline, leave out objects whose property IsRepeatable is true.",
            }
            : throw Invalid(text, least).Recommend("Give a version that Get-HasuraMigration shows.");

    /// <summary>The number in the text of a version that does not exist yet.</summary>
    /// <param name="text">A whole number from 1.</param>
    /// <exception cref="HasuraMigrationException">MigrationVersionInvalid.</exception>
    internal static long ParseNew(string text) => TryParse(text, out var version) && version > 0 ? version : throw Invalid(text, 1);

    private static bool TryParse(string text, out long version) => long.TryParse(text.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out version);

    private static HasuraMigrationException Invalid(string text, long least) => new("MigrationVersionInvalid", $"The version '{text}' is not a number from {least} to {long.MaxValue}.", text);
}
