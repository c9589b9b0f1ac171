using HasuraMigrations.Engine.Catalog;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Metadata.Api.Types;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Metadata.Schema;
using HasuraMigrations.Engine.Metadata.Shapes;

namespace HasuraMigrations.Engine.Metadata.Api.Tables;

/// <summary>Makes the tables of a source of what a server made of them.</summary>
internal sealed class ApiTableReader(ApiSource source, SchemaCache cache, List<ApiHole> holes, List<string> unshown)
{
    private readonly Dictionary<(string Type, char Kind, string? Enum), ApiValueType> _values = [];
    private readonly Dictionary<(string Name, ApiValueType Value, string? Description), ColumnMembers> _members = [];

    /// <summary>The tables; what GraphQL cannot name is left out.</summary>
    /// <param name="first">The index of the first one.</param>
    internal List<ApiTable> Read(int first)
    {
        var infos = cache.Tables.Values.Where(t => t.Source == source.Name).ToList();
        var enums = infos.Where(i => i.EnumValues is not null).ToDictionary(i => i.Name, KeepEnum);
        var tables = new List<ApiTable>();
        foreach (var info in infos)
        {
            if (Columns(info, enums) is { } columns)
            {
                tables.Add(Table(info, columns, first + tables.Count));
            }
        }

        return tables;
    }

    private static ApiIdentifier Identifier(TableInfo info) =>
        info.Node["configuration"].Get("custom_name").AsText() is { } custom ? new ApiIdentifier(custom, true) : ApiIdentifier.Of(info.Name);

    private ApiTable Table(TableInfo info, ApiColumn[] columns, int index)
    {
        var (name, configuration, title) = (Identifier(info), info.Node["configuration"], info.Name.InMessage());
        var comment = source.Naming.Features.Texts.Row(title, configuration.Get("comment").AsText() ?? info.Catalog.Texts.Tables.GetValueOrDefault(info.Facts.Oid));
        return new ApiTable(source, info, name, columns)
        {
            Index = index,
            Description = comment.Length == 0 ? null : comment,
            Roots = GraphQLText.IsName(name.Text) ? new TableRootNames(source.Naming, name, title, configuration.Get("custom_root_fields")) : null,
        };
    }

    // Null where a column has no name in GraphQL, or that of another one: the whole table is inconsistent then (Hasura 2.48).
    private ApiColumn[]? Columns(TableInfo info, Dictionary<QualifiedName, string> enums)
    {
        var (order, settings) = (source.Types.OrderBy(source.Naming), info.Node["configuration"].Get("column_config"));
        var columns = new List<(CatalogColumn Facts, ColumnMembers Members)>(info.Facts.Columns.Count);
        foreach (var facts in info.Facts.Columns)
        {
            var name = info.CustomNames.GetValueOrDefault(facts.Name) ?? source.Naming.Field(new ApiIdentifier(facts.Name));
            if (!GraphQLText.IsName(name))
            {
                if (!source.Naming.Features.IsVersion1)
                {
                    unshown.Add($"{info.Name.InMessage()} in source {source.Name}: the column '{facts.Name}' has no name in GraphQL");
                    return null;
                }

                continue;
            }

            var comment = settings.Get(facts.Name).Get("comment").AsText() ?? info.Catalog.Texts.Columns.GetValueOrDefault((info.Facts.Oid, facts.Position));
            var enumType = info.EnumColumns.TryGetValue(facts.Name, out var reference) ? enums.GetValueOrDefault(reference.Table) : null;
            columns.Add((facts, MembersOf(name, ValueOf(facts, enumType), comment is { Length: > 0 } ? comment : null, order)));
        }

        columns.Sort((a, b) => string.CompareOrdinal(a.Members.Name, b.Members.Name) is not 0 and var byName ? byName : a.Facts.Position - b.Facts.Position);
        for (var i = 1; i < columns.Count; i++)
        {
            // Names of the database that differ are seen before; a convention makes one of them.
            if (columns[i - 1].Members.Name == columns[i].Members.Name)
            {
                unshown.Add($"{info.Name.InMessage()} in source {source.Name}: the columns '{columns[i - 1].Facts.Name}' and '{columns[i].Facts.Name}' have the same name in GraphQL, {columns[i].Members.Name}");
                return null;
            }
        }

        return [.. columns.Select((c, i) => new ApiColumn(c.Facts, c.Members) { Index = i })];
    }

    private ApiValueType ValueOf(CatalogColumn facts, string? enumType)
    {
        var key = (facts.Type, facts.TypeKind, enumType);
        if (!_values.TryGetValue(key, out var value))
        {
            _values[key] = value = ApiValueType.Of(source.Naming, source.Filters, facts, enumType);
        }

        return value;
    }

    private ColumnMembers MembersOf(string name, ApiValueType value, string? description, string order)
    {
        if (!_members.TryGetValue((name, value, description), out var members))
        {
            _members[(name, value, description)] = members = new ColumnMembers(name, value, description, order, source.Naming.Features.Texts);
        }

        return members;
    }

    private string KeepEnum(TableInfo info)
    {
        var rows = info.Catalog.FindEnumRows(info.Name.Schema, info.Name.Name);
        if (rows is null)
        {
            holes.Add(new ApiHole(ApiHoleKind.EnumTable, info.Name.InMessage(), $"The rows of the enum table {info.Name.InMessage()} were not read, so its values are not known."));
        }

        var values = (rows?.Values ?? []).Select(v => new ApiEnumValue(source.Naming.IsGraphQL ? v.Value.ToUpperInvariant() : v.Value, v.Comment)).ToList();
        return source.Types.Keep(new ApiType(ApiTypeKind.Enum, source.Naming.Type(Identifier(info), "enum"), null) { EnumValues = ApiSort.Sorted(values) });
    }
}
