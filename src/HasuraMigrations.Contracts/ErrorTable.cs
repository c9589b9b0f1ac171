using static HasuraMigrations.ErrorKind;

namespace HasuraMigrations;

/// <summary>The rows of <see cref="ErrorCatalog"/>, by area.</summary>
internal static class ErrorTable
{
    internal static readonly ErrorDefinition[] Projects =
    [
        new("ProjectNotFound", ObjectNotFound, "No directory from the given one upwards holds a config.yaml.", "Change to the project directory or name it with -Project."),
        new("ProjectConfigInvalid", ParserError, "config.yaml is not valid YAML, or not a map, or a key has a value of the wrong type.", "Correct config.yaml at the line named."),
        new("ProjectConfigVersionUnsupported", InvalidData, "The config version is not 1, 2 or 3.", "Set 'version' in config.yaml to 1, 2 or 3."),
        new("EnvFileInvalid", ParserError, "An env file that was named could not be read or parsed.", "Correct the file or name another with -EnvFile."),
        new("PathOutsideProject", InvalidData, "A path from the configuration or a link in the project leads out of the project directory.", "Keep files of a project inside it; replace the link by the files."),
        new("ProjectAmbiguous", InvalidOperation, "The project found upwards lies inside another project, and it is not clear which is meant.", "Name the project directory with -Project."),
        new("MetadataFileInvalid", ParserError, "Metadata is not valid YAML or JSON, or not a map.", "Correct it at the line named."),
        new("DatabaseNotFound", ObjectNotFound, "The project has no database of that name.", "Use one of the names Get-HasuraProject lists."),
        new("DatabaseRequired", InvalidArgument, "The project has several databases and none was named.", "Name one or more with -Database; a wildcard such as * is accepted."),
    ];

    internal static readonly ErrorDefinition[] Files =
    [
        new("FileUnreadable", ReadError, "A file of the project could not be opened or read.", "Check that the file exists and that this user may read it."),
        new("FileUnwritable", WriteError, "A file or directory could not be written.", "Check the rights on the directory and the free space."),
        new("FileEncodingInvalid", InvalidData, "A file is not valid UTF-8 (or UTF-16 with a byte order mark).", "Save the file as UTF-8."),
        new("FileTooLarge", LimitsExceeded, "A file of the project is larger than the limit.", "Set HASURA_MIGRATIONS_MAX_FILE_SIZE, such as 200MB, where the size is meant; else split the file, or load bulk data with psql or COPY."),
        new("LimitInvalid", InvalidArgument, "An environment variable that changes a limit has no such value.", "Set a number such as 512MB, or remove the variable."),
        new("SqlContainsNul", InvalidData, "A migration file holds a NUL character, which PostgreSQL cannot receive.", "Remove the NUL character; the file may be binary or UTF-16 without a byte order mark."),
        new("MigrationYamlInvalid", ParserError, "A YAML migration file is not valid YAML, or not a list of actions.", "Correct the file at the line named."),
        new("MigrationNameInvalid", InvalidArgument, "A migration name is empty, too long, or holds a path separator or control character.", "Use letters, digits, blanks, '-' and '_' in the name."),
        new("MigrationVersionInvalid", InvalidArgument, "A version is not a number from 1 to 9223372036854775807.", "Give a positive whole number, or leave -Version out to get one from the clock."),
        new("MigrationExists", ResourceExists, "A migration of that version exists already.", "Choose another version, or leave -Version out."),
    ];

    internal static readonly ErrorDefinition[] Planning =
    [
        new("PlanRefused", InvalidData, "The plan has findings of severity Error; nothing was written.", "Correct each finding that is listed, then run again."),
        new("MigrationNotFound", ObjectNotFound, "No migration of that version exists, neither as a file nor as applied.", "Use Get-HasuraMigration to see which versions exist."),
        new("MigrationAlreadyApplied", InvalidOperation, "The version named is applied already.", "Use Get-HasuraMigration to see what is pending."),
        new("MigrationNotApplied", InvalidOperation, "The version to roll back is not applied.", "Use Get-HasuraMigration -Applied to see what can be rolled back."),
        new("UpMissing", ObjectNotFound, "The version named has no up step.", "Write the up step."),
        new("DownMissing", ObjectNotFound, "A migration to roll back has no down step.", "Write the down step, use -FromHistory, or add -AllowEmptyDown to remove the record only."),
        new("DownEmpty", InvalidData, "The down step of a migration to roll back holds only comments.", "Write the down step, or add -AllowEmptyDown to remove the record only."),
        new("OutOfOrder", InvalidOperation, "A pending version is older than one that is applied, and -RejectOutOfOrder was given.", "Give the migration a newer version, or leave -RejectOutOfOrder out."),
        new("MigrationChanged", InvalidData, "An up step of an applied migration changed since it was applied.", "Restore the file and write a new migration; or accept the change with -AllowChanged or Repair-HasuraMigration -AcceptChecksum."),
        new("MigrationDuplicate", InvalidData, "A version has two files for the same step.", "Remove or renumber one of the files."),
        new("MigrationVersionZero", InvalidData, "A file has the version 0.", "Give the migration a positive version."),
        new("MigrationUnfinished", InvalidOperation, "A migration that runs without a transaction was interrupted and is not part of this run.", "Resume it by running it again in the same direction, or settle it with Repair-HasuraMigration."),
        new("MigrationDirty", InvalidOperation, "Hasura's state marks a version dirty.", "Find out what was applied, then settle it with Repair-HasuraMigration -As Applied or -As RolledBack."),
        new("StateInDoubt", InvalidOperation, "Hasura's record no longer has a version that was written to it, and the database does not show whether it was rolled back. It blocks only plans that touch the version or go below it.", "Find out whether it was rolled back, then settle it with Repair-HasuraMigration -As Applied or -As RolledBack."),
        new("MigrationSquashed", InvalidOperation, "A plan touches a file that replaces applied versions whose files are gone, or one of those versions.", "Record the squash with Repair-HasuraMigration -As Squashed."),
        new("MigrationModeOff", InvalidOperation, "Hasura's setting migration_mode is off.", "Switch migrations on in the console, or set migration_mode to true."),
        new("ResumeChanged", InvalidData, "The statements that an interrupted run finished were changed since.", "Restore the file as it was, or settle the migration with Repair-HasuraMigration."),
        new("ResumeImpossible", InvalidOperation, "An interrupted run made temporary objects, so it cannot be resumed.", "Finish the rest by hand, then settle it with Repair-HasuraMigration -As Applied."),
        new("StatementInDoubt", InvalidOperation, "A statement outside a transaction was interrupted, and its effect cannot be looked up.", "Find out whether it took effect, then settle it with Repair-HasuraMigration -As Run or -As NotRun."),
        new("StepKindNotSupported", NotImplemented, "A plan reaches a YAML step where it cannot be one transaction with its migration: through a server of version 2, or with the metadata in another database.", "Apply the project straight on the database that holds the metadata, or move it to config version 2."),
        new("TransactionControl", InvalidData, "A file controls transactions in a way that its record cannot follow.", "Follow the advice of the finding; a plain BEGIN ... COMMIT around the file is accepted."),
        new("TransactionUnfinished", InvalidData, "A file begins a transaction block and never ends it.", "Write COMMIT where the block is to end."),
        new("TransactionReadOnly", InvalidData, "A file makes the transaction read only in which its record is written.", "Remove it; in a file without a transaction, BEGIN READ ONLY ... COMMIT is accepted."),
        new("NotInTransaction", InvalidData, "A statement cannot run in a transaction.", "Put it in a migration of its own whose first line is '-- hasura:no-transaction'."),
        new("NoTransactionInOneTransaction", InvalidOperation, "A file with the no-transaction directive is part of a run in one transaction.", "Run with -TransactionMode PerMigration."),
        new("NoTransactionNotSupported", NotImplemented, "A file is to run without a transaction, and the server it goes through cannot do that.", "Use a server from 2.46 on, or apply it straight on the database with -ConnectionString."),
        new("CopyNotSupported", InvalidData, "COPY FROM STDIN or TO STDOUT is in a migration.", "Use INSERT, or COPY from a file on the server."),
        new("PsqlCommand", ParserError, "A command of psql is in a migration.", "Remove it; only SQL reaches the server."),
        new("SqlParameter", ParserError, "A parameter such as $1 is in a migration outside a function body.", "Write the value into the statement."),
        new("SqlUnterminated", ParserError, "A quote or comment is never closed.", "Close it at the line named."),
        new("ForeignEncoding", InvalidData, "A migration with non-ASCII text sets another client encoding.", "Remove the SET; files are sent as UTF-8."),
        new("ConfirmationNotPossible", InvalidOperation, "The command asks before it goes on, and nobody can answer: the session is not interactive, or its standard input is at its end.", "Add -Confirm:$false where nobody can answer."),
        new("RollbackNotConfirmed", InvalidOperation, "The goal lies below applied versions, so going there would roll migrations back, and that was not confirmed.", "Use Undo-HasuraMigration -To, or add -Force."),
    ];

    internal static readonly ErrorDefinition[] Running =
    [
        new("MigrationFailed", InvalidResult, "The server reported an error in a statement of a migration; that migration was rolled back.", "Correct the statement named, then run again; migrations before it stay applied."),
        new("MigrationFailedPartly", InvalidResult, "A statement of a migration that runs without a transaction failed; the statements before it are kept.", "Correct the statement and run again to resume, or settle it with Repair-HasuraMigration."),
        new("LockTimeout", ResourceBusy, "Another run held the migration lock for longer than -LockTimeout.", "Wait for the session named, or end it, then run again."),
        new("DdlLockTimeout", OperationTimeout, "A statement could not get a lock on an object within -DdlTimeout.", "End or wait for the blocking sessions named, or raise -DdlTimeout."),
        new("StatementTimeout", OperationTimeout, "A statement ran longer than the statement timeout.", "Raise -StatementTimeout or the server's statement_timeout."),
        new("LocksExhausted", LimitsExceeded, "The transaction needs more locks than max_locks_per_transaction allows.", "Raise max_locks_per_transaction on the server, or run with -TransactionMode PerMigration."),
        new("PoolerDetected", InvalidOperation, "The session that holds the lock changes its server process: a pooler in transaction mode lies between.", "Connect to PostgreSQL directly, or to a pooler in session mode."),
        new("StateStoreUnreachable", ConnectionError, "A database has no history yet, and another database of the project that may hold Hasura's record cannot be reached; what Hasura's CLI applied would run again.", "Name Hasura's metadata database with -MetadataConnectionString; where there is none, name the database itself."),
        new("OutcomeUnknown", ConnectionError, "The connection broke and the server could not be reached again to learn whether the migration was committed.", "Run Get-HasuraMigration when the server is back: history tells what was committed. -ReconnectTimeout is the time to wait for it."),
        new("ConnectionLost", ConnectionError, "The server ended the connection during a migration; it was not committed, as history proves.", "Find out who ended the session, then run again."),
        new("HistoryUnreadable", InvalidData, "The history tables exist but are incomplete or of an unknown shape.", "Restore schema hasura_migrations, or drop it if it never held history, then run again."),
        new("HistoryUntrusted", PermissionDenied, "The history would run code of a role that is not trusted.", "Find out who made it. If it is yours, make the role that migrates, the owner of the database or a superuser the owner of schema and tables, and take triggers, rules and row security away; else drop schema hasura_migrations."),
        new("CatalogUntrusted", PermissionDenied, "Hasura's catalog would run code of a role that is not trusted.", "Connect as the role that owns Hasura's catalog, or find out who made it and drop what is not Hasura's."),
        new("HistoryTooNew", InvalidData, "The history was written by a newer version of this module.", "Update the module."),
        new("HistoryWriteDenied", PermissionDenied, "This role may not create or write the history in the target database.", "Run the GRANT named in the message as the database owner."),
        new("StateStoreExists", ResourceExists, "A state store cannot be created, because schema hdb_catalog exists in part.", "Let Hasura finish its own catalog, or drop the partial schema if nothing uses it."),
        new("StateStoreFailed", InvalidResult, "A migration was committed but its state in the other database could not be written.", "Run any command that writes again, or Repair-HasuraMigration -State: the state is rewritten from history."),
        new("RepairNotPossible", InvalidOperation, "The repair does not fit the state the migration is in.", "Use Get-HasuraMigration to see the state and choose another repair."),
    ];

    internal static readonly ErrorDefinition[] Connections =
    [
        new("ConnectionMissing", InvalidArgument, "No connection was given, and neither the environment nor the project names one.", "Give -ConnectionString, or set HASURA_GRAPHQL_DATABASE_URL."),
        new("ConnectionStringInvalid", InvalidArgument, "The connection string is not a PostgreSQL URL or keyword string, or has a parameter that cannot be obeyed.", "Use postgres://user:password@host:5432/database, with special characters percent-encoded, or Host=...;Database=...;Username=...;Password=..."),
        new("ConnectionAmbiguous", InvalidArgument, "One connection string was given for several databases, or two ways to connect at once.", "Give a hashtable of database name to connection string, or one way to connect."),
        new("TargetAmbiguous", InvalidArgument, "Both a database URL and a server endpoint are set.", "Choose with -Target Postgres or -Target Server."),
        new("TargetNotSupported", NotImplemented, "The command cannot work on this kind of target: some work only through a Hasura server, some only straight on PostgreSQL, and a source may be of a kind that takes no SQL.", "Name a server with -Endpoint where one is asked for, or the database itself with -ConnectionString."),
        new("DatabaseUnreachable", ConnectionError, "The database server could not be reached.", "Check host, port, network and that the server runs."),
        new("ServerNotPostgres", NotImplemented, "The server speaks PostgreSQL's protocol and is another product, in which advisory locks do not keep two runs apart.", "Use PostgreSQL, or go through a Hasura server where it knows this kind of source."),
        new("AuthenticationFailed", AuthenticationError, "The server refused user name or password.", "Check the credentials and pg_hba.conf."),
        new("DatabaseMissing", ObjectNotFound, "The server has no database of that name.", "Create the database, or correct its name in the connection string."),
        new("ServerReadOnly", ResourceUnavailable, "The server is a read-only replica or the session is read-only.", "Connect to the primary server."),
        new("PermissionMissing", PermissionDenied, "The role lacks a right that is needed.", "Grant the right named in the message."),
        new("TooManyConnections", ResourceBusy, "The server has no connection left.", "A run needs two connections; free some or raise max_connections."),
        new("QueryFailed", InvalidResult, "The server reported an error for a statement of this module's own.", "Read the server's message; if it is not about rights or space, report it."),
    ];

    internal static readonly ErrorDefinition[] Server =
    [
        new("ServerEndpointInvalid", InvalidArgument, "The endpoint is not an absolute http or https URL, or holds a user, a query or a fragment.", "Give the URL of the server alone, such as https://hasura.example.com."),
        new("ServerHeaderInvalid", InvalidArgument, "A header, or the admin secret, cannot be sent as it was given.", "Correct its name or value; a secret from a file may end in a newline."),
        new("ServerInsecure", InvalidOperation, "The endpoint is plain http on another machine, so that the admin secret and all SQL could be read on the way.", "Use https, or add -AllowInsecureEndpoint."),
        new("ServerCertificateAuthorityInvalid", InvalidData, "The file of certificate authorities cannot be read, or holds no certificate.", "Name a file of certificates in PEM form."),
        new("ServerUnreachable", ConnectionError, "The server could not be reached.", "Check the endpoint, the network and that the server runs."),
        new("ServerCertificateInvalid", AuthenticationError, "No secure connection could be made: the server's certificate is not trusted, or is another host's.", "Trust its issuer with -CertificateAuthority, or correct the host name in the endpoint."),
        new("ServerRedirected", InvalidOperation, "The server sends the request to another origin, where the admin secret does not go.", "Use the address the message names as the endpoint, if you trust it."),
        new("AdminSecretRejected", AuthenticationError, "The server wants the admin secret, or refused the one that was sent.", "Give -AdminSecret, or set HASURA_GRAPHQL_ADMIN_SECRET."),
        new("ServerApiMissing", ObjectNotFound, "The server has no such API: it is switched off, of another version, or lies at another path.", "Check HASURA_GRAPHQL_ENABLED_APIS on the server, and api_paths in config.yaml."),
        new("ServerAnswerInvalid", InvalidData, "The answer is not Hasura's: a page of HTML, or cut off.", "Check that the endpoint is a Hasura server and what proxies lie between."),
        new("ServerGatewayFailed", ResourceUnavailable, "A gateway between answered instead of the server.", "Look whether the server runs; if requests take long, raise the time limit of the gateway."),
        new("ServerConnectionLost", ConnectionError, "The connection to the server broke before its answer was complete.", "Look whether the server restarted, then repeat."),
        new("ServerAnswerTooLarge", LimitsExceeded, "The answer of the server is larger than the limit; it was not read to its end.", "Check what answers there; set HASURA_MIGRATIONS_MAX_ANSWER_SIZE, such as 1GB, where the size is right."),
        new("ServerTimeout", OperationTimeout, "The server did not answer within the time limit.", "Raise -RequestTimeout (30 s where it is left out), or find out what the server waits for."),
        new("ServerError", InvalidResult, "The server refused the request with an error of its own.", "Correct what the message names."),
        new("ServerVersionUnsupported", NotImplemented, "The server is of a version this module does not know.", "Use a server of version 1 or 2."),
        new("ServerSourceMissing", ObjectNotFound, "The server's metadata has no source of the database's name.", "Import the metadata first, or correct the name of the database."),
        new("ServerOutcomeUnknown", ConnectionError, "The answer to a write was lost, and it cannot be told whether it happened.", "When the server is back, Get-HasuraMigration tells what was committed; metadata has to be exported and compared."),
        new("MetadataInconsistent", InvalidResult, "The metadata is inconsistent with the databases; the previous metadata stays in place.", "Correct the objects named, or add -AllowInconsistent."),
        new("ServerNotReady", ResourceUnavailable, "The server answers, but its metadata database does not, or it was not ready in time.", "Look into the log of the server, or give Wait-HasuraServer more time."),
    ];

    internal static readonly ErrorDefinition[] Sandbox =
    [
        new("PostgresNotFound", ResourceUnavailable, "No PostgreSQL server programs of the wanted version were found.", "Install PostgreSQL, name its bin directory in HASURA_SANDBOX_POSTGRES, or add -AllowDownload."),
        new("SandboxStartFailed", ResourceUnavailable, "A sandbox server did not start.", "Read the server's log lines in the message."),
        new("SandboxUserMissing", ResourceUnavailable, "PostgreSQL does not run as root and no unprivileged user was found to run it as.", "Run as another user, or create a user 'postgres'."),
        new("SandboxNotFound", ObjectNotFound, "The connection to stop belongs to no sandbox that this session started.", "Give the object that Start-HasuraSandbox returned, or no object to stop all sandboxes of this session."),
        new("SandboxDownloadFailed", ResourceUnavailable, "The PostgreSQL package could not be installed with npm.", "Check that npm works and reaches its registry."),
    ];

    internal static readonly ErrorDefinition[] Metadata =
    [
        new("MetadataVersionUnsupported", InvalidData, "The metadata version is not 1, 2 or 3.", "Set 'version' of the metadata to 1, 2 or 3."),
        new("MetadataVersionMismatch", InvalidData, "The metadata is of another version than its place holds, and cannot be carried over.", "Convert it with ConvertTo-HasuraMetadata -MetadataVersion, or upgrade the project's config version."),
        new("MetadataInvalid", InvalidData, "The metadata has errors; nothing was written.", "Correct each error that is listed; Test-HasuraMetadata -Detailed shows them as objects."),
        new("MetadataKeyMissing", InvalidData, "An object of the metadata lacks a key that a server demands.", "Add the key."),
        new("MetadataKeyUnknown", InvalidData, "A table of the metadata has a key that no server knows, which a server refuses.", "Correct the key; the message names the nearest one that is known."),
        new("MetadataValueInvalid", InvalidData, "A value of the metadata is not what a server reads in its place: of the wrong kind, or not valid as GraphQL, SDL, cron schedule or name.", "Correct the value as the message says."),
        new("MetadataDuplicate", InvalidData, "Two objects of the metadata have one name.", "Remove or rename one of them; a merge may have brought it."),
        new("MetadataNameConflict", InvalidData, "Two objects of the metadata claim one name, so that a server builds neither.", "Rename one of them, or import with -AllowInconsistent."),
        new("MetadataReferenceMissing", InvalidData, "An object of the metadata refers to a table, source, remote schema, query or type that is not in it.", "Add what is missing, or import with -AllowInconsistent."),
        new("MetadataDropsObjects", InvalidOperation, "An import would drop a whole source, or every object of a kind, as a missing file would.", "Look for what is missing in the metadata that is imported; if the objects are to go, add -Force."),
        new("MetadataInputInvalid", InvalidArgument, "What was given as metadata is neither JSON text, nor a path, nor an object of metadata.", "Give a path, JSON text, or what Export-HasuraMetadata -AsObject writes."),
        new("RevisionNotFound", ObjectNotFound, "A git revision of the project could not be read.", "Check that git is installed, that the project lies in a repository, and that the revision exists."),
    ];

    internal static readonly ErrorDefinition[] MetadataFiles =
    [
        new("MetadataNotFound", ObjectNotFound, "There is no metadata directory or file where it should be.", "Check the path that was given, or metadata_directory and metadata_file in config.yaml; or export the metadata first."),
        new("MetadataIncludeMissing", ObjectNotFound, "A metadata file includes a file that does not exist.", "Correct the path at the line named, or remove the entry."),
        new("MetadataIncludeInvalid", InvalidData, "An include is no relative path, names a file of another kind, or leads back to itself.", "Correct the include at the line named."),
        new("MetadataTooLarge", LimitsExceeded, "The metadata has more files, bytes or levels of includes than are read.", "Remove the includes that are not needed."),
        new("SdlInvalid", ParserError, "actions.graphql cannot be parsed.", "Correct the file at the line named."),
        new("SdlNotSupported", InvalidData, "actions.graphql defines something Hasura does not take there, such as a union, an interface or a directive.", "Remove the definition named."),
        new("ActionNotInSdl", InvalidData, "An action in actions.yaml is not in actions.graphql.", "Declare the action in actions.graphql, or remove its entry."),
        new("ActionTypeNotInSdl", InvalidData, "A custom type in actions.yaml is not in actions.graphql, or is of another kind there.", "Declare the type in actions.graphql, or remove its entry."),
        new("ActionsFileInvalid", InvalidData, "actions.yaml has another shape than it must have.", "Correct the file at the line named."),
        new("ActionsNotWritable", InvalidData, "Actions or custom types of the metadata have no valid text in actions.graphql.", "Correct the object named in the metadata."),
    ];

    internal static readonly ErrorDefinition[] MetadataStore =
    [
        new("MetadataStoreMissing", ObjectNotFound, "The database has no metadata of Hasura's.", "Name the metadata database with -MetadataConnectionString, or add -CreateStateStore."),
        new("MetadataStoreUnsupported", InvalidData, "Hasura's catalog is of a version this module does not know, or is damaged.", "Let the server in use upgrade its catalog, or update the module."),
        new("MetadataConflict", ResourceBusy, "Somebody else wrote the metadata since it was read; nothing was written.", "Compare again, then repeat."),
        new("MetadataNotStorable", InvalidData, "The metadata holds something the catalog has no place for; nothing was written.", "Remove what the message names, or upgrade the server."),
        new("MetadataSideEffects", InvalidOperation, "The change needs work in a database that is not known here, such as making SQL triggers; nothing was written.", "Name the database of the source with -ConnectionString, or apply the change through a server; or add -SkipSideEffects and reload the metadata with recreated event triggers after."),
        new("MetadataCommandRefused", InvalidResult, "A command of Hasura's API is not possible by its rules, or its SQL failed; nothing was written.", "Correct what the message names; Code, Path and SqlState of the exception tell more."),
    ];
}
