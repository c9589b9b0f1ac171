namespace HasuraMigrations.Engine.Catalog;

/// <summary>What a thing in a database is.</summary>
internal enum CatalogObjectKind
{
    Schema,
    Table,
    Column,
    Function,
    Type,
    Constraint,
    ForeignKey,
    Index,
    Trigger,
    Policy,
    Sequence,
}

/// <summary>Why a thing in a database needs another one.</summary>
internal enum CatalogLinkKind
{
    View,
    ForeignKey,
    Constraint,
    Type,
    Default,
    Calls,
    Returns,
    Uses,
}

/// <summary>A thing in a database.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Owner">The relation it belongs to; of what belongs to none, its own name.</param>
/// <param name="Name">Its name; empty where <paramref name="Owner"/> is.</param>
internal readonly record struct CatalogObject(CatalogObjectKind Kind, CatalogName Owner, string Name = "");

/// <summary>A thing in a database that needs another one.</summary>
/// <param name="From">The thing.</param>
/// <param name="To">What it needs.</param>
/// <param name="Kind">Why.</param>
internal readonly record struct CatalogLink(CatalogObject From, CatalogObject To, CatalogLinkKind Kind);
