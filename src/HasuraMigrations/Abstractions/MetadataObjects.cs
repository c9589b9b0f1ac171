using System.Collections;
using System.Collections.Specialized;
using System.Globalization;
using System.Management.Automation;
using System.Numerics;
using System.Text.Json;
using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Metadata.Model;

namespace HasuraMigrations.Abstractions;

/// <summary>Turns metadata into objects of the shell and back.</summary>
internal static class MetadataObjects
{
    private const int MaximumDepth = 64;

    /// <summary>The object a user gets.</summary>
    internal static HasuraMetadata FromDocument(MetadataDocument document, string? origin, long? resourceVersion, string? token) =>
        new((IDictionary)ToObject(document.Root)!, document.Version) { Origin = origin, ResourceVersion = resourceVersion, Token = token };

    /// <summary>The document in an object: what an export gave, a table, or what was read from JSON.</summary>
    /// <exception cref="HasuraMigrationException">MetadataInputInvalid, MetadataVersionUnsupported.</exception>
    internal static MetadataDocument ToDocument(object value) =>
        ToNode(value is HasuraMetadata metadata ? metadata.Document : value, "metadata", 0) is JsonObject root
            ? MetadataDocument.OfAnswer(root)
            : throw Invalid($"A {Name(value)} cannot be used as metadata.");

    /// <summary>Arguments of a command; JSON text is read.</summary>
    /// <exception cref="HasuraMigrationException">MetadataInputInvalid.</exception>
    internal static JsonNode? ToNode(object value) =>
        Secrets.Bare(value) is string text && text.TrimStart() is ['{' or '[', ..] ? GivenJson.Read(text) : ToNode(value, "args", 0);

    /// <summary>Whole commands; a list is many.</summary>
    /// <exception cref="HasuraMigrationException">MetadataInputInvalid.</exception>
    internal static IEnumerable<JsonObject> ToCommands(object value) => ToNode(value) switch
    {
        JsonObject command => [command],
        JsonArray list when list.All(c => c is JsonObject) => [.. list.Select(c => (JsonObject)c!.DeepClone())],
        _ => throw Invalid("A command of Hasura's API is an object with 'type' and 'args'."),
    };

    /// <summary>A part of an answer as an object of the shell.</summary>
    internal static object? ToObject(JsonNode? node)
    {
        switch (node)
        {
            case null:
                return null;
            case JsonObject map:
                // Keys of metadata are names of columns too, which differ by case.
                var table = new OrderedDictionary(map.Count, StringComparer.Ordinal);
                foreach (var (key, value) in map)
                {
                    table[key] = ToObject(value);
                }

                return table;
            case JsonArray list:
                var items = new List<object?>(list.Count);
                items.AddRange(list.Select(ToObject));
                return items;
            default:
                return node.GetValueKind() switch
                {
                    JsonValueKind.String => node.GetValue<string>(),
                    JsonValueKind.Number => Number(node.ToJsonString()),
                    JsonValueKind.True => true,
                    _ => false,
                };
        }
    }

    private static object Number(string text) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole) ? whole
        : BigInteger.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var big) ? big
        : decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var exact) && exact != 0 ? exact
        : double.Parse(text, CultureInfo.InvariantCulture);

    private static JsonNode? ToNode(object? value, string path, int depth)
    {
        // A table can hold itself.
        if (depth > MaximumDepth)
        {
            throw Invalid($"The value is nested deeper than {MaximumDepth} levels, at {string.Join('.', path.Split('.').Take(5))}.");
        }

        var isWrapped = value is PSObject { BaseObject: PSCustomObject };
        var bare = isWrapped ? value : Secrets.Bare(value);
        return bare switch
        {
            null => null,
            PSObject custom => ToMap(custom.Properties.Select(p => (p.Name, (object?)p.Value)), path, depth),
            string text => JsonValue.Create(text),
            bool flag => JsonValue.Create(flag),
            IDictionary table => ToMap(table.Keys.Cast<object>().Select(k => (k.ToString()!, table[k])), path, depth),
            IEnumerable list => new JsonArray([.. list.Cast<object?>().Select((e, i) => ToNode(e, $"{path}[{i}]", depth + 1))]),
            SwitchParameter given => JsonValue.Create(given.IsPresent),
            byte or sbyte or short or ushort or int or uint or long or ulong or decimal => JsonNode.Parse(((IFormattable)bare).ToString(null, CultureInfo.InvariantCulture)),
            BigInteger big => JsonNode.Parse(big.ToString(CultureInfo.InvariantCulture)),
            double or float when double.IsFinite(Convert.ToDouble(bare, CultureInfo.InvariantCulture)) => JsonNode.Parse(((IFormattable)bare).ToString("R", CultureInfo.InvariantCulture)),
            DateTime or DateTimeOffset => throw Invalid($"The value at {path} is a date, and JSON has no date type; ConvertFrom-Json converts strings that look like dates. Pass the JSON text itself, or use -DateKind String."),
            _ => throw Invalid($"The value at {path} is a {Name(bare)}, which JSON cannot represent."),
        };
    }

    // The keys 1 and "1" of a table are two, those of JSON one.
    private static JsonObject ToMap(IEnumerable<(string Key, object? Value)> members, string path, int depth)
    {
        var map = new JsonObject();
        foreach (var (key, value) in members)
        {
            if (map.ContainsKey(key))
            {
                throw Invalid($"The key '{key}' is given twice at {path}.");
            }

            map.Add(key, ToNode(value, $"{path}.{key}", depth + 1));
        }

        return map;
    }

    private static string Name(object value) => value is PSObject wrapped ? wrapped.BaseObject.GetType().Name : value.GetType().Name;

    private static HasuraMigrationException Invalid(string message) => new("MetadataInputInvalid", message);
}
