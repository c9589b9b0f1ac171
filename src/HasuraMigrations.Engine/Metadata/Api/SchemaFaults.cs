using HasuraMigrations.Engine.Metadata.Api.Types;

namespace HasuraMigrations.Engine.Metadata.Api;

/// <summary>Why a server could not build the schema of a role, as far as it shows once all types are there: definitions that differ, and names that GraphQL does not have.</summary>
internal static class SchemaFaults
{
    /// <summary>Adds what there is.</summary>
    /// <param name="schema">The schema.</param>
    /// <param name="walk">What its roots lead to: nothing else is built.</param>
    internal static void Add(RoleSchema schema, SchemaWalk walk)
    {
        var (model, types) = (schema.Model, schema.Model.Types);
        var clashes = types.Clashes.Where(walk.IsReached)
            .Concat(types.Nodes.Where(n => walk.IsReached(n.Id) && schema.FindOwn(n.Id) is { } own && !ApiSame.Are(own, n.Type)).Select(n => n.Id))
            // A column whose scalar has the name of something else.
            .Concat(types.Scalars.Where(s => walk.IsReached(s.Key) && (schema.FindOwn(s.Value) ?? types.FindNode(s.Value)?.Type) is { Kind: not ApiTypeKind.Scalar }).Select(s => s.Value));
        foreach (var name in clashes.Distinct().Select(model.Index.NameOf).Order(StringComparer.Ordinal))
        {
            schema.AddClash(name);
        }

        var unnamed = model.UnnamedTypes().Where(walk.IsReached).Select(model.Index.NameOf).Order(StringComparer.Ordinal).ToList();
        // Most are named after another one.
        foreach (var name in unnamed.Where(n => !unnamed.Exists(o => o.Length < n.Length && n.StartsWith(o, StringComparison.Ordinal))))
        {
            schema.Faults.Add(new ApiFault($"The type '{name}' has no name in GraphQL.", IsClash: false));
        }

        foreach (var (table, key) in model.UnnamedKeys)
        {
            if (schema.Views[table.Index] is { Permissions.Insert: not null, HasConflict: true })
            {
                schema.Faults.Add(new ApiFault($"The unique index '{key}' of the table '{table.Title}' has no name in GraphQL, where it is a value of {table.Names.Constraint}.", IsClash: false));
            }
        }
    }
}
