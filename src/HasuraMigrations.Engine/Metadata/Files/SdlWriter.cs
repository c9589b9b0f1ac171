using System.Text;
using System.Text.Json.Nodes;

namespace HasuraMigrations.Engine.Metadata.Files;

/// <summary>Writes <c>actions.graphql</c> as Hasura's CLI does.</summary>
internal sealed class SdlWriter(SdlStyle style)
{
    private readonly StringBuilder _text = new();

    /// <summary>All actions in their order, then enums, input objects, objects and scalars in theirs.</summary>
    internal string Write(IEnumerable<JsonObject> actions, JsonObject? customTypes)
    {
        foreach (var action in actions)
        {
            WriteAction(action);
        }

        if (style == SdlStyle.E1)
        {
            _text.Append("\n\n");
        }

        WriteTypes(customTypes, "enums", "enum");
        WriteTypes(customTypes, "input_objects", "input");
        WriteTypes(customTypes, "objects", "type");
        foreach (var scalar in ActionNodes.Objects(customTypes, "scalars"))
        {
            _text.Append(Described(scalar, "scalar ")).Append(ActionNodes.Text(scalar, "name")).Append("\n\n");
        }

        return _text.ToString();
    }

    private string Colon => style == SdlStyle.E3 ? ": " : " : ";

    private void WriteAction(JsonObject action)
    {
        var definition = action["definition"] as JsonObject ?? [];
        var name = ActionNodes.Text(action, "name");
        var arguments = ActionNodes.Objects(definition, "arguments").ToList();
        _text.Append(definition["type"]?.ToString() == "query" ? "type Query {\n  " : "type Mutation {\n  ").Append(name);
        if (arguments.Count > 0)
        {
            _text.Append(style == SdlStyle.E3 ? "(\n" : " (\n");
            foreach (var argument in arguments)
            {
                _text.Append("    ").Append(Described(argument)).Append(ActionNodes.Text(argument, "name")).Append(": ").Append(ActionNodes.Text(argument, "type")).Append('\n');
            }

            _text.Append("  ): ");
        }
        else
        {
            _text.Append(Colon);
        }

        _text.Append(ActionNodes.Text(definition, "output_type")).Append(style == SdlStyle.E1 ? "\n}\n\n\n" : "\n}\n\n");
    }

    private void WriteTypes(JsonObject? customTypes, string kind, string keyword)
    {
        foreach (var type in ActionNodes.Objects(customTypes, kind))
        {
            _text.Append(Described(type, keyword + " ")).Append(ActionNodes.Text(type, "name")).Append(" {\n");
            foreach (var field in ActionNodes.Objects(type, kind == "enums" ? "values" : "fields"))
            {
                _text.Append("  ").Append(Described(field));
                _ = kind == "enums"
                    ? _text.Append(ActionNodes.Text(field, "value"))
                    : _text.Append(ActionNodes.Text(field, "name")).Append(Colon).Append(ActionNodes.Text(field, "type"));
                _text.Append('\n');
            }

            _text.Append("}\n\n");
        }
    }

    private static string Described(JsonObject node, string keyword = "") =>
        SdlDescription.Format(node["description"] is { } text ? text.ToString() : null) + keyword;
}
