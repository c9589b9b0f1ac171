using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace HasuraMigrations.Engine.Json;

/// <summary>Makes number nodes that keep their text.</summary>
internal static class JsonNumbers
{
    /// <summary>The number a reader stands on.</summary>
    internal static JsonValue Read(ref Utf8JsonReader reader) =>
        Read(Encoding.ASCII.GetString(reader.HasValueSequence ? reader.ValueSequence.ToArray() : reader.ValueSpan));

    /// <summary>A number of JSON text.</summary>
    internal static JsonValue Read(string json)
    {
        // A whole number prints as it was read and takes little room; others are kept as text.
        if (long.TryParse(json, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole) && whole.ToString(CultureInfo.InvariantCulture) == json)
        {
            return JsonValue.Create(whole);
        }

        using var document = JsonDocument.Parse(json);
        return JsonValue.Create(document.RootElement.Clone())!;
    }
}
