namespace HasuraMigrations.Shell;

/// <summary>Exit codes, the same as those of <c>pwsh</c>.</summary>
internal static class ExitCodes
{
    public const int Success = 0;
    public const int Failure = 1;
    public const int BadArguments = 64;
    public const int Interrupted = 130;
    public const int Terminated = 143;
}
