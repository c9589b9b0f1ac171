using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Sql;

namespace HasuraMigrations.Engine.Records;

/// <summary>
/// Finds out in the catalog whether versions that Hasura's record has forgotten were rolled back. What the stored up step of
/// a version made is looked up by name. An object counts only where no other applied version makes one of its name or takes
/// it away, so that its being there or not there says something about this version.
/// </summary>
internal sealed class StateEvidence
{
    private const string AnySchema = "*";

    private readonly Dictionary<long, IReadOnlyList<SqlStatement>> _steps;
    private readonly List<long> _applied;

    private StateEvidence(TargetSnapshot snapshot, Dictionary<long, SourceMigration> stored)
    {
        _applied = [.. snapshot.History.Where(r => r is { IsRunning: false, Direction: MigrationDirection.Up }).Select(r => r.Version)];
        // What has variables does not tell what it made or took away.
        _steps = stored.Where(s => !s.Value.StepsOf(MigrationDirection.Up).Any(HasVariables)).ToDictionary(s => s.Key, s => (IReadOnlyList<SqlStatement>)[.. s.Value.StepsOf(MigrationDirection.Up).SelectMany(Statements)]);
    }

    /// <summary>Collects the evidence for the versions that the state has forgotten; asks nothing where there are none.</summary>
    /// <param name="snapshot">History and state.</param>
    /// <param name="database">Source name.</param>
    /// <param name="ask">Answers a question with rows of text.</param>
    internal static async Task<IReadOnlyDictionary<long, StepEvidence>> CollectAsync(TargetSnapshot snapshot, string database, Func<OwnStatement, Task<IReadOnlyList<string?[]>>> ask)
    {
        if (!snapshot.History.Any(snapshot.State.HasForgotten))
        {
            return new Dictionary<long, StepEvidence>();
        }

        var forgotten = snapshot.History.Where(snapshot.State.HasForgotten).Select(r => r.Version).OrderDescending().ToList();

        var evidence = new StateEvidence(snapshot, HistoryStore.Stored(await ask(HistoryStore.StoredTexts(database)).ConfigureAwait(false)));
        var objects = forgotten.SelectMany(evidence.Made).Distinct().ToList();
        var rows = objects.Count == 0 ? [] : await ask(Question(objects)).ConfigureAwait(false);
        return evidence.Judge(forgotten, rows.Select(r => objects[int.Parse(r[0]!, System.Globalization.CultureInfo.InvariantCulture) - 1]).ToHashSet());
    }

    /// <summary>From the newest to the oldest: what was rolled back no longer stands behind the versions below it.</summary>
    private Dictionary<long, StepEvidence> Judge(List<long> forgotten, HashSet<SqlObject> there)
    {
        var verdicts = new Dictionary<long, StepEvidence>();
        foreach (var version in forgotten)
        {
            var telling = Made(version).Where(o => IsTelling(version, o)).Distinct().ToLookup(there.Contains, o => o.ToString());
            var verdict = new StepEvidence([.. telling[true]], [.. telling[false]]);
            verdicts[version] = verdict;
            if (verdict is { Found.Count: 0, Lacking.Count: > 0 })
            {
                _applied.Remove(version);
            }
        }

        return verdicts;
    }

    /// <summary>The objects that an up step made and did not take away again, as far as its text tells.</summary>
    private IEnumerable<SqlObject> Made(long version)
    {
        var statements = _steps.GetValueOrDefault(version, []);
        string? path = null;
        for (var i = 0; i < statements.Count; i++)
        {
            path = statements[i].Settings.LastOrDefault(s => s.Name == "search_path") is { } setting ? setting.IsReset ? null : setting.Value ?? AnySchema : path;
            foreach (var made in statements[i].Objects.Where(o => !statements.Skip(i + 1).Any(s => MayTakeAway(s, o))))
            {
                yield return made.Name.Schema is null && path is { Length: > 0 } ? made with { Name = made.Name with { Schema = path } } : made;
            }
        }
    }

    private bool IsTelling(long version, SqlObject made) => _applied.Where(v => v != version).All(other =>
        _steps.TryGetValue(other, out var statements)
        && !statements.Any(s => s.Objects.Any(o => IsSame(o, made)) || (other > version && MayTakeAway(s, made))));

    private static bool IsSame(SqlObject one, SqlObject other) => one.Kind == other.Kind && one.Name.Name == other.Name.Name && one.Owner == other.Owner;

    // What a text does not tell, such as the body of a block, counts as taking away what it names.
    private static bool MayTakeAway(SqlStatement statement, SqlObject made)
    {
        if (statement.Class is not (SqlStatementClass.Drop or SqlStatementClass.DropIndex or SqlStatementClass.Alter or SqlStatementClass.Do or SqlStatementClass.Call))
        {
            return false;
        }

        var text = statement.Text;
        return (statement.Class != SqlStatementClass.Alter || Takes(text)) && new[] { made.Name.Name, made.Owner, made.Name.Schema }.Any(name => name is not null && Mentions(text, name));
    }

    private static bool Takes(string alter) => new[] { "drop", "rename", "schema", "detach" }.Any(word => Mentions(alter, word));

    private static bool Mentions(string text, string name)
    {
        for (var at = 0; (at = text.IndexOf(name, at, StringComparison.OrdinalIgnoreCase)) >= 0; at++)
        {
            if (!IsPartOfName(text, at - 1) && !IsPartOfName(text, at + name.Length))
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsPartOfName(string text, int at) => at >= 0 && at < text.Length && (char.IsLetterOrDigit(text[at]) || text[at] is '_' or '$');

    private static bool HasVariables(SourceStep step) => step.Kind == MigrationStepKind.UpSql && SqlScript.Parse(step.Text.Content).HasVariables;

    private static IEnumerable<SqlStatement> Statements(SourceStep step)
    {
        if (step.Kind != MigrationStepKind.UpYaml)
        {
            return SqlScript.Parse(step.Text.Content).Statements;
        }

        return StepAction.Read(step.Text.Text, "the history").SelectMany(a => a.Sql).SelectMany(sql => SqlScript.Parse(sql).Statements);
    }

    /// <summary>Answers with the numbers, from 1, of the objects that are there.</summary>
    private static OwnStatement Question(List<SqlObject> objects) => new(
        SqlResource.FindObjects,
        objects.Select(o => o.Kind.ToString().ToLowerInvariant()).ToArray(),
        objects.Select(o => o.Name.Schema ?? "").ToArray(),
        objects.Select(o => o.Name.Name).ToArray(),
        objects.Select(o => o.Owner ?? "").ToArray())
    {
        NeedsPathOfSession = true,
    };
}
