using GraphQLParser.AST;

namespace HasuraMigrations.Engine.Metadata.Operations;

/// <summary>Goes through what operations and fragments select.</summary>
internal static class SelectionWalk
{
    /// <summary>The spreads of fragments below an operation or fragment.</summary>
    internal static IEnumerable<GraphQLFragmentSpread> Spreads(ASTNode definition)
    {
        var open = new Stack<GraphQLSelectionSet>(SetOf(definition) is { } first ? [first] : []);
        while (open.TryPop(out var set))
        {
            foreach (var selection in set.Selections)
            {
                if (selection is GraphQLFragmentSpread spread)
                {
                    yield return spread;
                }
                else if (SetOf(selection) is { } inner)
                {
                    open.Push(inner);
                }
            }
        }
    }

    /// <summary>The root fields of an operation, also those that its fragments select.</summary>
    internal static IEnumerable<GraphQLField> RootFields(GraphQLDocument document, GraphQLOperationDefinition operation)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var open = new Stack<GraphQLSelectionSet>([operation.SelectionSet]);
        while (open.TryPop(out var set))
        {
            foreach (var selection in set.Selections)
            {
                switch (selection)
                {
                    case GraphQLField field:
                        yield return field;
                        break;
                    case GraphQLInlineFragment inline:
                        open.Push(inline.SelectionSet);
                        break;
                    case GraphQLFragmentSpread spread when seen.Add(spread.FragmentName.Name.StringValue) && Fragment(document, spread) is { } fragment:
                        open.Push(fragment.SelectionSet);
                        break;
                }
            }
        }
    }

    private static GraphQLFragmentDefinition? Fragment(GraphQLDocument document, GraphQLFragmentSpread spread) =>
        document.Definitions.OfType<GraphQLFragmentDefinition>().FirstOrDefault(f => f.FragmentName.Name.Value == spread.FragmentName.Name.Value);

    /// <summary>What a node selects; null where it selects nothing.</summary>
    internal static GraphQLSelectionSet? SetOf(ASTNode node) => (node as IHasSelectionSetNode)?.SelectionSet;
}
