using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Records;
using HasuraMigrations.Engine.Sql;
using HasuraMigrations.Engine.Targets.Postgres.Sessions;
using Npgsql;

namespace HasuraMigrations.Engine.Targets.Postgres.Runs;

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

    /// <summary>The fence and its settings, whose SQLSTATEs are ours.</summary>
    Fence,

    /// <summary>A record of ours.</summary>
    Record,

    /// <summary>The COMMIT.</summary>
    Commit,
}

/// <summary>
/// Migrations as one batch: one trip, each in a transaction of its own or all in one. The statements of the files go out
/// unchanged, one command each. What is long goes out in parts, one behind the other in the same session, so that only one part
/// is in memory.
/// </summary>
internal sealed class MigrationBatch : IAsyncDisposable
{
    /// <summary>What takes away what an earlier file of the same transaction left in the session.</summary>
    internal static readonly string[] CleanInTransaction =
    [
        "CLOSE ALL", "RESET ALL", "DEALLOCATE ALL", "UNLISTEN *", "DISCARD TEMP", "DISCARD SEQUENCES",
    ];

    // A part ends with the command that fills it; each counts for what the driver keeps of it, too.
    private const long PartCharacters = 1024 * 1024;
    private const long CommandCharacters = 256;

    private readonly NpgsqlConnection _session;
    private readonly RunContext _context;
    private readonly IEnumerator<(NpgsqlBatchCommand Command, CommandOrigin Origin)> _commands;
    private readonly IReadOnlyList<IReadOnlyList<OwnStatement>> _records;
    private readonly Dictionary<NpgsqlBatchCommand, CommandOrigin> _origins = [];

    internal MigrationBatch(NpgsqlConnection session, RunContext context, IReadOnlyList<PlannedMigration> migrations, bool inOneTransaction)
    {
        _session = session;
        _context = context;
        Migrations = migrations;
        Attempts = [.. migrations.Select(_ => Guid.NewGuid())];
        Signals = [.. migrations.Select(_ => Guid.NewGuid())];
        _records = [.. migrations.Select(Records)];
        _commands = migrations.SelectMany((m, i) => Commands(m, i, opens: i == 0 || !inOneTransaction, closes: i == migrations.Count - 1 || !inOneTransaction)).GetEnumerator();
        Batch = NextPart() ?? session.CreateBatch().OfAnyLength();
    }

    /// <summary>The part to send.</summary>
    internal NpgsqlBatch Batch { get; private set; }

    internal IReadOnlyList<PlannedMigration> Migrations { get; }

    /// <summary>Attempt ids, by index of the migration.</summary>
    internal IReadOnlyList<Guid> Attempts { get; }

    /// <summary>What the notice of the fence says, by index of the migration.</summary>
    internal IReadOnlyList<Guid> Signals { get; }

    /// <summary>Where a failed command comes from; null where the driver does not say.</summary>
    internal CommandOrigin? OriginOf(NpgsqlBatchCommand? command) => command is null ? null : _origins.GetValueOrDefault(command);

    /// <summary>Goes on to the part behind one that succeeded; false where that was the last.</summary>
    internal async ValueTask<bool> MoveNextAsync()
    {
        if (NextPart() is not { } next)
        {
            return false;
        }

        await Batch.DisposeAsync().ConfigureAwait(false);
        Batch = next;
        return true;
    }

    public ValueTask DisposeAsync()
    {
        _commands.Dispose();
        return Batch.DisposeAsync();
    }

    private NpgsqlBatch? NextPart()
    {
        NpgsqlBatch? part = null;
        for (var characters = 0L; characters < PartCharacters && _commands.MoveNext();)
        {
            if (part is null)
            {
                _origins.Clear();
                part = _session.CreateBatch().OfAnyLength();
                TextResults.Ask(part);
            }

            var (command, origin) = _commands.Current;
            part.BatchCommands.Add(command);
            _origins.Add(command, origin);
            characters += command.CommandText.Length + CommandCharacters;
        }

        return part;
    }

    private IReadOnlyList<OwnStatement> Records(PlannedMigration migration, int index)
    {
        var origin = migration.IsRecordOnly ? MigrationOrigin.Baseline : MigrationOrigin.Module;
        return [.. _context.Records.Record(migration, Attempts[index], origin, migration.IsRecordOnly ? "recorded" : "succeeded")];
    }

    private IEnumerable<(NpgsqlBatchCommand Command, CommandOrigin Origin)> Commands(PlannedMigration migration, int index, bool opens, bool closes)
    {
        var frame = new CommandOrigin(index, Kind: CommandKind.Frame);
        if (opens)
        {
            yield return (SessionQueries.Command("DISCARD ALL"), frame);
            yield return (SessionQueries.Command($"BEGIN {migration.TransactionOptions}".TrimEnd()), frame);
            foreach (var sql in _context.Fence(Signals[index], isFirst: index == 0))
            {
                yield return (SessionQueries.Command(sql), new CommandOrigin(index, Kind: CommandKind.Fence));
            }
        }
        else
        {
            // RESET ALL takes the settings away; they hold for this file.
            foreach (var sql in CleanInTransaction.Append(_context.Settings()))
            {
                yield return (SessionQueries.Command(sql), frame);
            }
        }

        foreach (var step in migration.Steps)
        {
            foreach (var statement in step.Statements)
            {
                yield return (new NpgsqlBatchCommand(statement.Text), new CommandOrigin(index, step, statement));
            }
        }

        foreach (var sql in migration.Steps.Count > 0 ? _context.AfterFile() : [OwnPath.Local])
        {
            yield return (SessionQueries.Command(sql), frame);
        }

        foreach (var statement in _records[index])
        {
            yield return (SessionQueries.Command(statement), new CommandOrigin(index, Kind: CommandKind.Record));
        }

        if (closes)
        {
            yield return (SessionQueries.Command("COMMIT"), new CommandOrigin(index, Kind: CommandKind.Commit));
        }
    }
}
