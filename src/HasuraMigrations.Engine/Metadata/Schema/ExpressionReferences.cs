using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Metadata.Model;

namespace HasuraMigrations.Engine.Metadata.Schema;

/// <summary>The names in the boolean expression of a permission, and where they stand.</summary>
/// <param name="owner">The permission.</param>
/// <param name="kind">Which expression it is.</param>
/// <param name="start">The table of the permission, which <c>$</c> leads to.</param>
/// <param name="found">Receives them.</param>
internal sealed class ExpressionReferences(ObjectId owner, DependencyKind kind, TableScope start, List<MetadataReference> found)
{
    /// <summary>Reads an expression on a table.</summary>
    internal void Read(JsonNode? expression, TableScope on)
    {
        foreach (var (key, value) in expression as JsonObject ?? [])
        {
            switch (ExpressionReader.ExpressionKey(key))
            {
                case "and" or "or":
                    foreach (var item in value as JsonArray ?? [])
                    {
                        Read(item, on);
                    }

                    break;
                case "not":
                    Read(value, on);
                    break;
                case "exists":
                    ReadExists(value as JsonObject, on);
                    break;
                default:
                    found.Add(new MetadataReference(owner, on.Field(key), kind, new NamePlace(expression!, key, IsKey: true)));
                    ReadField(key, value as JsonObject, on);
                    break;
            }
        }
    }

    private void ReadExists(JsonObject? exists, TableScope on)
    {
        foreach (var prefix in new[] { "_", "$" })
        {
            if (QualifiedName.Read(exists?[$"{prefix}table"]) is { } name)
            {
                var other = on.Other(name);
                found.Add(new MetadataReference(owner, other.Table, kind, new NamePlace(exists!, $"{prefix}table")));
                Read(exists![$"{prefix}where"], other);
            }
        }
    }

    private void ReadField(string field, JsonObject? value, TableScope on)
    {
        if (value is null)
        {
            return;
        }

        if (on.Through(field) is { } next)
        {
            Read(value, next);
            return;
        }

        foreach (var (key, operand) in value)
        {
            if (key.Length > 1 && key[1..] is "ceq" or "cne" or "cneq" or "cgt" or "clt" or "cgte" or "clte")
            {
                ReadColumnComparison(value, key, operand, on);
            }
        }
    }

    // A column of the same table, or of the table of the permission after $ (Hasura, column comparison).
    private void ReadColumnComparison(JsonObject operators, string key, JsonNode? operand, TableScope on)
    {
        switch (operand)
        {
            case JsonArray { Count: > 0 } path when path[^1].AsText() is { } column:
                var table = path.Count > 1 ? start : on;
                found.Add(new MetadataReference(owner, table.Column(column), kind, new NamePlace(path, null, path.Count - 1)));
                break;
            case not null when operand.AsText() is { } column:
                found.Add(new MetadataReference(owner, on.Column(column), kind, new NamePlace(operators, key)));
                break;
        }
    }
}
