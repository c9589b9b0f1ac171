namespace HasuraMigrations.Engine.Reports;

/// <summary>The differences of GraphQL schemas in a few lines, for who is about to make them.</summary>
public static class ApiSummary
{
    private const int MostShown = 3;

    // Stands for queries where a role has none (Hasura, root fields); no client asks for it.
    private const string NoQueries = "query_root.no_queries_available";

    /// <summary>A line for each role whose clients can meet a change, the worst first; none where nothing is breaking or dangerous.</summary>
    /// <param name="changes">The differences of all roles.</param>
    public static IReadOnlyList<string> Lines(IEnumerable<HasuraApiChange> changes)
    {
        ArgumentNullException.ThrowIfNull(changes);
        return [.. ReportApiRole.Of(changes.Where(c => c.Class != ApiChangeClass.Safe && c.Path != NoQueries).Select(c => ReportApiChange.Of(c, null))).Select(Line)];
    }

    private static string Line(ReportApiRole role)
    {
        var counts = new[] { ApiChangeClass.Breaking, ApiChangeClass.Dangerous }.Select(l => (Level: l, Count: role.Count(l))).Where(l => l.Count > 0)
            .Select(l => $"{Report.Number(l.Count)} {l.Level.ToString().ToLowerInvariant()} change{(l.Count == 1 ? "" : "s")}");
        var folds = role.Folds();
        var rest = folds.Count > MostShown ? " ..." : "";
        return $"API of the role '{role.Role}': {string.Join(", ", counts)}. {string.Join(" ", folds.Take(MostShown).Select(f => f.Sentence))}{rest}";
    }
}
