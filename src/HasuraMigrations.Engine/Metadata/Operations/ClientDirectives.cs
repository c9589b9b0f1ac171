using GraphQLParser.AST;

namespace HasuraMigrations.Engine.Metadata.Operations;

/// <summary>What client libraries take out of an operation before they send it.</summary>
internal static class ClientDirectives
{
    // Apollo Client keeps fields with @client, and these directives, to itself.
    private const string Local = "client";
    private static readonly string[] Removed = ["connection", "nonreactive", "unmask"];

    /// <summary>The same document as it is sent.</summary>
    internal static GraphQLDocument Without(GraphQLDocument document)
    {
        var open = new Stack<GraphQLSelectionSet>(document.Definitions.Select(SelectionWalk.SetOf).OfType<GraphQLSelectionSet>());
        while (open.TryPop(out var set))
        {
            // Where all is local, nothing is sent; the server is not asked.
            if (!set.Selections.TrueForAll(IsLocal))
            {
                set.Selections.RemoveAll(IsLocal);
            }

            foreach (var selection in set.Selections)
            {
                (selection as IHasDirectivesNode)?.Directives?.Items.RemoveAll(d => Removed.Contains(d.Name.StringValue));
                if (SelectionWalk.SetOf(selection) is { } inner)
                {
                    open.Push(inner);
                }
            }
        }

        return document;
    }

    private static bool IsLocal(ASTNode selection) => (selection as IHasDirectivesNode)?.Directives?.Items.Exists(d => d.Name.Value == Local) == true;
}
