namespace HasuraMigrations.Engine.Migrations;

/// <summary>History and state of one database, read together.</summary>
/// <param name="HasHistory">False where the module never wrote to this database.</param>
/// <param name="History">Rows of the history.</param>
/// <param name="State">Hasura's own record.</param>
public sealed record TargetSnapshot(bool HasHistory, IReadOnlyList<HistoryRow> History, StateSnapshot State)
{
    /// <summary>For versions that the state has forgotten: what of their up step is in the database.</summary>
    public IReadOnlyDictionary<long, StepEvidence> Evidence { get; init; } = new Dictionary<long, StepEvidence>();

    /// <summary>What is recorded of repeatable files.</summary>
    public IReadOnlyList<FileRow> Repeatables { get; init; } = [];

    /// <summary>Where Hasura's catalog could not be looked for, and why; empty where it was found or every place was searched.</summary>
    public IReadOnlyList<string> NotSearched { get; init; } = [];

    /// <summary>What the target can do.</summary>
    public TargetTraits Traits { get; init; } = TargetTraits.Postgres;
}

/// <summary>What the catalog tells of the objects that an up step made.</summary>
/// <param name="Found">Objects that are there.</param>
/// <param name="Lacking">Objects that are not there.</param>
public sealed record StepEvidence(IReadOnlyList<string> Found, IReadOnlyList<string> Lacking)
{
    private const int MostNames = 5;

    /// <summary>The evidence in a sentence, without a full stop.</summary>
    public override string ToString() => (Found.Count, Lacking.Count) switch
    {
        (0, 0) => "its up step creates nothing that can be checked in the catalog",
        (0, _) => $"nothing that its up step creates exists ({Names(Lacking)})",
        (_, 0) => $"everything that its up step creates exists ({Names(Found)})",
        _ => $"some of what its up step creates exists ({Names(Found)}) and some does not ({Names(Lacking)})",
    };

    private static string Names(IReadOnlyList<string> names) =>
        string.Join(", ", names.Take(MostNames)) + (names.Count > MostNames ? $" and {names.Count - MostNames} more" : "");
}
