using System.Reflection;
using HasuraMigrations.Engine.Migrations;

namespace HasuraMigrations.Engine.Records;

/// <summary>The SQL this engine owns, kept in files beside the code.</summary>
internal static class SqlResource
{
    internal static readonly string IndexLog = Load("index_log.sql");
    internal static readonly string CreateHistory = Load("create_history.sql") + IndexLog;

    private static readonly string CreateFilesOfAnyKind = Load("create_files.sql");
    private static readonly string RecordFileOfAnyKind = Load("record_file.sql");

    // Even IF NOT EXISTS needs the right to create schemas, so it is left out where the schema is there.
    internal const string CreateHistorySchema = "CREATE SCHEMA IF NOT EXISTS hasura_migrations;\n";

    internal static readonly string Probe = Load("probe.sql");
    internal static readonly string Untrusted = Load("untrusted.sql");
    internal static readonly string ReadHistory = Load("read_history.sql");
    internal static readonly string FindObjects = Load("find_objects.sql");
    internal static readonly string RecordUp = Load("record_up.sql");
    internal static readonly string SeedTables = Load("seed_tables.sql");
    internal static readonly string RecordLog = Load("record_log.sql");
    internal static readonly string AddToCatalogState = Load("add_to_catalog_state.sql");
    internal static readonly string Blockers = Load("blockers.sql");
    internal static readonly string LockHolder = Load("lock_holder.sql");
    internal static readonly string NotifyServer2 = Load("notify_server_2.sql");
    internal static readonly string NotifyServer1 = Load("notify_server_1.sql");
    internal static readonly string NotifyServer10 = Load("notify_server_1_0.sql");
    internal static readonly string ProbeMetadata = Load("probe_metadata.sql");
    internal static readonly string CreateStateTables = Load("create_state_tables.sql");
    internal static readonly string CreateTableState = Load("create_state_schemas.sql") + CreateStateTables;
    internal static readonly string AddTableState = Load("add_table_state.sql");
    internal static readonly string CreateCatalogState = Load("create_catalog_state.sql");

    /// <summary>Makes the table of a kind of files.</summary>
    internal static string CreateFiles(FileKind kind) => Of(kind, CreateFilesOfAnyKind);

    /// <summary>Records a file that ran.</summary>
    internal static string RecordFile(FileKind kind) => Of(kind, RecordFileOfAnyKind);

    private static string Of(FileKind kind, string sql) => sql.Replace("/*table*/", FileRecords.Table(kind), StringComparison.Ordinal);

    private static string Load(string name)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(typeof(SqlResource), $"Sql.{name}")
            ?? throw new InvalidOperationException($"The resource {name} is missing.");
        using var reader = new StreamReader(stream);
        return Include(reader.ReadToEnd());
    }

    // A comment that is the name of another file stands for its text. Without a pattern: a new process spends more on one than on all files.
    private static string Include(string text)
    {
        const string ending = ".sql*/";
        for (var end = text.IndexOf(ending, StringComparison.Ordinal); end >= 0; end = text.IndexOf(ending, end, StringComparison.Ordinal))
        {
            var start = text.LastIndexOf("/*", end, StringComparison.Ordinal);
            var included = Load(text[(start + 2)..(end + ending.Length - 2)]);
            text = string.Concat(text.AsSpan(0, start), included, text.AsSpan(end + ending.Length));
            end = start + included.Length;
        }

        return text;
    }
}
