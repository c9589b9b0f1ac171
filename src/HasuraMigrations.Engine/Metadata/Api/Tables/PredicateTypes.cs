using HasuraMigrations.Engine.Metadata.Api.Types;
using HasuraMigrations.Engine.Metadata.Schema;

namespace HasuraMigrations.Engine.Metadata.Api.Tables;

/// <summary>The filters of other rows by aggregates of the rows of a table.</summary>
internal static class PredicateTypes
{
    private static readonly string[] OfFloats = ["avg", "corr", "covar_samp", "max", "min", "stddev_samp", "sum", "var_samp"];
    private static readonly string[] OfBooleans = ["bool_and", "bool_or"];

    /// <summary>All functions that filter, but for count.</summary>
    internal static IEnumerable<string> Functions => OfFloats.Concat(OfBooleans);

    internal static void Add(TableView view, TypeList types)
    {
        if (!view.Features.HasPredicates || !view.Permissions.Select!.HasAggregates || view.Selectable.Length == 0)
        {
            return;
        }

        var names = view.Names;
        var functions = new List<ApiInputValue> { TableView.Value("count", names.PredicateOf("count")) };
        types.Add(names.PredicateOf("count"), static t => Function(t, "count", ApiTypeRef.ListOf(t.Names.SelectColumn), "integer"));
        // Only columns of exactly these types count: no other numbers (Hasura 2.48).
        foreach (var (list, type) in new[] { (OfFloats, "float8"), (OfBooleans, "boolean") })
        {
            var columns = Array.FindAll(view.Selectable, c => c.Value.Text == type);
            foreach (var function in columns.Length > 0 ? list : [])
            {
                functions.Add(TableView.Value(function, names.PredicateOf(function)));
                AddFunction(view, function, type, columns, types);
            }
        }

        types.Add(new ApiType(ApiTypeKind.InputObject, names.Predicate, null) { InputFields = ApiSort.Sorted(functions) });
    }

    private static void AddFunction(TableView view, string function, string type, ApiColumn[] columns, TypeList types)
    {
        var (name, text) = view.Names.PredicateColumns(function);
        types.Add(name, $"select \"{text}\" columns of table \"{view.Table.Title}\"", columns, static c => c.Choice);
        var arguments = new ApiTypeRef(name).NonNull();
        if (function is "corr" or "covar_samp")
        {
            types.Add(new ApiType(ApiTypeKind.InputObject, view.Names.PredicateArguments(function), null) { InputFields = [new ApiInputValue("X", arguments), new ApiInputValue("Y", arguments)] });
            arguments = new ApiTypeRef(view.Names.PredicateArguments(function)).NonNull();
        }

        types.Add(Function(view.Table, function, arguments, type));
    }

    private static ApiType Function(ApiTable table, string function, ApiTypeRef arguments, string type) =>
        new(ApiTypeKind.InputObject, table.Names.PredicateOf(function), null)
        {
            InputFields =
            [
                new ApiInputValue("arguments", arguments),
                new ApiInputValue("distinct", new ApiTypeRef("Boolean")),
                new ApiInputValue("filter", new ApiTypeRef(table.Names.Filter)),
                new ApiInputValue("predicate", new ApiTypeRef(table.Source.Filters.Of(table.Source.Naming, PostgresScalar.Of(type))).NonNull()),
            ],
        };
}
