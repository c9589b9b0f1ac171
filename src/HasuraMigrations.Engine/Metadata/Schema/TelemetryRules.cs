using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Json;

namespace HasuraMigrations.Engine.Metadata.Schema;

/// <summary>What OpenTelemetry exports has somewhere to go.</summary>
internal static class TelemetryRules
{
    private const string Type = "open_telemetry";

    /// <summary>The settings, which are one object.</summary>
    internal static readonly ObjectId Id = ObjectId.OfGlobal(ObjectKind.OpenTelemetry, "");

    /// <summary>Looks at the settings of a document.</summary>
    internal static void Build(SchemaCache cache, JsonObject root)
    {
        var settings = root["opentelemetry"];
        // A status from the environment is not known here.
        if (settings.Get("status").AsText() == "enabled" && settings.Get("data_types").AsTexts().Contains("traces") && string.IsNullOrEmpty(settings.Get("exporter_otlp").Get("otlp_traces_endpoint").AsText()))
        {
            Add(cache, settings, "exporter_otlp", "Traces export is enabled but tracing endpoint missing");
        }

        if (settings.Get("batch_span_processor").Get("max_export_batch_size") is JsonValue size && size.TryGetValue<decimal>(out var number) && number <= 0)
        {
            Add(cache, settings, "batch_span_processor", "max_export_batch_size must be a positive integer");
        }
    }

    private static void Add(SchemaCache cache, JsonNode? settings, string part, string reason) =>
        cache.Inconsistencies.Add(Id, Type, $"{Type}.{part}", settings.Get(part) ?? new JsonObject(), reason);
}
