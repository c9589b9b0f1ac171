using HasuraMigrations.Engine.Json;

namespace HasuraMigrations.Engine.Squashing;

/// <summary>
/// Merges actions: what later ones undo or replace is left out. The rest keeps its order, also to SQL: a server changes metadata
/// when SQL renames or drops, so an action means another thing before and behind it.
/// </summary>
internal sealed class ActionMerger
{
    /// <summary>Id of the error for actions that cannot succeed one behind the other.</summary>
    internal const string ContradictionId = "SquashActionsContradict";

    // Whoever replaces or clears all metadata makes actions before it pointless.
    private static readonly string[] Replacing = ["clear_metadata", "replace_metadata"];

    private readonly List<SquashItem?> _items;

    private ActionMerger(IEnumerable<SquashItem> items) => _items = [.. items];

    /// <summary>Merges the actions among items.</summary>
    /// <exception cref="HasuraMigrationException">SquashActionsContradict: an action cannot have succeeded behind those before it.</exception>
    internal static IReadOnlyList<SquashItem> Merge(IReadOnlyList<SquashItem> items)
    {
        var last = items.ToList().FindLastIndex(i => Replacing.Contains(i.Type));
        var left = items.Where((item, i) => i >= last || item.Sql is not null).ToList();
        var merged = new List<SquashItem>();
        // Of what is not known here, it cannot be said what it changes, so nothing is merged across it.
        while (left.Count > 0)
        {
            var part = left.TakeWhile(i => !IsWall(i)).ToList();
            var merger = new ActionMerger(part);
            foreach (var pass in ActionPasses.All)
            {
                merger.Run(pass);
            }

            merged.AddRange(merger._items.OfType<SquashItem>());
            merged.AddRange(left.Skip(part.Count).Take(1));
            left.RemoveRange(0, Math.Min(left.Count, part.Count + 1));
        }

        return merged;
    }

    private static bool IsWall(SquashItem item) =>
        item.Sql is null && (!ActionPasses.All.Any(p => p.Find(item.Type) is not null) || ActionPasses.All.Any(p => p.Find(item.Type) is { } part && part.Key(item.Arguments) is null));

    private void Run(ActionPass pass)
    {
        var objects = new Dictionary<string, State>(StringComparer.Ordinal);
        for (var i = 0; i < _items.Count; i++)
        {
            if (_items[i] is not { Action: not null } item || pass.Find(item.Type) is not { } part)
            {
                continue;
            }

            var key = part.Key(item.Arguments)!;
            if (!objects.TryGetValue(key, out var state))
            {
                objects.Add(key, state = new State());
            }

            // After SQL, an object may be gone or another one: a table that is dropped or renamed takes its metadata along.
            if (Contradicts(part.Role, state, item) && HasBetween(state.Seen, i, ["run_sql"]))
            {
                objects[key] = state = new State();
            }

            Take(pass, part, key, state, i);
            state.Seen = i;
        }
    }

    private void Take(ActionPass pass, ActionPart part, string key, State state, int index)
    {
        var item = _items[index]!;
        if (Contradicts(part.Role, state, item))
        {
            throw Contradiction(pass, key, item, state.Exists == true ? "exists already" : "was removed", _items[state.Seen] ?? state.Last);
        }

        state.Last = item;
        switch (part.Role)
        {
            case ActionRole.Create:
                Create(state, index);
                break;
            case ActionRole.Change:
                Change(pass, part, state, index);
                break;
            default:
                Drop(pass, key, state, index);
                break;
        }
    }

    private static bool Contradicts(ActionRole role, State state, SquashItem item) => role == ActionRole.Create
        ? state.Exists == true && !IsReplacing(item)
        : state.Exists == false;

    private void Create(State state, int index)
    {
        var item = _items[index]!;
        var isMade = state.Made is not null;
        if (IsReplacing(item) && isMade)
        {
            // What it would replace is not made any more.
            Leave(state);
            item.Action!["args"]!.AsObject().Remove("replace");
        }

        // One that may replace an object made before the range cannot be undone by leaving it out.
        state.Made = IsReplacing(item) && !isMade ? null : index;
        state.Exists = true;
        state.Changes.Clear();
    }

    private void Change(ActionPass pass, ActionPart part, State state, int index)
    {
        var item = _items[index]!;
        if (state.Made is { } made && part.Fold is { } fold && !HasBetween(made, index, pass.Blockers) && fold(_items[made]!.Action!, item.Action!))
        {
            _items[index] = null;
            return;
        }

        if (part.IsReplacedByNext && state.Changes.FindLastIndex(c => _items[c]?.Type == item.Type) is >= 0 and var before && !HasBetween(state.Changes[before], index, pass.Blockers))
        {
            _items[state.Changes[before]] = null;
            state.Changes.RemoveAt(before);
        }

        state.Changes.Add(index);
    }

    private void Drop(ActionPass pass, string key, State state, int index)
    {
        var item = _items[index]!;
        var isCascade = item.Arguments.Get("cascade") is { } cascade && cascade.ToText() == "true";
        if (!isCascade && Held(pass, state) is { } holder)
        {
            throw Contradiction(pass, key, item, "is still in use", holder);
        }

        if (state.Made is not null && (!isCascade || pass.CascadeStaysInside))
        {
            Leave(state);
            _items[index] = null;
        }
        else if (pass.DropReplacesChanges)
        {
            state.Changes.ForEach(c => _items[c] = null);
        }

        state.Made = null;
        state.Exists = false;
        state.Changes.Clear();
    }

    private void Leave(State state)
    {
        _items[state.Made!.Value] = null;
        state.Changes.ForEach(c => _items[c] = null);
        state.Changes.Clear();
    }

    private SquashItem? Held(ActionPass pass, State state) =>
        state.Changes.Select(c => _items[c]).LastOrDefault(c => c is not null && (pass.Holders.ContainsKey(c.Type) || pass.Holders.Values.Contains(c.Type))) is { } last && pass.Holders.ContainsKey(last.Type)
            ? last
            : null;

    private bool HasBetween(int from, int to, IReadOnlyList<string> types) =>
        types.Count > 0 && _items.Skip(from + 1).Take(to - from - 1).Any(i => i is not null && types.Contains(i.Type));

    private static bool IsReplacing(SquashItem item) => item.Arguments.Get("replace").ToText() == "true";

    private static HasuraMigrationException Contradiction(ActionPass pass, string key, SquashItem item, string why, SquashItem? before) =>
        new(ContradictionId, $"The {pass.Name} {(key.Length > 0 ? $"'{key}' " : "")}{why}{(before is null ? "" : $" after {before}")}, so {item.Type} cannot succeed behind it.", item.Migration.Version)
        {
            File = item.File,
            Line = item.Position.Line,
            Column = item.Position.Column,
        };

    private sealed class State
    {
        /// <summary>The action that made the object within the range; null where none did.</summary>
        public int? Made { get; set; }

        /// <summary>Whether it exists; null where that is not known.</summary>
        public bool? Exists { get; set; }

        /// <summary>Changes since it was made, or since the beginning.</summary>
        public List<int> Changes { get; } = [];

        /// <summary>The last action on it.</summary>
        public int Seen { get; set; }

        /// <summary>The last action on it, also where it was left out.</summary>
        public SquashItem? Last { get; set; }
    }
}
