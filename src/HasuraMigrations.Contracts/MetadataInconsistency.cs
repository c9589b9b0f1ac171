namespace HasuraMigrations;

/// <summary>An object of the metadata that a server cannot use, and why.</summary>
/// <param name="Type">Its kind, such as <c>table</c> or <c>object_relation</c>; null where several objects contradict each other.</param>
/// <param name="Name">Its name, such as <c>table t in source default</c>; servers of version 1 tell none.</param>
/// <param name="Reason">Why.</param>
/// <param name="Message">More words, such as a driver's text; mostly null.</param>
/// <param name="Definition">The object, or the objects, as JSON text.</param>
public sealed record MetadataInconsistency(string? Type, string? Name, string Reason, string? Message, string Definition)
{
    /// <summary>Full path of the project's file with the object; null where no project is known, or it has no such object.</summary>
    public string? File { get; init; }

    /// <summary>Line in <see cref="File"/>, from 1.</summary>
    public int? Line { get; init; }
}
