namespace HasuraMigrations;

/// <summary>The language of a text of metadata.</summary>
public enum MetadataTextFormat
{
    /// <summary>YAML.</summary>
    Yaml,

    /// <summary>JSON.</summary>
    Json,
}
