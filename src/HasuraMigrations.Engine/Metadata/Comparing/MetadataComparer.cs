using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Metadata.Forms;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Metadata.Shapes;
using HasuraMigrations.Engine.Processes;

namespace HasuraMigrations.Engine.Metadata.Comparing;

/// <summary>
/// Compares two documents object by object. Order counts only where it means something to Hasura; short and long forms,
/// defaults given and left out are the same.
/// </summary>
public sealed class MetadataComparer
{
    private readonly MetadataDocument _old;
    private readonly MetadataDocument _new;
    private readonly IReadOnlyDictionary<string, string?> _kinds;
    private readonly List<MetadataChange> _changes = [];

    private MetadataComparer(MetadataDocument old, MetadataDocument @new, IReadOnlyDictionary<string, string?> kinds)
    {
        _old = old;
        _new = @new;
        _kinds = kinds;
    }

    /// <summary>What has to change to make the new document of the old one.</summary>
    /// <param name="old">The document as it was.</param>
    /// <param name="new">The document as it is to be. Of documents of two versions the lower is carried up first.</param>
    public static IReadOnlyList<MetadataChange> Compare(MetadataDocument old, MetadataDocument @new)
    {
        var (left, right) = ToOneVersion(old, @new);
        var comparer = new MetadataComparer(SourceNames.Complete(left), SourceNames.Complete(right), KindsOf(left, right));
        comparer.CompareObject(DocumentShapes.Of(left.Version), comparer._old.Root, comparer._new.Root, MetadataObjectName.Document);
        return comparer._changes;
    }

    /// <summary>Both documents in the higher version of the two.</summary>
    internal static (MetadataDocument Old, MetadataDocument New) ToOneVersion(MetadataDocument old, MetadataDocument @new) =>
        old.Version == @new.Version ? (old, @new)
        : old.Version < @new.Version ? (Raise(old, @new), @new)
        : (old, Raise(@new, old));

    // Once: a node that is looked at for the first time may change, and several threads compare tables.
    private static Dictionary<string, string?> KindsOf(MetadataDocument old, MetadataDocument @new)
    {
        var kinds = new Dictionary<string, string?>(StringComparer.Ordinal);
        foreach (var source in old.Sources.Concat(@new.Sources))
        {
            kinds[source["name"].AsText() ?? ""] = source["kind"].AsText();
        }

        return kinds;
    }

    private static MetadataDocument Raise(MetadataDocument lower, MetadataDocument other) =>
        other.Version == 3 && other.Sources.Any(s => s["name"].AsText() == MetadataDocument.DefaultSource)
            ? MetadataVersions.Onto(lower, other)
            : MetadataVersions.Convert(lower, other.Version, []);

    // Tables are what makes a document large, so they alone are looked at one after another.
    private void CompareEntry(ObjectShape shape, JsonObject? old, JsonObject? @new, MetadataObjectName name)
    {
        var isLarge = shape.Kind is MetadataObjectKind.Table;
        if (isLarge && old is not null && @new is not null && _old.RestsOnText && _new.RestsOnText && StoredJson.SameText(old, @new))
        {
            return;
        }

        CompareObject(
            shape,
            old is null || !isLarge ? old : _old.LookAt(old),
            @new is null || !isLarge ? @new : _new.LookAt(@new),
            name);
    }

    private void CompareObject(ObjectShape shape, JsonObject? old, JsonObject? @new, MetadataObjectName name)
    {
        // Most objects are equal as they stand. Those that hold tables are left to the careful comparison, and so are those that hold
        // no other: it goes through their members in the same way.
        if (ShapeTree.HasBelow(shape) && name.Kind is not (MetadataObjectKind.Document or MetadataObjectKind.Source) && old is not null && @new is not null && old.SameAs(@new))
        {
            return;
        }

        if (name.Kind != MetadataObjectKind.Document || (old is not null && @new is not null))
        {
            CompareOwn(shape, old, @new, name);
        }

        CompareBelow(shape, old, @new, name);
    }

    private void CompareOwn(ObjectShape shape, JsonObject? old, JsonObject? @new, MetadataObjectName name)
    {
        var oldOwn = old is null ? null : ShapeTree.Own(old, shape);
        var newOwn = @new is null ? null : ShapeTree.Own(@new, shape);
        IReadOnlyList<MetadataFieldChange> fields = [];
        if (oldOwn is not null && newOwn is not null)
        {
            var (left, right) = Differing(oldOwn, newOwn, shape);
            if (left.Count == 0 && right.Count == 0)
            {
                return;
            }

            var kind = name.Source is { } source ? _kinds.GetValueOrDefault(source) : null;
            fields = FieldComparer.Compare(MetadataRewriter.Canonical(left, shape, kind), MetadataRewriter.Canonical(right, shape, kind), shape);
            if (fields.Count == 0)
            {
                return;
            }
        }

        var position = _new.Positions.Near(@new) ?? _old.Positions.Near(old);
        var change = old is null ? MetadataChangeKind.Added : @new is null ? MetadataChangeKind.Removed : MetadataChangeKind.Changed;
        _changes.Add(new MetadataChange
        {
            Change = change,
            Kind = name.Kind,
            Source = name.Source,
            Parent = name.Parent,
            Name = name.Name,
            Fields = fields,
            Old = oldOwn is null ? null : SecretMask.ToText(oldOwn),
            New = newOwn is null ? null : SecretMask.ToText(newOwn),
            Description = ChangeSentences.Of(shape, name, change, oldOwn, newOwn, fields),
            File = position?.File,
            Line = position?.Line,
        });
    }

    // Both objects with the members only that differ as they stand, since the careful comparison copies.
    private static (JsonObject Old, JsonObject New) Differing(JsonObject old, JsonObject @new, ObjectShape shape)
    {
        var (left, right) = (new JsonObject(), new JsonObject());
        foreach (var (key, value) in old)
        {
            var isInBoth = @new.TryGetPropertyValue(key, out var other);
            if (value is JsonObject a && other is JsonObject b && shape.Find(key)?.Shape is ObjectShape inner && !NormalForms.Concern(inner))
            {
                var (before, after) = Differing(a, b, inner);
                if (before.Count > 0 || after.Count > 0)
                {
                    (left[key], right[key]) = (before, after);
                }

                continue;
            }

            if (isInBoth && value.SameAs(other))
            {
                continue;
            }

            left[key] = value?.DeepClone();
            if (isInBoth)
            {
                right[key] = other?.DeepClone();
            }
        }

        foreach (var (key, value) in @new)
        {
            if (!old.ContainsKey(key))
            {
                right[key] = value?.DeepClone();
            }
        }

        return (left, right);
    }

    private void CompareBelow(ObjectShape shape, JsonObject? old, JsonObject? @new, MetadataObjectName name)
    {
        foreach (var member in shape.Members)
        {
            var (left, right) = (old?[member.Name], @new?[member.Name]);
            if (left is null && right is null)
            {
                continue;
            }

            if (ShapeTree.ObjectsOf(member) is { } list)
            {
                CompareLists(list, left as JsonArray, right as JsonArray, name);
            }
            else if (ShapeTree.ObjectOf(member) is { } single)
            {
                CompareSingle(single, member, left as JsonObject, right as JsonObject, name);
            }
            else if (ShapeTree.GroupOf(member) is { } group)
            {
                CompareBelow(group, left as JsonObject, right as JsonObject, name);
            }
        }
    }

    // A settings object that says nothing is as good as none.
    private void CompareSingle(ObjectShape shape, Member member, JsonObject? old, JsonObject? @new, MetadataObjectName name)
    {
        var left = MetadataRewriter.SaysNothing(old, member) ? null : old;
        var right = MetadataRewriter.SaysNothing(@new, member) ? null : @new;
        if (left is not null || right is not null)
        {
            CompareObject(shape, left, right, name.Below(shape.Kind!.Value, member.Name));
        }
    }

    private void CompareLists(ListShape list, JsonArray? old, JsonArray? @new, MetadataObjectName name)
    {
        var left = Keyed(old, list);
        var right = Keyed(@new, list);
        var before = left.ToDictionary(e => (e.Key, e.Count), e => e.Entry);
        var pairs = new List<(EntryKey Key, JsonObject? Old, JsonObject? New)>(right.Count);
        foreach (var (key, count, entry) in right)
        {
            before.Remove((key, count), out var was);
            pairs.Add((key, was, entry));
        }

        pairs.AddRange(left.Where(e => before.ContainsKey((e.Key, e.Count))).Select(e => (e.Key, (JsonObject?)e.Entry, (JsonObject?)null)));
        if (list.Objects!.Kind is MetadataObjectKind.Table)
        {
            CompareTables(list.Objects, pairs, name);
            return;
        }

        foreach (var (key, was, entry) in pairs)
        {
            CompareEntry(list.Objects, was, entry, name.Below(list.Objects.Kind!.Value, key.ToString()));
        }
    }

    // Tables say nothing about each other, and there may be many.
    private void CompareTables(ObjectShape shape, List<(EntryKey Key, JsonObject? Old, JsonObject? New)> pairs, MetadataObjectName name)
    {
        _old.Positions.Settle();
        _new.Positions.Settle();
        foreach (var changes in WorkAhead.Select(pairs, WorkAhead.ProcessorsFor(pairs.Count), pair =>
        {
            var comparer = new MetadataComparer(_old, _new, _kinds);
            comparer.CompareEntry(shape, pair.Old, pair.New, name.Below(MetadataObjectKind.Table, pair.Key.ToString()));
            return comparer._changes;
        }))
        {
            _changes.AddRange(changes);
        }
    }

    // Duplicates are compared in their order.
    private static List<(EntryKey Key, int Count, JsonObject Entry)> Keyed(JsonArray? list, ListShape shape)
    {
        var seen = new Dictionary<EntryKey, int>();
        var keyed = new List<(EntryKey, int, JsonObject)>(list?.Count ?? 0);
        foreach (var entry in list.AsObjects())
        {
            var key = EntryKey.Of(entry, shape);
            seen[key] = seen.GetValueOrDefault(key) + 1;
            keyed.Add((key, seen[key], entry));
        }

        return keyed;
    }
}
