using GraphQLParser.AST;

namespace HasuraMigrations.Engine.Metadata.Operations;

/// <summary>One operation of GraphQL with the fragments that it uses, or a text that has none because it cannot be read.</summary>
public sealed class Operation
{
    private readonly OperationPlaces? _places;

    /// <summary>An operation.</summary>
    /// <param name="source">The text that it is in.</param>
    /// <param name="document">The operation and its fragments, as one text.</param>
    /// <param name="places">Where the parts of that text come from.</param>
    /// <param name="problems">What is wrong with it whatever the schema.</param>
    internal Operation(OperationText source, GraphQLDocument document, OperationPlaces places, IReadOnlyList<OperationProblem> problems)
    {
        (Source, Document, _places, Problems) = (source, document, places, problems);
        Definition = document.Definitions.OfType<GraphQLOperationDefinition>().First();
        Name = Definition.Name?.StringValue;
        Kind = Definition.Operation switch
        {
            OperationType.Mutation => HasuraOperationKind.Mutation,
            OperationType.Subscription => HasuraOperationKind.Subscription,
            _ => HasuraOperationKind.Query,
        };
    }

    /// <summary>A text that cannot be read.</summary>
    internal Operation(OperationText source, OperationProblem problem) => (Source, Problems) = (source, [problem]);

    /// <summary>The text that it is in.</summary>
    public OperationText Source { get; }

    /// <summary>Its name; null where it has none.</summary>
    public string? Name { get; }

    /// <summary>What it does; null for a text that cannot be read.</summary>
    public HasuraOperationKind? Kind { get; }

    /// <summary>False for a text that cannot be read.</summary>
    public bool IsReadable => Document is not null;

    /// <summary>What is wrong with it whatever the schema.</summary>
    public IReadOnlyList<OperationProblem> Problems { get; }

    /// <summary>Where it begins.</summary>
    public OperationPlace Place => _places?.Of(1, Definition!.Location.Start + 1) ?? Problems[0].Place;

    /// <summary>The operation and its fragments.</summary>
    internal GraphQLDocument? Document { get; }

    /// <summary>The operation.</summary>
    internal GraphQLOperationDefinition? Definition { get; }

    /// <summary>Where a line and column of the document come from.</summary>
    internal OperationPlace PlaceOf(int line, int column) => _places!.Of(line, column);
}

/// <summary>A place in a file.</summary>
/// <param name="File">Full path of the file; null where it is in none.</param>
/// <param name="Line">Line, from 1; null where that is not known.</param>
/// <param name="Column">Column, from 1; null where that is not known.</param>
public readonly record struct OperationPlace(string? File, int? Line, int? Column);

/// <summary>One thing that is wrong with an operation.</summary>
/// <param name="Rule">The rule of GraphQL.</param>
/// <param name="Message">What is wrong, as a sentence.</param>
/// <param name="Place">Where.</param>
public sealed record OperationProblem(string Rule, string Message, OperationPlace Place)
{
    /// <summary>Servers take the operation nevertheless.</summary>
    public bool IsTolerated { get; init; }

    /// <summary>The part of the schema that is not known and may have what is missed; null for none.</summary>
    public string? Hole { get; init; }
}
