using GraphQL.Validation;
using GraphQL.Validation.Errors;
using GraphQLParser.AST;
using HasuraMigrations.Engine.Metadata.Api.Types;

namespace HasuraMigrations.Engine.Metadata.Operations;

/// <summary>What the parts of a schema that are not known may have.</summary>
/// <param name="schema">The schema.</param>
/// <param name="claimed">Root fields that are known not to come from them, because another role has them from elsewhere.</param>
internal sealed class OperationHoles(ApiSchema schema, IReadOnlySet<string> claimed)
{
    /// <summary>The same problem, with the holes that may explain it.</summary>
    /// <param name="problem">The problem.</param>
    /// <param name="operation">The operation.</param>
    /// <param name="error">The error of the library; null where the schema has no root for the operation.</param>
    internal OperationProblem Explain(OperationProblem problem, Operation operation, ValidationError? error) => Explain(problem, h => MayExplain(h, operation, error));

    /// <summary>The same problem with the type of a variable, which may be that of an enum table.</summary>
    internal OperationProblem ExplainVariable(OperationProblem problem) => Explain(problem, h => h.Kind == ApiHoleKind.EnumTable);

    private OperationProblem Explain(OperationProblem problem, Func<ApiHole, bool> mayExplain)
    {
        if (schema.Holes.Count == 0 || problem.IsTolerated)
        {
            return problem;
        }

        var holes = schema.Holes.Where(mayExplain).Select(h => h.Name).Distinct(StringComparer.Ordinal).ToList();
        return holes.Count == 0 ? problem : problem with { Hole = string.Join(", ", holes) };
    }

    private bool MayExplain(ApiHole hole, Operation operation, ValidationError? error) => error switch
    {
        null => hole.Kind != ApiHoleKind.EnumTable && SelectionWalk.RootFields(operation.Document!, operation.Definition!).Any(f => !claimed.Contains(f.Name.StringValue)),
        // Its values, and the type of the columns that refer to it.
        _ when hole.Kind == ApiHoleKind.EnumTable => error is ArgumentsOfCorrectTypeError or DefaultValuesOfCorrectTypeError or KnownTypeNamesError,
        KnownTypeNamesError => true,
        FieldsOnCorrectTypeError => error.Nodes.OfType<GraphQLField>().Any(f => hole.Fields.Contains(f.Name.StringValue) || (!claimed.Contains(f.Name.StringValue) && SelectionWalk.RootFields(operation.Document!, operation.Definition!).Contains(f))),
        _ => false,
    };
}
