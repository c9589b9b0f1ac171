using HasuraMigrations.Engine.Catalog;
using HasuraMigrations.Engine.Metadata.Api.Types;
using HasuraMigrations.Engine.Metadata.Schema;

namespace HasuraMigrations.Engine.Metadata.Api.Tables;

/// <summary>The arguments of a function that a request gives.</summary>
internal static class FunctionArguments
{
    /// <summary>The arguments as fields of an input type, and whether one has to be given.</summary>
    /// <param name="naming">The names of the source.</param>
    /// <param name="function">The function.</param>
    /// <param name="texts">How functions of its database are called.</param>
    /// <param name="isGiven">True for an argument that the server gives: by its index, and by its name.</param>
    internal static (ApiInputValue[] Fields, bool IsRequired) Read(ApiNaming naming, CatalogFunction function, CatalogTexts texts, Func<int, CatalogArgument, bool> isGiven)
    {
        var (inputs, defaults) = texts.Calls.GetValueOrDefault(function.Oid, (function.Arguments.Count, 0));
        var (fields, isRequired, unnamed) = (new List<ApiInputValue>(), false, 0);
        foreach (var (argument, i) in function.Arguments.Take(inputs).Select((a, i) => (a, i)))
        {
            if (isGiven(i, argument))
            {
                continue;
            }

            // A field may be left out even where its argument has no default (Hasura 2.48).
            var name = argument.Name.Length > 0 ? argument.Name : $"arg_{++unnamed}";
            fields.Add(new ApiInputValue(naming.IsGraphQLThroughout ? naming.Word(name) : name, new ApiTypeRef(ComparisonTypes.ScalarName(naming, Scalar(argument)))));
            isRequired |= i < inputs - defaults;
        }

        return (ApiSort.Sorted(fields), isRequired);
    }

    // Arrays are no lists here (Hasura 2.48).
    private static string Scalar(CatalogArgument argument) => argument.TypeKind == 'c' ? $"{argument.Type}_scalar" : PostgresScalar.Of(argument.Type).Name;
}
