namespace HasuraMigrations.Engine.Migrations;

/// <summary>A transaction in which files are tried; it is rolled back when this is disposed.</summary>
public interface IFileTrial : IAsyncDisposable
{
    /// <summary>Tries files behind those that work.</summary>
    /// <param name="working">Files that were tried before and work, in this order.</param>
    /// <param name="next">Files to try behind them.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>How many of <paramref name="next"/> work, and the error of the file behind them; null where it was not tried, or there is none.</returns>
    /// <exception cref="HasuraMigrationException">What keeps the trial itself from going on.</exception>
    Task<(int Works, MigrationFailedException? Error)> TryAsync(IReadOnlyList<PlannedMigration> working, IReadOnlyList<PlannedMigration> next, CancellationToken cancellationToken);
}

/// <summary>
/// Finds an order in which repeatable files can run. One that needs an object that does not exist is put behind the others and tried
/// again, until all work or a whole pass brings nothing.
/// </summary>
internal static class RepeatableOrder
{
    // What PostgreSQL reports for a name that does not exist: table, column, function or operator, another object, schema (PostgreSQL
    // manual, PostgreSQL Error Codes).
    private static readonly HashSet<string> Missing = ["42P01", "42703", "42883", "42704", "3F000"];

    /// <summary>An order.</summary>
    /// <param name="trial">Tries files.</param>
    /// <param name="files">The files.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="HasuraMigrationException">RepeatableFailed, with all files that do not work.</exception>
    internal static async Task<IReadOnlyList<PlannedMigration>> FindAsync(IFileTrial trial, IReadOnlyList<PlannedMigration> files, CancellationToken cancellationToken)
    {
        List<PlannedMigration> working = [];
        List<MigrationFailedException> failures = [];
        var left = files.Where(f => f.Steps.Count > 0).ToList();
        while (left.Count > 0)
        {
            List<PlannedMigration> later = [];
            List<MigrationFailedException> reasons = [];
            var before = working.Count;
            while (left.Count > 0)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var (works, error) = await trial.TryAsync(working, left, cancellationToken).ConfigureAwait(false);
                working.AddRange(left[..works]);
                left.RemoveRange(0, works);
                if (error is not null)
                {
                    if (error.SqlState is { } state && Missing.Contains(state))
                    {
                        reasons.Add(error);
                        later.Add(left[0]);
                    }
                    else
                    {
                        failures.Add(error);
                    }

                    left.RemoveAt(0);
                }
            }

            if (working.Count == before)
            {
                failures.AddRange(reasons);
                break;
            }

            left = later;
        }

        return failures.Count == 0 ? [.. working, .. files.Where(f => f.Steps.Count == 0)] : throw Together(failures, files);
    }

    private static HasuraMigrationException Together(List<MigrationFailedException> failures, IReadOnlyList<PlannedMigration> files)
    {
        if (failures.Count == 1)
        {
            return failures[0];
        }

        var ordered = failures.OrderBy(e => files.ToList().FindIndex(f => f.Name == e.Name)).ToList();
        var findings = ordered.Select(e => new Finding
        {
            Id = e.ErrorId,
            Severity = FindingSeverity.Error,
            Message = $"The repeatable file '{e.Name}' failed{(e.StatementNumber is { } number ? $" in statement {number}" : "")}: {e.SqlState}: {e.ServerMessage}.",
            Database = e.Database,
            File = e.File,
            Line = e.Line,
            Column = e.Column,
        }).ToList();
        return new HasuraMigrationException("RepeatableFailed", $"{failures.Count} of {files.Count} repeatable files of database '{files[0].Database}' fail in every order, and none was run:", files[0].Database, lines: findings.Select(f => $"  {f}"))
        {
            Findings = findings,
            File = findings[0].File,
            Line = findings[0].Line,
            Column = findings[0].Column,
        };
    }
}
