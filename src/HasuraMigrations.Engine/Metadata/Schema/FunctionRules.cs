using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Catalog;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Metadata.Shapes;

namespace HasuraMigrations.Engine.Metadata.Schema;

/// <summary>A tracked function is there once, and returns rows of a tracked table.</summary>
internal sealed class FunctionRules(MetadataEra era, SchemaCache cache, string source, DatabaseCatalog catalog)
{
    // By name alone, in whatever schema (Hasura 2.48).
    private static readonly HashSet<string> OfPgcrypto =
        ["armor", "crypt", "dearmor", "decrypt", "decrypt_iv", "digest", "encrypt", "encrypt_iv", "gen_random_bytes", "gen_random_uuid", "gen_salt", "hmac"];

    /// <summary>Functions that a server does not see.</summary>
    internal static bool IsHidden(MetadataEra era, QualifiedName name) =>
        TableRules.IsHidden(name.Schema)
        || (era.IsVersion1 ? name.Schema == "hdb_views" : OfPgcrypto.Contains(name.Name) || name.Name.StartsWith("pgp_", StringComparison.Ordinal));

    /// <summary>Looks at the functions of a source.</summary>
    internal void Build(JsonObject node)
    {
        foreach (var (name, entry) in MetadataTree.FunctionsOf(node))
        {
            var item = new NamedObject(ObjectId.OfFunction(source, name), "function", $"{name.InMessage()} in source {source}", () => name.Written());
            try
            {
                var function = Find(era, catalog, name);
                Check(name, function, entry["configuration"]);
                var returns = new QualifiedName(function.Returns.Schema, function.Returns.Name);
                cache.Functions[(source, name)] = returns;
                if (function.Volatility == 'v')
                {
                    cache.VolatileFunctions.Add((source, name));
                }

                // Whether the table is tracked is left to the dependency check, with its reason (Hasura 1.3.3 and 2.48).
                cache.Keep(item, [new Need(ObjectId.OfTable(source, returns))]);
            }
            catch (RuleException e)
            {
                cache.Inconsistencies.Add(item.Id, item.Type, item.Name, item.Definition, $"in function \"{name.InMessage()}\": {e.Message}");
            }
        }
    }

    /// <summary>Looks at the permissions of a source's functions.</summary>
    internal static void BuildPermissions(MetadataEra era, SchemaCache cache, string source, JsonObject node)
    {
        foreach (var (name, entry) in MetadataTree.FunctionsOf(node).Where(f => cache.Functions.ContainsKey((source, f.Name))))
        {
            foreach (var role in entry["permissions"].AsObjects().Select(p => p["role"].AsText()).OfType<string>())
            {
                var item = new NamedObject(new ObjectId(ObjectKind.FunctionPermission, source, name, "", role), "function_permission", $"{role} permission for function {name.InMessage()} in source {source}", () => new JsonObject { ["function"] = name.Written(), ["source"] = source, ["role"] = role });
                // A role that cannot select from the returned table cannot call the function (Hasura 2.0, function permissions).
                cache.Keep(item, [new Need(ObjectId.OfFunction(source, name)), .. cache.Functions[(source, name)] is { } table && !era.IsVersion1 ? [new Need(new ObjectId(ObjectKind.Permission, source, table, "select", role))] : Array.Empty<Need>()]);
            }
        }
    }

    /// <summary>The one function of a name.</summary>
    /// <exception cref="RuleException">There is none, or several.</exception>
    internal static CatalogFunction Find(MetadataEra era, DatabaseCatalog catalog, QualifiedName name)
    {
        var found = IsHidden(era, name) ? [] : catalog.FindFunctions(name.Schema, name.Name).ToList();
        return found.Count switch
        {
            1 => found[0],
            0 => throw new RuleException(era.IsVersion1 ? $"no such function exists in postgres : \"{name.InMessage()}\"" : $"no such function exists{era.Colon}\"{name.InMessage()}\""),
            _ => throw new RuleException($"function \"{name.InMessage()}\" is overloaded. Overloaded functions are not supported"),
        };
    }

    private void Check(QualifiedName name, CatalogFunction function, JsonNode? configuration)
    {
        var causes = new List<string>();
        if (!GraphQLText.IsName(name.InGraphQL))
        {
            causes.Add("function name is not a legal GraphQL identifier");
        }

        if (function.IsVariadic)
        {
            causes.Add("function with \"VARIADIC\" parameters are not supported");
        }

        CheckReturn(function, causes);
        CheckVolatility(function, configuration, causes);
        var bad = function.Arguments.Select(a => a.Name).Where(n => n.Length > 0 && !GraphQLText.IsName(n)).ToList();
        if (bad.Count > 0)
        {
            causes.Add($"the function arguments {string.Join(",", bad)} are not in compliance with GraphQL spec");
        }

        if (configuration.Get("session_argument").AsText() is { } session)
        {
            if (function.Arguments.FirstOrDefault(a => a.Name == session) is not { } argument)
            {
                causes.Add($"given session argument \"{session}\" not the input argument of the function");
            }
            else if (argument.Type != "json")
            {
                // Only json; the function of a computed field may take jsonb (Hasura 1.3.3 and 2.48).
                causes.Add($"given session argument \"{session}\" is not of type json");
            }
        }

        if (causes.Count > 0)
        {
            throw new RuleException(MessageNames.Because($"the function \"{name.InMessage()}\" cannot be tracked", causes));
        }
    }

    private void CheckReturn(CatalogFunction function, List<string> causes)
    {
        if (function.ReturnKind != 'c')
        {
            causes.Add("the function does not return a \"COMPOSITE\" type");
        }

        // Since 2.0 a function may return a single row (Hasura 1.3.3 and 2.48).
        if (era.IsVersion1 && !function.ReturnsSet)
        {
            causes.Add("the function does not return a SETOF");
        }

        // A composite type need not be the row type of a table (PostgreSQL manual, CREATE TYPE).
        if (catalog.FindTable(function.Returns.Schema, function.Returns.Name) is null)
        {
            causes.Add(era.IsVersion1 ? "the function does not return a SETOF table" : "the function does not return a table");
        }
    }

    private void CheckVolatility(CatalogFunction function, JsonNode? configuration, List<string> causes)
    {
        // Servers 1.x have functions in queries only; since 2.0 functions can be mutations (Hasura 1.3.3 and 2.0).
        if (era.IsVersion1 && function.Volatility == 'v')
        {
            causes.Add("function of type \"VOLATILE\" is not supported now");
        }

        // The reverse is valid: a VOLATILE function may be exposed as a query (Hasura 2.48).
        if (!era.IsVersion1 && configuration.Get("exposed_as").AsText() == "mutation" && function.Volatility != 'v')
        {
            causes.Add("the function was requested to be exposed as a mutation, but is not marked VOLATILE. Maybe the function was given the wrong volatility when it was defined?");
        }
    }
}
