using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Catalog;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Metadata.Shapes;

namespace HasuraMigrations.Engine.Metadata.Schema;

/// <summary>The function of a computed field takes a row of the table and gives a value or rows of a tracked table.</summary>
internal static class ComputedFieldRules
{
    /// <summary>The field.</summary>
    /// <exception cref="RuleException">It cannot be built.</exception>
    internal static ComputedFieldInfo Read(MetadataEra era, SchemaCache cache, TableInfo table, JsonObject entry)
    {
        var (name, definition) = (entry["name"].AsText() ?? "", entry["definition"]);
        var functionName = QualifiedName.Read(definition.Get("function")) ?? default;
        var function = FunctionRules.Find(era, table.Catalog, functionName);
        // Servers report all causes in one reason, in the order of the checks (Hasura 1.3.3 and 2.48).
        var causes = new List<string>();
        if (!GraphQLText.IsName(name))
        {
            causes.Add(era.IsVersion1 ? $"\"{name}\" is not valid GraphQL name" : $"{name} is not valid GraphQL name");
        }

        if (function.Volatility == 'v')
        {
            causes.Add($"the function \"{functionName.InMessage()}\" is of type VOLATILE; cannot be added as a computed field");
        }

        var returned = Returned(cache, table, functionName, function, causes);
        CheckArguments(table, definition, functionName, function, causes);
        return causes.Count == 0
            ? new ComputedFieldInfo(name, functionName, returned, returned is null ? function.Returns.Name : null)
            : throw new RuleException(MessageNames.Because($"the computed field \"{name}\" cannot be added to table \"{table.Name.InMessage()}\"", causes));
    }

    private static QualifiedName? Returned(SchemaCache cache, TableInfo table, QualifiedName functionName, CatalogFunction function, List<string> causes)
    {
        var returns = new QualifiedName(function.Returns.Schema, function.Returns.Name);
        // A row type counts as its table with or without SETOF, although the text says "set of" (Hasura 2.48).
        if (table.Catalog.FindTable(returns.Schema, returns.Name) is not null)
        {
            if (cache.FindTable(table.Source, returns) is null)
            {
                causes.Add($"the function \"{functionName.InMessage()}\" returning set of table \"{returns.InMessage()}\" is not tracked or not found in database");
            }

            return returns;
        }

        // Base type is pg_type.typtype = 'b', so domains, enums and other composite types fail (PostgreSQL manual, pg_type). So do types
        // that servers do not know, such as inet and arrays (Hasura 2.48).
        if (function.ReturnKind != 'b' || !PostgresScalar.Of(returns.Name).IsKnown)
        {
            causes.Add($"the function \"{functionName.InMessage()}\" returning type {TypeNames.InMessage(returns.Name)} is not a BASE type");
        }

        return null;
    }

    private static void CheckArguments(TableInfo table, JsonNode? definition, QualifiedName name, CatalogFunction function, List<string> causes)
    {
        if (function.Arguments.Count == 0)
        {
            causes.Add($"the function \"{name.InMessage()}\" has no input arguments");
            return;
        }

        var named = definition.Get("table_argument").AsText();
        var tableArgument = named is null ? function.Arguments[0] : function.Arguments.FirstOrDefault(a => a.Name == named);
        // Servers look for no more causes after this one (Hasura 2.48).
        if (tableArgument is null)
        {
            causes.Add($"\"{named}\" is not an input argument of the function \"{name.InMessage()}\"");
            return;
        }

        var which = named is null ? "first argument" : $"\"{named}\" argument";
        if (tableArgument.TypeKind != 'c')
        {
            causes.Add($"{which} of the function \"{name.InMessage()}\" is not COMPOSITE type");
        }

        if (new QualifiedName(tableArgument.TypeSchema, tableArgument.Type) != table.Name)
        {
            causes.Add($"{which} of the function \"{name.InMessage()}\" of type \"{new QualifiedName(tableArgument.TypeSchema, tableArgument.Type).InMessage()}\" is not the table to which the computed field is being added");
        }

        if (definition.Get("session_argument").AsText() is not { } session)
        {
            return;
        }

        if (function.Arguments.FirstOrDefault(a => a.Name == session) is not { } sessionArgument)
        {
            causes.Add($"\"{session}\" is not an input argument of the function \"{name.InMessage()}\"");
        }
        else if (sessionArgument.Type is not ("json" or "jsonb"))
        {
            // Computed fields take json and jsonb here, tracked functions only json (Hasura 2.48).
            causes.Add($"\"{session}\" argument of the function \"{name.InMessage()}\" is not of type JSON");
        }
    }
}
