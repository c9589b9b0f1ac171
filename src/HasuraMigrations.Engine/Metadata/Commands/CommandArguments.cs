using System.Text.Json;
using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Metadata.Model;

namespace HasuraMigrations.Engine.Metadata.Commands;

/// <summary>Arguments of a command, read by shape; what is missing or of another shape is told as a server tells it.</summary>
/// <param name="era">The line of servers.</param>
/// <param name="node">The arguments.</param>
/// <param name="path">Where they stand.</param>
internal sealed class CommandArguments(MetadataEra era, JsonNode? node, string path = "$")
{
    /// <summary>The arguments as they are.</summary>
    internal JsonNode? Node => node;

    /// <summary>Where they stand.</summary>
    internal string Path => path;

    /// <summary>The arguments as an object.</summary>
    /// <exception cref="MetadataCommandException">parse-failed.</exception>
    internal JsonObject Map => node as JsonObject ?? throw Mismatch("Object", "Object", node, path);

    /// <summary>The source; <c>default</c> where none is named. Servers of version 1 have one database and do not know the argument.</summary>
    internal string Source => (era.IsVersion1 ? null : MaybeText("source")) ?? MetadataDocument.DefaultSource;

    /// <summary>A member that has to be there.</summary>
    /// <exception cref="MetadataCommandException">parse-failed.</exception>
    internal JsonNode? Needed(string key) => Map.ContainsKey(key)
        ? node![key]
        : throw MetadataCommandException.Parse(era.IsVersion1 ? $"the key '{key}' was not present" : $"key \"{key}\" not found", path);

    /// <summary>A name that has to be there.</summary>
    /// <exception cref="MetadataCommandException">parse-failed.</exception>
    internal string Text(string key) => Filled(Needed(key), key);

    /// <summary>A text that has to be there, and may be empty.</summary>
    /// <exception cref="MetadataCommandException">parse-failed.</exception>
    internal string NeededText(string key) => Needed(key).AsText() ?? throw Mismatch("Text", "String", node![key], Under(key));

    /// <summary>A text that may be missing, and may be empty.</summary>
    /// <exception cref="MetadataCommandException">parse-failed.</exception>
    internal string? MaybeText(string key) => Map[key] is { } value ? value.AsText() ?? throw Mismatch("Text", "String", value, Under(key)) : null;

    /// <summary>A flag that may be missing.</summary>
    /// <exception cref="MetadataCommandException">parse-failed.</exception>
    internal bool Flag(string key, bool byDefault = false) => Map[key] switch
    {
        null => byDefault,
        JsonValue value when value.TryGetValue<bool>(out var flag) => flag,
        var value => throw Mismatch("Bool", "Boolean", value, Under(key)),
    };

    /// <summary>A flag that has to be there.</summary>
    /// <exception cref="MetadataCommandException">parse-failed.</exception>
    internal bool NeededFlag(string key) => Needed(key) is null ? throw Mismatch("Bool", "Boolean", null, Under(key)) : Flag(key);

    /// <summary>A number, zero or more, that may be missing.</summary>
    /// <exception cref="MetadataCommandException">parse-failed.</exception>
    internal int? MaybeCount(string key) => Map[key] switch
    {
        null => null,
        JsonValue value when value.TryGetValue<int>(out var count) && count >= 0 => count,
        JsonValue value when value.GetValueKind() == JsonValueKind.Number => throw MetadataCommandException.Parse("expected a number that is zero or more, and whole", Under(key)),
        var value => throw Mismatch("Int", "Number", value, Under(key)),
    };

    /// <summary>An object that may be missing.</summary>
    /// <exception cref="MetadataCommandException">parse-failed.</exception>
    internal JsonObject? MaybeObject(string key) => Map[key] is null ? null : Object(key);

    /// <summary>An object that has to be there.</summary>
    /// <exception cref="MetadataCommandException">parse-failed.</exception>
    internal JsonObject Object(string key) => Needed(key) as JsonObject ?? throw Mismatch("Object", "Object", node![key], Under(key));

    /// <summary>A list that has to be there.</summary>
    /// <exception cref="MetadataCommandException">parse-failed.</exception>
    internal JsonArray List(string key) => Needed(key) as JsonArray ?? throw Mismatch("[]", "Array", node![key], Under(key));

    /// <summary>The items of a list that has to be there.</summary>
    /// <exception cref="MetadataCommandException">parse-failed.</exception>
    internal IEnumerable<CommandArguments> Items(string key) => List(key).Select((item, i) => new CommandArguments(era, item, $"{Under(key)}[{i}]"));

    /// <summary>The texts of a list that has to be there.</summary>
    /// <exception cref="MetadataCommandException">parse-failed.</exception>
    internal IEnumerable<string> Texts(string key) => List(key).Select((item, i) => item.AsText() ?? throw Mismatch("Text", "String", item, $"{Under(key)}[{i}]"));

    /// <summary>Name of a table or function that has to be there.</summary>
    /// <exception cref="MetadataCommandException">parse-failed.</exception>
    internal QualifiedName Name(string key) => ReadName(Needed(key), Under(key));

    /// <summary>The arguments themselves as the name of a table or function.</summary>
    /// <exception cref="MetadataCommandException">parse-failed.</exception>
    internal QualifiedName WholeName() => ReadName(node, path);

    /// <summary>The arguments of a member.</summary>
    internal CommandArguments Of(string key) => new(era, Needed(key), Under(key));

    /// <summary>A copy of the members with these keys, where they are there and not null.</summary>
    internal JsonObject Copy(params string[] keys) =>
        new(keys.Where(k => Map[k] is not null).Select(k => new KeyValuePair<string, JsonNode?>(k, Map[k]!.DeepClone())));

    private QualifiedName ReadName(JsonNode? value, string at)
    {
        if (value is JsonObject map && map["name"].AsText() is null)
        {
            throw MetadataCommandException.Parse(era.IsVersion1 ? "the key 'name' was not present" : "key \"name\" not found", at);
        }

        var name = QualifiedName.Read(value) ?? throw Mismatch("QualifiedObject", "Object", value, at);
        return name.Name.Length > 0 ? name : throw MetadataCommandException.Parse("empty string not allowed", value is JsonObject ? $"{at}.name" : at);
    }

    private string Filled(JsonNode? value, string key)
    {
        var text = value.AsText() ?? throw Mismatch("Text", "String", value, Under(key));
        return text.Length > 0 ? text : throw MetadataCommandException.Parse("empty string not allowed", Under(key));
    }

    private string Under(string key) => $"{path}.{key}";

    private static MetadataCommandException Mismatch(string type, string expected, JsonNode? given, string at)
    {
        return MetadataCommandException.Parse($"parsing {type} failed, expected {expected}, but encountered {given.KindName()}", at);
    }
}
