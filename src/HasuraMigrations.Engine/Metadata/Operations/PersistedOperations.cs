using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Metadata.Files;

namespace HasuraMigrations.Engine.Metadata.Operations;

/// <summary>
/// Persisted operations: a map of hashes and texts, as Relay and GraphQL Code Generator write, or the manifest of Apollo, a list of
/// operations with their texts. Each text is complete.
/// </summary>
internal static class PersistedOperations
{
    private static readonly string[] TextKeys = ["body", "text", "query", "document", "documentString"];
    private static readonly string[] Keys = ["name", "id", "hash", "signature"];

    /// <summary>The texts of a file.</summary>
    /// <exception cref="HasuraMigrationException">OperationFileInvalid.</exception>
    internal static IReadOnlyList<OperationText> Read(OperationText file)
    {
        var positions = new MetadataPositions();
        JsonNode? root;
        try
        {
            root = JsonTreeReader.Read(file.Text, file.File!, positions);
        }
        catch (HasuraMigrationException e)
        {
            throw Invalid(e.Message, e.Line, e.Column);
        }

        if (root.Get("__schema") is not null || root.Get("data").Get("__schema") is not null)
        {
            throw Invalid("It is an introspection, which is given with -Schema.", null, null);
        }

        var list = root is JsonObject map && map["operations"] is JsonNode operations ? operations : root;
        return list switch
        {
            JsonObject texts => [.. texts.Select(t => Text(t.Key, t.Value, texts))],
            JsonArray items => [.. items.Select(i => Text(Keys.Select(k => i.Get(k).AsText()).FirstOrDefault(k => k is not null), i, items))],
            _ => throw Invalid("It is neither a map of texts nor a list of operations.", 1, 1),
        };

        OperationText Text(string? key, JsonNode? node, JsonNode around)
        {
            var text = node.AsText() ?? TextKeys.Select(k => node.Get(k).AsText()).FirstOrDefault(t => t is not null);
            var place = positions.Near(node ?? around);
            return text is null ? throw Invalid($"{(key is null ? "An entry" : $"The entry '{key}'")} has no text of an operation.", place?.Line, place?.Column)
                : new OperationText(text) { File = file.File, Line = place?.Line, Column = place?.Column, Key = key };
        }

        HasuraMigrationException Invalid(string message, int? line, int? column) => new("OperationFileInvalid", message, file.File) { File = file.File, Line = line, Column = column };
    }
}
