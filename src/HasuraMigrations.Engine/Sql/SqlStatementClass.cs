namespace HasuraMigrations.Engine.Sql;

/// <summary>What a statement is, as far as running a file depends on it. All the rest is <see cref="Other"/>.</summary>
public enum SqlStatementClass
{
    /// <summary>Any statement without a class of its own.</summary>
    Other,

    /// <summary>A command of psql (backslash), which a server does not know.</summary>
    MetaCommand,

    /// <summary>BEGIN or START TRANSACTION.</summary>
    Begin,

    /// <summary>COMMIT or END, with or without AND CHAIN.</summary>
    Commit,

    /// <summary>ROLLBACK or ABORT of the transaction, with or without AND CHAIN.</summary>
    Rollback,

    /// <summary>SAVEPOINT.</summary>
    Savepoint,

    /// <summary>RELEASE [SAVEPOINT].</summary>
    ReleaseSavepoint,

    /// <summary>ROLLBACK TO [SAVEPOINT].</summary>
    RollbackToSavepoint,

    /// <summary>PREPARE TRANSACTION.</summary>
    PrepareTransaction,

    /// <summary>COMMIT PREPARED.</summary>
    CommitPrepared,

    /// <summary>ROLLBACK PREPARED.</summary>
    RollbackPrepared,

    /// <summary>SET [LOCAL] TRANSACTION: modes or snapshot of the current transaction.</summary>
    SetTransaction,

    /// <summary>SET CONSTRAINTS.</summary>
    SetConstraints,

    /// <summary>SET of a session setting, with or without LOCAL.</summary>
    Set,

    /// <summary>RESET of a session setting or of all.</summary>
    Reset,

    /// <summary>DISCARD.</summary>
    Discard,

    /// <summary>SELECT, WITH, VALUES or TABLE, also in parentheses.</summary>
    Query,

    /// <summary>CREATE [UNIQUE] INDEX.</summary>
    CreateIndex,

    /// <summary>DROP INDEX.</summary>
    DropIndex,

    /// <summary>REINDEX.</summary>
    Reindex,

    /// <summary>ALTER TYPE ... ADD VALUE.</summary>
    AddEnumValue,

    /// <summary>COPY in either direction.</summary>
    Copy,

    /// <summary>DO: an anonymous code block.</summary>
    Do,

    /// <summary>CALL of a procedure.</summary>
    Call,

    /// <summary>PREPARE of a statement.</summary>
    Prepare,

    /// <summary>DECLARE of a cursor.</summary>
    Declare,

    /// <summary>LISTEN.</summary>
    Listen,

    /// <summary>CREATE of anything but an index.</summary>
    Create,

    /// <summary>ALTER of anything, enum values excepted.</summary>
    Alter,

    /// <summary>DROP of anything but an index.</summary>
    Drop,

    /// <summary>VACUUM.</summary>
    Vacuum,

    /// <summary>CLUSTER.</summary>
    Cluster,
}
