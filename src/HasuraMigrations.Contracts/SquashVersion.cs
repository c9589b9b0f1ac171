namespace HasuraMigrations;

/// <summary>Which version a squashed migration gets.</summary>
public enum SquashVersion
{
    /// <summary>The highest of the versions that it replaces.</summary>
    Last,

    /// <summary>A new one, taken from the clock.</summary>
    New,
}
