namespace HasuraMigrations.Shell;

/// <summary>What the standard streams are connected to.</summary>
internal static class Terminal
{
    private const int WidthOfFiles = 120;

    /// <summary>Whether colours may be written at all.</summary>
    private static bool WantsColor { get; } =
        string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"))
        && !string.Equals(Environment.GetEnvironmentVariable("TERM"), "dumb", StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether standard output understands escape sequences and may get them.</summary>
    public static bool OutputHasColor => WantsColor && !Console.IsOutputRedirected;

    /// <summary>Whether standard error understands escape sequences and may get them.</summary>
    public static bool ErrorHasColor => WantsColor && !Console.IsErrorRedirected;

    /// <summary>Columns of a line; a fixed number where output is no terminal.</summary>
    public static int Width
    {
        get
        {
            try
            {
                return Console.IsOutputRedirected || Console.WindowWidth <= 0 ? WidthOfFiles : Console.WindowWidth;
            }
            catch (IOException)
            {
                return WidthOfFiles;
            }
        }
    }
}
