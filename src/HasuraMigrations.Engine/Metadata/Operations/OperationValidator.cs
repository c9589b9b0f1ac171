using GraphQL;
using GraphQL.Validation;
using GraphQL.Validation.Errors;
using GraphQL.Validation.Rules;
using GraphQLParser.AST;
using HasuraMigrations.Engine.Metadata.Api;
using HasuraMigrations.Engine.Metadata.Api.Types;

namespace HasuraMigrations.Engine.Metadata.Operations;

/// <summary>
/// Validates operations against the schema of a role by the rules of GraphQL, as far as servers of Hasura know them. What servers take
/// although GraphQL forbids it is told, too, and marked.
/// </summary>
public sealed class OperationValidator
{
    // Later rules go through fragments and types of variables, and rely on these.
    private static readonly IValidationRule[] Basics = [NoFragmentCycles.Instance, KnownFragmentNames.Instance, UniqueVariableNames.Instance, KnownTypeNames.Instance, VariablesAreInputTypes.Instance];

    // Unused fragments are not sent by client libraries, nor looked at by servers.
    private static readonly IValidationRule[] Rules =
    [
        SingleRootFieldSubscriptions.Instance,
        FragmentsOnCompositeTypes.Instance,
        ScalarLeafs.Instance,
        FieldsOnCorrectType.Instance,
        PossibleFragmentSpreads.Instance,
        NoUndefinedVariables.Instance,
        NoUnusedVariables.Instance,
        KnownDirectivesInAllowedLocations.Instance,
        UniqueDirectivesPerLocation.Instance,
        KnownArgumentNames.Instance,
        UniqueArgumentNames.Instance,
        ArgumentsOfCorrectType.Instance,
        new StrictArguments(),
        ProvidedNonNullArguments.Instance,
        DefaultValuesOfCorrectType.Instance,
        UniqueInputFieldNames.Instance,
        OverlappingFieldsCanBeMerged.Instance,
    ];

    private readonly ApiSchema _schema;
    private readonly OperationSlice _slice;
    private readonly ValidationSchema _known;
    private readonly OperationHoles _holes;
    private readonly DocumentValidator _validator = new();

    static OperationValidator()
    {
        // Hasura has names that begin with two underscores, and what it has is not to be refused here.
        GlobalSwitches.NameValidation = (_, _) => { };
    }

    /// <summary>A validator of operations.</summary>
    /// <param name="schema">The schema of a role.</param>
    /// <param name="operations">The operations that will be validated.</param>
    /// <param name="admin">The schema of admin; null where it is not known.</param>
    /// <exception cref="HasuraMigrationException">ApiSchemaInvalid.</exception>
    public OperationValidator(RoleApiSchema schema, IEnumerable<Operation> operations, RoleApiSchema? admin)
        : this((schema ?? throw new ArgumentNullException(nameof(schema))).Schema, operations, admin?.Schema)
    {
    }

    /// <summary>A validator of operations.</summary>
    internal OperationValidator(ApiSchema schema, IEnumerable<Operation> operations, ApiSchema? admin = null)
    {
        _schema = schema;
        _slice = new OperationSlice(schema, operations.Select(o => o.Document).OfType<GraphQLDocument>());
        _known = new ValidationSchema(_slice);
        _holes = new OperationHoles(schema, schema.Holes.Count == 0 || admin is null ? new HashSet<string>() : RootsOf(admin));
    }

    private static HashSet<string> RootsOf(ApiSchema schema) =>
        [.. new[] { schema.QueryType, schema.MutationType, schema.SubscriptionType }.OfType<string>().SelectMany(r => schema.Find(r)?.Fields ?? []).Select(f => f.Name)];

    /// <summary>True where the schema has every root field of an operation.</summary>
    public bool HasRoots(Operation operation)
    {
        ArgumentNullException.ThrowIfNull(operation);
        return operation.Definition is { } definition && OperationSlice.RootOf(_schema, definition.Operation) is { } root
            && SelectionWalk.RootFields(operation.Document!, definition).All(f => f.Name.StringValue.StartsWith("__", StringComparison.Ordinal) || _slice.Has(root, f.Name.StringValue));
    }

    /// <summary>What is wrong with an operation.</summary>
    public IReadOnlyList<OperationProblem> Problems(Operation operation)
    {
        ArgumentNullException.ThrowIfNull(operation);
        if (operation.Definition is not { } definition)
        {
            return operation.Problems;
        }

        // The library says nothing of it.
        if (OperationSlice.RootOf(_schema, definition.Operation) is null)
        {
            var message = $"There are no {(definition.Operation == OperationType.Mutation ? "mutations" : "subscriptions")} for the role.";
            return [.. operation.Problems, _holes.Explain(new OperationProblem("OperationTypeExists", message, operation.Place), operation, null)];
        }

        var found = Errors(operation.Document!, Basics);
        var problems = new List<OperationProblem>();
        if (found.TrueForAll(e => IsTolerated(operation, e)))
        {
            found.AddRange(Errors(operation.Document!, Rules));
            problems.AddRange(VariableProblems(operation));
        }
        else if (found.Exists(e => e is KnownTypeNamesError && !IsTolerated(operation, e)))
        {
            // What is no type is no input type, either.
            found.RemoveAll(e => e is VariablesAreInputTypesError);
        }

        return [.. operation.Problems, .. found.Select(e => Problem(operation, e)).Concat(problems).OrderBy(p => p.IsTolerated).ThenBy(p => p.Hole is not null).ThenBy(p => p.Place.Line).Distinct()];
    }

    private List<ValidationError> Errors(GraphQLDocument document, IValidationRule[] rules)
    {
        var options = new ValidationOptions { Schema = _known, Document = document, Rules = rules, Variables = Inputs.Empty, Operation = document.Definitions.OfType<GraphQLOperationDefinition>().First() };
        // Nothing in it waits. Behind the rules, the library reads values as if it ran the operation; those of variables are not known here.
        return [.. _validator.ValidateAsync(options).GetAwaiter().GetResult().Errors.OfType<ValidationError>().Where(e => e is not (InvalidVariableError or InvalidLiteralError or InvalidValueError))];
    }

    // The rule of the library takes all types that are not null for the same, and values in a list for values of the innermost type (GraphQL.NET 8.8).
    private IEnumerable<OperationProblem> VariableProblems(Operation operation)
    {
        foreach (var use in _slice.VariablesOf(operation.Document!))
        {
            if (operation.Definition!.Variables?.Items.Find(v => v.Variable.Name.Value == use.Variable.Name.Value) is { } defined && OperationSlice.Reference(defined.Type) is var type
                && !IsAllowed(type, defined.DefaultValue is not (null or GraphQLNullValue), use))
            {
                var place = GraphQLParser.Location.FromLinearPosition(operation.Document!.Source, use.Variable.Location.Start);
                var problem = new OperationProblem("VariablesInAllowedPosition", $"Variable '${use.Variable.Name.StringValue}' of type '{type}' used in position expecting type '{use.Type}'.", operation.PlaceOf(place.Line, place.Column));
                yield return _holes.ExplainVariable(problem);
            }
        }
    }

    private static bool IsAllowed(ApiTypeRef type, bool hasDefault, VariableUse use) =>
        Fits(type, use.Type.IsNonNull && !type.IsNonNull && (hasDefault || use.HasDefault) ? use.Type.Nullable() : use.Type);

    // GraphQL specification, all variable usages are allowed.
    private static bool Fits(ApiTypeRef type, ApiTypeRef location) =>
        location.IsNonNull ? type.IsNonNull && Fits(type.Nullable(), location.Nullable())
        : type.IsNonNull ? Fits(type.Nullable(), location)
        : location.Element() is { } element ? type.Element() is { } inner && Fits(inner, element)
        : type.Element() is null && type.Name == location.Name;

    private OperationProblem Problem(Operation operation, ValidationError error)
    {
        var place = error.Locations is { Count: > 0 } locations ? operation.PlaceOf(locations[0].Line, locations[0].Column) : operation.Place;
        var rule = error.GetType().Name;
        var problem = new OperationProblem(rule.EndsWith("Error", StringComparison.Ordinal) ? rule[..^"Error".Length] : rule, error.Message, place) { IsTolerated = IsTolerated(operation, error) };
        return _holes.Explain(problem, operation, error);
    }

    // Servers do not ask for these, and leave out what a fragment selects of a type that it does not meet (sources of Hasura of several versions).
    private static bool IsTolerated(Operation operation, ValidationError error) => error switch
    {
        NoUnusedVariablesError or FragmentsOnCompositeTypesError or PossibleFragmentSpreadsError => true,
        KnownTypeNamesError => operation.Definition!.Variables?.Items.Exists(v => error.Nodes.Any(n => n.Location.Start >= v.Location.Start && n.Location.End <= v.Location.End)) != true,
        _ => false,
    };
}
