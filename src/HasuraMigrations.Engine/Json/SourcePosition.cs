namespace HasuraMigrations.Engine.Json;

/// <summary>Where something stands in a file.</summary>
/// <param name="File">Full path of the file, or the name of the text it came from.</param>
/// <param name="Line">Line, from 1.</param>
/// <param name="Column">Column in characters, from 1.</param>
public readonly record struct SourcePosition(string File, int Line, int Column);
