using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Metadata.Api;
using HasuraMigrations.Engine.Metadata.Comparing;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Metadata.Schema;

namespace HasuraMigrations.Engine.Impacts;

/// <summary>The changes of the metadata that cause differences of GraphQL schemas.</summary>
internal sealed partial class MetadataCauses
{
    private static readonly Dictionary<string, MetadataObjectKind> Permissions = new(StringComparer.Ordinal)
    {
        ["select"] = MetadataObjectKind.SelectPermission,
        ["insert"] = MetadataObjectKind.InsertPermission,
        ["update"] = MetadataObjectKind.UpdatePermission,
        ["delete"] = MetadataObjectKind.DeletePermission,
    };

    private static readonly string[] NamingKeys = ["custom_name", "is_enum"];
    private static readonly string[] ColumnKeys = ["column_config", "custom_column_names"];
    private readonly MetadataModel _before;
    private readonly MetadataModel _after;
    private readonly Dictionary<ObjectId, string> _broken;
    private readonly ILookup<(string Source, string Parent), MetadataChange> _below;
    private readonly ILookup<(string Source, string Name), MetadataChange> _named;

    internal MetadataCauses(MetadataModel before, MetadataModel after)
    {
        (_before, _after) = (before, after);
        All = ReferenceEquals(before.Document, after.Document) ? [] : MetadataComparer.Compare(before.Document, after.Document);
        _broken = after.State.Cache.NewSince(before.State.Cache).DistinctBy(i => i.Id).ToDictionary(i => i.Id, i => i.Reason);
        _below = All.Where(m => m.Parent is not null).ToLookup(m => (SourceOf(m), m.Parent!));
        _named = All.Where(m => m.Parent is null).ToLookup(m => (SourceOf(m), m.Name));
    }

    /// <summary>All changes.</summary>
    internal IReadOnlyList<MetadataChange> All { get; }

    /// <summary>An object became inconsistent.</summary>
    internal bool IsBroken(ObjectId id) => _broken.ContainsKey(id);

    /// <summary>A change as a cause.</summary>
    internal static ApiCause Of(MetadataChange change) => new(change.Description, null, change.File, change.Line);

    /// <summary>The first of several changes.</summary>
    internal ApiCause? First(Func<MetadataChange, bool> isMeant) => All.FirstOrDefault(isMeant) is { } found ? Of(found) : null;

    /// <summary>The entry of a relationship or computed field.</summary>
    internal ApiCause? Entry(ObjectId field) => EntryOf(field) is { } own ? Of(own) : null;

    /// <summary>Whether a table is tracked, and the names that the metadata gives to it and its columns.</summary>
    internal ApiCause? Names(ApiOwner owner)
    {
        var own = owner.Id.Kind == ObjectKind.Table ? TableOf(owner.Id) : null;
        bool IsNaming(MetadataFieldChange field)
        {
            var text = $"{field.Path} {field.Old} {field.New}";
            return ColumnKeys.Any(k => text.Contains(k, StringComparison.Ordinal)) ? owner.Member is { Kind: ObjectKind.Column } column && text.Contains(column.Name, StringComparison.Ordinal)
                : text.Contains("custom_root_fields", StringComparison.Ordinal) ? owner.Root is { } root && !RootName(_before, owner.Id, root).SameAs(RootName(_after, owner.Id, root))
                : owner.Member?.Kind != ObjectKind.Column && NamingKeys.Any(k => text.Contains(k, StringComparison.Ordinal));
        }

        return own is not null && (own.Change != MetadataChangeKind.Changed || own.Fields.Any(IsNaming)) ? Of(own) : null;
    }

    /// <summary>The change of a permission; null where it is as it was.</summary>
    internal MetadataChange? Permission(ObjectId id) => _below[(id.Source, id.Table.ToString())].FirstOrDefault(m => m.Kind == Permissions[id.Name] && m.Name == id.Role);

    /// <summary>The change of a permission that names for the first time what is not there: it is inconsistent by itself.</summary>
    internal ApiCause? Broken(ObjectId permission) =>
        _broken.TryGetValue(permission, out var reason) && Permission(permission) is { } own && Quoted().Matches(reason).LastOrDefault()?.Groups[1].Value is { } missing && own.Description.Contains(missing, StringComparison.Ordinal) ? Of(own) : null;

    /// <summary>The change of a function, or of an object that is in no table.</summary>
    internal ApiCause? Named(ObjectId id)
    {
        var found = id.Kind == ObjectKind.Function
            ? _named[(id.Source, id.Table.ToString())].Concat(_below[(id.Source, id.Table.ToString())]).FirstOrDefault(m => m.Kind is MetadataObjectKind.Function or MetadataObjectKind.FunctionPermission)
            : All.FirstOrDefault(m => (m.Name == id.Name || m.Parent == id.Name) && m.Kind is not (MetadataObjectKind.Table or MetadataObjectKind.Function) && m.Parent?.Contains('.', StringComparison.Ordinal) != true);
        return found is null ? null : Of(found);
    }

    /// <summary>What the metadata does not have any more, or has in a form that is inconsistent.</summary>
    internal ApiCause? Gone(ObjectId id)
    {
        var found = id.Kind switch
        {
            ObjectKind.Table => TableOf(id),
            ObjectKind.Relationship or ObjectKind.ComputedField or ObjectKind.RemoteRelationship => EntryOf(id),
            _ => null,
        };
        return found is not null && (found.Change == MetadataChangeKind.Removed || IsBroken(id)) ? Of(found) : null;
    }

    /// <summary>A description. Root fields take theirs from relationships, too, unless the metadata has one for them.</summary>
    internal ApiCause? Comment(ApiOwner owner, HasuraApiChange change)
    {
        var word = change.Path.Contains("_root.", StringComparison.Ordinal) ? "custom_root_fields" : "comment";
        return owner.Id.Kind != ObjectKind.Table ? Named(owner.Id)
            : _named[(owner.Id.Source, owner.Id.Table.ToString())].FirstOrDefault(m => m.Kind == MetadataObjectKind.Table && m.Description.Contains(word, StringComparison.Ordinal)) is { } own ? Of(own) : null;
    }

    /// <summary>Names are made of what the source says.</summary>
    internal ApiCause? Settings(ObjectId id) =>
        First(m => m.Kind == MetadataObjectKind.Source && m.Name == id.Source && m.Fields.Any(f => f.Path.StartsWith("customization", StringComparison.Ordinal)));

    private MetadataChange? TableOf(ObjectId id) => _named[(id.Source, id.Table.ToString())].FirstOrDefault(m => m.Kind == MetadataObjectKind.Table);

    private MetadataChange? EntryOf(ObjectId field) => _below[(field.Source, field.Table.ToString())].FirstOrDefault(m => m.Name == field.Name && !Permissions.ContainsValue(m.Kind));

    private static JsonNode? RootName(MetadataModel model, ObjectId table, string root) => model.State.Cache.FindTable(table.Source, table.Table)?.Node["configuration"].Get("custom_root_fields").Get(root);

    private static string SourceOf(MetadataChange change) => change.Source ?? MetadataDocument.DefaultSource;

    [GeneratedRegex("\"([^\"]+)\"")]
    private static partial Regex Quoted();
}
