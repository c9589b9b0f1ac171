using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Metadata.Api.Tables;
using HasuraMigrations.Engine.Metadata.Api.Types;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Metadata.Schema;
using HasuraMigrations.Engine.Metadata.Shapes;

namespace HasuraMigrations.Engine.Metadata.Api;

/// <summary>Something of the metadata that is consistent, and that a GraphQL schema does not have or cannot be built with.</summary>
/// <param name="Id">Id of the finding.</param>
/// <param name="Object">The object; null where it is none.</param>
/// <param name="Message">What it is, as a sentence.</param>
/// <param name="Action">What to do, as a sentence.</param>
internal sealed record ApiLintEntry(string Id, ObjectId? Object, string Message, string Action);

/// <summary>
/// Looks for names that GraphQL does not have, for types and root fields that are defined in two ways, and for roles that can do nothing.
/// What is inconsistent is told elsewhere.
/// </summary>
internal static class ApiLint
{
    private const string Rename = "Rename it in the database.";

    /// <summary>What there is.</summary>
    /// <param name="state">The document and its databases.</param>
    /// <param name="builder">The schemas of its roles.</param>
    internal static IEnumerable<ApiLintEntry> Find(MetadataState state, ApiSchemaBuilder builder) =>
        // Servers that cannot build their schema at all say so.
        state.Cache.HardError is not null ? []
        : [.. state.Cache.Tables.Values.SelectMany(t => Names(t, state.Era.IsVersion1)), .. Roles(state, builder)];

    private static IEnumerable<ApiLintEntry> Names(TableInfo table, bool isVersion1)
    {
        var (id, title) = (ObjectId.OfTable(table.Source, table.Name), table.Name.InMessage());
        // Its keys are named after it, mostly.
        var isNamed = table.Node["configuration"].Get("custom_name").AsText() is not null || GraphQLText.IsName(table.Name.InGraphQL);
        if (!isNamed)
        {
            yield return Entry(id, $"The table '{title}' has no name in GraphQL, so it has no field in any schema, and a relationship to it cannot be built.", "Give it a custom_name in its configuration.");
        }

        foreach (var column in table.Facts.Columns)
        {
            if (!GraphQLText.IsName(table.CustomNames.GetValueOrDefault(column.Name, column.Name)))
            {
                // Servers of version 1 leave out the column alone (Hasura 2.48, GraphQL names).
                yield return Entry(id, $"The column '{column.Name}' of the table '{title}' has no name in GraphQL, so {(isVersion1 ? "it" : "the whole table")} is in no schema.", "Give it a custom_name in column_config of the table.");
            }
            else if (!GraphQLText.IsName(column.Type.Replace("[]", "", StringComparison.Ordinal)))
            {
                yield return Entry(id, $"The type '{column.Type}' of the column '{column.Name}' of the table '{title}' has no name in GraphQL, so servers cannot build the schema with it.", Rename);
            }
        }

        foreach (var key in isNamed && table.Facts.IsInsertable && !isVersion1 ? table.Facts.UniqueKeys.Concat(table.Facts.PrimaryKey is { } primary ? [primary] : []).Where(k => !GraphQLText.IsName(k.Name)) : [])
        {
            yield return Entry(id, $"The unique index '{key.Name}' of the table '{title}' has no name in GraphQL, where it is a value of on_conflict, so servers cannot build the schema of a role that inserts rows, such as admin.", Rename);
        }

        foreach (var field in table.Fields.Values.Where(f => f is RelationshipField or NativeQueryField && !GraphQLText.IsName(f.Name)))
        {
            yield return Entry(new ObjectId(ObjectKind.Relationship, table.Source, table.Name, field.Name), $"The relationship '{field.Name}' of the table '{title}' has no name in GraphQL, so it is in no schema.", "Rename it in the metadata.");
        }
    }

    private static IEnumerable<ApiLintEntry> Roles(MetadataState state, ApiSchemaBuilder builder)
    {
        var faults = new List<(string Fault, string Role)>();
        var broken = state.Cache.Inconsistencies.Found.Select(i => ObjectNames.RoleOf(i.Id)).OfType<string>().ToHashSet(StringComparer.Ordinal);
        foreach (var (role, schema) in builder.Roles.Zip(builder.Build(builder.Roles)))
        {
            // Names that GraphQL does not have are told of the tables.
            faults.AddRange(schema.Faults.Where(f => f.IsClash).Select(f => f.Message).Distinct(StringComparer.Ordinal).Select(f => (f, role)));
            // What is inconsistent, or not known, may be all that it had.
            if (role != RolePermissions.Admin && schema.Holes.Count == 0 && !broken.Contains(role) && IsEmpty(schema) && IsEmpty(builder.Build(role, isBackend: true)))
            {
                yield return new ApiLintEntry("RoleWithoutApi", PlaceOf(state, role), $"The role '{role}' has permissions or parents, and no field in its schema: it can do nothing.", "Give it permissions, or remove the role.");
            }
        }

        foreach (var fault in faults.ToLookup(f => f.Fault, f => f.Role))
        {
            var roles = fault.ToList();
            yield return new ApiLintEntry("ApiNameClash", null, $"{fault.Key} Servers with default settings cannot build the schema of {(roles.Count == 1 ? $"the role '{roles[0]}'" : $"the roles '{string.Join("', '", roles)}'")}.", "Give one of both another name in the metadata. If a setting of the server hides it, ignore this.");
        }
    }

    // A permission, or the role that inherits.
    private static ObjectId? PlaceOf(MetadataState state, string role) =>
        state.Cache.Objects.Keys.Where(o => ObjectNames.RoleOf(o) == role || (o.Kind == ObjectKind.InheritedRole && o.Name == role)).Select(o => (ObjectId?)o).FirstOrDefault();

    private static bool IsEmpty(ApiSchema schema) => schema is { MutationType: null, SubscriptionType: null } && schema.Find(schema.QueryType) is { Fields: [{ Name: ApiSchemaBuilder.NoQueriesField }] };

    private static ApiLintEntry Entry(ObjectId id, string message, string action) => new("NameNotInGraphQL", id, message, action);
}
