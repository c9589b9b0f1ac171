namespace HasuraMigrations;

/// <summary>Makes the notes of an object of what is known of it and of its findings.</summary>
internal static class FindingNotes
{
    /// <summary>The notes, separated by commas.</summary>
    /// <param name="notes">Notes of the object itself; null for what does not apply.</param>
    /// <param name="findings">Its findings, of which each id is noted once.</param>
    /// <param name="said">Ids that the notes say already.</param>
    internal static string Join(IEnumerable<string?> notes, IEnumerable<Finding>? findings, params string[] said) =>
        string.Join(", ", notes.OfType<string>().Concat((findings ?? []).Select(f => f.Id).Except(said)));
}
