using System.Text;

namespace HasuraMigrations.HelpWriter;

/// <summary>Writes the page of a command as Markdown.</summary>
internal sealed class PageWriter
{
    private const int Width = 100;

    private readonly HashSet<string> _commands;

    public PageWriter(IEnumerable<CommandHelp> commands) => _commands = [.. commands.Select(c => c.Name)];

    /// <summary>The page of a command.</summary>
    public string Write(CommandHelp help)
    {
        var page = new StringBuilder();
        page.Append($"<!-- Made by the build from the comments of the cmdlet class and Examples/{help.Name}.md. Do not edit. -->\n");
        page.Append($"# {help.Name}\n\n{Text(help, help.Synopsis)}\n");
        Heading(page, "Syntax");
        page.Append($"```text\n{string.Join("\n\n", help.Sets.Select(s => Syntax(help, s)))}\n```\n");
        Section(page, "Description", help, help.Description);
        Heading(page, "Examples");
        page.AppendJoin('\n', help.Examples.Select(Example));
        Heading(page, "Parameters");
        page.AppendJoin('\n', help.Parameters.Select(p => $"### -{p.Name}\n\n{Join(help, p.Text)}\n\n{Facts(p)}\n"));
        Types(page, "Inputs", help, help.Inputs);
        Types(page, "Outputs", help, help.Outputs);
        Section(page, "Notes", help, help.Notes);
        Heading(page, "Related links");
        page.AppendJoin("", help.Links.Select(l => $"- {(_commands.Contains(l) ? $"[{l}]({l}.md)" : $"`Get-Help {l}`")}\n"));
        return page.ToString();
    }

    private static string Syntax(CommandHelp help, ParameterSet set)
    {
        var text = new StringBuilder(help.Name);
        var length = text.Length;
        foreach (var part in set.Parameters.Select(p => Syntax(p, p.In(set.Name)!)).Append("[<CommonParameters>]"))
        {
            var isTooLong = length + part.Length >= Width;
            text.Append(isTooLong ? "\n    " : " ").Append(part);
            length = isTooLong ? 4 + part.Length : length + 1 + part.Length;
        }

        return text.ToString();
    }

    private static string Syntax(ParameterHelp parameter, Binding binding)
    {
        var name = binding.Position is null ? $"-{parameter.Name}" : $"[-{parameter.Name}]";
        var value = parameter.IsSwitch ? "" : parameter.Values.Count > 0 ? $" {{{string.Join(" | ", parameter.Values)}}}" : $" <{parameter.Type}>";
        return binding.IsMandatory ? name + value : $"[{name}{value}]";
    }

    private static string Example(Example example)
    {
        var text = new StringBuilder($"### {example.Title}\n\n```powershell\n{example.Code}\n```\n");
        if (example.Output is not null)
        {
            text.Append($"\n```text\n{example.Output}\n```\n");
        }

        foreach (var paragraph in example.Text)
        {
            text.Append($"\n{paragraph}\n");
        }

        return text.ToString();
    }

    // What says nothing is left out.
    private static string Facts(ParameterHelp parameter)
    {
        List<string> facts = [$"Type: `{parameter.Type}`"];
        Add("values", string.Join(", ", parameter.Values));
        Add("aliases", string.Join(", ", parameter.Aliases.Select(a => $"`-{a}`")));
        Add("default", parameter.IsSwitch ? "" : parameter.Default ?? "");
        Add("required", parameter.IsMandatory ? "yes" : string.Join(", ", parameter.Bindings.Where(b => b.Value.IsMandatory).Select(b => $"in the set {b.Key}")));
        Add("position", $"{parameter.Position}");
        Add("from the pipeline", string.Join(", ", parameter.Pipeline.Select(p => p == "ByValue" ? "by value" : "by property name")));
        Add("wildcards", parameter.TakesWildcards ? "yes" : "");
        return string.Join("; ", facts) + ".";

        void Add(string name, string value)
        {
            if (value.Length > 0)
            {
                facts.Add($"{name}: {value}");
            }
        }
    }

    private void Types(StringBuilder page, string title, CommandHelp help, IReadOnlyList<TypeHelp> types)
    {
        Heading(page, title);
        page.AppendJoin("", types.Select(t => $"- {(t.Type == "None" ? "None" : $"`{t.Type}`")}{(t.Text.Count > 0 ? ": " : "")}{string.Join(' ', t.Text.Select(p => Text(help, p)))}\n"));
    }

    private void Section(StringBuilder page, string title, CommandHelp help, IReadOnlyList<Paragraph> text)
    {
        if (text.Count > 0)
        {
            Heading(page, title);
            page.Append(Join(help, text)).Append('\n');
        }
    }

    private static void Heading(StringBuilder page, string title) => page.Append($"\n## {title}\n\n");

    private string Join(CommandHelp help, IReadOnlyList<Paragraph> text) => string.Join("\n\n", text.Select(p => Text(help, p)));

    private string Text(CommandHelp help, Paragraph paragraph) => paragraph.Markdown(n => n != help.Name && _commands.Contains(n) ? $"{n}.md" : null);
}
