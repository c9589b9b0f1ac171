using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Metadata.Schema;
using HasuraMigrations.Engine.Metadata.Shapes;

namespace HasuraMigrations.Engine.Metadata.Commands;

/// <summary>Commands on query collections, the allow list and REST endpoints.</summary>
internal static class CollectionCommands
{
    private static readonly string[] Methods = ["GET", "POST", "PUT", "DELETE", "PATCH"];

    /// <summary>Creates a query collection.</summary>
    internal static void Create(CommandContext context, CommandArguments args)
    {
        var name = args.Text("name");
        var queries = args.Of("definition").List("queries");
        var doubles = queries.AsObjects().Select(q => q["name"].AsText()).GroupBy(n => n).Where(g => g.Count() > 1).Select(g => $"\"{g.Key}\"").ToList();
        if (doubles.Count > 0)
        {
            throw new MetadataCommandException("not-supported", $"found duplicate query names {string.Join(", ", doubles)}", "$.definition");
        }

        foreach (var (query, index) in queries.Select((query, index) => (query.Get("query").AsText(), index)).Where(q => q.Item1 is not null))
        {
            RequireQuery(query!, $"$.definition.queries[{index}].query");
        }

        RequireFree(context, name);
        context.Root.ListAt("query_collections").Add(KnownKeys.OfDocument(args.Copy("name", "definition", "comment"), "query_collections"));
    }

    /// <summary>Renames a query collection wherever it is named.</summary>
    internal static void Rename(CommandContext context, CommandArguments args)
    {
        var (name, newName) = (args.Text("name"), args.Text("new_name"));
        var entry = Find(context, name);
        RequireFree(context, newName);
        entry["name"] = newName;
        if (context.Root.EntryAt("allowlist", "collection", name) is { } allowed)
        {
            allowed["collection"] = newName;
        }

        foreach (var query in context.Root["rest_endpoints"].AsObjects().Select(e => e["definition"].Get("query")).OfType<JsonObject>().Where(q => q["collection_name"].AsText() == name))
        {
            query["collection_name"] = newName;
        }
    }

    /// <summary>Drops a query collection.</summary>
    internal static void Drop(CommandContext context, CommandArguments args)
    {
        var (name, cascade) = (args.Text("collection"), args.NeededFlag("cascade"));
        var entry = Find(context, name);
        if (context.Root.EntryAt("allowlist", "collection", name) is { } allowed)
        {
            if (!cascade)
            {
                throw new MetadataCommandException("dependency-error", context.Era.IsVersion1
                    ? $"query collection with name \"{name}\" is present in allowlist; cannot proceed to drop"
                    : $"query collection with name \"{name}\" is present in the allowlist; cannot proceed to drop. please use cascade to confirm you wish to drop it from the allowlist as well");
            }

            allowed.Detach();
        }

        entry.Detach();
    }

    /// <summary>Adds a query to a collection.</summary>
    internal static void AddQuery(CommandContext context, CommandArguments args)
    {
        var (name, queryName, query) = (args.Text("collection_name"), args.Text("query_name"), args.Text("query"));
        RequireQuery(query, "$.query");
        var definition = Find(context, name)["definition"]!.AsObject();
        if (definition.EntryAt("queries", "name", queryName) is not null)
        {
            throw MetadataCommandException.Exists($"query with name \"{queryName}\" already exists in collection \"{name}\"");
        }

        definition.ListAt("queries").Add((JsonNode)new JsonObject { ["name"] = queryName, ["query"] = query });
    }

    /// <summary>Drops a query from a collection.</summary>
    internal static void DropQuery(CommandContext context, CommandArguments args)
    {
        var (name, queryName) = (args.Text("collection_name"), args.Text("query_name"));
        var found = Find(context, name)["definition"].EntryAt("queries", "name", queryName)
            ?? throw new MetadataCommandException("not-found", $"query with name \"{queryName}\" not found in collection \"{name}\"");
        found.Parent!.AsArray().Remove(found);
    }

    /// <summary>Allows the queries of a collection.</summary>
    internal static void Allow(CommandContext context, CommandArguments args)
    {
        var name = args.Text("collection");
        _ = Find(context, name, "$.collection");
        if (context.Root.EntryAt("allowlist", "collection", name) is not null)
        {
            if (context.Era.IsVersion1)
            {
                throw MetadataCommandException.CatalogQuery();
            }

            context.Answer = _ => new JsonObject { ["message"] = $"collection \"{name}\" already exists in the allowlist, scope ignored; to change scope, use update_scope_of_collection_in_allowlist" };
            return;
        }

        context.Root.ListAt("allowlist").Add(KnownKeys.OfDocument(args.Copy("collection", "scope"), "allowlist"));
    }

    /// <summary>Sets for whom the queries of a collection are allowed.</summary>
    internal static void SetScope(CommandContext context, CommandArguments args)
    {
        var name = args.Text("collection");
        _ = args.Object("scope");
        FindAllowed(context, name)["scope"] = KnownKeys.OfDocument(args.Copy("scope"), "allowlist")["scope"]!.DeepClone();
    }

    /// <summary>Allows the queries of a collection no more.</summary>
    internal static void Disallow(CommandContext context, CommandArguments args)
    {
        var name = args.Text("collection");
        if (!context.Era.IsVersion1 || context.Root.EntryAt("allowlist", "collection", name) is not null)
        {
            FindAllowed(context, name).Detach();
        }
    }

    /// <summary>Creates a REST endpoint.</summary>
    internal static void CreateEndpoint(CommandContext context, CommandArguments args)
    {
        var (name, url) = (args.Text("name"), args.Text("url"));
        var query = args.Of("definition").Of("query");
        _ = (query.Text("collection_name"), query.Text("query_name"));
        var methods = args.List("methods");
        if (methods.Count == 0 || methods.Any(m => !Methods.Contains(m.AsText())))
        {
            throw MetadataCommandException.Parse(methods.Count == 0 ? "parsing NonEmpty failed, unexpected empty list" : "endpoint methods are GET, POST, PUT, DELETE and PATCH", "$.methods");
        }

        if (methods.Select(m => m.AsText()).Distinct().Count() < methods.Count)
        {
            throw MetadataCommandException.Parse("a method is listed twice", "$.methods");
        }

        if (url[0] == '/')
        {
            throw MetadataCommandException.Parse("Path must not start with a '/'", "$.url");
        }

        if (context.Root.EntryAt("rest_endpoints", "name", name) is not null)
        {
            throw MetadataCommandException.Exists($"Endpoint with name: {name} already exists");
        }

        context.Root.ListAt("rest_endpoints").Add(KnownKeys.OfDocument(args.Copy("name", "url", "methods", "definition", "comment"), "rest_endpoints"));
        // The first servers of version 2 do not recognise the endpoint among what is inconsistent.
        context.Build(ObjectId.OfGlobal(ObjectKind.RestEndpoint, context.Era.HasSpacedColons ? "" : name));
    }

    /// <summary>Drops a REST endpoint.</summary>
    internal static void DropEndpoint(CommandContext context, CommandArguments args)
    {
        var name = args.Text("name");
        (context.Root.EntryAt("rest_endpoints", "name", name) ?? throw MetadataCommandException.NotExists($"endpoint with name: {name} does not exist")).Detach();
    }

    private static JsonObject Find(CommandContext context, string name, string path = "$") =>
        context.Root.EntryAt("query_collections", "name", name)
        ?? throw MetadataCommandException.NotExists($"query collection with name \"{name}\" {(context.Era.IsVersion1 ? "does not exists" : "does not exist")}", path);

    private static JsonObject FindAllowed(CommandContext context, string name) =>
        context.Root.EntryAt("allowlist", "collection", name) ?? throw new MetadataCommandException("not-found", $"collection \"{name}\" doesn't exist in the allowlist");

    private static void RequireQuery(string text, string path)
    {
        if (GraphQLText.QueryProblem(text) is { } problem)
        {
            throw MetadataCommandException.Parse($"the query {problem}", path);
        }
    }

    private static void RequireFree(CommandContext context, string name)
    {
        if (context.Root.EntryAt("query_collections", "name", name) is not null)
        {
            throw MetadataCommandException.Exists($"query collection with name \"{name}\" already exists");
        }
    }
}
