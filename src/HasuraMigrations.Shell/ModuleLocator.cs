namespace HasuraMigrations.Shell;

/// <summary>Finds the module that belongs to this program.</summary>
internal static class ModuleLocator
{
    private const string Variable = "HASURA_MIGRATIONS_MODULE";
    private const string Module = "HasuraMigrations";
    private const string Manifest = Module + ".psd1";

    /// <summary>Full path of the module's manifest.</summary>
    /// <exception cref="FileNotFoundException">There is none; the message lists the places.</exception>
    public static string Find()
    {
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } given)
        {
            var path = Path.GetFullPath(given);
            var manifest = Directory.Exists(path) ? Directory.EnumerateFiles(path, "*.psd1").FirstOrDefault() ?? Path.Combine(path, Manifest) : path;
            return File.Exists(manifest)
                ? manifest
                : throw new FileNotFoundException($"{Variable} names {given}, where no module manifest is.");
        }

        var places = Places().ToList();
        return places.FirstOrDefault(File.Exists)
            ?? throw new FileNotFoundException($"The module {Module} was not found. Looked for: {string.Join(", ", places)}. Set {Variable} to its folder.");
    }

    private static IEnumerable<string> Places()
    {
        var home = AppContext.BaseDirectory;
        yield return Path.Combine(home, "modules", Module, Manifest);
        yield return Path.Combine(home, Module, Manifest);
        for (var directory = new DirectoryInfo(home); directory is not null; directory = directory.Parent)
        {
            // Inside the repository the build stages the module.
            if (File.Exists(Path.Combine(directory.FullName, "Migrations.sln")))
            {
                yield return Path.Combine(directory.FullName, "out", Module, Manifest);
            }
        }
    }
}
