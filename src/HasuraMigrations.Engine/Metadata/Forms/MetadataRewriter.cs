using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Metadata.Shapes;

namespace HasuraMigrations.Engine.Metadata.Forms;

/// <summary>
/// Writes a document anew in an order that does not depend on how it was made, and on request in the form a server
/// exports: short forms long, defaults left out. Nodes of the old document are not touched.
/// </summary>
public sealed class MetadataRewriter
{
    /// <summary>Which lists are sorted.</summary>
    private enum Sorting
    {
        /// <summary>None.</summary>
        None,

        /// <summary>Those that servers of version 2 sort.</summary>
        Lists,

        /// <summary>Those whose order means nothing, too.</summary>
        Sets,
    }

    // Entries with one key are duplicates; what they hold decides, so that the result does not depend on their order.
    private static readonly Comparer<(EntryKey Key, JsonNode? Entry)> Entries = Comparer<(EntryKey Key, JsonNode? Entry)>.Create((a, b) =>
        a.Key.CompareTo(b.Key) is var byKey and not 0 ? byKey : string.CompareOrdinal(a.Entry.ToText(), b.Entry.ToText()));

    private static readonly MetadataPositions NoPlaces = MetadataPositions.Forgetful();

    private static readonly ConditionalWeakTable<Member, Tuple<JsonNode?>> Silent = [];

    private readonly bool _isCanonical;
    private readonly Sorting _sorting;
    private readonly bool _isNormalForm;
    private readonly bool _addsDefaults;
    private readonly MetadataPositions _from;
    private readonly MetadataPositions _to;

    // Of the source around what is written; null where it is not known.
    private string? _kind;

    // One that finds what two parts that mean the same have in common.
    private MetadataRewriter()
        : this(Sorting.Sets, isNormalForm: true, addsDefaults: false, NoPlaces, NoPlaces) => _isCanonical = true;

    private MetadataRewriter(Sorting sorting, bool isNormalForm, bool addsDefaults, MetadataPositions from, MetadataPositions to)
    {
        _addsDefaults = addsDefaults;
        _sorting = sorting;
        _isNormalForm = isNormalForm;
        _from = from;
        _to = to;
    }

    /// <summary>The same content in an order that is the same for every document that means the same.</summary>
    public static MetadataDocument Sort(MetadataDocument document) => Rewrite(document, Sorting.Sets, isNormalForm: false);

    /// <summary>
    /// As a server exports it; sets keep their order. Members that only servers of version 2 write, such as
    /// <c>insertion_order</c>, are added to a document of version 3 alone.
    /// </summary>
    public static MetadataDocument ToServerForm(MetadataDocument document) => Rewrite(document, Sorting.Lists, isNormalForm: true);

    /// <summary>As a server exports it, with every list in the order it has.</summary>
    internal static MetadataDocument ToServerFormInOrder(MetadataDocument document) => Rewrite(document, Sorting.None, isNormalForm: true);

    /// <summary>One object of a source of a document of version 3 as a server exports it.</summary>
    /// <param name="node">The object.</param>
    /// <param name="shape">What it looks like.</param>
    /// <param name="kind">Kind of the source.</param>
    internal static JsonNode? ToServerForm(JsonNode node, Shape shape, string? kind) =>
        new MetadataRewriter(Sorting.Lists, isNormalForm: true, addsDefaults: true, NoPlaces, NoPlaces) { _kind = kind }.Write(node, shape);

    /// <summary>A part as a server exports it, sets sorted too.</summary>
    /// <param name="node">The part.</param>
    /// <param name="shape">What it looks like.</param>
    /// <param name="version">Version of the document.</param>
    /// <param name="kind">Kind of the source it belongs to; null where it is not known.</param>
    internal static JsonNode? Stable(JsonNode? node, Shape shape, int version, string? kind = null) =>
        new MetadataRewriter(Sorting.Sets, isNormalForm: true, addsDefaults: version == 3, NoPlaces, NoPlaces) { _kind = kind }.Write(node, shape);

    /// <summary>What two parts that mean the same have in common.</summary>
    /// <param name="node">The part.</param>
    /// <param name="shape">What it looks like.</param>
    /// <param name="kind">Kind of the source it belongs to; null where it is not known.</param>
    internal static JsonNode? Canonical(JsonNode? node, Shape shape, string? kind = null) => new MetadataRewriter { _kind = kind }.Write(node, shape);

    /// <summary>True where a member of this value means as much as none.</summary>
    internal static bool SaysNothing(JsonNode? value, Member member) => IsSilent(Canonical(value, member.Shape), member);

    private static MetadataDocument Rewrite(MetadataDocument document, Sorting sorting, bool isNormalForm)
    {
        document = isNormalForm ? SourceNames.Complete(document) : document;
        var positions = new MetadataPositions();
        var rewriter = new MetadataRewriter(sorting, isNormalForm, document.Version == 3, document.Positions, positions);
        return new MetadataDocument(rewriter.Write(document.Root, DocumentShapes.Of(document.Version))!.AsObject(), positions);
    }

    private JsonNode? Write(JsonNode? node, Shape shape)
    {
        if (node is null)
        {
            return null;
        }

        var written = (shape, node) switch
        {
            (ChoiceShape choice, _) => Write(node, choice.For(node)),
            (ObjectShape known, JsonObject map) => WriteObject(map, known),
            (ListShape known, JsonArray list) => WriteList(list, known),
            (MapShape known, JsonObject map) => WriteMap(map, known.Value),
            (ExpressionShape, JsonObject map) => WriteExpression(map),
            (QualifiedNameShape, not JsonArray) when _isNormalForm && QualifiedName.Read(node) is { } name => WriteName(node, name),
            _ => WriteAny(node),
        };
        if (written is not null && _from.Of(node) is { } position)
        {
            _to.Set(written, position);
        }

        return written;
    }

    private JsonObject WriteObject(JsonObject map, ObjectShape shape)
    {
        if (!ReferenceEquals(shape, SourceShapes.Source))
        {
            return WriteMembers(map, shape);
        }

        var around = _kind;
        _kind = map["kind"].AsText() ?? around;
        var written = WriteMembers(map, shape);
        _kind = around;
        return written;
    }

    private JsonObject WriteMembers(JsonObject map, ObjectShape shape)
    {
        var members = new List<KeyValuePair<string, JsonNode?>>(map.Count);
        foreach (var member in shape.Members)
        {
            var isThere = map.TryGetPropertyValue(member.Name, out var value);
            if (!_isNormalForm)
            {
                if (isThere)
                {
                    members.Add(new(member.Name, Write(value, member.Shape)));
                }

                continue;
            }

            var written = Write(value, member.Shape);
            if (!(_isCanonical ? IsSilent(written, member) : member.IsDefault(written)))
            {
                members.Add(new(member.Name, written));
            }
            else if (!_isCanonical && IsWritten(member, isThere, shape))
            {
                members.Add(new(member.Name, member.MakeDefault()));
            }
        }

        members.AddRange(map.Where(m => shape.Find(m.Key) is null).OrderBy(m => m.Key, StringComparer.Ordinal).Select(m => new KeyValuePair<string, JsonNode?>(m.Key, WriteAny(m.Value))));
        var result = new JsonObject(shape.IsAlphabetical ? members.OrderBy(m => m.Key, StringComparer.Ordinal) : members);
        if (_isNormalForm)
        {
            NormalForms.Apply(result, shape, _isCanonical, _kind);
        }

        return result;
    }

    // Other kinds of databases have other settings of connections.
    private bool IsWritten(Member member, bool isThere, ObjectShape shape) =>
        isThere ? member.IsAlwaysWritten || member.IsKeptWhereGiven
        : _addsDefaults && !member.IsRequired && (member.IsAlwaysWritten || (member.IsKeptWhereGiven && ReferenceEquals(shape, SourceShapes.ConnectionInfo) && _kind is { } kind && SourceKinds.IsPostgres(kind)));

    // Of two documents to compare, what is given says no more than the default that is not.
    private static bool IsSilent(JsonNode? written, Member member) =>
        written is null || (member.Default is not null && written.SameAs(Silent.GetValue(member, m => Tuple.Create(Canonical(m.MakeDefault(), m.Shape))).Item1));

    private JsonArray WriteList(JsonArray list, ListShape shape)
    {
        var entries = list.Select(e => Write(e, shape.Element));
        if ((shape.Order == ListOrder.Sorted && _sorting != Sorting.None) || (shape.Order == ListOrder.Set && _sorting == Sorting.Sets))
        {
            entries = entries.Select(e => (Key: EntryKey.ForOrder(e, shape), Entry: e)).Order(Entries).Select(e => e.Entry);
        }

        return new JsonArray([.. entries]);
    }

    private JsonObject WriteMap(JsonObject map, Shape value) =>
        new(map.OrderBy(m => m.Key, StringComparer.Ordinal).Select(m => new KeyValuePair<string, JsonNode?>(m.Key, Write(m.Value, value))));

    // Operators of the boolean level are rewritten as a server does; what stands under a column or relationship stays.
    private JsonObject WriteExpression(JsonObject map) =>
        new(map
            .Select(m => new KeyValuePair<string, JsonNode?>(_isNormalForm ? BooleanOperators.Modern(m.Key) : m.Key, WriteCondition(BooleanOperators.Modern(m.Key), m.Value)))
            .OrderBy(m => m.Key, StringComparer.Ordinal));

    private JsonNode? WriteCondition(string key, JsonNode? value) => (key, value) switch
    {
        ("_and" or "_or", JsonArray list) => new JsonArray([.. list.Select(e => Write(e, Shape.Expression))]),
        ("_not", JsonObject) => Write(value, Shape.Expression),
        ("_exists", JsonObject exists) => Write(exists, BooleanOperators.Exists),
        _ => WriteAny(value),
    };

    private JsonNode WriteName(JsonNode node, QualifiedName name)
    {
        if (node is not JsonObject map)
        {
            return name.ToNode();
        }

        var written = WriteAny(map)!.AsObject();
        if (!written.ContainsKey("schema") && !written.ContainsKey("dataset"))
        {
            written["schema"] = name.Schema;
        }

        return written;
    }

    private JsonNode? WriteAny(JsonNode? node) => node switch
    {
        null => null,
        JsonObject map => new JsonObject(map.OrderBy(m => m.Key, StringComparer.Ordinal).Select(m => new KeyValuePair<string, JsonNode?>(m.Key, WriteAny(m.Value)))),
        JsonArray list => new JsonArray([.. list.Select(WriteAny)]),
        _ => node.DeepClone(),
    };
}
