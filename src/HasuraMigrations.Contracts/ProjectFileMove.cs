namespace HasuraMigrations;

/// <summary>A file that was moved.</summary>
/// <param name="From">Full path before.</param>
/// <param name="To">Full path now.</param>
public sealed record ProjectFileMove(string From, string To)
{
    /// <summary>Both paths.</summary>
    public override string ToString() => $"{From} -> {To}";
}
