using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace HasuraMigrations.Engine.Metadata.Model;

/// <summary>JSON text that a user gives, in place of an object.</summary>
public static class GivenJson
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Reads it as a server does: a key given twice counts by its last value.</summary>
    /// <param name="text">The text.</param>
    /// <exception cref="HasuraMigrationException">MetadataInputInvalid: it is not JSON, or has text that is not Unicode.</exception>
    public static JsonNode? Read(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        try
        {
            return StoredJson.Parse(Strict.GetBytes(text));
        }
        catch (EncoderFallbackException e)
        {
            throw Invalid("A text contains an unpaired surrogate", e);
        }
        // Half of a surrogate pair in a key is an InvalidOperationException of the reader.
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw Invalid(e.Message, e);
        }
    }

    private static HasuraMigrationException Invalid(string reason, Exception cause) =>
        new("MetadataInputInvalid", $"The JSON text cannot be read: {reason.TrimEnd('.')}.", innerException: cause);
}
