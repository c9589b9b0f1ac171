namespace HasuraMigrations;

/// <summary>The class of an error, as a shell sorts it (the cmdlets turn it into an error category).</summary>
public enum ErrorKind
{
    /// <summary>An argument, or a combination of arguments, cannot be used.</summary>
    InvalidArgument,

    /// <summary>Data that was read (file, history, answer) is not what it must be.</summary>
    InvalidData,

    /// <summary>Text could not be parsed.</summary>
    ParserError,

    /// <summary>A project, file, database or migration does not exist.</summary>
    ObjectNotFound,

    /// <summary>Something of that name or version exists already.</summary>
    ResourceExists,

    /// <summary>Somebody else holds what is needed.</summary>
    ResourceBusy,

    /// <summary>Something that is needed is not there (a program, a server, a right place to write).</summary>
    ResourceUnavailable,

    /// <summary>The target could not be reached, or the connection to it broke.</summary>
    ConnectionError,

    /// <summary>User name or password were refused.</summary>
    AuthenticationError,

    /// <summary>A right is missing.</summary>
    PermissionDenied,

    /// <summary>A size or count is beyond a limit.</summary>
    LimitsExceeded,

    /// <summary>A time limit ran out.</summary>
    OperationTimeout,

    /// <summary>The operation was stopped, or refused in the state things are in.</summary>
    InvalidOperation,

    /// <summary>The server ran what it was told and reported an error.</summary>
    InvalidResult,

    /// <summary>A file could not be read.</summary>
    ReadError,

    /// <summary>A file could not be written.</summary>
    WriteError,

    /// <summary>What was asked for is not supported.</summary>
    NotImplemented,
}
