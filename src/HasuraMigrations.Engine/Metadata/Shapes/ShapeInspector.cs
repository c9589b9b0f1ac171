using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Processes;

namespace HasuraMigrations.Engine.Metadata.Shapes;

/// <summary>A part of a document that has not its shape.</summary>
/// <param name="Id">Id of the finding.</param>
/// <param name="IsError">A server does not read the document; else it leaves the part out.</param>
/// <param name="Node">The node it is about.</param>
/// <param name="Where">The part.</param>
/// <param name="Message">What is wrong.</param>
/// <param name="Action">What to do about it; null for nothing in particular.</param>
/// <param name="Key">The key that the shape does not have; null for another problem.</param>
internal sealed record ShapeProblem(string Id, bool IsError, JsonNode Node, InspectionNode Where, string Message, string? Action = null, string? Key = null);

/// <summary>
/// Checks a document against the shapes: keys, values, duplicates. Files, imports, commands and what is stored already are all
/// checked here.
/// </summary>
/// <param name="tell">Takes each problem.</param>
internal sealed class ShapeInspector(Action<ShapeProblem> tell)
{
    // Deeper text is refused before it gets here; what code makes may be deeper.
    private const int MaximumDepth = 200;

    private int _depth;
    private int _told;
    private MetadataDocument? _document;
    private FineTexts? _fine;

    /// <summary>Checks a whole document.</summary>
    internal static void InspectDocument(MetadataDocument document, Action<ShapeProblem> tell) =>
        new ShapeInspector(tell) { _document = document }.Inspect(document.Root, DocumentShapes.Of(document.Version), InspectionNode.Whole);

    /// <summary>Checks one part.</summary>
    /// <param name="node">The part.</param>
    /// <param name="shape">What it is to look like.</param>
    /// <param name="where">Which part it is.</param>
    internal void Inspect(JsonNode? node, Shape shape, InspectionNode where)
    {
        if (node is null)
        {
            return;
        }

        if (++_depth > MaximumDepth)
        {
            Wrong(node, where, "is nested too deep");
        }
        else
        {
            InspectNode(node, shape, where);
        }

        _depth--;
    }

    private void InspectNode(JsonNode node, Shape shape, InspectionNode where)
    {
        switch (shape, node)
        {
            case (ChoiceShape choice, _):
                Inspect(node, choice.For(node), where);
                break;
            case (CheckedShape generic, _):
                Inspect(node, generic.Inner, where);
                break;
            case (ObjectShape known, JsonObject map):
                InspectObject(map, known, where);
                break;
            case (ObjectShape, _):
                Wrong(node, where, "must be a map");
                break;
            case (ListShape known, JsonArray list):
                InspectList(list, known, where);
                break;
            case (ListShape, _):
                Wrong(node, where, "must be a list");
                break;
            case (MapShape known, JsonObject map):
                InspectMap(map, known, where);
                break;
            case (ExpressionShape, JsonObject map):
                InspectExpression(map, where);
                break;
            case (MapShape or ExpressionShape, _):
                Wrong(node, where, "must be a map");
                break;
            case (QualifiedNameShape, _) when QualifiedName.Read(node) is not { Name.Length: > 0 } || node is JsonObject map && (map["schema"] ?? map["dataset"]) is { } schema && schema.AsText() is null:
                Wrong(node, where, "must be a name: a text, or a map with name and schema");
                break;
            case (ValueShape known, _) when known.Problem(node) is { } problem:
                Wrong(node, where, problem);
                break;
        }
    }

    private void InspectObject(JsonObject map, ObjectShape shape, InspectionNode where)
    {
        foreach (var (key, value) in map)
        {
            if (shape.Find(key) is { } member)
            {
                if (!IsFine(value, member.Shape))
                {
                    var isPassed = (value is JsonArray && ShapeTree.ObjectsOf(member) is not null) || (value is JsonObject && ShapeTree.GroupOf(member) is not null);
                    var told = _told;
                    Inspect(value, member.Shape, where.Member(key, isPassed));
                    if (told == _told)
                    {
                        _fine?.Add(value, member.Shape);
                    }
                }
            }
            else if (!shape.IsOpen)
            {
                Unknown(map, key, value, shape, where);
            }
        }

        foreach (var member in shape.Required)
        {
            if (map[member.Name] is null)
            {
                Tell(new ShapeProblem("MetadataKeyMissing", IsError: true, map, where, $"The key '{member.Name}' is missing in {where}."));
            }
        }

        foreach (var rule in shape.Rules)
        {
            if (rule(map) is { } problem)
            {
                Wrong(map, where, problem);
            }
        }
    }

    // Most of a document is plain values without a problem, which need no description of their place, and values that come again.
    private bool IsFine(JsonNode? value, Shape shape) => value is null || (shape is ValueShape known && _depth < MaximumDepth && known.Problem(value) is null) || _fine?.Has(value, shape) == true;

    private void Tell(ShapeProblem problem)
    {
        _told++;
        tell(problem);
    }

    private void Unknown(JsonObject map, string key, JsonNode? value, ObjectShape shape, InspectionNode where)
    {
        var nearest = NearestName.Of(key, shape.Members.Select(m => m.Name));
        var message = $"The key '{key}' is not known in {where}.{(nearest is null ? "" : $" Did you mean '{nearest}'?")}{(shape.RefusesUnknownKeys ? $" A server refuses a {shape.Noun} with it." : "")}";
        Tell(new ShapeProblem("MetadataKeyUnknown", shape.RefusesUnknownKeys, value ?? map, where, message, Key: key));
    }

    private void InspectMap(JsonObject map, MapShape shape, InspectionNode where)
    {
        if (shape.IsOfOne && map.Count != 1)
        {
            Wrong(map, where, "must have exactly one key");
        }

        foreach (var (key, value) in map)
        {
            Inspect(value, shape.Value, where.Value(key));
        }
    }

    private void InspectList(JsonArray list, ListShape shape, InspectionNode where)
    {
        if (shape.IsFilled && list.Count == 0)
        {
            Wrong(list, where, "must not be an empty list");
        }

        var seen = shape.Key is not null || shape.IsDistinct || shape.Element is QualifiedNameShape ? new HashSet<EntryKey>() : null;
        // Tables are what makes a document large.
        var tables = shape.Objects?.Kind is MetadataObjectKind.Table && _document is not null ? InspectTables(list, shape, where).GetEnumerator() : null;
        for (var i = 0; i < list.Count; i++)
        {
            if (list[i] is not { } entry)
            {
                Wrong(list, where.EntryOf(shape, null, i), "must not be null");
                continue;
            }

            if (seen is null && tables is null && IsFine(entry, shape.Element))
            {
                continue;
            }

            var part = where.EntryOf(shape, entry, i);
            if (tables is null)
            {
                Inspect(entry, shape.Element, part);
            }
            else if (tables.MoveNext())
            {
                tables.Current.ForEach(Tell);
            }

            if (seen is null || seen.Add(EntryKey.Of(entry, shape)))
            {
                continue;
            }

            if (shape.IsDistinct)
            {
                Wrong(entry, part, "is listed twice");
            }
            else
            {
                // A server reads types that stand twice, and then builds none of them.
                Tell(new ShapeProblem(part.Steps is ["custom_types", ..] ? "MetadataNameConflict" : "MetadataDuplicate", IsError: true, entry, part, $"The {shape.Objects?.Noun ?? "name"} {EntryKey.Of(entry, shape)} is defined twice in {where}.", "Remove one of them; a merge may have introduced it."));
            }
        }
    }

    // Each is looked at for itself, as a copy that is let go; what is told of them comes in their order.
    private IEnumerable<List<ShapeProblem>> InspectTables(JsonArray list, ListShape shape, InspectionNode where)
    {
        _document!.Positions.Settle();
        // What is looked at in place has its nodes by now: to compare its text would be more work than to look at them.
        var fine = _document.RestsOnText ? new FineTexts() : null;
        return WorkAhead.Select(list.Select((table, number) => (table, number)).Where(t => t.table is not null), WorkAhead.ProcessorsFor(list.Count), t =>
        {
            var found = new List<ShapeProblem>();
            new ShapeInspector(found.Add) { _depth = _depth, _fine = fine }.Inspect(t.table is JsonObject map ? _document.LookAt(map) : t.table, shape.Element, where.EntryOf(shape, t.table, t.number));
            return found;
        });
    }

    // Only the boolean level has a shape of its own; what stands under a field depends on what the field is.
    private void InspectExpression(JsonObject expression, InspectionNode where)
    {
        foreach (var (key, value) in expression)
        {
            var part = where.Value(key);
            switch (BooleanOperators.Modern(key), value)
            {
                case ("_and" or "_or", JsonArray list):
                    InspectList(list, BooleanOperators.List, part);
                    break;
                case ("_and" or "_or", _):
                    Wrong(value ?? expression, part, "must be a list");
                    break;
                case ("_not", JsonObject):
                    Inspect(value, Shape.Expression, part);
                    break;
                case ("_exists", JsonObject exists):
                    InspectExists(exists, part);
                    break;
                case ("_not" or "_exists", _):
                    Wrong(value ?? expression, part, "must be a map");
                    break;
            }
        }
    }

    private void InspectExists(JsonObject exists, InspectionNode where)
    {
        foreach (var (key, shape) in new[] { ("_table", Shape.Name), ("_where", Shape.Expression) })
        {
            var given = exists.ContainsKey(key) ? key : $"${key[1..]}";
            if (exists[given] is { } value)
            {
                Inspect(value, shape, where.Member(given));
            }
            else
            {
                Tell(new ShapeProblem("MetadataKeyMissing", IsError: true, exists, where, $"The key '{key}' is missing in {where}."));
            }
        }
    }

    private void Wrong(JsonNode node, InspectionNode where, string problem) =>
        Tell(new ShapeProblem("MetadataValueInvalid", IsError: true, node, where, $"The value of {where} {problem}."));
}
