using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Metadata.Schema;

namespace HasuraMigrations.Engine.Metadata.Commands;

/// <summary>How the inconsistencies that a command makes are judged.</summary>
internal enum Judgement
{
    /// <summary>New ones are refused.</summary>
    New,

    /// <summary>The object the command is about must be built; other new ones are refused.</summary>
    Object,

    /// <summary>Any is refused.</summary>
    Strict,

    /// <summary>Any is refused where all of them should be gone.</summary>
    Rest,

    /// <summary>None is.</summary>
    None,
}

/// <summary>A command at work: the document it changes, and what was there before it.</summary>
internal sealed class CommandContext(MetadataState before, int version)
{
    private JsonObject? _root;

    /// <summary>The line of servers.</summary>
    internal MetadataEra Era => before.Era;

    /// <summary>The version of the arguments.</summary>
    internal int Version => version;

    /// <summary>The command may take over what is in its arguments.</summary>
    internal bool TakesArguments { get; init; }

    /// <summary>The state before the command.</summary>
    internal MetadataState State => before;

    /// <summary>The schema before the command.</summary>
    internal SchemaCache Before => before.Cache;

    /// <summary>The document, which the command changes.</summary>
    internal JsonObject Root => _root ??= before.Root.DeepClone().AsObject();

    /// <summary>How new inconsistencies are judged.</summary>
    internal Judgement Judgement { get; private set; } = Judgement.New;

    /// <summary>The object the command is about.</summary>
    internal ObjectId Built { get; private set; }

    /// <summary>Makes the answer of the schema after the command; null for success.</summary>
    internal Func<SchemaCache, JsonNode>? Answer { get; set; }

    /// <summary>Sources that are left as if there never was an event trigger.</summary>
    internal List<string> CleanedSources { get; } = [];

    /// <summary>Sources whose SQL triggers are made anew.</summary>
    internal List<string> RecreatedSources { get; } = [];

    /// <summary>Actions whose logs go with them.</summary>
    internal List<string> ClearedActions { get; } = [];

    /// <summary>The whole document has been looked at, and holds nothing of the old one that has not.</summary>
    internal bool IsWholeRead { get; set; }

    /// <summary>Puts another document in place.</summary>
    internal void Replace(JsonObject root) => _root = root;

    /// <summary>Judges in another way than new inconsistencies.</summary>
    internal void Judge(Judgement judgement) => Judgement = judgement;

    /// <summary>An object has to be built after the command.</summary>
    internal void Build(ObjectId id) => (Judgement, Built) = (Judgement.Object, id);

    /// <summary>A source of the document.</summary>
    /// <exception cref="MetadataCommandException">not-exists.</exception>
    internal JsonObject Source(string name) => MetadataTree.SourceOf(Root, name);

    /// <summary>A tracked table that is there.</summary>
    /// <exception cref="MetadataCommandException">not-exists.</exception>
    internal TableInfo Table(string source, QualifiedName name, string path = "$")
    {
        _ = Source(source);
        return Before.FindTable(source, name) ?? throw MetadataCommandException.NotExists(Era.MissingTable(source, name), path);
    }

    /// <summary>The entry of a tracked table, to be changed; it may be inconsistent.</summary>
    /// <exception cref="MetadataCommandException">not-exists.</exception>
    internal JsonObject TableNode(string source, QualifiedName name) =>
        FindTableNode(source, name) ?? throw MetadataCommandException.NotExists(Era.MissingTable(source, name));

    /// <summary>The entry of a tracked table; null where there is none.</summary>
    internal JsonObject? FindTableNode(string source, QualifiedName name) =>
        MetadataTree.TablesOf(Source(source)).FirstOrDefault(t => t.Name == name).Node;

    /// <summary>Refuses to go on, or takes away what depends on something that goes.</summary>
    /// <exception cref="MetadataCommandException">dependency-error.</exception>
    internal void DropDependents(IEnumerable<ObjectId> dependents, bool cascade)
    {
        var ids = dependents.Distinct().ToList();
        if (ids.Count > 0 && !cascade)
        {
            throw Dependents(Era, ids);
        }

        foreach (var id in ids)
        {
            ObjectRemover.Remove(Root, id);
        }
    }

    /// <summary>The error that names dependents.</summary>
    internal static MetadataCommandException Dependents(MetadataEra era, IEnumerable<ObjectId> ids) =>
        new("dependency-error", $"cannot drop due to the following dependent objects{era.Colon}{string.Join(", ", ids.Select(i => i.Describe(era)).Order(StringComparer.Ordinal))}");
}
