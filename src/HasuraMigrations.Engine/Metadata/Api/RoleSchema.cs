using HasuraMigrations.Engine.Metadata.Api.Tables;
using HasuraMigrations.Engine.Metadata.Api.Types;

namespace HasuraMigrations.Engine.Metadata.Api;

/// <summary>The schema of a role while it is put together.</summary>
internal sealed class RoleSchema : IDisposable
{
    private readonly PooledSlots<TypeNode> _types;

    internal RoleSchema(ApiModel model, RoleRights rights)
    {
        (Model, Rights) = (model, rights);
        Texts = new ListTexts(model.Twins, Views);
        _types = new PooledSlots<TypeNode>(model.Index.Count);
        foreach (var view in Views)
        {
            foreach (var type in view?.Types ?? [])
            {
                Add(type);
            }
        }
    }

    /// <summary>What all roles have in common.</summary>
    internal ApiModel Model { get; }

    /// <summary>What the role may do. Its name is not here: roles that may do the same have one schema.</summary>
    internal RoleRights Rights { get; }

    /// <summary>What it may do with tables, by their index.</summary>
    internal TablePermissions[] Permissions => Rights.Permissions;

    /// <summary>Tables as it sees them, by index.</summary>
    internal TableView?[] Views => Rights.Views;

    /// <summary>Descriptions of fields that servers build once.</summary>
    internal ListTexts Texts { get; }

    /// <summary>Fields of queries.</summary>
    internal List<ApiField> Queries { get; } = [];

    /// <summary>Fields of mutations.</summary>
    internal List<ApiField> Mutations { get; } = [];

    /// <summary>Fields of subscriptions.</summary>
    internal List<ApiField> Subscriptions { get; } = [];

    /// <summary>What nobody can know from here.</summary>
    internal List<ApiHole> Holes { get; } = [];

    /// <summary>Why a server could not build it.</summary>
    internal List<ApiFault> Faults { get; } = [];

    /// <inheritdoc/>
    public void Dispose() => _types.Dispose();

    /// <summary>Adds a type; the first one of a name counts.</summary>
    internal void Add(ApiType type) => Add(new TypeNode(Model.Index, type));

    /// <summary>Puts another type in the place of the one with its name.</summary>
    internal void Replace(ApiType type)
    {
        var node = new TypeNode(Model.Index, type);
        _types[node.Id] = node;
    }

    /// <summary>A type; null where none of the name is known.</summary>
    internal ApiType? Find(string name) => Find(Model.Index.Of(name))?.Type;

    /// <summary>A type of the role by the number of its name; null where it has none of its own.</summary>
    internal ApiType? FindOwn(int id) => _types[id]?.Type;

    /// <summary>Tells that a type is defined in several ways.</summary>
    internal void AddClash(string type) => Faults.Add(new ApiFault($"The type {type} is defined more than once, in different ways.", IsClash: true));

    /// <summary>A type that another one names; what nobody makes is a scalar of the database.</summary>
    internal TypeNode NodeOf(int id) => Find(id) ?? new TypeNode(Model.Index, new ApiType(ApiTypeKind.Scalar, Model.Index.NameOf(id), null));

    private TypeNode? Find(int id) => _types[id] ?? Model.Types.FindNode(id);

    private void Add(TypeNode node)
    {
        if (_types[node.Id] is not { } known)
        {
            _types[node.Id] = node;
        }
        else if (!ReferenceEquals(known, node) && !ApiSame.Are(known.Type, node.Type))
        {
            AddClash(node.Type.Name);
        }
    }
}
