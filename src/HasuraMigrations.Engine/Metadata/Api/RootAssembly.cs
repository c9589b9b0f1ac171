using HasuraMigrations.Engine.Metadata.Api.Tables;
using HasuraMigrations.Engine.Metadata.Api.Types;

namespace HasuraMigrations.Engine.Metadata.Api;

/// <summary>Puts together the root fields of sources: their tables, functions and native queries, inside a field of their own where the source has a namespace.</summary>
internal sealed class RootAssembly(RoleSchema schema, bool isBackend)
{
    /// <summary>Adds the fields of all sources.</summary>
    internal void Add()
    {
        var isRelay = schema.Model.Features.Settings.IsRelay;
        foreach (var group in schema.Model.Sources)
        {
            var (queries, mutations, subscriptions) = (new List<ApiField>(), new List<ApiField>(), new List<ApiField>());
            foreach (var view in schema.Views.OfType<TableView>().Where(v => ReferenceEquals(v.Table.Source, group)))
            {
                var roots = view.Roots;
                if (!isRelay)
                {
                    Add(view, roots.Queries, queries);
                    Add(view, roots.Subscriptions, subscriptions);
                }
                else if (RelayTypes.Has(view))
                {
                    queries.Add(RelayTypes.Root(view));
                    subscriptions.Add(queries[^1]);
                }

                foreach (var (field, isBackendOnly) in roots.Mutations)
                {
                    if (isBackend || !isBackendOnly)
                    {
                        mutations.Add(field);
                    }
                }
            }

            if (!isRelay)
            {
                AddFunctions(group, queries, mutations, subscriptions);
                AddNativeQueries(group, queries, subscriptions);
            }

            Place(group, schema.Queries, queries, "query");
            Place(group, schema.Mutations, mutations, isBackend ? "mutation_backend" : "mutation_frontend");
            Place(group, schema.Subscriptions, subscriptions, "subscription");
        }
    }

    private void Add(TableView view, List<ApiField> fields, List<ApiField> to)
    {
        foreach (var field in fields)
        {
            to.Add(schema.Texts.Root(view, field));
        }
    }

    /// <summary>Fields of a root in the order of a server. A name that two of them have fails the schema of a server.</summary>
    internal static ApiField[] Sorted(RoleSchema schema, string root, List<ApiField> fields)
    {
        var sorted = ApiSort.Sorted(fields);
        for (var i = 1; i < sorted.Length; i++)
        {
            if (sorted[i - 1].Name == sorted[i].Name)
            {
                schema.Faults.Add(new ApiFault($"The field {sorted[i].Name} of {root} is defined more than once.", IsClash: true));
            }
        }

        return sorted;
    }

    private void AddFunctions(ApiSource source, List<ApiField> queries, List<ApiField> mutations, List<ApiField> subscriptions)
    {
        foreach (var function in schema.Model.Functions.Where(f => ReferenceEquals(f.Table.Source, source)))
        {
            if (schema.Permissions[function.Table.Index].Select is not { } select || !schema.Rights.Functions.Contains(function))
            {
                continue;
            }

            var hasColumns = select.Columns.Length > 0;
            var field = function.Field(hasColumns);
            if (function.IsMutation)
            {
                mutations.Add(field);
                continue;
            }

            List<ApiField> fields = select.HasAggregates ? [field, function.Aggregate(hasColumns)] : [field];
            queries.AddRange(fields);
            subscriptions.AddRange(fields);
        }
    }

    private void AddNativeQueries(ApiSource source, List<ApiField> queries, List<ApiField> subscriptions)
    {
        foreach (var (query, permitted) in schema.Rights.NativeQueries.Where(q => ReferenceEquals(q.Query.Model.Source, source)))
        {
            schema.Add(query.Row(permitted, new NativeLinks(schema).Of(query)));
            queries.Add(query.Root);
            subscriptions.Add(query.Root);
        }
    }

    private void Place(ApiSource source, List<ApiField> root, List<ApiField> fields, string words)
    {
        if (source.Naming.Namespace is not { } space || fields.Count == 0)
        {
            root.AddRange(fields);
            return;
        }

        var type = new ApiType(ApiTypeKind.Object, source.Naming.Customized($"{space}_{words}"), null);
        schema.Add(type with { Fields = Sorted(schema, type.Name, fields) });
        root.Add(new ApiField(space, new ApiTypeRef(type.Name)));
    }
}
