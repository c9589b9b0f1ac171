namespace HasuraMigrations.Engine.Records;

/// <summary>
/// How often answers or connections were lost since the run last came on. A run of any length lives through any number of
/// losses; one that loses the same work again and again is given up.
/// </summary>
internal sealed class LostAnswers
{
    private const int Most = 5;

    /// <summary>Losses since the last progress.</summary>
    internal int Count { get; private set; }

    /// <summary>True where the next thing to do is to give up.</summary>
    internal bool AreTooMany => Count > Most;

    /// <summary>Counts a loss.</summary>
    internal void Add() => Count++;

    /// <summary>A migration, or a statement of one, is committed.</summary>
    internal void Progress() => Count = 0;
}
