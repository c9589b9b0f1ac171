using System.Text.RegularExpressions;
using HasuraMigrations.HelpWriter;
using HasuraMigrations.Tests.Support;

namespace HasuraMigrations.Tests.Documentation;

/// <summary>
/// A PowerShell block of the documentation. Marks above it, which are HTML comments, say what it needs. <c>database</c>:
/// <c>new</c> (with Hasura's catalog; this without the mark), <c>none</c>, <c>empty</c>, <c>migrated</c>, <c>partly</c> (the last
/// migration failed), <c>complete</c> (with metadata), <c>edited</c> (a relationship was dropped), each with <c>, read only</c> if the
/// example does not write. <c>revision</c>: makes a tagged commit of the project. <c>before</c>: a script that runs first.
/// <c>fails</c>: the id of the error that it shows. <c>not run</c>: a reason why it cannot run.
/// </summary>
/// <param name="File">Path of the file in the repository.</param>
/// <param name="Example">The block.</param>
internal sealed partial record DocumentExample(string File, Example Example)
{
    private static readonly string OfCommands = Path.Combine("src", "HasuraMigrations", "Commands", "Examples");

    /// <summary>All blocks: examples of commands, pages, and about topics.</summary>
    public static IReadOnlyList<DocumentExample> All { get; } =
    [
        .. new[] { OfCommands, "docs", "." }
            .SelectMany(d => Directory.EnumerateFiles(Path.Combine(Repository.Root, d), "*.md").Order(StringComparer.Ordinal))
            .Select(f => Path.GetRelativePath(Repository.Root, f).Replace('\\', '/'))
            .SelectMany(f => ExampleReader.Read(System.IO.File.ReadAllText(Path.Combine(Repository.Root, f))).Select(e => new DocumentExample(f, e))),
        .. TopicExamples.Read(),
    ];

    public string Code => Example.Code;

    /// <summary>True for an example in the help of a command.</summary>
    public bool IsOfCommand => File.StartsWith(OfCommands.Replace('\\', '/'), StringComparison.Ordinal);

    /// <summary>The name of the test.</summary>
    public string Name => $"{Path.GetFileNameWithoutExtension(File)}, line {Example.Line}{(Example.Title.Length > 0 ? $": {Example.Title}" : "")}";

    public string? Mark(string name) => Marks(name).SingleOrDefault();

    public IEnumerable<string> Marks(string name) => Example.Marks.Where(m => m.Name == name).Select(m => m.Value);

    /// <summary>
    /// Output without the parts that differ between runs: times, durations, ports, new versions. White space is removed too, because
    /// cells wrap at other places if paths are longer.
    /// </summary>
    public static string Shape(string text)
    {
        text = Time().Replace(text, "<time>");
        text = Duration().Replace(text, "<duration>");
        text = NewVersion().Replace(text, "<version>");
        text = Uuid().Replace(text, "<uuid>");
        text = Sandbox().Replace(text, "<sandbox>");
        return Spaces().Replace(text, "");
    }

    /// <summary>Writes the current output of the example into its file.</summary>
    public void Update(string output)
    {
        var path = Path.Combine(Repository.Root, File);
        var text = System.IO.File.ReadAllText(path);
        var block = $"```powershell\n{Code}\n```\n\n```output\n";
        var start = text.IndexOf(block, StringComparison.Ordinal) + block.Length;
        var end = text.IndexOf("```", start, StringComparison.Ordinal);
        var lines = string.Join('\n', output.Split('\n').Select(l => l.TrimEnd())).Trim('\n');
        System.IO.File.WriteAllText(path, $"{text[..start]}{lines}\n{text[end..]}");
    }

    [GeneratedRegex(@"(\d{4}-\d\d-\d\d|\d\d/\d\d/\d{4})[ T]\d\d:\d\d(:\d\d(\.\d+)?)?( ?[+-]\d\d:\d\d)?")]
    private static partial Regex Time();

    [GeneratedRegex(@"<?\b\d+(\.\d+)? m?s\b")]
    private static partial Regex Duration();

    // Versions that the clock gave; those of the sample project are older.
    [GeneratedRegex(@"(?<!\d)1(7[1-9]|[89]\d)\d{10}(?!\d)")]
    private static partial Regex NewVersion();

    [GeneratedRegex(@"\b[0-9a-f]{12}\b|\b1\d\.\d+\b|(?<=127\.0\.0\.1[: ]+)\d+|\S*hasura-sandbox-\S+")]
    private static partial Regex Sandbox();

    [GeneratedRegex(@"\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b")]
    private static partial Regex Uuid();

    [GeneratedRegex(@"\s+|--+")]
    private static partial Regex Spaces();
}
