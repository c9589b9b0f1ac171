using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Metadata.Schema;

namespace HasuraMigrations.Engine.Impacts;

/// <summary>
/// Takes comparisons with things that are gone out of the boolean expression of a permission. What cannot be compared any more counts
/// as not true where it permits, and as true where it is negated, so that no row becomes visible that was not.
/// </summary>
/// <param name="isGone">Whether a thing is gone.</param>
/// <param name="start">The table of the permission.</param>
internal sealed class ExpressionPruner(Func<ObjectId, bool> isGone, TableScope start)
{
    /// <summary>The expression without them; itself where there is nothing of them.</summary>
    internal JsonNode? Prune(JsonNode? expression)
    {
        if (expression is not JsonObject map)
        {
            return expression;
        }

        var (node, constant) = Conjunction(map, start, isNegated: false);
        // An empty expression is true of every row, so its negation of none (Hasura, boolean expressions).
        return constant switch { false => new JsonObject { ["_not"] = new JsonObject() }, true => new JsonObject(), _ => node };
    }

    // The members of a map are joined by and.
    private (JsonNode? Node, bool? Constant) Conjunction(JsonObject map, TableScope on, bool isNegated)
    {
        var kept = new JsonObject();
        var hasChanged = false;
        foreach (var (key, value) in map)
        {
            var (node, constant) = Member(key, value, on, isNegated);
            hasChanged |= constant is not null || !ReferenceEquals(node, value);
            if (constant == false)
            {
                return (null, false);
            }

            if (constant is null)
            {
                kept[key] = node?.DeepClone();
            }
        }

        return !hasChanged ? (map, null) : kept.Count == 0 ? (null, true) : (kept, null);
    }

    private (JsonNode? Node, bool? Constant) Member(string key, JsonNode? value, TableScope on, bool isNegated)
    {
        switch (ExpressionReader.ExpressionKey(key))
        {
            case "and" or "or" when value is JsonArray list:
                return Joined(list, on, isNegated, isAnd: key[1..] == "and");
            case "not" when value is JsonObject inner:
                var (node, constant) = Conjunction(inner, on, !isNegated);
                return (node, !constant);
            case "exists" when value is JsonObject exists:
                return Exists(exists, on, isNegated);
            case null:
                return Field(key, value, on, isNegated);
            default:
                return (value, null);
        }
    }

    private (JsonNode? Node, bool? Constant) Joined(JsonArray list, TableScope on, bool isNegated, bool isAnd)
    {
        var kept = new List<JsonNode?>();
        var hasChanged = false;
        foreach (var item in list)
        {
            var (node, constant) = item is JsonObject map ? Conjunction(map, on, isNegated) : (item, null);
            hasChanged |= constant is not null || !ReferenceEquals(node, item);
            if (constant == !isAnd)
            {
                return (null, constant);
            }

            if (constant is null)
            {
                kept.Add(node);
            }
        }

        return !hasChanged ? (list, null) : kept.Count == 0 ? (null, isAnd) : (new JsonArray([.. kept.Select(k => k?.DeepClone())]), null);
    }

    private (JsonNode? Node, bool? Constant) Exists(JsonObject exists, TableScope on, bool isNegated)
    {
        var prefix = exists.ContainsKey("_table") ? "_" : "$";
        if (QualifiedName.Read(exists[$"{prefix}table"]) is not { } name)
        {
            return (exists, null);
        }

        var other = on.Other(name);
        if (isGone(other.Table))
        {
            return (null, isNegated);
        }

        var where = exists[$"{prefix}where"] as JsonObject ?? [];
        var (node, constant) = Conjunction(where, other, isNegated);
        if (constant == false)
        {
            return (null, false);
        }

        if (constant is null && ReferenceEquals(node, where))
        {
            return (exists, null);
        }

        var copy = exists.DeepClone().AsObject();
        copy[$"{prefix}where"] = constant == true ? new JsonObject() : node!.DeepClone();
        return (copy, null);
    }

    private (JsonNode? Node, bool? Constant) Field(string field, JsonNode? value, TableScope on, bool isNegated)
    {
        if (isGone(on.Field(field)))
        {
            return (null, isNegated);
        }

        if (on.Through(field) is { } next && value is JsonObject inner)
        {
            var (node, constant) = Conjunction(inner, next, isNegated);
            // That there is a row at all remains to be true.
            return constant switch { false => (null, false), true => (new JsonObject(), null), _ => (node, null) };
        }

        return value is JsonObject operators && operators.Any(o => ComparedColumn(o.Key, o.Value, on) is { } column && isGone(column)) ? (null, isNegated) : (value, null);
    }

    private ObjectId? ComparedColumn(string name, JsonNode? operand, TableScope on) => name.Length > 1 && name[1..] is "ceq" or "cne" or "cneq" or "cgt" or "clt" or "cgte" or "clte"
        ? operand switch
        {
            JsonArray { Count: > 0 } path when path[^1].AsText() is { } column => (path.Count > 1 ? start : on).Column(column),
            not null when operand.AsText() is { } column => on.Column(column),
            _ => null,
        }
        : null;
}
