using HasuraMigrations.Engine.Projects;

namespace HasuraMigrations.Engine.Migrations;

/// <summary>What a target can do, as far as a plan depends on it.</summary>
public sealed record TargetTraits
{
    /// <summary>A PostgreSQL database reached straight.</summary>
    public static TargetTraits Postgres { get; } = new();

    /// <summary>What is known of a source from its kind alone.</summary>
    /// <param name="kind">As in Hasura's metadata.</param>
    internal static TargetTraits OfKind(string kind) => new() { Kind = kind, IsPostgresSql = ProjectDatabase.IsPostgresKind(kind) };

    /// <summary>Kind of the source in the words of Hasura's metadata: <c>postgres</c>, <c>mssql</c>, ...</summary>
    public string Kind { get; init; } = "postgres";

    /// <summary>False where Hasura's record is all there is: nothing proves there what ran.</summary>
    public bool KeepsHistory { get; init; } = true;

    /// <summary>False where files are not in the SQL of PostgreSQL, so that nothing can be said of their statements.</summary>
    public bool IsPostgresSql { get; init; } = true;

    /// <summary>Why the actions of a YAML file cannot be run; null where they can.</summary>
    public string? ActionsObstacle { get; init; }

    /// <summary>Why a file cannot run without a transaction; null where it can.</summary>
    public string? NoTransactionObstacle { get; init; }

    /// <summary>Characters of a file that can be run; null where it is sent in parts.</summary>
    public int? MaximumCharacters { get; init; }
}
