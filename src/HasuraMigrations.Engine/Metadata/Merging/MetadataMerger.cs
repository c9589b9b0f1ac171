using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Metadata.Comparing;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Metadata.Shapes;

namespace HasuraMigrations.Engine.Metadata.Merging;

/// <summary>
/// Merges what two sides made of one document, object by object and field by field. A field that only one side changed has the
/// value of that side; sets have what either side added, without what either side removed.
/// </summary>
public sealed class MetadataMerger
{
    private readonly MetadataDocument _base;
    private readonly MetadataDocument _ours;
    private readonly MetadataDocument _theirs;
    private readonly MetadataMergeSide _favored;
    private readonly List<MetadataMergeConflict> _conflicts = [];

    private MetadataMerger(MetadataDocument @base, MetadataDocument ours, MetadataDocument theirs, MetadataMergeSide favored)
    {
        (_base, _ours, _theirs, _favored) = (@base, ours, theirs, favored);
    }

    /// <summary>Merges three documents. Of documents of two versions, the lower are carried up first.</summary>
    /// <param name="base">The common ancestor; null where both sides are new.</param>
    /// <param name="ours">Our side. The result is in its order and form, as far as it says the same.</param>
    /// <param name="theirs">Their side.</param>
    /// <param name="favored">The side that a field in conflict is taken from.</param>
    public static MetadataMergeOutcome Merge(MetadataDocument? @base, MetadataDocument ours, MetadataDocument theirs, MetadataMergeSide favored = MetadataMergeSide.Ours)
    {
        var newest = new[] { @base, ours, theirs }.OfType<MetadataDocument>().MaxBy(d => d.Version)!;
        var (left, right) = (Raise(ours, newest), Raise(theirs, newest));
        var ancestor = @base is null ? new MetadataDocument(new JsonObject { ["version"] = left.Root["version"]?.DeepClone() }) : Raise(@base, newest);
        var merger = new MetadataMerger(ancestor, left, right, favored);
        var shape = DocumentShapes.Of(newest.Version);
        var place = new MergePlace(MetadataObjectName.Document, shape.Noun, "", left.Root, right.Root);
        var root = merger.MergeMaps(shape, ancestor.Root, left.Root, right.Root, place, isGeneric: false, hasBase: @base is not null);
        return new MetadataMergeOutcome(new MetadataDocument(root.Node!.AsObject()), merger._conflicts);
    }

    private static MetadataDocument Raise(MetadataDocument document, MetadataDocument newest) => MetadataComparer.ToOneVersion(document, newest).Old;

    /// <summary>One value.</summary>
    /// <param name="shape">What it looks like.</param>
    /// <param name="member">The member whose value it is; null for none that is known.</param>
    /// <param name="parts">The value in each document.</param>
    /// <param name="place">Where it is.</param>
    /// <param name="isGeneric">True inside JSON that is compared as it stands.</param>
    /// <param name="hasBase">True where the ancestor has what the value belongs to, so that absence there stands for the default.</param>
    private MergePart MergeValue(Shape shape, Member? member, MergeParts parts, MergePlace place, bool isGeneric, bool hasBase)
    {
        // Sources and lists of tables are gone through in any case.
        if (!IsLarge(shape, parts))
        {
            var (seen, known) = isGeneric ? (Shape.Any, null) : (shape, member);
            if (MergeSameness.Same(parts.Ours, parts.Theirs, seen, known) || MergeSameness.Same(parts.Base, parts.Theirs, seen, known))
            {
                return parts.Ours;
            }

            if (MergeSameness.Same(parts.Base, parts.Ours, seen, known))
            {
                return parts.Theirs;
            }
        }

        isGeneric |= shape is CheckedShape;
        if (Resolve(shape, parts) is not { } resolved)
        {
            return Conflict(parts, place);
        }

        var given = Given(parts, member, hasBase);
        MergePart? merged = (resolved, given.Base.Node, given.Ours.Node, given.Theirs.Node) switch
        {
            (ListShape list, null or JsonArray, null or JsonArray, null or JsonArray) when Keyed(list) is { } keyed =>
                MergeEntries(keyed, given, place, isGeneric),
            (ListShape { Order: not ListOrder.Sequence, Objects: null } set, JsonArray old, JsonArray ours, JsonArray theirs) =>
                MergePart.Of(SetMerge.Merge(set, old, ours, theirs)) is var part && set.IsFilled && part.Node is JsonArray { Count: 0 } ? null : part,
            (not (ExpressionShape or QualifiedNameShape), null or JsonObject, JsonObject ours, JsonObject theirs) =>
                MergeMaps(resolved, given.Base.Node as JsonObject, ours, theirs, place, isGeneric, given.Base.Node is JsonObject),
            _ => null,
        };
        return merged is not { } result ? Conflict(parts, place)
            : !parts.Ours.IsThere && result.Node is JsonArray { Count: 0 } or JsonObject { Count: 0 } ? MergePart.Absent
            : result;
    }

    private MergePart MergeMaps(Shape shape, JsonObject? @base, JsonObject ours, JsonObject theirs, MergePlace place, bool isGeneric, bool hasBase)
    {
        var known = shape as ObjectShape;
        var (old, left, right) = known?.Noun == ColumnNames.Owner ? (ColumnNames.One(@base), ColumnNames.One(ours)!, ColumnNames.One(theirs)!) : (@base, ours, theirs);
        var merged = new JsonObject();
        var count = _conflicts.Count;
        foreach (var key in MergeOrder.Of([.. left.Select(m => m.Key)], [.. right.Select(m => m.Key)]))
        {
            var member = known?.Find(key);
            var parts = MergeParts.Of(old, left, right, key);
            var inner = member?.Shape ?? (shape as MapShape)?.Value ?? Shape.Any;
            var part = MergeValue(inner, member, parts, place.Member(member, key, parts), isGeneric, hasBase);
            if (part.IsThere)
            {
                merged[key] = Own(part.Node);
            }
        }

        if (known?.Noun == ColumnNames.Owner)
        {
            ColumnNames.Restore(merged, ours, theirs);
        }

        // Members that exclude each other are one field.
        return _conflicts.Count == count && BreaksRule(shape, merged) && !BreaksRule(shape, ours) && !BreaksRule(shape, theirs)
            ? Conflict(new MergeParts(@base is null ? MergePart.Absent : MergePart.Of(@base), MergePart.Of(ours), MergePart.Of(theirs)), place)
            : MergePart.Of(merged);
    }

    private static bool BreaksRule(Shape shape, JsonObject map) =>
        shape is ObjectShape known ? known.Rules.Any(r => r(map) is not null) : shape is MapShape { IsOfOne: true } && map.Count != 1;

    private MergePart MergeEntries(ListShape list, MergeParts parts, MergePlace place, bool isGeneric)
    {
        var (old, ours, theirs) = (KeyedList.Of(parts.Base.Node, list), KeyedList.Of(parts.Ours.Node, list), KeyedList.Of(parts.Theirs.Node, list));
        var merged = new List<KeyedEntry>(ours.Entries.Count);
        foreach (var entry in ours.Entries)
        {
            if (MergeEntry(list, entry, old, ours, theirs, place, isGeneric) is { IsThere: true } part)
            {
                merged.Add(entry with { Node = part.Node });
            }
        }

        foreach (var entry in theirs.Entries.Where(e => !ours.Find(e).IsThere))
        {
            if (MergeEntry(list, entry, old, ours, theirs, place, isGeneric) is { IsThere: true } part)
            {
                MergeOrder.Insert(merged, entry with { Node = part.Node }, ours, theirs);
            }
        }

        return MergePart.Of(new JsonArray([.. merged.Select(e => Own(e.Node))]));
    }

    private MergePart MergeEntry(ListShape list, KeyedEntry entry, KeyedList old, KeyedList ours, KeyedList theirs, MergePlace place, bool isGeneric)
    {
        var parts = new MergeParts(LookAt(old.Find(entry), _base, list), LookAt(ours.Find(entry), _ours, list), LookAt(theirs.Find(entry), _theirs, list));
        return MergeValue(list.Element, null, parts, place.Entry(list, entry.Key, parts), isGeneric, parts.Base.IsThere);
    }

    // Tables are what makes a document large, so they are looked at one after another.
    private static MergePart LookAt(MergePart part, MetadataDocument document, ListShape list) =>
        part.Node is JsonObject map && list.Objects?.Kind is MetadataObjectKind.Table or MetadataObjectKind.Function ? MergePart.Of(document.LookAt(map)) : part;

    private static bool IsLarge(Shape shape, MergeParts parts) => (shape, parts.Ours.Node, parts.Theirs.Node) switch
    {
        (ListShape { Objects.Kind: MetadataObjectKind.Source or MetadataObjectKind.Table }, JsonArray, JsonArray) => true,
        (ObjectShape { Kind: MetadataObjectKind.Source }, JsonObject, JsonObject) => true,
        _ => false,
    };

    // What belongs to no tree was made here, or is a copy to look at.
    private static JsonNode? Own(JsonNode? node) => node?.Parent is null ? node : node.DeepClone();

    // Short and long forms of a value have different shapes; null where the sides do not agree.
    private static Shape? Resolve(Shape shape, MergeParts parts)
    {
        for (var resolved = shape; ;)
        {
            switch (resolved)
            {
                case CheckedShape @checked:
                    resolved = @checked.Inner;
                    break;
                case ChoiceShape choice:
                    var forms = parts.Nodes.Select(choice.For).Distinct().ToList();
                    if (forms.Count != 1)
                    {
                        return null;
                    }

                    resolved = forms[0];
                    break;
                default:
                    return resolved;
            }
        }
    }

    // Entries that are told apart by a key are merged one by one. Headers and the like have a name, which the shape does not say.
    private static ListShape? Keyed(ListShape list) =>
        list.Order == ListOrder.Sequence ? null
        : list.Key is not null ? list
        : list.Objects?.Find("name") is not null ? new ListShape(list.Element, list.Order, "name") { IsFilled = list.IsFilled }
        : null;

    // A side that leaves a key out says its default.
    private static MergeParts Given(MergeParts parts, Member? member, bool hasBase)
    {
        if (member?.Default is not ['[' or '{', ..])
        {
            return parts;
        }

        var given = parts.Select(p => p.Node is null ? MergePart.Of(member.MakeDefault()) : p);
        return hasBase ? given : given with { Base = parts.Base };
    }

    private MergePart Conflict(MergeParts parts, MergePlace place)
    {
        var (ours, theirs) = (_ours.Positions.Near(place.Ours), _theirs.Positions.Near(place.Theirs));
        _conflicts.Add(new MetadataMergeConflict
        {
            Kind = place.Object.Kind,
            Source = place.Object.Source,
            Parent = place.Object.Parent,
            Name = place.Object.Name,
            Field = place.Field,
            Base = ConflictSentences.Text(parts.Base, place),
            Ours = ConflictSentences.Text(parts.Ours, place),
            Theirs = ConflictSentences.Text(parts.Theirs, place),
            Description = ConflictSentences.Of(place, parts),
            OursFile = ours?.File,
            OursLine = ours?.Line,
            TheirsFile = theirs?.File,
            TheirsLine = theirs?.Line,
        });
        return _favored == MetadataMergeSide.Theirs ? parts.Theirs : parts.Ours;
    }
}
