using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace HasuraMigrations.Engine.Records;

/// <summary>JSON of the history. The code is made by the compiler: to make it from the types costs a new process about 40 ms.</summary>
[JsonSerializable(typeof(Dictionary<string, string>))]
[JsonSerializable(typeof(IReadOnlyDictionary<string, string>))]
[JsonSerializable(typeof(Dictionary<string, bool>))]
internal sealed partial class RecordJson : JsonSerializerContext
{
    /// <summary>Texts by name, as every reading of the history has them; without the serializer, which a new process would set up first.</summary>
    /// <exception cref="JsonException">The text is no object of texts.</exception>
    internal static Dictionary<string, string> Texts(string json)
    {
        var reader = new Utf8JsonReader(Encoding.UTF8.GetBytes(json));
        var texts = new Dictionary<string, string>();
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            return reader.TokenType == JsonTokenType.Null ? texts : throw new JsonException();
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString()!;
            texts[name] = reader.Read() && reader.TokenType == JsonTokenType.String ? reader.GetString()! : throw new JsonException();
        }

        return !reader.Read() ? texts : throw new JsonException();
    }
}
