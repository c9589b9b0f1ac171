using System.Text;
using HasuraMigrations.Engine.Metadata.Api.Types;

namespace HasuraMigrations.Engine.Metadata.Api.Formats;

/// <summary>Writes a schema as SDL, in the order of a server; types of the introspection and scalars of the language are not part of SDL.</summary>
internal sealed class SdlSchemaWriter
{
    /// <summary>Scalars that every schema has, whether it is written there or not.</summary>
    internal static readonly HashSet<string> BuiltIn = ["Int", "Float", "String", "Boolean", "ID"];
    private static readonly HashSet<string> BuiltInDirectives = ["include", "skip", "deprecated", "specifiedBy"];

    private readonly TextWriter _writer;

    private SdlSchemaWriter(TextWriter writer) => _writer = writer;

    /// <summary>Writes a schema.</summary>
    internal static void Write(ApiSchema schema, TextWriter writer) => new SdlSchemaWriter(writer).Write(schema);

    private void Write(ApiSchema schema)
    {
        Line("schema {");
        Line($"  query: {schema.QueryType}");
        if (schema.MutationType is not null)
        {
            Line($"  mutation: {schema.MutationType}");
        }

        if (schema.SubscriptionType is not null)
        {
            Line($"  subscription: {schema.SubscriptionType}");
        }

        Line("}");
        foreach (var directive in schema.Directives.Where(d => !BuiltInDirectives.Contains(d.Name)))
        {
            Line("");
            Describe(directive.Description, "");
            _writer.Write($"directive @{directive.Name}");
            Arguments(directive.Arguments, "");
            Line($"{(directive.IsRepeatable ? " repeatable" : "")} on {string.Join(" | ", directive.Locations)}");
        }

        foreach (var type in schema.Types.Where(t => !t.IsIntrospection && !(t.Kind == ApiTypeKind.Scalar && BuiltIn.Contains(t.Name))))
        {
            Line("");
            Type(type);
        }
    }

    private void Type(ApiType type)
    {
        Describe(type.Description, "");
        var interfaces = type.Interfaces.Length > 0 ? $" implements {string.Join(" & ", type.Interfaces)}" : "";
        switch (type.Kind)
        {
            case ApiTypeKind.Scalar:
                Line($"scalar {type.Name}");
                break;
            case ApiTypeKind.Object or ApiTypeKind.Interface:
                Members($"{(type.Kind == ApiTypeKind.Object ? "type" : "interface")} {type.Name}{interfaces}", type.Fields, Field);
                break;
            case ApiTypeKind.Union:
                Line($"union {type.Name}{(type.PossibleTypes.Length > 0 ? " = " : "")}{string.Join(" | ", type.PossibleTypes)}");
                break;
            case ApiTypeKind.Enum:
                Members($"enum {type.Name}", type.EnumValues, v =>
                {
                    Describe(v.Description, "  ");
                    Line($"  {v.Name}");
                });
                break;
            case ApiTypeKind.InputObject:
                Members($"input {type.Name}", type.InputFields, v =>
                {
                    Describe(v.Description, "  ");
                    _writer.Write("  ");
                    Value(v);
                    Line("");
                });
                break;
        }
    }

    // A type without members has no braces (GraphQL specification).
    private void Members<T>(string head, IReadOnlyList<T> members, Action<T> write)
    {
        _writer.Write(head);
        Line(members.Count > 0 ? " {" : "");
        foreach (var member in members)
        {
            write(member);
        }

        if (members.Count > 0)
        {
            Line("}");
        }
    }

    private void Field(ApiField field)
    {
        Describe(field.Description, "  ");
        _writer.Write($"  {field.Name}");
        Arguments(field.Arguments, "  ");
        Line($": {field.Type}");
    }

    private void Arguments(IReadOnlyList<ApiInputValue> arguments, string indent)
    {
        if (arguments.Count == 0)
        {
            return;
        }

        if (arguments.All(a => a.Description is null))
        {
            _writer.Write('(');
            for (var i = 0; i < arguments.Count; i++)
            {
                _writer.Write(i > 0 ? ", " : "");
                Value(arguments[i]);
            }

            _writer.Write(')');
            return;
        }

        Line("(");
        foreach (var argument in arguments)
        {
            Describe(argument.Description, $"{indent}  ");
            _writer.Write($"{indent}  ");
            Value(argument);
            Line("");
        }

        _writer.Write($"{indent})");
    }

    private void Value(ApiInputValue value) => _writer.Write($"{value.Name}: {value.Type}{(value.Default is null ? "" : $" = {value.Default}")}");

    private void Describe(string? text, string indent)
    {
        if (text is null)
        {
            return;
        }

        if (!IsBlock(text))
        {
            Line($"{indent}{Quoted(text)}");
        }
        else if (!text.Contains('\n', StringComparison.Ordinal) && text[^1] is not ('"' or '\\'))
        {
            Line($"{indent}\"\"\"{text}\"\"\"");
        }
        else
        {
            Line($"{indent}\"\"\"");
            foreach (var line in text.Split('\n'))
            {
                Line(line.Length == 0 ? "" : indent + line);
            }

            Line($"{indent}\"\"\"");
        }
    }

    // A block loses blanks and empty lines around its text, indentation that all lines have, and cannot have other control characters.
    private static bool IsBlock(string text)
    {
        var lines = text.Split('\n');
        return text.Length > 0
            && !string.IsNullOrWhiteSpace(lines[0]) && !string.IsNullOrWhiteSpace(lines[^1])
            && !lines.Any(l => l.Length > 0 && (char.IsWhiteSpace(l[0]) || char.IsWhiteSpace(l[^1])))
            && !text.Contains("\"\"\"", StringComparison.Ordinal) && !text.Any(c => c < ' ' && c is not ('\n' or '\t'));
    }

    private static string Quoted(string text)
    {
        var quoted = new StringBuilder("\"");
        foreach (var c in text)
        {
            quoted.Append(c switch
            {
                '"' => "\\\"",
                '\\' => "\\\\",
                '\n' => "\\n",
                '\r' => "\\r",
                '\t' => "\\t",
                _ when c < ' ' => $"\\u{(int)c:X4}",
                _ => c.ToString(),
            });
        }

        return quoted.Append('"').ToString();
    }

    private void Line(string text) => _writer.WriteLine(text);
}
