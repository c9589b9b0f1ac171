using HasuraMigrations.Engine.Catalog;
using HasuraMigrations.Engine.Metadata.Api.Types;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Metadata.Schema;

namespace HasuraMigrations.Engine.Metadata.Api.Tables;

/// <summary>A tracked table as every role could see it.</summary>
internal sealed class ApiTable
{
    // Where each of a hundred roles sees something else, comparing each with all is not worth while.
    private const int Compared = 16;

    private readonly ApiInputValue[]?[] _arguments = new ApiInputValue[2][];
    private readonly Dictionary<string, ApiColumn> _byColumn;
    private readonly List<TableView> _views = [];
    private readonly object _sharing = new();

    internal ApiTable(ApiSource source, TableInfo info, ApiIdentifier name, ApiColumn[] columns)
    {
        (Source, Info, Columns) = (source, info, columns);
        Title = info.Name.InMessage();
        Names = new TableNames(source.Naming, name);
        Texts = new TableTexts(Title, source.Naming.Features.Texts);
        _byColumn = columns.ToDictionary(c => c.Facts.Name, StringComparer.Ordinal);
        Key = info.Facts.PrimaryKey is { } key ? [.. columns.Where(c => key.Columns.Contains(c.Facts.Name))] : [];
        HasKeys = info.Facts.PrimaryKey is not null || info.Facts.UniqueKeys.Any();
    }

    /// <summary>Its source.</summary>
    internal ApiSource Source { get; }

    /// <summary>What a server made of it.</summary>
    internal TableInfo Info { get; }

    /// <summary>Its place among all tables.</summary>
    internal int Index { get; init; }

    /// <summary>Its name in descriptions.</summary>
    internal string Title { get; }

    /// <summary>The description of a row; null for none.</summary>
    internal string? Description { get; init; }

    /// <summary>The descriptions of its types.</summary>
    internal TableTexts Texts { get; }

    /// <summary>The names of its types.</summary>
    internal TableNames Names { get; }

    /// <summary>The names of its root fields; null where GraphQL cannot name the table.</summary>
    internal TableRootNames? Roots { get; init; }

    /// <summary>Its columns by their names in GraphQL.</summary>
    internal ApiColumn[] Columns { get; }

    /// <summary>The columns of its primary key; empty for none.</summary>
    internal ApiColumn[] Key { get; }

    /// <summary>It has a primary key or a unique index.</summary>
    internal bool HasKeys { get; }

    /// <summary>Fields that lead to tables.</summary>
    internal List<ApiLink> Links { get; } = [];

    /// <summary>Computed fields.</summary>
    internal List<ApiComputedField> Computed { get; } = [];

    /// <summary>Fields that lead to native queries.</summary>
    internal List<ApiNativeLink> NativeLinks { get; } = [];

    /// <summary>Fields that lead to remote schemas.</summary>
    internal List<ApiRemoteField> RemoteFields { get; } = [];

    /// <summary>A column by its name in the database; null where there is none.</summary>
    internal ApiColumn? Find(string column) => _byColumn.GetValueOrDefault(column);

    /// <summary>What a list of its rows takes.</summary>
    /// <param name="hasColumns">The role may read a column.</param>
    internal ApiInputValue[] Arguments(bool hasColumns) => _arguments[hasColumns ? 1 : 0] ??= MakeArguments(hasColumns);

    /// <summary>The table as a role sees it; roles that see it alike get the same.</summary>
    internal TableView View(TablePermissions permissions, ApiLinkState[] states, IReadOnlySet<NativeQuery> queries)
    {
        lock (_views)
        {
            var known = _views.Find(v => v.IsOf(permissions, states, queries));
            if (known is null)
            {
                _views.Add(known = new TableView(this, permissions, states, queries));
            }

            return known;
        }
    }

    /// <summary>A type of the table. Most are the same for several roles, though the roles see the table in different ways.</summary>
    internal TypeNode Share(ApiType type) => Share(type.Name, type, ApiSame.AreOne, static t => t);

    /// <summary>A type of the table whose members are columns; one that is there already is found without making another.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="description">Its description, which follows from the name but for the columns.</param>
    /// <param name="columns">The columns, by name.</param>
    /// <param name="member">What a column adds to it, the same object each time.</param>
    internal TypeNode Share<T>(string name, string? description, ApiColumn[] columns, Func<ApiColumn, T> member)
        where T : class =>
        Share(name, (name, description, columns, member), static (known, asked) => known.Description == asked.description && known.IsOf(asked.columns, asked.member),
            static asked => ApiType.Of(asked.name, asked.description, Members(asked.columns, asked.member)));

    private static T[] Members<T>(ApiColumn[] columns, Func<ApiColumn, T> member)
    {
        var members = new T[columns.Length];
        for (var i = 0; i < members.Length; i++)
        {
            members[i] = member(columns[i]);
        }

        return members;
    }

    private TypeNode Share<T>(string name, T asked, Func<ApiType, T, bool> isIt, Func<T, ApiType> make)
    {
        lock (_sharing)
        {
            var (index, id) = (Source.Types.Index, Source.Types.Index.Of(name));
            // Where another source has a type of the name, its types are not looked at.
            var newest = index.NewestOf(id) is { } node && node.Owner == this ? node : null;
            var seen = 0;
            for (var known = newest; known is not null && seen < Compared; known = known.Older)
            {
                if (isIt(known.Type, asked))
                {
                    return known;
                }

                seen++;
            }

            return index.Keep(new TypeNode(index, id, make(asked)) { Owner = this, Older = newest });
        }
    }

    /// <summary>A type of the table that does not depend on a role.</summary>
    internal TypeNode Once(string name, Func<ApiTable, ApiType> make)
    {
        lock (_sharing)
        {
            var (index, id) = (Source.Types.Index, Source.Types.Index.Of(name));
            return index.NewestOf(id) is { } node && node.Owner == this ? node : index.Keep(new TypeNode(index, id, make(this)) { Owner = this });
        }
    }

    /// <summary>Its primary key and its unique indexes.</summary>
    internal IEnumerable<CatalogKey> Keys() => Info.Facts.UniqueKeys.Concat(Info.Facts.PrimaryKey is { } primary ? [primary] : []);

    /// <summary>The enum of its keys.</summary>
    internal ApiType MakeConstraint() => new(ApiTypeKind.Enum, Names.Constraint, Texts.Constraint)
    {
        EnumValues = ApiSort.Sorted(Keys().Where(k => Shapes.GraphQLText.IsName(k.Name)).Select(k => new ApiEnumValue(
            Source.Naming.IsGraphQLThroughout ? Source.Naming.Word(k.Name) : k.Name,
            Source.Naming.Features.Texts.Key(k.Columns))).ToList()),
    };

    private ApiInputValue[] MakeArguments(bool hasColumns)
    {
        var naming = Source.Naming;
        return ApiSort.Of(
            hasColumns ? new ApiInputValue(naming.Word("distinct_on"), ApiTypeRef.ListOf(Names.SelectColumn), "distinct select on columns") : null,
            new ApiInputValue("limit", new ApiTypeRef("Int"), "limit the number of rows returned"),
            new ApiInputValue("offset", new ApiTypeRef("Int"), "skip the first n rows. Use only with order_by"),
            new ApiInputValue(naming.Word("order_by"), ApiTypeRef.ListOf(Names.Order), "sort the rows by one or more columns"),
            new ApiInputValue("where", new ApiTypeRef(Names.Filter), "filter the rows returned"));
    }
}

/// <summary>A source with the tables that GraphQL can show.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Naming">How its names are made.</param>
/// <param name="Filters">The filters of columns.</param>
/// <param name="Types">Types that do not depend on a role.</param>
internal sealed record ApiSource(string Name, ApiNaming Naming, ComparisonTypes Filters, SharedTypes Types);
