using GraphQLParser.AST;
using HasuraMigrations.Engine.Metadata.Api;
using HasuraMigrations.Engine.Metadata.Api.Types;
using HasuraMigrations.Engine.Metadata.Operations;
using HasuraMigrations.Engine.Metadata.Schema;

namespace HasuraMigrations.Engine.Impacts;

/// <summary>
/// What the queries of collections select, filter by and write, as dependencies. Names are those of the schema of admin, which has all of them; what
/// a value of a variable will name is not known.
/// </summary>
internal sealed class StoredQueryUses
{
    private readonly ApiSchema _schema;
    private readonly ApiOwners _owners;
    private readonly HashSet<Dependency> _found = [];

    private StoredQueryUses(ApiSchema schema, ApiOwners owners) => (_schema, _owners) = (schema, owners);

    /// <summary>Reads them.</summary>
    /// <param name="state">The document and its databases.</param>
    internal static IReadOnlyCollection<Dependency> Read(MetadataState state)
    {
        var queries = StoredOperations.Read(state.Readable).Where(o => o.IsReadable).ToList();
        if (queries.Count == 0 || state.Cache.HardError is not null)
        {
            return [];
        }

        var builder = new ApiSchemaBuilder(state, new ApiSettings { Era = state.Era });
        var uses = new StoredQueryUses(builder.Build(RoleAccess.Admin), builder.OwnersOf(RoleAccess.Admin));
        foreach (var query in queries)
        {
            var id = ObjectId.OfGlobal(ObjectKind.CollectionQuery, query.Source.Collection ?? "", query.Source.Key ?? "");
            new Walk(uses, id, query).Read();
        }

        return uses._found;
    }

    private void Add(ObjectId query, string path)
    {
        if (_owners.Of(path) is { } owner)
        {
            _found.Add(new Dependency(query, owner.Member ?? owner.Id, DependencyKind.Query, null));
        }
    }

    private sealed class Walk(StoredQueryUses uses, ObjectId id, Operation query)
    {
        private readonly HashSet<string> _open = new(StringComparer.Ordinal);

        internal void Read()
        {
            var root = query.Kind switch
            {
                HasuraOperationKind.Mutation => uses._schema.MutationType,
                HasuraOperationKind.Subscription => uses._schema.SubscriptionType,
                _ => uses._schema.QueryType,
            };
            if (root is not null)
            {
                Select(query.Definition!.SelectionSet, root);
            }
        }

        private void Select(GraphQLSelectionSet? set, string type)
        {
            foreach (var selection in set?.Selections ?? [])
            {
                switch (selection)
                {
                    case GraphQLField field:
                        Select(field, type);
                        break;
                    case GraphQLInlineFragment inline:
                        Select(inline.SelectionSet, inline.TypeCondition?.Type.Name.StringValue ?? type);
                        break;
                    case GraphQLFragmentSpread spread when Fragment(spread) is { } fragment && _open.Add(fragment.FragmentName.Name.StringValue):
                        Select(fragment.SelectionSet, fragment.TypeCondition.Type.Name.StringValue);
                        _open.Remove(fragment.FragmentName.Name.StringValue);
                        break;
                }
            }
        }

        private void Select(GraphQLField field, string type)
        {
            var path = $"{type}.{field.Name.StringValue}";
            if (uses._schema.Find(type)?.Fields.FirstOrDefault(f => f.Name == field.Name.StringValue) is not { } found)
            {
                return;
            }

            uses.Add(id, path);
            foreach (var argument in field.Arguments?.Items ?? [])
            {
                uses.Add(id, $"{path}({argument.Name.StringValue})");
                if (found.Arguments.FirstOrDefault(a => a.Name == argument.Name.StringValue) is { } known)
                {
                    Read(argument.Value, known.Type.Name);
                }
            }

            Select(field.SelectionSet, found.Type.Name);
        }

        private void Read(GraphQLValue value, string type)
        {
            switch (value)
            {
                case GraphQLListValue list:
                    list.Values?.ForEach(v => Read(v, type));
                    break;
                case GraphQLEnumValue one:
                    uses.Add(id, $"{type}.{one.Name.StringValue}");
                    break;
                case GraphQLObjectValue map:
                    foreach (var field in map.Fields ?? [])
                    {
                        uses.Add(id, $"{type}.{field.Name.StringValue}");
                        if (uses._schema.Find(type)?.InputFields.FirstOrDefault(f => f.Name == field.Name.StringValue) is { } known)
                        {
                            Read(field.Value, known.Type.Name);
                        }
                    }

                    break;
            }
        }

        private GraphQLFragmentDefinition? Fragment(GraphQLFragmentSpread spread) =>
            query.Document!.Definitions.OfType<GraphQLFragmentDefinition>().FirstOrDefault(f => f.FragmentName.Name.Value == spread.FragmentName.Name.Value);
    }
}
