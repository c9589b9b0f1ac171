using System.Reflection;

namespace HasuraMigrations.Tests.Support;

/// <summary>Places in the repository.</summary>
internal static class Repository
{
    public static string Root { get; } = FindRoot();

    public static string Module { get; } = Path.Combine(Root, "out", "HasuraMigrations");

    public static string Manifest { get; } = Path.Combine(Module, "HasuraMigrations.psd1");

    /// <summary>A value that the build wrote into this assembly.</summary>
    public static string BuildValue(string name) =>
        typeof(Repository).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == name).Value!;

    private static string FindRoot()
    {
        var directory = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(directory, "Migrations.sln")))
        {
            directory = Path.GetDirectoryName(directory) ?? throw new DirectoryNotFoundException("The tests do not lie in the repository.");
        }

        return directory;
    }
}
