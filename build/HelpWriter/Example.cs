namespace HasuraMigrations.HelpWriter;

/// <summary>A PowerShell block of a Markdown file.</summary>
/// <param name="Title">The heading above it.</param>
/// <param name="Line">Line of the first line of code, from 1.</param>
/// <param name="Code">The code.</param>
/// <param name="Output">The text of the output block below it; null for none.</param>
/// <param name="Text">The paragraphs between it and the next block or heading.</param>
/// <param name="Marks">Marks above it: HTML comments of the form <c>name: value</c>.</param>
internal sealed record Example(string Title, int Line, string Code, string? Output, IReadOnlyList<string> Text, IReadOnlyList<(string Name, string Value)> Marks);

/// <summary>Reads the PowerShell blocks of Markdown files.</summary>
internal static class ExampleReader
{
    private const string Fence = "```";

    /// <summary>Reads the blocks of a text in order.</summary>
    public static IReadOnlyList<Example> Read(string markdown)
    {
        var lines = markdown.ReplaceLineEndings("\n").Split('\n');
        var examples = new List<Example>();
        var marks = new List<(string, string)>();
        var title = "";
        for (var i = 0; i < lines.Length; i++)
        {
            var line = lines[i];
            if (line.StartsWith('#'))
            {
                title = line.TrimStart('#').Trim();
            }
            else if (ReadMark(line) is { } mark)
            {
                marks.Add(mark);
            }
            else if (line.StartsWith(Fence, StringComparison.Ordinal))
            {
                var body = ReadFence(lines, ref i, out var start);
                if (line == Fence + "powershell")
                {
                    examples.Add(new Example(title, start + 1, body, null, [], [.. marks]));
                    marks.Clear();
                }
                else if (line == Fence + "output" && examples.Count > 0)
                {
                    examples[^1] = examples[^1] with { Output = body };
                }
            }
            else if (line.Trim().Length > 0 && examples.Count > 0 && examples[^1].Title == title)
            {
                examples[^1] = WithText(examples[^1], line.Trim(), startsParagraph: lines[i - 1].Trim().Length == 0 || lines[i - 1].StartsWith(Fence, StringComparison.Ordinal));
            }
        }

        return examples;
    }

    private static Example WithText(Example example, string line, bool startsParagraph) => startsParagraph || example.Text.Count == 0
        ? example with { Text = [.. example.Text, line] }
        : example with { Text = [.. example.Text.SkipLast(1), $"{example.Text[^1]} {line}"] };

    private static (string Name, string Value)? ReadMark(string line)
    {
        if (!line.StartsWith("<!-- ", StringComparison.Ordinal) || !line.EndsWith(" -->", StringComparison.Ordinal))
        {
            return null;
        }

        var (name, value) = line[5..^4].Split(": ", 2) is [var n, var v] ? (n, v) : (line[5..^4], "");
        return (name, value.Trim());
    }

    private static string ReadFence(string[] lines, ref int index, out int start)
    {
        start = index + 1;
        while (++index < lines.Length && lines[index] != Fence)
        {
        }

        return string.Join('\n', lines[start..index]);
    }
}
