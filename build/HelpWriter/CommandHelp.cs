namespace HasuraMigrations.HelpWriter;

/// <summary>The help of one command, from which all formats are written.</summary>
internal sealed record CommandHelp
{
    public required string Name { get; init; }

    public required string Verb { get; init; }

    public required string Noun { get; init; }

    public required Paragraph Synopsis { get; init; }

    public required IReadOnlyList<Paragraph> Description { get; init; }

    /// <summary>The parameter sets, the default first.</summary>
    public required IReadOnlyList<ParameterSet> Sets { get; init; }

    /// <summary>All parameters, in alphabetical order.</summary>
    public required IReadOnlyList<ParameterHelp> Parameters { get; init; }

    public required IReadOnlyList<TypeHelp> Inputs { get; init; }

    public required IReadOnlyList<TypeHelp> Outputs { get; init; }

    public required IReadOnlyList<Paragraph> Notes { get; init; }

    /// <summary>Names of commands and topics.</summary>
    public required IReadOnlyList<string> Links { get; init; }

    public required IReadOnlyList<Example> Examples { get; init; }

    public required string HelpUri { get; init; }
}

/// <summary>A type of input or output.</summary>
internal sealed record TypeHelp(string Type, IReadOnlyList<Paragraph> Text);

/// <summary>A parameter set, with its parameters in the order of the syntax.</summary>
internal sealed record ParameterSet(string Name, IReadOnlyList<ParameterHelp> Parameters);

/// <summary>How a parameter is bound in one set.</summary>
internal sealed record Binding(bool IsMandatory, int? Position, bool IsByValue, bool IsByProperty);

/// <summary>A parameter.</summary>
internal sealed record ParameterHelp
{
    public required string Name { get; init; }

    /// <summary>Short name of the type; of the underlying type if it is nullable.</summary>
    public required string Type { get; init; }

    public required string FullType { get; init; }

    public bool IsSwitch { get; init; }

    /// <summary>Allowed values; empty if any value of the type is allowed.</summary>
    public IReadOnlyList<string> Values { get; init; } = [];

    public IReadOnlyList<string> Aliases { get; init; } = [];

    public bool TakesWildcards { get; init; }

    /// <summary>Default value; null for none.</summary>
    public string? Default { get; init; }

    /// <summary>Bindings by the name of the set; the key "" stands for every set.</summary>
    public required IReadOnlyDictionary<string, Binding> Bindings { get; init; }

    public required IReadOnlyList<Paragraph> Text { get; init; }

    /// <summary>True if the parameter is mandatory in every set that contains it.</summary>
    public bool IsMandatory => Bindings.Values.All(b => b.IsMandatory);

    public int? Position => Bindings.Values.Select(b => b.Position).FirstOrDefault(p => p is not null);

    /// <summary>How the parameter is bound in a set; null if the set does not contain it.</summary>
    public Binding? In(string set) => Bindings.GetValueOrDefault(set) ?? Bindings.GetValueOrDefault("");

    /// <summary>How the parameter accepts pipeline input, in the terms of PowerShell; empty if it does not.</summary>
    public IReadOnlyList<string> Pipeline =>
    [
        .. Bindings.Values.Any(b => b.IsByValue) ? ["ByValue"] : Array.Empty<string>(),
        .. Bindings.Values.Any(b => b.IsByProperty) ? ["ByPropertyName"] : Array.Empty<string>(),
    ];
}
