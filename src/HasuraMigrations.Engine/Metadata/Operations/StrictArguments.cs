using GraphQL.Types;
using GraphQL.Validation;
using GraphQL.Validation.Errors;
using GraphQLParser.AST;

namespace HasuraMigrations.Engine.Metadata.Operations;

/// <summary>
/// Arguments that are no values of columns, such as limit, take the literals of their type and no strings in place of them. Arguments that
/// may not be null are those of primary keys, mostly, and the size of a batch; servers read a large offset from a string (sources of Hasura of several versions).
/// </summary>
internal sealed class StrictArguments : ValidationRuleBase
{
    private const string Offset = "offset";

    private static readonly INodeVisitor Visitor = new MatchingNodeVisitor<GraphQLArgument>((argument, context) =>
    {
        if (context.TypeInfo.GetArgument() is not { ResolvedType: { } type } || argument.Value is GraphQLVariable or GraphQLNullValue || argument.Name.Value == Offset
            || (type is NonNullGraphType && context.TypeInfo.GetDirective() is null))
        {
            return;
        }

        var named = type is NonNullGraphType required ? required.ResolvedType! : type;
        if (named is ScalarGraphType scalar && scalar.CanParseLiteral(argument.Value) && !OperationScalars.IsStrict(scalar.Name, argument.Value))
        {
            context.ReportError(new ArgumentsOfCorrectTypeError(context, argument, $"Expected type '{scalar.Name}', found {context.Document.Source.Slice(argument.Value.Location.Start, argument.Value.Location.End - argument.Value.Location.Start)}."));
        }
    });

    public override ValueTask<INodeVisitor?> GetPreNodeVisitorAsync(ValidationContext context) => new(Visitor);
}
