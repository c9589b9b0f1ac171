using System.Reflection;
using System.Runtime.Loader;

namespace HasuraMigrations.HelpWriter;

/// <summary>Loads the staged module.</summary>
/// <param name="directory">Its directory.</param>
internal sealed class ModuleLoadContext(string directory) : AssemblyLoadContext("module")
{
    /// <summary>Loads the assembly with the cmdlets.</summary>
    public Assembly LoadModule() => LoadFromAssemblyPath(Path.Combine(directory, "HasuraMigrations.dll"));

    /// <summary>Loads the assembly with the types that users see.</summary>
    public Assembly LoadContracts() => LoadFromAssemblyPath(Path.Combine(directory, "HasuraMigrations.Contracts.dll"));

    /// <inheritdoc/>
    protected override Assembly? Load(AssemblyName assemblyName)
    {
        var found = new[] { directory, Path.Combine(directory, "deps") }.Select(d => Path.Combine(d, assemblyName.Name + ".dll")).FirstOrDefault(File.Exists);
        return found is null ? null : LoadFromAssemblyPath(found);
    }
}
