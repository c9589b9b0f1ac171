using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Metadata.Api.Tables;
using HasuraMigrations.Engine.Metadata.Api.Types;

namespace HasuraMigrations.Engine.Metadata.Api;

/// <summary>Remote schemas: what is in them can only be told where somebody gives it.</summary>
internal static class RemoteSchemas
{
    /// <summary>Adds the fields and types of the remote schemas that a role sees; those that nobody knows are holes.</summary>
    internal static void Add(RoleSchema schema)
    {
        foreach (var (name, entry, isRestricted, remote) in schema.Rights.RemoteSchemas)
        {
            if (remote is not null)
            {
                var names = new RemoteNames(entry["definition"].Get("customization"));
                if (Add(schema, names, remote))
                {
                    AddFields(schema, name, new RemoteFieldTypes(remote, names), isRestricted);
                }
            }
            else if (!isRestricted)
            {
                AddMissing(schema, name);
                schema.Holes.Add(new ApiHole(ApiHoleKind.RemoteSchema, name, $"The schema of the remote schema {name} is not known, so its fields and types are missing.") { Fields = HoleFields.OfRemoteSchema(schema.Model.Root, name) });
            }
        }
    }

    private static void AddMissing(RoleSchema schema, string name)
    {
        if (!schema.Model.RemoteFields.Contains(name))
        {
            return;
        }

        var fields = schema.Views.OfType<TableView>().Where(v => v.Permissions.Select is not null).SelectMany(v => v.Table.RemoteFields.Where(f => f.Schema == name).Select(f => $"{v.Names.Row}.{f.Name}")).Order(StringComparer.Ordinal).ToList();
        if (fields.Count > 0)
        {
            schema.Holes.Add(new ApiHole(ApiHoleKind.RemoteField, name, $"The schema of the remote schema {name} is not known, so {(fields.Count == 1 ? "a field that leads to it is" : "fields that lead to it are")} missing: {string.Join(", ", fields)}.") { Fields = HoleFields.OfRemoteSchema(schema.Model.Root, name) });
        }
    }

    // What such a field takes and returns follows from the remote schema and from what the relationship gives.
    private static void AddFields(RoleSchema schema, string name, RemoteFieldTypes types, bool isRestricted)
    {
        if (!schema.Model.RemoteFields.Contains(name))
        {
            return;
        }

        foreach (var view in schema.Views.OfType<TableView>().Where(v => v.Permissions.Select is not null))
        {
            var fields = new List<ApiField>();
            foreach (var field in view.Table.RemoteFields.Where(f => f.Schema == name))
            {
                var more = new List<ApiType>();
                if (types.Make(view.Table, field, isRestricted, more, out var unknown) is { } made)
                {
                    fields.Add(made);
                    more.ForEach(schema.Add);
                }
                else if (unknown is not null)
                {
                    schema.Holes.Add(new ApiHole(ApiHoleKind.RemoteField, name, $"The field {view.Names.Row}.{field.Name}, which leads to the remote schema {name}, is missing: {unknown}.") { Fields = new HashSet<string>(StringComparer.Ordinal) { field.Name } });
                }
            }

            if (fields.Count > 0)
            {
                var row = schema.Find(view.Names.Row)!;
                schema.Replace(row with { Fields = ApiSort.Sorted([.. row.Fields, .. fields]) });
            }
        }
    }

    // False where servers leave it out.
    private static bool Add(RoleSchema schema, RemoteNames names, ApiSchema remote)
    {
        names.Read(remote);
        var roots = new[] { (remote.QueryType, schema.Queries), (remote.MutationType, schema.Mutations), (remote.SubscriptionType, schema.Subscriptions) };
        var added = roots.Where(r => r.Item1 is not null).Select(r => (Fields: names.RootFields(remote, r.Item1!), To: r.Item2)).ToList();
        var types = remote.Types.Where(t => !t.IsIntrospection && (names.HasNamespace || roots.All(r => r.Item1 != t.Name))).Select(names.Renamed).ToList();
        // Servers leave out a remote schema whose names are there already (Hasura 2.48).
        if (added.Exists(a => a.Fields.Any(f => a.To.Exists(k => k.Name == f.Name)))
            || types.Exists(t => t.Kind != ApiTypeKind.Scalar && schema.Find(t.Name) is { } known && !ApiSame.Are(known, t)))
        {
            return false;
        }

        added.ForEach(a => a.To.AddRange(a.Fields));
        types.ForEach(schema.Add);
        return true;
    }
}
