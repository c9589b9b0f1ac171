using System.Management.Automation;
using HasuraMigrations.Engine.Migrations;

namespace HasuraMigrations.Abstractions;

/// <summary>Base of the cmdlets that write records into a database.</summary>
public abstract class HasuraRecordCmdlet : HasuraDatabaseCmdlet
{
    private protected HasuraRecordCmdlet()
    {
    }

    /// <summary>
    /// How long to wait for another run on the same database, as a number of seconds or a time such as 00:10:00. The default is 10
    /// minutes. During the wait, a warning names the holder of the lock.
    /// </summary>
    [Parameter]
    [Seconds]
    public TimeSpan LockTimeout { get; set; } = new RunOptions().LockTimeout;

    /// <summary>
    /// How long to wait until a lost connection, or a server that does not respond, is available again, as a number of seconds or a
    /// time such as 00:05:00. The default is 2 minutes. After that, the command fails with OutcomeUnknown or ServerOutcomeUnknown.
    /// The same time limit applies to the response to each of this module's own statements.
    /// </summary>
    [Parameter]
    [Seconds]
    public TimeSpan ReconnectTimeout { get; set; } = RunOptions.DefaultReconnectTimeout;
}
