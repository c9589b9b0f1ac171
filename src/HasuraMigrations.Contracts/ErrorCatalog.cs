namespace HasuraMigrations;

/// <summary>The table of every error id this module raises; <c>docs/errors.md</c> shows the same table.</summary>
public static class ErrorCatalog
{
    private static readonly Dictionary<string, ErrorDefinition> Definitions = Rows().ToDictionary(r => r.Id, StringComparer.Ordinal);

    /// <summary>Every definition, by id.</summary>
    public static IReadOnlyCollection<ErrorDefinition> All => Definitions.Values;

    /// <summary>The definition of an id.</summary>
    /// <param name="errorId">Identifier in Pascal case.</param>
    /// <exception cref="KeyNotFoundException">The id is not in the table.</exception>
    public static ErrorDefinition Get(string errorId) =>
        Definitions.TryGetValue(errorId, out var definition)
            ? definition
            : throw new KeyNotFoundException($"The error id '{errorId}' is not in the table of errors.");

    private static IEnumerable<ErrorDefinition> Rows() =>
    [
        .. ErrorTable.Projects,
        .. ErrorTable.Files,
        .. ErrorTable.Planning,
        .. ErrorTable.Running,
        .. ErrorTable.Seeds,
        .. ErrorTable.Connections,
        .. ErrorTable.Server,
        .. ErrorTable.Sandbox,
        .. ErrorTable.Metadata,
        .. ErrorTable.MetadataFiles,
        .. ErrorTable.Api,
        .. ErrorTable.MetadataStore,
    ];
}
