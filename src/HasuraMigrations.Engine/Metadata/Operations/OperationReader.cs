using GraphQLParser.AST;
using HasuraMigrations.Engine.Metadata.Shapes;

namespace HasuraMigrations.Engine.Metadata.Operations;

/// <summary>
/// Reads operations from texts. Texts of client files share their fragments, as the tools do that make requests of them: a spread means
/// the fragment of its own file, else the one that is nearest in the tree of directories.
/// </summary>
public static class OperationReader
{
    /// <summary>Reads texts that share their fragments.</summary>
    /// <param name="texts">The texts.</param>
    /// <param name="sharesFragments">A spread may mean a fragment of another text.</param>
    /// <param name="isSchema">Is told of texts that define types and no operation, which are left out.</param>
    public static IReadOnlyList<Operation> Read(IEnumerable<OperationText> texts, bool sharesFragments, Action<OperationText>? isSchema = null)
    {
        ArgumentNullException.ThrowIfNull(texts);
        var read = texts.Select(t => new ReadText(t, isWhole: !sharesFragments)).ToList();
        read.Where(r => r.IsSchema).ToList().ForEach(r => isSchema?.Invoke(r.Source));
        var fragments = new FragmentSet(sharesFragments ? read : []);
        return [.. read.Where(r => !r.IsSchema && (!r.Source.IsImported || r.Problem is not null)).SelectMany(r => Operations(r, sharesFragments ? fragments : new FragmentSet([r])))];
    }

    private static IEnumerable<Operation> Operations(ReadText text, FragmentSet fragments)
    {
        if (text.Problem is { } problem)
        {
            yield return new Operation(text.Source, problem);
            yield break;
        }

        var operations = text.Definitions.OfType<GraphQLOperationDefinition>().ToList();
        foreach (var operation in operations)
        {
            yield return Assemble(text, operation, operations, fragments);
        }
    }

    private static Operation Assemble(ReadText text, GraphQLOperationDefinition operation, List<GraphQLOperationDefinition> all, FragmentSet fragments)
    {
        var places = new OperationPlaces();
        places.Add(text.Source, operation);
        var problems = new List<OperationProblem>();
        void Problem(string rule, string message, OperationText source, ASTNode node) => problems.Add(new OperationProblem(rule, message, PlaceOf(source, node)));
        // A request has one operation, or names the one that is meant (GraphQL specification, executable definitions).
        if (operation.Name is null && all.Count > 1)
        {
            Problem("LoneAnonymousOperation", "An operation without a name must be the only one in its text.", text.Source, operation);
        }
        else if (operation.Name is { } name && all.Find(o => o.Name?.Value == name.Value) is { } first && first != operation)
        {
            Problem("UniqueOperationNames", $"There is another operation '{name.StringValue}' in this text.", text.Source, name);
        }

        var added = new HashSet<string>(StringComparer.Ordinal);
        var open = new Queue<(ReadText Text, ASTNode Definition)>([(text, operation)]);
        while (open.TryDequeue(out var one))
        {
            foreach (var spread in SelectionWalk.Spreads(one.Definition))
            {
                var key = spread.FragmentName.Name.StringValue;
                var found = fragments.Find(key, one.Text);
                if (found.Count > 1)
                {
                    Problem("UniqueFragmentNames", $"The fragment '{key}' is defined in several places: {string.Join(", ", found.Select(f => f.Text.Source.File).Distinct().Order(StringComparer.Ordinal))}.", one.Text.Source, spread);
                }

                if (found.Count > 0 && added.Add(key))
                {
                    places.Add(found[0].Text.Source, found[0].Definition);
                    open.Enqueue(found[0]);
                }
            }
        }

        var document = GraphQLText.Read(places.Text, out var fault);
        return document is null ? new Operation(text.Source, new OperationProblem("Syntax", $"The operation with its fragments cannot be read: {fault?.Message}.", PlaceOf(text.Source, operation)))
            : new Operation(text.Source, ClientDirectives.Without(document), places, problems);
    }

    private static OperationPlace PlaceOf(OperationText source, ASTNode node)
    {
        var location = GraphQLParser.Location.FromLinearPosition(source.Text, node.Location.Start);
        return OperationPlaces.PlaceOf(source, location.Line, location.Column);
    }

    /// <summary>A text and what is in it.</summary>
    private sealed class ReadText
    {
        internal ReadText(OperationText source, bool isWhole)
        {
            Source = source;
            var document = GraphQLText.Read(source.Text, out var fault);
            Definitions = document?.Definitions ?? [];
            IsSchema = !isWhole && Definitions.Count > 0 && Definitions.TrueForAll(d => d is not (GraphQLOperationDefinition or GraphQLFragmentDefinition));
            Problem = fault is { } found ? new OperationProblem("Syntax", $"{Sentence(found.Message)}{(source.IsVerbatim || found.Line is null ? "" : $" (line {found.Line}, column {found.Column} of the text)")}.", OperationPlaces.PlaceOf(source, found.Line ?? 1, found.Column ?? 1))
                : !IsSchema && Definitions.Find(d => d is not (GraphQLOperationDefinition or GraphQLFragmentDefinition)) is { } type ? new OperationProblem("ExecutableDefinitions", "A text with operations cannot define types.", PlaceOf(source, type))
                : isWhole && !Definitions.Exists(d => d is GraphQLOperationDefinition) ? new OperationProblem("ExecutableDefinitions", "The text has no operation.", OperationPlaces.PlaceOf(source, 1, 1))
                : null;
        }

        internal OperationText Source { get; }

        internal List<ASTNode> Definitions { get; }

        internal bool IsSchema { get; }

        internal OperationProblem? Problem { get; }

        private static string Sentence(string message) => char.ToUpperInvariant(message[0]) + message[1..];
    }

    /// <summary>The fragments that spreads may mean.</summary>
    private sealed class FragmentSet
    {
        private readonly ILookup<string, (ReadText Text, ASTNode Definition)> _byName;

        internal FragmentSet(IEnumerable<ReadText> texts) => _byName = texts.SelectMany(t => t.Definitions.OfType<GraphQLFragmentDefinition>().Select(d => (Text: t, Definition: (ASTNode)d)))
            .ToLookup(f => ((GraphQLFragmentDefinition)f.Definition).FragmentName.Name.StringValue, StringComparer.Ordinal);

        /// <summary>The fragment that a spread in a text means; several where nobody can tell, unless they are the same.</summary>
        internal List<(ReadText Text, ASTNode Definition)> Find(string name, ReadText from)
        {
            var all = _byName[name].ToList();
            var own = all.FindAll(f => f.Text == from);
            if (own.Count == 0 && all.Count > 1)
            {
                var near = all.Max(f => Common(f.Text.Source.File, from.Source.File));
                own = all.FindAll(f => Common(f.Text.Source.File, from.Source.File) == near);
            }

            var found = own.Count > 0 ? own : all;
            return [.. found.DistinctBy(f => f.Text.Source.Text[f.Definition.Location.Start..f.Definition.Location.End])];
        }

        // How many directories two files have in common.
        private static int Common(string? left, string? right)
        {
            var (one, other) = ((Path.GetDirectoryName(left) ?? "").Split(Path.DirectorySeparatorChar), (Path.GetDirectoryName(right) ?? "").Split(Path.DirectorySeparatorChar));
            return one.Zip(other).TakeWhile(p => p.First == p.Second).Count();
        }
    }
}
