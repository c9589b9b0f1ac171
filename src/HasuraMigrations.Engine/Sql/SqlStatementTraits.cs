namespace HasuraMigrations.Engine.Sql;

/// <summary>What a runner must know about a statement before it sends it.</summary>
[Flags]
public enum SqlStatementTraits
{
    /// <summary>Nothing special.</summary>
    None = 0,

    /// <summary>Starts or ends a transaction (savepoints do not), so it cannot run inside one of ours.</summary>
    TransactionControl = 1 << 0,

    /// <summary>The server refuses it in a transaction block (SQLSTATE 25001).</summary>
    NotInTransaction = 1 << 1,

    /// <summary>
    /// The server refuses it in a transaction block depending on what it finds: subscriptions with a slot or a refresh.
    /// </summary>
    MaybeNotInTransaction = 1 << 2,

    /// <summary>CONCURRENTLY on an index or a partition: it waits for other transactions, so no lock_timeout may stop it.</summary>
    Concurrent = 1 << 3,

    /// <summary>COPY ... FROM STDIN: the client has to send data.</summary>
    CopyFromClient = 1 << 4,

    /// <summary>COPY ... TO STDOUT: the client has to take data.</summary>
    CopyToClient = 1 << 5,

    /// <summary>A backslash outside quotes: a command of psql.</summary>
    MetaCommand = 1 << 6,

    /// <summary>A parameter (<c>$1</c>) outside a routine's body or a PREPARE; no value can be given for it.</summary>
    Parameter = 1 << 7,

    /// <summary>A NUL character, which no server takes.</summary>
    Nul = 1 << 8,

    /// <summary>Sets the client encoding to something that is not UTF8, while the text goes out as UTF8.</summary>
    ForeignEncoding = 1 << 9,

    /// <summary>Changes a setting that outlives the transaction; see <see cref="SqlStatement.Settings"/>.</summary>
    SessionSetting = 1 << 10,

    /// <summary>Changes a setting until the end of the transaction.</summary>
    LocalSetting = 1 << 11,

    /// <summary>Creates a temporary object, which is gone with the session.</summary>
    TemporaryObject = 1 << 12,

    /// <summary>Leaves something else in the session: a prepared statement, a cursor, a LISTEN, a loaded library.</summary>
    SessionObject = 1 << 13,

    /// <summary>COMMIT AND CHAIN or ROLLBACK AND CHAIN: a new transaction starts at once.</summary>
    Chain = 1 << 14,

    /// <summary>A quote, comment, parenthesis or routine body in it is open at the end of the text.</summary>
    Unterminated = 1 << 15,

    /// <summary>
    /// The transaction is to read only: a mode of BEGIN, SET TRANSACTION or SET SESSION CHARACTERISTICS, or the setting
    /// behind it. No record can be written in it.
    /// </summary>
    ReadOnly = 1 << 16,

    /// <summary>A line that pg_dump writes for psql alone: <c>\restrict KEY</c> or <c>\unrestrict KEY</c>.</summary>
    DumpGuard = 1 << 17,

    /// <summary>What it makes or changes lasts until the end of the transaction: ON COMMIT of a temporary table, a cursor, a lock.</summary>
    UntilCommit = 1 << 18,
}
