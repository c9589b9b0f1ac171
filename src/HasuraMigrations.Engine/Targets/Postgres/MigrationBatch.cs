using HasuraMigrations.Engine.Catalog;
using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Sql;
using Npgsql;

namespace HasuraMigrations.Engine.Targets.Postgres;

/// <summary>Where a command of a batch comes from.</summary>
/// <param name="Index">Index of the migration in the batch.</param>
/// <param name="Step">The step, for a statement of a file.</param>
/// <param name="Statement">The statement, for a statement of a file.</param>
/// <param name="Kind">What it is for.</param>
internal sealed record CommandOrigin(int Index, PlannedStep? Step = null, SqlStatement? Statement = null, CommandKind Kind = CommandKind.File);

/// <summary>What a command of a batch is for. Code of users runs in files, at the ends of files and in the COMMIT.</summary>
internal enum CommandKind
{
    /// <summary>A statement of a file.</summary>
    File,

    /// <summary>It opens, ends or cleans up a transaction of a file.</summary>
    Frame,

    /// <summary>The fence, whose SQLSTATEs are ours.</summary>
    Fence,

    /// <summary>A record of ours.</summary>
    Record,

    /// <summary>The COMMIT.</summary>
    Commit,
}

/// <summary>
/// Migrations as one batch: one trip, each in a transaction of its own or all in one. The statements of the files go out
/// unchanged, one command each.
/// </summary>
internal sealed class MigrationBatch : IAsyncDisposable
{
    /// <summary>What takes away what an earlier file of the same transaction left in the session.</summary>
    internal static readonly string[] CleanInTransaction =
    [
        "CLOSE ALL", "RESET ALL", "DEALLOCATE ALL", "UNLISTEN *", "DISCARD TEMP", "DISCARD SEQUENCES",
    ];

    private readonly RunContext _context;
    private readonly Dictionary<NpgsqlBatchCommand, CommandOrigin> _origins = [];

    internal MigrationBatch(NpgsqlConnection session, RunContext context, IReadOnlyList<PlannedMigration> migrations, bool inOneTransaction)
    {
        _context = context;
        Migrations = migrations;
        Batch = session.CreateBatch().OfAnyLength();
        TextResults.Ask(Batch);
        Attempts = [.. migrations.Select(_ => Guid.NewGuid())];
        Signals = [.. migrations.Select(_ => Guid.NewGuid())];
        for (var i = 0; i < migrations.Count; i++)
        {
            var isFirst = i == 0 || !inOneTransaction;
            var isLast = i == migrations.Count - 1 || !inOneTransaction;
            Add(migrations[i], i, isFirst, isLast);
        }
    }

    internal NpgsqlBatch Batch { get; }

    internal IReadOnlyList<PlannedMigration> Migrations { get; }

    /// <summary>Attempt ids, by index of the migration.</summary>
    internal IReadOnlyList<Guid> Attempts { get; }

    /// <summary>What the notice of the fence says, by index of the migration.</summary>
    internal IReadOnlyList<Guid> Signals { get; }

    /// <summary>Where a failed command comes from; null where the driver does not say.</summary>
    internal CommandOrigin? OriginOf(NpgsqlBatchCommand? command) => command is null ? null : _origins.GetValueOrDefault(command);

    public ValueTask DisposeAsync() => Batch.DisposeAsync();

    private void Add(PlannedMigration migration, int index, bool opens, bool closes)
    {
        if (opens)
        {
            Note(Batch.Add("DISCARD ALL"), index);
            Note(Batch.Add($"BEGIN {migration.TransactionOptions}".TrimEnd()), index);
            Note(Batch.Add(_context.Fence(Signals[index])), index, CommandKind.Fence);
        }
        else
        {
            foreach (var sql in CleanInTransaction)
            {
                Note(Batch.Add(sql), index);
            }

            // RESET ALL took these away; they hold for this file.
            Note(Batch.Add(_context.Settings()), index);
        }

        foreach (var step in migration.Steps)
        {
            foreach (var statement in step.Statements)
            {
                var command = new NpgsqlBatchCommand(statement.Text);
                Batch.BatchCommands.Add(command);
                _origins.Add(command, new CommandOrigin(index, step, statement));
            }
        }

        AddEnd(migration, index, closes);
    }

    private void AddEnd(PlannedMigration migration, int index, bool closes)
    {
        foreach (var sql in migration.Steps.Count > 0 ? _context.AfterFile() : [OwnPath.Local])
        {
            Note(Batch.Add(sql), index);
        }

        var origin = migration.IsRecordOnly ? MigrationOrigin.Baseline : MigrationOrigin.Module;
        foreach (var statement in _context.Records.Record(migration, Attempts[index], origin, migration.IsRecordOnly ? "recorded" : "succeeded"))
        {
            Note(Batch.Add(statement), index, CommandKind.Record);
        }

        if (closes)
        {
            Note(Batch.Add("COMMIT"), index, CommandKind.Commit);
        }
    }

    private void Note(NpgsqlBatchCommand command, int index, CommandKind kind = CommandKind.Frame) => _origins.Add(command, new CommandOrigin(index, Kind: kind));
}
