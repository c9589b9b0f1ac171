namespace HasuraMigrations;

/// <summary>A statement of a migration or seed file failed; <see cref="HasuraMigrationException.File"/>, line and column say where.</summary>
public sealed class MigrationFailedException(string errorId, string message, object? target = null, Exception? innerException = null)
    : HasuraMigrationException(errorId, message, target, innerException)
{
    /// <summary>Source name of the database.</summary>
    public required string Database { get; init; }

    /// <summary>Version of the migration that failed; 0 for a seed file.</summary>
    public required long Version { get; init; }

    /// <summary>Name of the migration, or path of the seed file, that failed.</summary>
    public string? Name { get; init; }

    /// <summary>Which way it was going.</summary>
    public required MigrationDirection Direction { get; init; }

    /// <summary>Number of the statement in its file, from 1; null where no statement of a file is to blame.</summary>
    public int? StatementNumber { get; init; }

    /// <summary>The statement as written, cut to 2,000 characters.</summary>
    public string? Statement { get; init; }

    /// <summary>First line of the statement in its file, from 1.</summary>
    public int? StatementStartLine { get; init; }

    /// <summary>Last line of the statement in its file, from 1.</summary>
    public int? StatementEndLine { get; init; }

    /// <summary>The server's five-character error code.</summary>
    public string? SqlState { get; init; }

    /// <summary>The server's message, without position and detail.</summary>
    public string? ServerMessage { get; init; }

    /// <summary>The server's detail, which may quote rows; null unless the connection string has <c>Include Error Detail=true</c>.</summary>
    public string? Detail { get; init; }

    /// <summary>Schema of the object the error is about, where the server names it.</summary>
    public string? SchemaName { get; init; }

    /// <summary>Table the error is about, where the server names it.</summary>
    public string? TableName { get; init; }

    /// <summary>Column the error is about, where the server names it.</summary>
    public string? ColumnName { get; init; }

    /// <summary>Constraint the error is about, where the server names it.</summary>
    public string? ConstraintName { get; init; }

    /// <summary>The line of the file at which the error is; null where no line can be named.</summary>
    public string? SourceLine { get; init; }

    /// <summary>The server's hint.</summary>
    public string? Hint { get; init; }

    /// <summary>Where in a function the server stopped, in its own words.</summary>
    public string? Context { get; init; }

    /// <summary>Number of migrations or seed files of this run that were committed before.</summary>
    public int AppliedBefore { get; init; }
}
