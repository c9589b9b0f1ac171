using static HasuraMigrations.ErrorKind;

namespace HasuraMigrations;

/// <summary>The rows of <see cref="ErrorCatalog"/>, by area.</summary>
internal static class ErrorTable
{
    internal static readonly ErrorDefinition[] Projects =
    [
        new("ProjectNotFound", ObjectNotFound, "Neither the directory nor any of its parents contains a config.yaml.", "Change to the project directory or name it with -Project."),
        new("ProjectExists", ResourceExists, "The directory of a new project already contains a project.", "Choose another directory, or use the existing project."),
        new("ProjectConfigInvalid", ParserError, "config.yaml is not valid YAML, or not a map, or a key has a value of the wrong type.", "Correct config.yaml at the line named."),
        new("ProjectConfigVersionUnsupported", InvalidData, "The config version is not 1, 2 or 3.", "Set 'version' in config.yaml to 1, 2 or 3."),
        new("EnvFileInvalid", ParserError, "An env file that was named could not be read or parsed.", "Correct the file, or name another one with the same parameter."),
        new("PathOutsideProject", InvalidData, "A path from the configuration, or a link in the project, points outside the project directory.", "Keep the files inside the project; replace the link with the files."),
        new("ProjectAmbiguous", InvalidOperation, "The project found in a parent directory is inside another project, and it is unclear which one to use.", "Name the project directory with -Project."),
        new("MetadataFileInvalid", ParserError, "Metadata is not valid YAML or JSON, or not a map.", "Correct it at the line named."),
        new("DatabaseNotFound", ObjectNotFound, "The project has no database with that name.", "Use one of the names that Get-HasuraProject lists."),
        new("DatabaseRequired", InvalidArgument, "The project has several databases and none was named.", "Name one or more with -Database; a wildcard such as * is accepted."),
        new("ConfigNotEditable", InvalidData, "A key of config.yaml cannot be set while everything else in the file stays as it is.", "Set the keys in config.yaml on lines of their own, such as 'version: 1', and run the command again."),
        new("UpdateVersionInvalid", InvalidArgument, "A project cannot be updated to the config version: it has that version or a higher one, or an environment variable sets the version.", "Choose a higher version with -ConfigVersion; Get-HasuraProject shows that of the project and where it comes from."),
        new("UpdateDatabaseInvalid", InvalidArgument, "The name of the database for config version 3 cannot be that of a directory, or it is unclear which source of the metadata it is.", "Name the source with -Database."),
        new("UpdateTargetExists", ResourceExists, "A directory that config version 3 uses for the database exists already and is not empty.", "Rename or delete it, or choose another name with -Database."),
        new("UpdateBackupExists", ResourceExists, "The directory for the files as they were exists already and is not empty.", "Move it away or delete it, or choose another directory with -BackupPath."),
        new("UpdateBackupInvalid", InvalidArgument, "The directory for the files as they were would be among the files that the update changes.", "Choose a directory outside them, or leave -BackupPath out."),
        new("UpdateUnfinished", InvalidOperation, "The update of the project to a newer config version was interrupted while its files were replaced.", "Run Update-HasuraProject with the same -ConfigVersion again; it completes the update."),
        new("UpdateFilesChanged", InvalidData, "A file changed while the project was updated, or since the update was interrupted.", "Restore the file, or run the command again if nothing was written."),
        new("UpdateManifestInvalid", ParserError, "The file update.json of an update cannot be read.", "Restore the file, for example from the version control system."),
        new("UpdateNotConvertible", InvalidData, "A step of a YAML migration cannot become SQL.", "Follow the recommendation of the message, in the file and line that it names."),
        new("UpdateNotProven", ResourceUnavailable, "The migrations of config version 1 cannot be replayed in a throwaway database: none could be started, or a migration fails there. Nothing was written.", "Provide what is missing with -SetupPath, install PostgreSQL with the extensions that the migrations use, or allow npm to with -AllowDownload. -SkipProof needs no replay if the project has a metadata file, or a target with metadata is given."),
        new("UpdateNotEqual", InvalidResult, "The converted migrations fail, or do something else than the old ones. Nothing was written.", "Correct the YAML migration that the message names, so that its SQL can stand in a file."),
        new("UpdateMetadataMissing", ObjectNotFound, "The migrations of config version 1 have actions on metadata, and the metadata is not known.", "Leave -SkipProof out, so that the actions are replayed, or give a target with the metadata."),
        new("UpdateTargetBehind", InvalidOperation, "Migrations of config version 1 are not applied on the target, so its metadata lacks what their actions do.", "Apply them first, or use -MetadataSource Files."),
    ];

    internal static readonly ErrorDefinition[] Files =
    [
        new("FileUnreadable", ReadError, "A project file could not be opened or read.", "Check that the file exists and that this user can read it."),
        new("FileUnwritable", WriteError, "A file or directory could not be written.", "Check the permissions on the directory and the free disk space."),
        new("FileEncodingInvalid", InvalidData, "A file is not valid UTF-8 (or UTF-16 with a byte order mark).", "Save the file as UTF-8."),
        new("FileTooLarge", LimitsExceeded, "A project file is larger than the limit.", "If the size is intended, set HASURA_MIGRATIONS_MAX_SQL_SIZE (SQL) or HASURA_MIGRATIONS_MAX_FILE_SIZE (other files), for example to 200MB. Otherwise split the file. The page of limits has the defaults."),
        new("LimitInvalid", InvalidArgument, "The value of an environment variable that sets a limit is not valid.", "Set a size of less than 2GB, such as 512MB, or remove the variable."),
        new("SqlContainsNul", InvalidData, "A migration file contains a NUL character, which PostgreSQL does not accept.", "Remove the NUL character; the file may be binary or UTF-16 without a byte order mark."),
        new("MigrationYamlInvalid", ParserError, "A YAML migration file is not valid YAML, or not a list of actions.", "Correct the file at the line named."),
        new("MigrationNameInvalid", InvalidArgument, "A migration name is empty, too long, or contains a path separator or control character.", "Use letters, digits, spaces, '-' and '_' in the name."),
        new("MigrationVersionInvalid", InvalidArgument, "A version is not a number from 1 to 9223372036854775807.", "Give a positive whole number, or leave -Version out to get one from the clock."),
        new("MigrationExists", ResourceExists, "A migration of that version exists already.", "Choose another version, or leave -Version out."),
        new("ReportFormatUnknown", InvalidArgument, "The format of a report is neither given nor clear from the extension of its file.", "Add -Format, or use the extension .xml (JUnit), .sarif, .md or .html."),
        new("ReportExists", ResourceExists, "The file of a report exists already.", "Choose another path, or add -Force to replace the file."),
        new("ReportInputInvalid", InvalidArgument, "A report was given an object that it cannot show.", "Pipe in the objects of the commands that run, check and compare; those of Test-HasuraMigration and Test-HasuraMetadata need -Detailed."),
    ];

    internal static readonly ErrorDefinition[] Planning =
    [
        new("DatabasesFailed", InvalidResult, "With -ErrorAction Stop, a command failed on some of several databases. It went on with the others before this error, which lists all that failed.", "Correct the cause of each, then run the command again: it does only what is left."),
        new("PlanFileInvalid", InvalidData, "The file given to -Plan is not a plan, is damaged, or was made by another command or a later version of this module.", "Make the plan again with -OutputPlan."),
        new("PlanOutdated", InvalidOperation, "A plan was not applied, because a file, the database, or the metadata is not what it was made of. Nothing was written.", "Make the plan again, review what changed, and apply the new one."),
        new("PlanFixed", InvalidArgument, "-Plan was given together with a parameter that the plan decides.", "Omit the parameter, or make a new plan with it."),
        new("ShardInvalid", InvalidArgument, "The value of -Shard is not a number, a slash and the number of parts, such as 3/10.", "Count the parts from 1 to their number."),
        new("PlanNotPossible", InvalidOperation, "No plan can be written of a release: a database cannot be reached, or a source is not on the server yet.", "Correct the cause named in the message; for a new source, publish without a plan first."),
        new("ReleaseRefused", InvalidData, "A release has several reasons not to run, in the plans of its databases or in its metadata. Nothing was written.", "Correct each of them, then publish again."),
        new("PlanRefused", InvalidData, "The plan has findings of severity Error; nothing was written.", "Correct each finding listed, then run again."),
        new("MigrationNotFound", ObjectNotFound, "No migration of that version exists: it has no files and is not applied.", "Use Get-HasuraMigration to see which versions exist."),
        new("MigrationAlreadyApplied", InvalidOperation, "The version is already applied.", "Use Get-HasuraMigration to see what is pending."),
        new("MigrationNotApplied", InvalidOperation, "The version to roll back is not applied.", "Use Get-HasuraMigration -Applied to see what can be rolled back."),
        new("UpMissing", ObjectNotFound, "The version named has no up step.", "Write the up step."),
        new("DownMissing", ObjectNotFound, "A migration to roll back has no down step.", "Write the down step, use -FromHistory, or add -AllowEmptyDown to remove the record only."),
        new("DownEmpty", InvalidData, "The down step of a migration to roll back contains only comments.", "Write the down step, or add -AllowEmptyDown to remove the record only."),
        new("OutOfOrder", InvalidOperation, "A pending version is older than one that is applied, and -RejectOutOfOrder was given.", "Give the migration a newer version, or leave -RejectOutOfOrder out."),
        new("MigrationChanged", InvalidData, "An up step of an applied migration changed since it was applied.", "Restore the file and write a new migration; or accept the change with -AllowChanged or Repair-HasuraMigration -AcceptChecksum."),
        new("MigrationDuplicate", InvalidData, "A version has two files for the same step.", "Remove or renumber one of the files."),
        new("MigrationVersionZero", InvalidData, "A file has the version 0.", "Give the migration a positive version."),
        new("MigrationUnfinished", InvalidOperation, "A migration that runs without a transaction was interrupted, and this run does not include it.", "Resume it by running it again in the same direction, or resolve it with Repair-HasuraMigration."),
        new("MigrationDirty", InvalidOperation, "Hasura's record marks a version as dirty: started, but not finished.", "Find out what was applied, then resolve it with Repair-HasuraMigration -As Applied or -As RolledBack."),
        new("StateInDoubt", InvalidOperation, "Hasura's record no longer has a version that was written to it, and the database does not show whether it was rolled back. It blocks only plans that touch the version or go below it.", "Find out whether it was rolled back, then resolve it with Repair-HasuraMigration -As Applied or -As RolledBack."),
        new("MigrationSquashed", InvalidOperation, "A plan touches a file that replaces applied versions whose files are gone, or one of those versions.", "Record the squash with Repair-HasuraMigration -As Squashed."),
        new("SquashRangeInvalid", InvalidArgument, "The range of a squash contains fewer than two migrations, or -KeepVersion New was given and newer migrations exist.", "Choose another range with -From and -To; Get-HasuraMigration lists the versions."),
        new("SquashRangeMixed", InvalidOperation, "On a database, some versions of the range of a squash are applied and others are not, or one is in doubt or has no files.", "Follow the recommendation of the message, or choose another range with -From and -To."),
        new("SquashNoTransaction", InvalidData, "A file of the range of a squash must run without a transaction, or in one with modes of its own.", "Leave it a migration of its own: squash the migrations before and behind it separately, with -From and -To."),
        new("SquashActionsContradict", InvalidData, "An action on metadata cannot succeed behind those before it: it creates what exists, or changes what was removed.", "Correct the file at the line named."),
        new("SquashSqlAmbiguous", InvalidData, "The statements of a file are read differently behind those of other files, so that the files cannot be joined.", "Correct quotes and settings such as standard_conforming_strings in the file named, or squash the migrations before and behind it separately."),
        new("SquashNotSupported", NotImplemented, "The SQL of a source that is not PostgreSQL cannot be joined.", "Squash only migrations of PostgreSQL databases."),
        new("SquashNotProven", ResourceUnavailable, "It could not be proven that a squashed migration does what its range does: no throwaway PostgreSQL could be started, or the migrations fail there. Nothing was written.", "Provide what is missing with -SetupPath, install PostgreSQL with the extensions that the migrations use, or allow npm to with -AllowDownload. -SkipProof squashes without the proof."),
        new("SquashNotEqual", InvalidResult, "A squashed migration fails, or does something else than its range. Nothing was written.", "Choose a shorter range with -From and -To, which ends before the migration that the message names."),
        new("SquashBackupExists", ResourceExists, "The directory for the replaced files exists already and is not empty.", "Move it away or delete it, or choose another directory with -BackupPath."),
        new("SquashBackupInvalid", InvalidArgument, "The directory for the replaced files would be read as migrations.", "Choose a directory outside the migrations directory, or leave -BackupPath out."),
        new("SquashUnfinished", InvalidOperation, "A squash was interrupted while its files were replaced.", "Run Merge-HasuraMigration with the same -From and -To again; it completes the squash."),
        new("SquashFilesChanged", InvalidData, "A file of a squash that was interrupted changed since.", "Restore the file, or delete the directory that the message names to give up the squash."),
        new("MigrationModeOff", InvalidOperation, "Hasura's setting migration_mode is off.", "Switch migrations on in the console, or run Set-HasuraMigrationSetting migration_mode true."),
        new("ResumeChanged", InvalidData, "The statements that an interrupted run completed were changed since.", "Restore the file as it was, or resolve the migration with Repair-HasuraMigration."),
        new("ResumeImpossible", InvalidOperation, "An interrupted run created temporary objects, so it cannot be resumed.", "Complete it manually, then record it with Repair-HasuraMigration -As Applied."),
        new("StatementInDoubt", InvalidOperation, "A statement outside a transaction was interrupted, and its effect cannot be looked up.", "Find out whether it took effect, then resolve it with Repair-HasuraMigration -As Run or -As NotRun."),
        new("StepKindNotSupported", NotImplemented, "A YAML step cannot run in the transaction of its migration: through a server of version 2, or if the metadata is in another database.", "Run directly on the database that contains the metadata (-ConnectionString), or upgrade the project to config version 2."),
        new("TransactionControl", InvalidData, "A file controls transactions in a way that is not supported.", "Follow the recommendation of the finding; a plain BEGIN ... COMMIT around the file is accepted."),
        new("TransactionUnfinished", InvalidData, "A file begins a transaction block and does not end it.", "Add COMMIT at the end of the block."),
        new("TransactionReadOnly", InvalidData, "A file makes the transaction read-only, so its record cannot be written.", "Remove it; in a file that runs without a transaction, BEGIN READ ONLY ... COMMIT is accepted."),
        new("NotInTransaction", InvalidData, "A statement cannot run inside a transaction.", "Move it to a separate migration whose first line is '-- hasura:no-transaction'."),
        new("NoTransactionInOneTransaction", InvalidOperation, "A file with the no-transaction directive is part of a run in a single transaction.", "Run with -TransactionMode PerMigration."),
        new("NoTransactionNotSupported", NotImplemented, "A file requires running without a transaction, which the Hasura server does not support.", "Use a server of version 2.46 or newer, or apply it directly on the database with -ConnectionString."),
        new("CopyNotSupported", InvalidData, "A migration contains COPY FROM STDIN or COPY TO STDOUT.", "Use INSERT, or COPY from a file on the server."),
        new("PsqlCommand", ParserError, "A migration contains a psql command.", "Remove it; only SQL is sent to the server."),
        new("SqlParameter", ParserError, "A migration contains a parameter such as $1 outside a function body.", "Write the value into the statement."),
        new("StatementTooLong", LimitsExceeded, "A statement has more bytes than PostgreSQL takes as one message (1 GB).", "Split the statement, for example an INSERT into several."),
        new("SqlUnterminated", ParserError, "A quote or comment is not closed.", "Close it at the line named."),
        new("RepeatableNotSupported", NotImplemented, "Repeatable files need a record in the database, which sources of this kind do not have.", "Run with -SkipRepeatable, or move the files to migrations."),
        new("VariableMissing", InvalidArgument, "A variable of a SQL file has no value.", "Give it with -Variable @{ name = ... }, set the environment variable HASURA_MIGRATIONS_VAR_<name>, or add it to the file of -VariablePath."),
        new("VariableValueInvalid", InvalidData, "The value of a variable cannot be written where a SQL file uses it, or its name or type is not valid.", "Correct the value, or the place in the file."),
        new("VariablePlaceInvalid", InvalidData, "A variable stands in a SQL file where it is unclear how to write its value.", "Follow the message; the page of variables has the places and forms."),
        new("VariableSyntaxInvalid", ParserError, "In a SQL file with variables, something that begins with '${' is not a variable of a known form.", "Write ${name} or ${name:form} with the form literal, identifier, number or raw; in quotes, write $${ for ${ itself."),
        new("VariableNotSupported", NotImplemented, "A SQL file with variables is to run on a source that does not use the SQL of PostgreSQL, or is to be squashed with other files.", "Write the values into the file, and remove the line '-- hasura:variables'; or squash a range without the file."),
        new("VariableChangesStatements", InvalidData, "A raw value begins or ends statements in a file that runs without a transaction.", "Write the statements into the file, and use the variable within one of them."),
        new("ForeignEncoding", InvalidData, "A migration with non-ASCII text sets another client encoding.", "Remove the SET statement; files are sent as UTF-8."),
        new("ConfirmationNotPossible", InvalidOperation, "The command requires confirmation, but the session is not interactive or standard input has ended.", "Add -Confirm:$false."),
        new("RollbackNotConfirmed", InvalidOperation, "Migrations would be rolled back, and the session cannot ask for confirmation.", "With Undo-HasuraMigration, add -Confirm:$false. With Invoke-HasuraMigration -To, add -Force."),
    ];

    internal static readonly ErrorDefinition[] Running =
    [
        new("MigrationFailed", InvalidResult, "The server reported an error in a statement of a migration; that migration was rolled back.", "Correct the statement named, then run again; migrations before it stay applied."),
        new("MigrationFailedPartly", InvalidResult, "A statement of a migration that runs without a transaction failed; the statements before it are kept.", "Correct the statement and run again to resume, or resolve it with Repair-HasuraMigration."),
        new("RepeatableFailed", InvalidResult, "The server reported an error in repeatable files; none of those that changed was run. The migrations before them stay applied.", "Correct the statements named, then run again."),
        new("LockTimeout", ResourceBusy, "Another run held the migration lock for longer than -LockTimeout.", "Wait for the session named, or end it, then run again."),
        new("DdlLockTimeout", OperationTimeout, "Within -DdlTimeout, a statement could not get a lock on an object, or ended with a deadlock or serialization failure each time.", "End or wait for the blocking sessions named, or raise -DdlTimeout."),
        new("StatementTimeout", OperationTimeout, "A statement ran longer than the statement timeout.", "Raise -StatementTimeout or the server's statement_timeout."),
        new("LocksExhausted", LimitsExceeded, "The transaction needs more locks than max_locks_per_transaction allows.", "Raise max_locks_per_transaction on the server, or run with -TransactionMode PerMigration."),
        new("PoolerDetected", InvalidOperation, "The server process behind the connection changes: the connection goes through a transaction-mode pooler.", "Connect to PostgreSQL directly, or to a pooler in session mode."),
        new("StateStoreUnreachable", ConnectionError, "A database has no history yet, and another database of the project that may hold Hasura's record cannot be reached; what Hasura's CLI applied would run again.", "Name Hasura's metadata database with -MetadataConnectionString. If there is none, name the database itself."),
        new("OutcomeUnknown", ConnectionError, "The connection was lost, and the server could not be reached again to find out whether the work was committed.", "Run Get-HasuraMigration when the server is available again: the history shows what was committed. For a metadata command, run Compare-HasuraMetadata. -ReconnectTimeout sets how long a run waits for the server (default: 2 minutes)."),
        new("ConnectionLost", ConnectionError, "The server ended the connection during a migration. The history shows that it was not committed.", "Find out who ended the session, then run again."),
        new("HistoryUnreadable", InvalidData, "The history tables exist but are incomplete or have an unknown structure.", "Restore schema hasura_migrations, or drop it if it never held history, then run again. Dropping it deletes the history: make sure that Hasura's record lists the applied versions, otherwise they are applied again."),
        new("HistoryUntrusted", PermissionDenied, "Reading or writing the history would run code of a role that is not trusted.", "Find out who created it. If it is yours, change the owner of schema and tables to the role that migrates, the owner of the database or a superuser, and remove triggers, rules and row security. Otherwise drop schema hasura_migrations. Dropping it deletes the history: make sure that Hasura's record lists the applied versions, otherwise they are applied again."),
        new("CatalogUntrusted", PermissionDenied, "Reading or writing Hasura's catalog would run code of a role that is not trusted.", "Connect as the role that owns Hasura's catalog, or find out who created the objects named and drop those that are not Hasura's."),
        new("HistoryTooNew", InvalidData, "The history was written by a newer version of this module.", "Update the module."),
        new("HistoryWriteDenied", PermissionDenied, "This role may not create or write the history in the target database.", "Run the GRANT named in the message as the database owner."),
        new("StateStoreExists", ResourceExists, "Hasura's record or catalog cannot be created, because schema hdb_catalog exists but is incomplete.", "Let Hasura finish its own catalog, or drop the partial schema if nothing uses it."),
        new("StateStoreFailed", InvalidResult, "A migration was committed, but Hasura's record in the other database could not be written.", "Run any command that writes again, or Repair-HasuraMigration -State: both rewrite the record from the history."),
        new("StateNotFound", ObjectNotFound, "Hasura's record that a command reads or writes does not exist, or a file contains none of the database.", "Name Hasura's metadata database with -MetadataConnectionString, or choose another store with -From or -To. Invoke-HasuraMigration and Repair-HasuraMigration -State create the record with -CreateStateStore."),
        new("StateNotKept", ResourceBusy, "Other clients keep overwriting Hasura's catalog state with older copies.", "Stop the other clients, such as the CLI and its console, then run the command again."),
        new("StateFileInvalid", InvalidData, "The file given to Import-HasuraMigrationState was not written by Export-HasuraMigrationState, is damaged, or has a format of a later version.", "Export Hasura's record again, or correct the file at the place named."),
        new("StateFileExists", ResourceExists, "The file to which Hasura's record is to be exported exists already.", "Choose another path, or add -Force to replace the file."),
        new("StateImportInvalid", InvalidArgument, "Hasura's record is to be copied from a store to the same store.", "Name two different stores, such as -From Table -To Catalog, or a file with -Path."),
        new("SettingUnknown", ObjectNotFound, "Hasura's record has no setting of that name, and Hasura knows none.", "Use migration_mode, or a name that Get-HasuraMigrationSetting lists."),
        new("SettingValueInvalid", InvalidArgument, "The value of a setting of Hasura's record is not valid.", "Set migration_mode to true or false."),
        new("RepairNotPossible", InvalidOperation, "The repair does not apply to the current state of the migration.", "Use Get-HasuraMigration to see the state and choose another repair."),
    ];

    internal static readonly ErrorDefinition[] Seeds =
    [
        new("SeedNotFound", ObjectNotFound, "There is no seed file of that name in the seeds directory of the database.", "Give a path relative to the seeds directory, such as 1700000000001_roles.sql or demo/*.sql."),
        new("SeedNameInvalid", InvalidArgument, "The name of a seed file is empty, too long, or contains a path separator or control character.", "Use letters, digits, spaces, '-' and '_' in the name."),
        new("SeedTableInvalid", InvalidArgument, "The name of a table for a seed file is not 'table' or 'schema.table', or names something without rows of its own.", "Name a table. Write a part that contains a dot or a quote in double quotes, as in SQL."),
        new("SeedTableNotFound", ObjectNotFound, "A table for a seed file does not exist.", "Check schema, name and case; without a schema, public is used."),
        new("SeedFailed", InvalidResult, "The server reported an error in a statement of a seed file; its transaction was rolled back.", "Correct the statement named, then run again."),
        new("SeedFailedPartly", InvalidResult, "A statement of a seed file that runs without a transaction failed; the statements before it are kept.", "Correct the statement and run again to resume, or add -Restart to begin with the first statement."),
        new("SeedUnfinished", InvalidOperation, "A seed file that runs without a transaction was interrupted, and this run is one transaction.", "Run with -TransactionMode PerFile or None to resume it, or add -Restart to begin with its first statement."),
        new("SeedOnceNotSupported", NotImplemented, "-Once needs a record in the database, which sources of this kind do not have.", "Run without -Once."),
        new("SeedTransactionNotSupported", NotImplemented, "Several seed files cannot be one transaction on sources of this kind.", "Run with -TransactionMode PerFile."),
        new("DumpProgramMissing", ResourceUnavailable, "The program pg_dump was not found, or is older than the server.", "Install the client programs of PostgreSQL in the version of the server, or use a Hasura server with -Endpoint."),
        new("DumpFailed", InvalidResult, "The program pg_dump reported an error.", "Correct the cause named in the message."),
        new("SchemaInvalid", InvalidArgument, "A schema to write belongs to Hasura or to this module.", "Leave the schema out."),
        new("SchemaEmpty", ObjectNotFound, "The schemas selected have no objects.", "Check the connection, and the names given with -Schema and -ExcludeSchema. Case counts."),
        new("SchemaNotProven", ResourceUnavailable, "It could not be proven that a migration creates the schema it was made of: no throwaway server of the version of the database could be started, it lacks an extension, or a statement requires the superuser. Nothing was written.", "Install PostgreSQL in the version of the database, with the extensions that it uses, or allow npm to with -AllowDownload; or write the migration without the proof with -SkipProof."),
        new("SchemaNotReproduced", InvalidResult, "A migration made of a schema fails, or creates another schema. Nothing was written.", "Schemas that others refer to must be selected, too. With -SkipProof the migration is written for you to correct."),
        new("MetadataStepNotSupported", InvalidOperation, "Migrations contain actions on metadata only in projects of config version 1.", "Use Export-HasuraMetadata: in config versions 2 and 3, the metadata has files of its own."),
        new("MigrationNotRecorded", InvalidResult, "A migration made of a database was written, but was not recorded as applied there.", "Correct the cause, then record it with Invoke-HasuraMigration -SkipExecution."),
    ];

    internal static readonly ErrorDefinition[] Connections =
    [
        new("ConnectionMissing", InvalidArgument, "No connection was given, and neither the environment nor the project names one.", "Give -ConnectionString, or set HASURA_GRAPHQL_DATABASE_URL."),
        new("ConnectionStringInvalid", InvalidArgument, "The connection string is not a PostgreSQL URL or keyword string, or has a parameter that is not supported.", "Use postgres://user:password@host:5432/database, with special characters percent-encoded, or Host=...;Database=...;Username=...;Password=..."),
        new("ConnectionAmbiguous", InvalidArgument, "One connection string was given for several databases, or two ways to connect at once.", "Give a hashtable of database name to connection string, or one way to connect."),
        new("TargetAmbiguous", InvalidArgument, "Both a database URL and a server endpoint are set.", "Choose with -Target Postgres or -Target Server."),
        new("TargetNotSupported", NotImplemented, "The command or a parameter does not support this kind of target: some need a Hasura server, some need a direct connection to PostgreSQL, and some sources are of a kind that does not run SQL.", "Name a server with -Endpoint, or the database with -ConnectionString, as the message says."),
        new("DatabaseUnreachable", ConnectionError, "The database server could not be reached.", "Check the host, the port and the network, and that the server is running."),
        new("ServerNotPostgres", NotImplemented, "The server uses the PostgreSQL protocol but is another product, whose advisory locks do not exclude concurrent runs.", "Use PostgreSQL, or a Hasura server that supports this kind of source."),
        new("AuthenticationFailed", AuthenticationError, "The server rejected the user name or the password.", "Check the credentials and pg_hba.conf."),
        new("DatabaseMissing", ObjectNotFound, "The server has no database of that name.", "Create the database, or correct its name in the connection string."),
        new("ServerReadOnly", ResourceUnavailable, "The server is a read-only replica or the session is read-only.", "Connect to the primary server."),
        new("PermissionMissing", PermissionDenied, "The role lacks a required privilege.", "Grant the privilege named in the message."),
        new("TooManyConnections", ResourceBusy, "The server accepts no more connections.", "A run needs two connections. Close some, or raise max_connections."),
        new("QueryFailed", InvalidResult, "The server reported an error for a statement of this module's own.", "Read the server's message. If it is not about privileges or disk space, report it as an issue."),
    ];

    internal static readonly ErrorDefinition[] Server =
    [
        new("ServerEndpointInvalid", InvalidArgument, "The endpoint is not an absolute http or https URL, or contains a user name, a query or a fragment.", "Give the URL of the server alone, such as https://hasura.example.com."),
        new("ServerHeaderInvalid", InvalidArgument, "A header, or the admin secret, is not valid in an HTTP request.", "Correct its name or value; a secret from a file may end in a newline."),
        new("ServerInsecure", InvalidOperation, "The endpoint is plain http on another machine: anyone on the network path could read the admin secret and all SQL.", "Use https, or add -AllowInsecureEndpoint."),
        new("ServerCertificateAuthorityInvalid", InvalidData, "The file of certificate authorities cannot be read, or contains no certificate.", "Name a file of certificates in PEM form."),
        new("ServerUnreachable", ConnectionError, "The server could not be reached.", "Check the endpoint and the network, and that the server is running."),
        new("ServerCertificateInvalid", AuthenticationError, "No secure connection could be established: the server's certificate is not trusted, or is for another host.", "Trust its issuer with -CertificateAuthority, or correct the host name in the endpoint."),
        new("ServerRedirected", InvalidOperation, "The server answered with a redirect that is not followed: to another origin, with a status that would change the request, or too many times. The admin secret is not sent there.", "If you trust the address named in the message, use it as the endpoint."),
        new("AdminSecretRejected", AuthenticationError, "The server requires an admin secret, or rejected the one sent.", "Give -AdminSecret, or set HASURA_GRAPHQL_ADMIN_SECRET."),
        new("ServerApiMissing", ObjectNotFound, "The server does not provide this API: it is disabled, has another version, or is at another path.", "Check HASURA_GRAPHQL_ENABLED_APIS on the server, and api_paths in config.yaml."),
        new("ServerAnswerInvalid", InvalidData, "The response did not come from Hasura (an HTML page, for example), or is truncated.", "Check that the endpoint is a Hasura server, and the proxies in front of it."),
        new("ServerGatewayFailed", ResourceUnavailable, "A proxy answered instead of the server.", "Check that the server is running. If requests take long, raise the time limit of the proxy."),
        new("ServerConnectionLost", ConnectionError, "The connection to the server was lost before the response was complete.", "Check whether the server restarted, then run the command again."),
        new("ServerAnswerTooLarge", LimitsExceeded, "The response of the server is larger than the limit. The rest was not read.", "Check that the endpoint is a Hasura server. If the size is expected, set HASURA_MIGRATIONS_MAX_ANSWER_SIZE, for example to 1GB."),
        new("ServerTimeout", OperationTimeout, "The server did not answer within the time limit.", "Raise -RequestTimeout (default: 30 seconds), or find out what the server is waiting for."),
        new("ServerError", InvalidResult, "The server rejected the request with an error.", "Correct the cause named in the message."),
        new("ServerVersionUnsupported", NotImplemented, "The version of the server is not supported.", "Use a server of version 1 or 2."),
        new("ServerSourceMissing", ObjectNotFound, "The server's metadata has no source with the name of the database.", "Import the metadata first, or correct the name of the database."),
        new("ServerOutcomeUnknown", ConnectionError, "The response to a write was lost, and it is unknown whether the write was applied.", "When the server is available again, Get-HasuraMigration shows what was committed. For a metadata command, run Compare-HasuraMetadata."),
        new("MetadataObjectInconsistent", InvalidData, "An object of the metadata is inconsistent with a database, so a server cannot use it.", "Correct the object at the line named, or the database."),
        new("StoredQueryInvalid", InvalidData, "A stored query names something that the API does not have. A warning if only a role other than admin lacks it.", "Correct the query at the line named, or the permissions of the role."),
        new("DependencyObjectNotFound", ObjectNotFound, "Neither the metadata nor a database has an object of the name, or of the kind.", "Give a name such as public.users.email, or the nearest name of the message."),
        new("PermissionWider", InvalidOperation, "By the migrations, a role becomes able to do more, although no permission was changed; for example a permission with * on a table that gets a column. Nothing was applied.", "List the columns in the permission, or add -AllowWiderPermissions. Measure-HasuraImpact shows each one."),
        new("ImpactNotMeasured", InvalidResult, "A change, or the schema before it, cannot be tried in a throwaway database.", "Correct the statement that the message names. If it depends on rows, roles or extensions, create them with -SetupPath; a statement that only works with the rows of the database cannot be tried."),
        new("SandboxRequired", InvalidArgument, "A parameter for the throwaway database was given without -Sandbox.", "Add -Sandbox, or omit the parameter."),
        new("MetadataInconsistent", InvalidResult, "The metadata is inconsistent with the databases. The previous metadata was kept.", "Correct the objects named, or add -AllowInconsistent."),
        new("DatabaseNotReady", ResourceUnavailable, "A database could not be reached in time.", "Check the connection string and the database, or raise -Timeout of Publish-HasuraProject or HASURA_GRAPHQL_MIGRATIONS_SERVER_TIMEOUT."),
        new("AutoApplyTimeoutInvalid", InvalidArgument, "HASURA_GRAPHQL_MIGRATIONS_SERVER_TIMEOUT is not a number of seconds.", "Set it to a whole number, such as 60."),
        new("ServerNotReady", ResourceUnavailable, "The server answers, but its metadata database does not, or it was not ready in time.", "Check the log of the server, or raise -Timeout of Wait-HasuraServer."),
    ];

    internal static readonly ErrorDefinition[] Sandbox =
    [
        new("PostgresNotFound", ResourceUnavailable, "No PostgreSQL server programs of the requested version were found, and neither npm (with -AllowDownload) nor Docker can provide them.", "Install PostgreSQL (Debian and Ubuntu: apt-get install postgresql; Windows: winget install PostgreSQL.PostgreSQL.17; macOS: brew install postgresql@17), or Node.js with npm and add -AllowDownload, or Docker. If PostgreSQL is installed elsewhere, name its bin directory in HASURA_SANDBOX_POSTGRES."),
        new("SandboxStartFailed", ResourceUnavailable, "A sandbox server did not start.", "Read the server's log lines in the message."),
        new("SandboxUserMissing", ResourceUnavailable, "PostgreSQL does not run as root and no unprivileged user was found to run it as.", "Run as another user, or create a user 'postgres'."),
        new("SandboxNotFound", ObjectNotFound, "The connection does not belong to a sandbox that this session started.", "Pass the object that Start-HasuraSandbox returned, or no object to stop all sandboxes of this session."),
        new("SandboxDownloadFailed", ResourceUnavailable, "The PostgreSQL package could not be installed with npm.", "Check that npm works and reaches its registry."),
    ];

    internal static readonly ErrorDefinition[] Metadata =
    [
        new("MetadataVersionUnsupported", InvalidData, "The metadata version is not 1, 2 or 3.", "Set 'version' of the metadata to 1, 2 or 3."),
        new("MetadataVersionMismatch", InvalidData, "The metadata has another version than its destination, and cannot be converted.", "Convert it with ConvertTo-HasuraMetadata -MetadataVersion, or upgrade the project's config version."),
        new("MetadataInvalid", InvalidData, "The metadata has errors; nothing was written.", "Correct each error that is listed; Test-HasuraMetadata -Detailed shows them as objects."),
        new("MetadataKeyMissing", InvalidData, "An object of the metadata lacks a required key.", "Add the key."),
        new("MetadataKeyUnknown", InvalidData, "A table of the metadata has a key that is unknown to all servers. A server rejects it.", "Correct the key. The message names the most similar known key."),
        new("MetadataValueInvalid", InvalidData, "A value of the metadata has the wrong type, or is not valid GraphQL, SDL, cron schedule or name.", "Correct the value as described in the message."),
        new("MetadataDuplicate", InvalidData, "Two objects of the metadata have one name.", "Remove or rename one of them. A merge may have introduced it."),
        new("MetadataNameConflict", InvalidData, "Two objects of the metadata have the same name in the API, so a server exposes neither.", "Rename one of them, or import with -AllowInconsistent."),
        new("MetadataReferenceMissing", InvalidData, "An object of the metadata refers to a table, source, remote schema, query or type that the metadata does not contain.", "Add the missing object, or import with -AllowInconsistent."),
        new("MetadataDropsObjects", InvalidOperation, "An import would drop a whole source, or every object of a kind. A file may be missing.", "Check the metadata for missing objects. To drop them, add -Force."),
        new("MetadataMergeConflict", InvalidResult, "Both sides of a merge changed one field of the metadata, each in another way.", "Correct the fields that are listed, or choose a side for all of them with -Prefer."),
        new("MetadataMergeFileUnknown", InvalidArgument, "A file to merge is not a file of the metadata whose parts are known.", "Give the path of the file in the project with -Path, or merge the file with git merge-file."),
        new("MetadataInputInvalid", InvalidArgument, "The metadata given is neither JSON text, nor a path, nor a metadata object.", "Pass a path, JSON text, or the output of Export-HasuraMetadata -AsObject."),
        new("RevisionNotFound", ObjectNotFound, "A git revision of the project could not be read.", "Check that git is installed, that the project is in a repository, and that the revision exists."),
    ];

    internal static readonly ErrorDefinition[] MetadataFiles =
    [
        new("MetadataNotFound", ObjectNotFound, "The metadata directory or file does not exist.", "Check the path, or metadata_directory and metadata_file in config.yaml; or export the metadata first."),
        new("MetadataIncludeMissing", ObjectNotFound, "A metadata file includes a file that does not exist.", "Correct the path at the line named, or remove the entry."),
        new("MetadataIncludeInvalid", InvalidData, "An include is not a relative path, names a file of another kind, or includes itself.", "Correct the include at the line named."),
        new("MetadataTooLarge", LimitsExceeded, "The metadata exceeds a fixed limit: 20,000 files, 256 MiB, or 32 levels of includes.", "Reduce the metadata at the file named. These limits cannot be changed."),
        new("SdlInvalid", ParserError, "actions.graphql cannot be parsed.", "Correct the file at the line named."),
        new("SdlNotSupported", InvalidData, "actions.graphql contains a definition that Hasura does not support there, such as a union, an interface or a directive.", "Remove the definition named."),
        new("ActionNotInSdl", InvalidData, "An action in actions.yaml is not in actions.graphql.", "Declare the action in actions.graphql, or remove its entry."),
        new("ActionTypeNotInSdl", InvalidData, "A custom type in actions.yaml is not in actions.graphql, or has another kind there.", "Declare the type in actions.graphql, or remove its entry."),
        new("ActionsFileInvalid", InvalidData, "The structure of actions.yaml is not valid.", "Correct the file at the line named."),
        new("ActionsNotWritable", InvalidData, "Actions or custom types of the metadata cannot be written as valid SDL in actions.graphql.", "Correct the object named in the metadata."),
    ];

    internal static readonly ErrorDefinition[] MetadataStore =
    [
        new("MetadataStoreMissing", ObjectNotFound, "The database contains no Hasura metadata.", "Specify the metadata database with -MetadataConnectionString. To create a catalog here, use Import-HasuraMetadata or Invoke-HasuraMigration with -CreateStateStore."),
        new("MetadataStoreUnsupported", InvalidData, "The version of Hasura's catalog is not supported, or the catalog is damaged.", "Let the Hasura server upgrade its catalog, or update the module."),
        new("MetadataConflict", ResourceBusy, "Another client changed the metadata after it was read. Nothing was written.", "Compare again, then run the command again."),
        new("MetadataNotStorable", InvalidData, "The metadata contains an object that the catalog cannot store. Nothing was written.", "Remove the object named in the message, or upgrade the server."),
        new("MetadataSideEffects", InvalidOperation, "The change requires SQL, such as creating triggers, in a database that is not known here. Nothing was written.", "Name the database of the source with -ConnectionString, or apply the change through a server; or add -SkipSideEffects, then reload the metadata and recreate the event triggers."),
        new("MetadataCommandRefused", InvalidResult, "A command of Hasura's API was rejected by Hasura's rules, or its SQL failed. Nothing was written.", "Correct the cause named in the message. Code, Path and SqlState of the exception have details."),
    ];

    internal static readonly ErrorDefinition[] Api =
    [
        new("ApiSchemaBreaks", InvalidResult, "A GraphQL schema differs from the one it was compared with by a change of the class of -FailOn, or of a worse one.", "Review the changes that were written; keep what clients use, or agree on the change with them."),
        new("ApiSchemaInvalid", ParserError, "A GraphQL schema in SDL, or an introspection, cannot be read.", "Correct the SDL at the line named, or ask the server for its introspection again."),
        new("ApiSchemaRefused", PermissionDenied, "A server answered a request for its introspection with an error.", "Give the admin secret, which lets requests choose a role; servers can disable introspection for roles."),
        new("ApiSchemaPathInvalid", InvalidArgument, "Schemas of several roles were to be written to one file.", "Name a directory with -Path, or one role with -Role."),
        new("OperationInvalid", InvalidResult, "Operations of clients or of the metadata have the status of -FailOn, or a worse one.", "Correct the operations that were written, or the change that breaks them."),
        new("OperationNotFound", ObjectNotFound, "There is no operation in the files of -Path.", "Name files with operations, or a directory with files .graphql or .gql; persisted operations are named themselves."),
        new("OperationFileInvalid", ParserError, "A file of persisted operations is not JSON, or neither a map of hashes and texts nor a list of operations.", "Write it again with the tool that made it; a schema is given with -Schema."),
        new("ApiSettingInvalid", InvalidArgument, "A setting of a server has no value that a server reads, or is none.", "Give the environment variables of the server with -ServerSetting, and its version with -ServerVersion."),
    ];
}
