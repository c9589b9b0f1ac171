using System.Xml.Linq;

namespace HasuraMigrations.HelpWriter;

/// <summary>Writes the help that PowerShell reads.</summary>
internal static class MamlWriter
{
    private static readonly XNamespace Help = "http://msh";
    private static readonly XNamespace Maml = "http://schemas.microsoft.com/maml/2004/10";
    private static readonly XNamespace Command = "http://schemas.microsoft.com/maml/dev/command/2004/10";
    private static readonly XNamespace Dev = "http://schemas.microsoft.com/maml/dev/2004/10";

    /// <summary>The document of all commands.</summary>
    public static XDocument Write(IEnumerable<CommandHelp> commands) => new(
        new XElement(Help + "helpItems", new XAttribute("schema", "maml"), commands.Select(Write)));

    private static XElement Write(CommandHelp help) => new(
        Command + "command",
        new XAttribute(XNamespace.Xmlns + "maml", Maml),
        new XAttribute(XNamespace.Xmlns + "command", Command),
        new XAttribute(XNamespace.Xmlns + "dev", Dev),
        new XElement(
            Command + "details",
            new XElement(Command + "name", help.Name),
            new XElement(Command + "verb", help.Verb),
            new XElement(Command + "noun", help.Noun),
            Description([help.Synopsis])),
        Description(help.Description),
        new XElement(Command + "syntax", help.Sets.Select(s => Syntax(help, s))),
        new XElement(Command + "parameters", help.Parameters.Select(Parameter)),
        new XElement(Command + "inputTypes", help.Inputs.Select(t => Type("inputType", t))),
        new XElement(Command + "returnValues", help.Outputs.Select(t => Type("returnValue", t))),
        new XElement(Maml + "alertSet", new XElement(Maml + "alert", help.Notes.Select(Para))),
        new XElement(Command + "examples", help.Examples.Select(Example)),
        new XElement(
            Command + "relatedLinks",
            Link("Online version:", help.HelpUri),
            help.Links.Select(l => Link(l, ""))));

    private static XElement Syntax(CommandHelp help, ParameterSet set) => new(
        Command + "syntaxItem",
        new XElement(Maml + "name", help.Name),
        set.Parameters.Select(p => new XElement(
            Command + "parameter",
            Attributes(p, p.In(set.Name)!.IsMandatory, p.In(set.Name)!.Position),
            new XElement(Maml + "name", p.Name),
            p.IsSwitch ? null
                : p.Values.Count == 0 ? Value(p, isRequired: true)
                : new XElement(Command + "parameterValueGroup", p.Values.Select(v => new XElement(Command + "parameterValue", new XAttribute("required", "false"), new XAttribute("variableLength", "false"), v))))));

    private static XElement Parameter(ParameterHelp parameter) => new(
        Command + "parameter",
        Attributes(parameter, parameter.IsMandatory, parameter.Position),
        new XElement(Maml + "name", parameter.Name),
        Description(parameter.Text),
        Value(parameter, isRequired: !parameter.IsSwitch),
        new XElement(Dev + "type", new XElement(Maml + "name", parameter.Type), new XElement(Maml + "uri")),
        new XElement(Dev + "defaultValue", parameter.Default ?? "None"));

    private static XElement Value(ParameterHelp parameter, bool isRequired) => new(
        Command + "parameterValue",
        new XAttribute("required", isRequired ? "true" : "false"),
        new XAttribute("variableLength", "false"),
        parameter.Type);

    private static XAttribute[] Attributes(ParameterHelp parameter, bool isMandatory, int? position) =>
    [
        new("required", isMandatory ? "true" : "false"),
        new("variableLength", "true"),
        new("globbing", parameter.TakesWildcards ? "true" : "false"),
        new("pipelineInput", parameter.Pipeline.Count == 0 ? "false" : $"true ({string.Join(", ", parameter.Pipeline)})"),
        new("position", position?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "named"),
        new("aliases", parameter.Aliases.Count == 0 ? "none" : string.Join(", ", parameter.Aliases)),
    ];

    private static XElement Type(string element, TypeHelp type) => new(
        Command + element,
        new XElement(Dev + "type", new XElement(Maml + "name", type.Type)),
        Description(type.Text));

    // The empty paragraph separates the examples in a console.
    private static XElement Example(Example example, int index) => new(
        Command + "example",
        new XElement(Maml + "title", $"Example {index + 1}: {example.Title}"),
        new XElement(Dev + "code", example.Code),
        new XElement(
            Dev + "remarks",
            new[] { example.Output }.OfType<string>().Concat(example.Text).Append("").Select(t => new XElement(Maml + "para", t))));

    private static XElement Link(string text, string uri) => new(
        Maml + "navigationLink",
        new XElement(Maml + "linkText", text),
        new XElement(Maml + "uri", uri));

    private static XElement Description(IEnumerable<Paragraph> text) => new(Maml + "description", text.Select(Para));

    private static XElement Para(Paragraph paragraph) => new(Maml + "para", paragraph.Plain);
}
