using System.Collections;
using System.Management.Automation;
using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Variables;

namespace HasuraMigrations.Abstractions;

/// <summary>Base of the cmdlets that run SQL files.</summary>
public abstract class HasuraScriptCmdlet : HasuraRecordCmdlet
{
    private VariableSet? _variables;

    private protected HasuraScriptCmdlet()
    {
    }

    /// <summary>
    /// How long to retry when a lock on a table or another object is not available, as a number of seconds or a time. Each attempt
    /// waits for only 2 seconds, so that sessions queued behind it are not blocked. The default is 5 minutes.
    /// </summary>
    [Parameter]
    [Seconds]
    public TimeSpan DdlTimeout { get; set; } = new RunOptions().DdlTimeout;

    /// <summary>Time limit for one statement, as a number of seconds or a time. Without it, the server's own setting applies.</summary>
    [Parameter]
    [Seconds]
    public TimeSpan? StatementTimeout { get; set; }

    /// <summary>Does not notify a running Hasura server that the schema changed.</summary>
    [Parameter]
    public SwitchParameter NoReload { get; set; }

    /// <summary>
    /// Finds the statement that failed after a failure through a Hasura server, which reports no position. Leading parts of the
    /// file run in transactions that are always rolled back; the remaining part is halved each time. Directly on PostgreSQL, the
    /// position is always known.
    /// </summary>
    [Parameter]
    public SwitchParameter LocateError { get; set; }

    /// <summary>
    /// Values of the variables in SQL files, as a hashtable of names and values: text, SecureString, numbers, booleans. They override those
    /// of the environment (HASURA_MIGRATIONS_VAR_ and the name) and of -VariablePath. Only files with the line '-- hasura:variables' among
    /// their first comment lines have variables.
    /// </summary>
    [Parameter]
    [ValidateNotNull]
    public IDictionary? Variable { get; set; }

    /// <summary>File with values of variables in SQL files, in the form NAME=value, as an env file.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? VariablePath { get; set; }

    /// <summary>Values of the variables in SQL files.</summary>
    /// <exception cref="HasuraMigrationException">VariableValueInvalid, EnvFileInvalid.</exception>
    private protected VariableSet Variables => _variables ??= VariableSet.Create(VariableInput.Read(Variable), VariablePath is null ? null : ResolvePath(VariablePath));

    /// <summary>Does work on databases, and warns of variables that were given for nothing: of an error, they may be the cause.</summary>
    /// <param name="databases">Number of databases.</param>
    /// <param name="work">The work.</param>
    private protected void RunWithVariables(int databases, Action work)
    {
        try
        {
            work();
        }
        catch (HasuraMigrationException)
        {
            ReportUnused(databases);
            throw;
        }

        ReportUnused(databases);
    }

    // A file of a database that was not planned may use them.
    private void ReportUnused(int databases) => Report((Variables.PlannedDatabases < databases ? [] : Variables.Unused).Select(name => new Finding
    {
        Id = "VariableUnused",
        Severity = FindingSeverity.Warning,
        Message = $"The variable '{name}' was given, but no SQL file uses it.",
        RecommendedAction = "Correct the name, or remove the variable.",
    }));

    /// <summary>How runs behave.</summary>
    private protected virtual RunOptions ReadRunOptions() => new()
    {
        LockTimeout = LockTimeout,
        ReconnectTimeout = ReconnectTimeout,
        DdlTimeout = DdlTimeout,
        StatementTimeout = StatementTimeout,
        NoReload = NoReload,
        LocateError = LocateError,
    };
}
