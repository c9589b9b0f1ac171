namespace HasuraMigrations;

/// <summary>How much a <see cref="Finding"/> matters.</summary>
public enum FindingSeverity
{
    /// <summary>Good to know; nothing has to be done.</summary>
    Information,

    /// <summary>Probably not what was meant; the run goes on.</summary>
    Warning,

    /// <summary>Stops the run before anything is written.</summary>
    Error,
}
