using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace HasuraMigrations.HelpWriter;

/// <summary>The documentation comments that the compiler wrote to a file.</summary>
internal sealed partial class XmlComments
{
    private readonly Dictionary<string, XElement> _members;
    private readonly Func<string, string> _nameOf;

    /// <summary>Reads the file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="nameOf">Returns the displayed name for the id of a member.</param>
    public XmlComments(string path, Func<string, string> nameOf)
    {
        _members = XDocument.Load(path, LoadOptions.PreserveWhitespace).Descendants("member").ToDictionary(m => (string)m.Attribute("name")!, StringComparer.Ordinal);
        _nameOf = nameOf;
    }

    /// <summary>The comment of a class.</summary>
    public XElement Of(Type type) => Find($"T:{type.FullName}");

    /// <summary>The comment of a property, or the one that its <c>inheritdoc</c> names.</summary>
    public XElement Of(PropertyInfo property) => Find($"P:{property.DeclaringType!.FullName}.{property.Name}");

    /// <summary>The paragraphs of an element: its <c>para</c> elements, or the whole.</summary>
    public IReadOnlyList<Paragraph> Paragraphs(XElement? element)
    {
        if (element is null)
        {
            return [];
        }

        var parts = element.Elements("para").ToList();
        return [.. (parts.Count == 0 ? [element] : parts).Select(Read).Where(p => p.Plain.Length > 0)];
    }

    private XElement Find(string id)
    {
        var member = _members.GetValueOrDefault(id) ?? throw new HelpException($"{id} has no documentation comment.");
        return (string?)member.Element("inheritdoc")?.Attribute("cref") is { } other ? Find(other) : member;
    }

    private Paragraph Read(XElement element)
    {
        var runs = element.Nodes().Select(ReadNode).ToList();
        if (runs.Count > 0)
        {
            runs[0] = runs[0] with { Text = runs[0].Text.TrimStart() };
            runs[^1] = runs[^1] with { Text = runs[^1].Text.TrimEnd() };
        }

        return new Paragraph([.. runs.Where(r => r.Text.Length > 0)]);
    }

    private Run ReadNode(XNode node) => node switch
    {
        XText text => new Run(Space().Replace(text.Value, " "), IsCode: false),
        XElement { Name.LocalName: "c" } code => new Run(code.Value, IsCode: true),
        XElement { Name.LocalName: "see" } see => new Run((string?)see.Attribute("langword") ?? _nameOf((string)see.Attribute("cref")!), IsCode: false),
        _ => throw new HelpException($"Help cannot show '{node}'."),
    };

    [GeneratedRegex(@"\s+")]
    private static partial Regex Space();
}
