using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Metadata.Api.Tables;
using HasuraMigrations.Engine.Metadata.Api.Types;

namespace HasuraMigrations.Engine.Metadata.Api;

/// <summary>
/// What the endpoint of Relay shows in place of lists, aggregates and rows by key: connections, and rows by a global id. Of other
/// fields it is not known whether they are there; they are a hole.
/// </summary>
internal static class RelayTypes
{
    private const string Node = "Node";
    private const string PageInfo = "PageInfo";

    private static readonly ApiField Id = new("id", new ApiTypeRef("ID").NonNull(), "A globally unique identifier");

    /// <summary>A table has rows that are asked for by a global id, and connections.</summary>
    internal static bool Has(TableView view) => view.Permissions.Select is not null && view.Table.Key.Length > 0 && view.Table.Roots is not null;

    /// <summary>The root field of a table.</summary>
    internal static ApiField Root(TableView view) =>
        view.Table.Roots!.Connection(new ApiTypeRef(Connection(view.Table)).NonNull(), Arguments(view.Table, view.Selectable.Length > 0));

    /// <summary>Adds the types, and the root fields of single rows; changes the types of rows.</summary>
    internal static void Add(RoleSchema schema)
    {
        var views = schema.Views.OfType<TableView>().Where(Has).ToList();
        AddHole(schema);
        if (views.Count == 0)
        {
            return;
        }

        var row = new ApiField("node", new ApiTypeRef(Node)) { Arguments = [new ApiInputValue("id", new ApiTypeRef("ID").NonNull(), "A globally unique id")] };
        schema.Queries.Add(row);
        schema.Subscriptions.Add(row);
        schema.Add(new ApiType(ApiTypeKind.Interface, Node, "An object with globally unique ID") { Fields = [Id], PossibleTypes = [.. views.Select(v => v.Names.Row).Order(StringComparer.Ordinal)] });
        schema.Add(new ApiType(ApiTypeKind.Object, PageInfo, null)
        {
            Fields = [Text("endCursor"), new("hasNextPage", new ApiTypeRef("Boolean").NonNull()), new("hasPreviousPage", new ApiTypeRef("Boolean").NonNull()), Text("startCursor")],
        });
        foreach (var view in views)
        {
            Add(schema, view);
        }
    }

    private static void Add(RoleSchema schema, TableView view)
    {
        var (names, edge) = (view.Names, Edge(view.Table));
        schema.Add(new ApiType(ApiTypeKind.Object, Connection(view.Table), view.Features.Texts.Connection(view.Table.Title)) { Fields = [new ApiField("edges", ApiTypeRef.ListOf(edge).NonNull()), new ApiField("pageInfo", new ApiTypeRef(PageInfo).NonNull())] });
        schema.Add(new ApiType(ApiTypeKind.Object, edge, null) { Fields = [Text("cursor"), new ApiField("node", new ApiTypeRef(names.Row).NonNull())] });
        var row = schema.Find(names.Row)!;
        // A column with the name of the global id gives way to it.
        var fields = row.Fields.Where(f => f.Name != Id.Name).Append(view.Features.IsVersion1 ? Id with { Description = null } : Id).ToList();
        foreach (var (link, _) in view.Links.Where(l => l.Link.Kind == ApiLinkKind.Array))
        {
            if (schema.Views[link.Target.Index] is { } target && Has(target))
            {
                fields.Add(new ApiField(view.Naming.Field("", new ApiIdentifier(link.Name), "connection"), new ApiTypeRef(Connection(link.Target)).NonNull(), "An array relationship connection")
                {
                    Arguments = Arguments(link.Target, target.Selectable.Length > 0),
                });
            }
        }

        schema.Replace(row with { Fields = ApiSort.Sorted(fields), Interfaces = [Node] });
    }

    private static void AddHole(RoleSchema schema)
    {
        var model = schema.Model;
        IEnumerable<string> others =
        [
            .. schema.Views.OfType<TableView>().Where(v => v.Permissions.Select is not null && v.Table.Key.Length == 0).Select(v => $"the table {v.Table.Title}, which has no primary key"),
            .. model.Functions.Select(f => $"the function {f.Name}"),
            .. model.Queries.Select(q => $"the native query {q.Root.Name}"),
            .. model.Actions.Names.Select(a => $"the action {a}"),
            .. model.Root["remote_schemas"].AsObjects().Select(r => $"the remote schema {r["name"].AsText()}"),
        ];
        var told = others.ToList();
        if (told.Count > 0)
        {
            schema.Holes.Add(new ApiHole(ApiHoleKind.Relay, "relay", $"What the endpoint of Relay shows of {string.Join(", ", told)} is not known, so it is missing."));
        }
    }

    private static string Connection(ApiTable table) => table.Source.Naming.Customized($"{table.Names.BareRow}Connection");

    private static string Edge(ApiTable table) => table.Source.Naming.Customized($"{table.Names.BareRow}Edge");

    private static ApiField Text(string name) => new(name, new ApiTypeRef("String").NonNull());

    private static ApiInputValue[] Arguments(ApiTable table, bool hasColumns) => ApiSort.Sorted(
    [
        .. table.Arguments(hasColumns).Where(a => a.Name is not ("limit" or "offset")),
        new("after", new ApiTypeRef("String")),
        new("before", new ApiTypeRef("String")),
        new("first", new ApiTypeRef("Int")),
        new("last", new ApiTypeRef("Int")),
    ]);
}
