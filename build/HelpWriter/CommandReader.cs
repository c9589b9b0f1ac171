using System.Management.Automation;
using System.Reflection;
using System.Xml.Linq;

namespace HasuraMigrations.HelpWriter;

/// <summary>Reads the help of the commands from the cmdlet classes, their comments and the files of examples.</summary>
internal sealed class CommandReader
{
    private static readonly string[] Known = ["summary", "remarks", "input", "output", "parameter", "notes", "seealso"];

    private readonly IReadOnlyList<Type> _types;
    private readonly string _examples;
    private readonly XmlComments _comments;
    private readonly ParameterReader _parameters;

    public CommandReader(Assembly module, string comments, string examples)
    {
        _types = [.. module.GetExportedTypes().Where(t => ParameterReader.Attributes(t, nameof(CmdletAttribute)).Any())];
        _examples = examples;
        _comments = new XmlComments(comments, NameOf);
        _parameters = new ParameterReader(_comments);
    }

    /// <summary>The commands, by noun and verb.</summary>
    public IReadOnlyList<CommandHelp> Read()
    {
        CommandHelp[] commands = [.. _types.Select(Read).OrderBy(c => c.Noun, StringComparer.Ordinal).ThenBy(c => c.Verb, StringComparer.Ordinal)];
        var stray = Directory.EnumerateFiles(_examples, "*.md").Select(Path.GetFileNameWithoutExtension).Except(commands.Select(c => c.Name));
        return stray.Any() ? throw new HelpException($"Examples of commands that do not exist: {string.Join(", ", stray)}.") : commands;
    }

    private CommandHelp Read(Type type)
    {
        var name = NameOf(type);
        var comment = _comments.Of(type);
        if (comment.Elements().FirstOrDefault(e => !Known.Contains(e.Name.LocalName)) is { } unknown)
        {
            throw new HelpException($"The comment of {type.Name} has an element <{unknown.Name}>, which no help shows.");
        }

        var parameters = _parameters.Read(type);
        var attribute = ParameterReader.Attributes(type, nameof(CmdletAttribute)).Single();
        return new CommandHelp
        {
            Name = name,
            Verb = name.Split('-')[0],
            Noun = name.Split('-')[1],
            Synopsis = Required(type, comment, "summary")[0],
            Description = Required(type, comment, "remarks"),
            Sets = Sets(parameters, (string?)ParameterReader.Argument(attribute, "DefaultParameterSetName")),
            Parameters = [.. parameters.OrderBy(p => p.Name, StringComparer.OrdinalIgnoreCase)],
            Inputs = Inputs(comment, parameters),
            Outputs = Outputs(type, comment),
            Notes = [.. ParameterReader.Bases(type).SelectMany(t => _comments.Paragraphs(_comments.Of(t).Element("notes")))],
            Links = [.. comment.Elements("seealso").Select(Link)],
            Examples = ExampleReader.Read(File.ReadAllText(Path.Combine(_examples, name + ".md"))),
            HelpUri = (string?)ParameterReader.Argument(attribute, "HelpUri") ?? throw new HelpException($"{type.Name} has no HelpUri."),
        };
    }

    private IReadOnlyList<Paragraph> Required(Type type, XElement comment, string element) => _comments.Paragraphs(comment.Element(element)) is { Count: > 0 } text
        ? text
        : throw new HelpException($"The comment of {type.Name} has no <{element}>.");

    private static IReadOnlyList<ParameterSet> Sets(IReadOnlyList<ParameterHelp> parameters, string? byDefault)
    {
        var names = parameters.SelectMany(p => p.Bindings.Keys).Where(n => n.Length > 0).Distinct().OrderBy(n => n, StringComparer.Ordinal).ToList();
        string[] all = byDefault is not null ? [byDefault, .. names.Where(n => n != byDefault)] : names.Count > 0 ? [.. names] : [""];
        return [.. all.Select(n => new ParameterSet(n, [.. parameters.Where(p => p.In(n) is not null).OrderBy(p => Rank(p.In(n)!))]))];
    }

    // As PowerShell does: by position, then those that must be given, then the rest.
    private static int Rank(Binding binding) => binding.Position ?? (binding.IsMandatory ? 1000 : 1001);

    private IReadOnlyList<TypeHelp> Inputs(XElement comment, IReadOnlyList<ParameterHelp> parameters)
    {
        var byValue = parameters.Where(p => p.Pipeline.Contains("ByValue")).ToList();
        var byProperty = parameters.Where(p => p.Pipeline.Contains("ByPropertyName")).Select(p => p.Name).Order(StringComparer.Ordinal).ToList();
        if (byValue.Count + byProperty.Count == 0)
        {
            return [new TypeHelp("None", [Paragraph.Of("This command accepts no pipeline input.")])];
        }

        List<Paragraph> text = [.. comment.Elements("input").SelectMany(_comments.Paragraphs)];
        if (byProperty.Count > 0)
        {
            text.Add(Paragraph.Of($"{string.Join(" and ", byProperty)} {(byProperty.Count == 1 ? "is" : "are")} accepted from the pipeline by property name."));
        }

        var type = comment.Elements("input").Select(TypeOf).FirstOrDefault() ?? parameters.First(p => p.Pipeline.Count > 0).FullType;
        return [new TypeHelp(type, text)];
    }

    private IReadOnlyList<TypeHelp> Outputs(Type type, XElement comment)
    {
        var described = comment.Elements("output").Select(e => new TypeHelp(TypeOf(e), _comments.Paragraphs(e))).ToList();
        var declared = ParameterReader.Attributes(type, nameof(OutputTypeAttribute))
            .SelectMany(a => (IEnumerable<CustomAttributeTypedArgument>)a.ConstructorArguments[0].Value!)
            .Select(a => ((Type)a.Value!).FullName!)
            .Where(n => n != typeof(void).FullName);
        return !declared.Order().SequenceEqual(described.Select(d => d.Type).Order()) ? throw new HelpException($"The <output> elements of {type.Name} are not the types of its OutputType attribute.")
            : described.Count > 0 ? described
            : [new TypeHelp("None", [Paragraph.Of("This command writes nothing to the pipeline.")])];
    }

    private static string TypeOf(XElement element) => ((string?)element.Attribute("cref"))?[2..] ?? throw new HelpException($"An element names no type: {element}");

    private string Link(XElement element) => (string?)element.Attribute("href") ?? NameOf((string?)element.Attribute("cref") ?? throw new HelpException($"A link leads nowhere: {element}"));

    private string NameOf(string id) => _types.FirstOrDefault(t => $"T:{t.FullName}" == id) is { } type ? NameOf(type) : id.Split('.')[^1];

    private static string NameOf(Type type)
    {
        var arguments = ParameterReader.Attributes(type, nameof(CmdletAttribute)).Single().ConstructorArguments;
        return $"{arguments[0].Value}-{arguments[1].Value}";
    }
}
