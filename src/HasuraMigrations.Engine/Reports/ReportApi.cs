namespace HasuraMigrations.Engine.Reports;

/// <summary>A difference of the GraphQL schema of a role. All texts are printable.</summary>
/// <param name="Role">The role.</param>
/// <param name="Class">What it does to clients.</param>
/// <param name="Criterion">What was changed.</param>
/// <param name="Side">Whom it concerns.</param>
/// <param name="Path">What was changed.</param>
/// <param name="Message">The change in a sentence.</param>
/// <param name="Cause">What causes it; empty where that is not known.</param>
/// <param name="Place">The statement, or the place of the metadata, that causes it; null where none is known.</param>
internal sealed record ReportApiChange(string Role, ApiChangeClass Class, ApiCriterion Criterion, ApiChangeSide Side, string Path, string Message, string Cause, ReportPlace? Place)
{
    /// <summary>Takes a difference.</summary>
    /// <param name="change">The difference.</param>
    /// <param name="place">Where its cause is; null where that is not known.</param>
    internal static ReportApiChange Of(HasuraApiChange change, ReportPlace? place) => new(
        Printable.Of(change.Role), change.Class, change.Criterion, change.Side, Printable.Of(change.Path), AgentLog.OnOneLine(change.Message), AgentLog.OnOneLine(change.Cause ?? ""), place);

    /// <summary>The identifier of a rule.</summary>
    internal string Rule => $"Api{Criterion}";

    /// <summary>How much it matters.</summary>
    internal FindingSeverity Severity => Class switch
    {
        ApiChangeClass.Breaking => FindingSeverity.Error,
        ApiChangeClass.Dangerous => FindingSeverity.Warning,
        _ => FindingSeverity.Information,
    };

    /// <summary>The color of its class.</summary>
    internal static ReportMark MarkOf(ApiChangeClass level) => level switch
    {
        ApiChangeClass.Breaking => ReportMark.Failed,
        ApiChangeClass.Dangerous => ReportMark.Attention,
        _ => ReportMark.Done,
    };
}

/// <summary>Differences of one class with one cause: a column that goes takes its filters, orders and inputs with it.</summary>
/// <param name="First">The one that says most.</param>
/// <param name="Others">The rest.</param>
internal sealed record ReportApiFold(ReportApiChange First, IReadOnlyList<ReportApiChange> Others)
{
    /// <summary>The change in words, with the number of the others.</summary>
    internal string Sentence => Others.Count == 0 ? First.Message : $"{First.Message.TrimEnd('.')}, and {Report.Number(Others.Count)} more with it.";
}

/// <summary>The differences of one role.</summary>
/// <param name="Role">The role.</param>
/// <param name="Changes">The differences.</param>
internal sealed record ReportApiRole(string Role, IReadOnlyList<ReportApiChange> Changes)
{
    /// <summary>The roles of differences: those with the worst and most first.</summary>
    internal static IReadOnlyList<ReportApiRole> Of(IEnumerable<ReportApiChange> changes) =>
    [
        .. changes.GroupBy(c => c.Role, StringComparer.Ordinal).Select(g => new ReportApiRole(g.Key, [.. g]))
            .OrderByDescending(r => r.Count(ApiChangeClass.Breaking)).ThenByDescending(r => r.Count(ApiChangeClass.Dangerous)).ThenBy(r => r.Role, StringComparer.Ordinal),
    ];

    /// <summary>How many of a class.</summary>
    internal int Count(ApiChangeClass level) => Changes.Count(c => c.Class == level);

    /// <summary>The numbers of all classes.</summary>
    internal string Counts => $"{Report.Number(Count(ApiChangeClass.Breaking))} breaking, {Report.Number(Count(ApiChangeClass.Dangerous))} dangerous, {Report.Number(Count(ApiChangeClass.Safe))} safe";

    /// <summary>Folded by class and cause, the worst first.</summary>
    internal IReadOnlyList<ReportApiFold> Folds() =>
    [
        .. Changes.GroupBy(c => (c.Class, Key: c.Cause.Length == 0 ? $"\0{c.Path}\0{c.Criterion}" : $"{c.Cause}\0{c.Place}"))
            // What a client reads comes before what it passes, and the row before what is made of it.
            .Select(g => g.OrderBy(c => c.Side == ApiChangeSide.Input).ThenBy(c => c.Path.Length).ThenBy(c => c.Path, StringComparer.Ordinal).ToList())
            .Select(l => new ReportApiFold(l[0], l[1..]))
            .OrderByDescending(f => f.First.Class),
    ];
}
