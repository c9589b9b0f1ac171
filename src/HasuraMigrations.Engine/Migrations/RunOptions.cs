using HasuraMigrations.Engine.Variables;

namespace HasuraMigrations.Engine.Migrations;

/// <summary>How a run behaves.</summary>
public sealed record RunOptions
{
    /// <summary>How long to wait for another run to end.</summary>
    public TimeSpan LockTimeout { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>How long to go on trying for a lock on a table that other sessions use.</summary>
    public TimeSpan DdlTimeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How long one wait for such a lock may hold up the sessions queued behind it.</summary>
    public TimeSpan DdlAttempt { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How long a connection that was lost, or a server that gives no answer, may take to come back.</summary>
    public TimeSpan ReconnectTimeout { get; init; } = DefaultReconnectTimeout;

    /// <summary>The same where nothing else was said, also for work that is no run.</summary>
    public static TimeSpan DefaultReconnectTimeout => TimeSpan.FromMinutes(2);

    /// <summary>How often it is looked up whether work whose answer is waited for is still going on.</summary>
    public TimeSpan WatchInterval { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Longest time for one statement; null keeps the server's setting.</summary>
    public TimeSpan? StatementTimeout { get; init; }

    /// <summary>Refuses, with an exception, a plan that was made under the locks; null for none.</summary>
    public Func<MigrationPlan, CancellationToken, Task>? Require { get; init; }

    /// <summary>Do not tell a running server that the schema changed.</summary>
    public bool NoReload { get; init; }

    /// <summary>Do not keep the text of the steps.</summary>
    public bool NoStoreText { get; init; }

    /// <summary>Make Hasura's record where there is none.</summary>
    public bool CreateStateStore { get; init; }

    /// <summary>After a failure through a server, which tells no position: find the statement by trying beginnings of the work, always rolled back.</summary>
    public bool LocateError { get; init; }

    /// <summary>Hides the values of variables from what is shown and stored.</summary>
    internal ValueMask Mask { get; init; } = new();
}
