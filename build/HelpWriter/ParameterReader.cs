using System.Globalization;
using System.Management.Automation;
using System.Reflection;

namespace HasuraMigrations.HelpWriter;

/// <summary>Reads the parameters of a cmdlet class from its attributes and comments.</summary>
internal sealed class ParameterReader(XmlComments comments)
{
    /// <summary>The parameters in the order of the syntax: those of the class itself first, then those of its base classes.</summary>
    public IReadOnlyList<ParameterHelp> Read(Type type)
    {
        var instance = Activator.CreateInstance(type)!;
        List<ParameterHelp> parameters =
        [
            .. Bases(type).SelectMany(t => t.GetProperties(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly).OrderBy(p => p.MetadataToken))
                .Where(p => Attributes(p, nameof(ParameterAttribute)).Any())
                .Select(p => Read(p, instance, Overrides(type, p))),
        ];
        foreach (var name in Bases(type).SelectMany(t => Notes(t)).Select(NameOf).Where(n => parameters.All(p => p.Name != n)))
        {
            throw new HelpException($"The comment of {type.Name} or of a base class describes -{name}, which the command does not have.");
        }

        if (Attributes(type, nameof(CmdletAttribute)).Single().NamedArguments.Any(a => a.MemberName == "SupportsShouldProcess" && a.TypedValue.Value is true))
        {
            parameters.Add(Common("WhatIf", "wi", "Shows what the command would do, without doing it."));
            parameters.Add(Common("Confirm", "cf", "Asks for confirmation before each change."));
        }

        return parameters;
    }

    /// <summary>The class and its base classes.</summary>
    public static IEnumerable<Type> Bases(Type type)
    {
        for (var at = type; at.Assembly == type.Assembly; at = at.BaseType!)
        {
            yield return at;
        }
    }

    /// <summary>
    /// Attributes by name, without creating them: PowerShellStandard, which is loaded here, has no method bodies.
    /// </summary>
    public static IEnumerable<CustomAttributeData> Attributes(MemberInfo member, string name) =>
        member.GetCustomAttributesData().Where(a => a.AttributeType.Name == name);

    /// <summary>A named argument of an attribute; null where it is not given.</summary>
    public static object? Argument(CustomAttributeData attribute, string name) =>
        attribute.NamedArguments.Where(a => a.MemberName == name).Select(a => a.TypedValue.Value).SingleOrDefault();

    private ParameterHelp Read(PropertyInfo property, object instance, IReadOnlyList<Paragraph> text)
    {
        var type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
        var isSwitch = type.Name == nameof(SwitchParameter);
        var bindings = Attributes(property, nameof(ParameterAttribute)).ToDictionary(a => (string?)Argument(a, "ParameterSetName") ?? "", Bind);
        return new ParameterHelp
        {
            Name = property.Name,
            Type = type.Name,
            FullType = type.FullName!,
            IsSwitch = isSwitch,
            Values = type.IsEnum ? Enum.GetNames(type) : [.. Attributes(property, nameof(ValidateSetAttribute)).SelectMany(Values)],
            Aliases = [.. Attributes(property, nameof(AliasAttribute)).SelectMany(Values)],
            TakesWildcards = Attributes(property, nameof(SupportsWildcardsAttribute)).Any(),
            Default = isSwitch ? "False" : bindings.Values.All(b => b.IsMandatory) ? null : DefaultOf(property, instance),
            Bindings = bindings,
            Text = text,
        };
    }

    // An override of the class nearest to the cmdlet wins.
    private IReadOnlyList<Paragraph> Overrides(Type type, PropertyInfo property)
    {
        var own = comments.Paragraphs(comments.Of(property).Element("summary"));
        var note = Bases(type).TakeWhile(t => t != property.DeclaringType).SelectMany(Notes).FirstOrDefault(n => NameOf(n) == property.Name);
        IReadOnlyList<Paragraph> text = note is null ? own
            : (bool?)note.Attribute("append") == true ? Join(own, comments.Paragraphs(note))
            : comments.Paragraphs(note);
        return text.Count > 0 ? text : throw new HelpException($"{property.DeclaringType!.Name}.{property.Name} has no text.");
    }

    private static IReadOnlyList<Paragraph> Join(IReadOnlyList<Paragraph> text, IReadOnlyList<Paragraph> more) =>
        [.. text.SkipLast(1), new Paragraph([.. text[^1].Runs, new Run(" ", IsCode: false), .. more[0].Runs]), .. more.Skip(1)];

    private IEnumerable<System.Xml.Linq.XElement> Notes(Type type) => comments.Of(type).Elements("parameter");

    private static string NameOf(System.Xml.Linq.XElement note) => (string?)note.Attribute("name") ?? throw new HelpException($"An override has no name: {note}");

    private static Binding Bind(CustomAttributeData attribute) => new(
        Argument(attribute, "Mandatory") is true,
        Argument(attribute, "Position") is int position ? position : null,
        Argument(attribute, "ValueFromPipeline") is true,
        Argument(attribute, "ValueFromPipelineByPropertyName") is true);

    private static IEnumerable<string> Values(CustomAttributeData attribute) =>
        ((IEnumerable<CustomAttributeTypedArgument>)attribute.ConstructorArguments[0].Value!).Select(a => (string)a.Value!);

    private static string? DefaultOf(PropertyInfo property, object instance) => property.GetValue(instance) switch
    {
        null or "" or 0 or 0L => null,
        TimeSpan span => span.ToString("c", CultureInfo.InvariantCulture),
        IFormattable value => value.ToString(null, CultureInfo.InvariantCulture),
        var value => value.ToString(),
    };

    private static ParameterHelp Common(string name, string alias, string text) => new()
    {
        Name = name,
        Type = nameof(SwitchParameter),
        FullType = typeof(SwitchParameter).FullName!,
        IsSwitch = true,
        Aliases = [alias],
        Default = "False",
        Bindings = new Dictionary<string, Binding> { [""] = new(IsMandatory: false, Position: null, IsByValue: false, IsByProperty: false) },
        Text = [Paragraph.Of(text)],
    };
}
