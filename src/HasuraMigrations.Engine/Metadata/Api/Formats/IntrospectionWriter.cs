using System.Text.Encodings.Web;
using System.Text.Json;
using HasuraMigrations.Engine.Metadata.Api.Types;

namespace HasuraMigrations.Engine.Metadata.Api.Formats;

/// <summary>Writes a schema as a server answers the usual request for its introspection.</summary>
internal sealed class IntrospectionWriter
{
    private readonly Utf8JsonWriter _json;

    private IntrospectionWriter(Utf8JsonWriter json) => _json = json;

    /// <summary>Writes a schema.</summary>
    internal static void Write(ApiSchema schema, Stream stream)
    {
        using var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        new IntrospectionWriter(json).Write(schema);
    }

    private void Write(ApiSchema schema)
    {
        _json.WriteStartObject();
        _json.WriteStartObject("data");
        _json.WriteStartObject("__schema");
        Root("queryType", schema.QueryType);
        Root("mutationType", schema.MutationType);
        Root("subscriptionType", schema.SubscriptionType);
        List("types", schema.Types, t => Type(schema, t));
        List("directives", schema.Directives, d =>
        {
            _json.WriteString("name", d.Name);
            _json.WriteString("description", d.Description);
            _json.WriteBoolean("isRepeatable", d.IsRepeatable);
            _json.WriteStartArray("locations");
            foreach (var location in d.Locations)
            {
                _json.WriteStringValue(location);
            }

            _json.WriteEndArray();
            List("args", d.Arguments, a => Value(schema, a));
        });
        _json.WriteEndObject();
        _json.WriteEndObject();
        _json.WriteEndObject();
    }

    private void Root(string key, string? name)
    {
        if (name is null)
        {
            _json.WriteNull(key);
            return;
        }

        _json.WriteStartObject(key);
        _json.WriteString("name", name);
        _json.WriteEndObject();
    }

    private void Type(ApiSchema schema, ApiType type)
    {
        _json.WriteString("kind", IntrospectionKinds.Of(type.Kind));
        _json.WriteString("name", type.Name);
        _json.WriteString("description", type.Description);
        var hasFields = type.Kind is ApiTypeKind.Object or ApiTypeKind.Interface;
        List("fields", hasFields ? type.Fields : null, f =>
        {
            _json.WriteString("name", f.Name);
            _json.WriteString("description", f.Description);
            List("args", f.Arguments, a => Value(schema, a));
            Reference(schema, "type", f.Type);
            NotDeprecated();
        });
        List("inputFields", type.Kind == ApiTypeKind.InputObject ? type.InputFields : null, v => Value(schema, v));
        List("interfaces", hasFields ? type.Interfaces : null, n => Named(schema, n));
        List("enumValues", type.Kind == ApiTypeKind.Enum ? type.EnumValues : null, v =>
        {
            _json.WriteString("name", v.Name);
            _json.WriteString("description", v.Description);
            NotDeprecated();
        });
        List("possibleTypes", type.Kind is ApiTypeKind.Union or ApiTypeKind.Interface ? type.PossibleTypes : null, n => Named(schema, n));
    }

    private void Value(ApiSchema schema, ApiInputValue value)
    {
        _json.WriteString("name", value.Name);
        _json.WriteString("description", value.Description);
        Reference(schema, "type", value.Type);
        _json.WriteString("defaultValue", value.Default);
    }

    private void Reference(ApiSchema schema, string key, ApiTypeRef type)
    {
        _json.WriteStartObject(key);
        if (type.IsNonNull || type.IsList)
        {
            _json.WriteString("kind", type.IsNonNull ? "NON_NULL" : "LIST");
            _json.WriteNull("name");
            Reference(schema, "ofType", type.IsNonNull ? type.Nullable() : type.Element()!.Value);
        }
        else
        {
            Named(schema, type.Name);
        }

        _json.WriteEndObject();
    }

    private void Named(ApiSchema schema, string name)
    {
        _json.WriteString("kind", IntrospectionKinds.Of(schema.Find(name)?.Kind ?? ApiTypeKind.Scalar));
        _json.WriteString("name", name);
        _json.WriteNull("ofType");
    }

    private void NotDeprecated()
    {
        _json.WriteBoolean("isDeprecated", false);
        _json.WriteNull("deprecationReason");
    }

    private void List<T>(string key, IReadOnlyList<T>? items, Action<T> write)
    {
        if (items is null)
        {
            _json.WriteNull(key);
            return;
        }

        _json.WriteStartArray(key);
        foreach (var item in items)
        {
            _json.WriteStartObject();
            write(item);
            _json.WriteEndObject();
        }

        _json.WriteEndArray();
    }
}
