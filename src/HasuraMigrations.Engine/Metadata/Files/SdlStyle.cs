namespace HasuraMigrations.Engine.Metadata.Files;

/// <summary>How Hasura's CLI laid out <c>actions.graphql</c>, by its versions.</summary>
internal enum SdlStyle
{
    /// <summary>1.2 to 2.0.0-beta.1: a space before colons, one more blank line behind each action.</summary>
    E1,

    /// <summary>2.0.0-beta.2 to 2.0.5: the blocks of E3, a space before colons.</summary>
    E2,

    /// <summary>2.0.6 and newer.</summary>
    E3,
}
