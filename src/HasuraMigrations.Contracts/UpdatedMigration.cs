namespace HasuraMigrations;

/// <summary>A migration of config version 1 whose actions on metadata were taken out.</summary>
public sealed record UpdatedMigration
{
    /// <summary>Version number.</summary>
    public required long Version { get; init; }

    /// <summary>Name.</summary>
    public required string Name { get; init; }

    /// <summary>True where no SQL was left, so that its files were removed.</summary>
    public required bool IsRemoved { get; init; }

    /// <summary>How many statements of SQL were taken over from YAML steps.</summary>
    public required int Statements { get; init; }

    /// <summary>How many actions on metadata its up step had; what they do is in the metadata files.</summary>
    public required int Actions { get; init; }

    /// <summary>Version, name, and what became of it.</summary>
    public override string ToString() => $"{Version}_{Name} ({(IsRemoved ? "removed" : $"{Statements} statement{(Statements == 1 ? "" : "s")}")})";
}
