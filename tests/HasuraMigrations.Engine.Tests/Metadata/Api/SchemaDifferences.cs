using System.Text.RegularExpressions;
using HasuraMigrations.Engine.Metadata.Api.Types;

namespace HasuraMigrations.Engine.Tests.Metadata.Api;

/// <summary>What two schemas differ in, member by member. Types of the introspection are left out, as tools leave them out of SDL.</summary>
internal static partial class SchemaDifferences
{
    private const string OfKey = "unique or primary key constraint on columns ";

    /// <summary>Differences of types and members; paths with what is said there, "-" for what only the first schema has, "+" for what only the other has, and "*" for what they have in different ways.</summary>
    public static List<string> Members(ApiSchema expected, ApiSchema actual) => Compare(Members(expected), Members(actual));

    /// <summary>Differences of descriptions of what both have, after collapsing white space.</summary>
    public static List<string> Texts(ApiSchema expected, ApiSchema actual)
    {
        var (left, right) = (Texts(expected), Texts(actual));
        return [.. left.Where(t => right.TryGetValue(t.Key, out var other) && other != t.Value).Select(t => $"{t.Key}: {t.Value} <> {right[t.Key]}")];
    }

    private static List<string> Compare(Dictionary<string, string> left, Dictionary<string, string> right) =>
    [
        .. left.Where(m => !right.ContainsKey(m.Key)).Select(m => $"-{m.Key} {m.Value}"),
        .. left.Where(m => right.TryGetValue(m.Key, out var other) && other != m.Value).Select(m => $"*{m.Key} {m.Value} <> {right[m.Key]}"),
        .. right.Where(m => !left.ContainsKey(m.Key)).Select(m => $"+{m.Key} {m.Value}"),
    ];

    private static IEnumerable<ApiType> TypesOf(ApiSchema schema) => schema.Types.Where(t => !t.IsIntrospection);

    private static Dictionary<string, string> Members(ApiSchema schema)
    {
        var members = new Dictionary<string, string>();
        foreach (var type in TypesOf(schema))
        {
            // SDL need not name the scalars of the language.
            if (type.Name is "Int" or "Float" or "String" or "Boolean" or "ID")
            {
                continue;
            }

            members[type.Name] = type.Kind.ToString();
            foreach (var field in type.Fields)
            {
                members[$"{type.Name}.{field.Name}"] = field.Type.ToString();
                foreach (var argument in field.Arguments)
                {
                    members[$"{type.Name}.{field.Name}({argument.Name})"] = $"{argument.Type} = {argument.Default}";
                }
            }

            foreach (var field in type.InputFields)
            {
                members[$"{type.Name}.{field.Name}"] = $"{field.Type} = {field.Default}";
            }

            foreach (var value in type.EnumValues.Select(v => v.Name).Concat(type.PossibleTypes).Concat(type.Interfaces))
            {
                members[$"{type.Name}.{value}"] = "";
            }
        }

        return members;
    }

    private static Dictionary<string, string> Texts(ApiSchema schema)
    {
        var texts = new Dictionary<string, string>();
        foreach (var type in TypesOf(schema))
        {
            texts[type.Name] = Collapse(type.Description);
            foreach (var field in type.Fields)
            {
                texts[$"{type.Name}.{field.Name}"] = Collapse(field.Description);
                foreach (var argument in field.Arguments)
                {
                    texts[$"{type.Name}.{field.Name}({argument.Name})"] = Collapse(argument.Description);
                }
            }

            foreach (var field in type.InputFields)
            {
                texts[$"{type.Name}.{field.Name}"] = Collapse(field.Description);
            }

            foreach (var value in type.EnumValues)
            {
                texts[$"{type.Name}.{value.Name}"] = Collapse(value.Description);
            }
        }

        return texts;
    }

    // The columns of a key come in the order of a hash set of the server.
    private static string Collapse(string? text)
    {
        var collapsed = White().Replace(text ?? "", " ").Trim();
        return collapsed.StartsWith(OfKey, StringComparison.Ordinal) ? OfKey + string.Join(", ", collapsed[OfKey.Length..].Split(", ").Order(StringComparer.Ordinal)) : collapsed;
    }

    [GeneratedRegex(@"\s+")]
    private static partial Regex White();
}
