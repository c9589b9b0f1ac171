using System.Reflection;
using System.Runtime.InteropServices;
using System.Runtime.Loader;

namespace HasuraMigrations.Loading;

/// <summary>
/// Holds the engine and its libraries, so that other modules may use other versions of them. A file in <c>deps/linux-x64</c>,
/// <c>deps/win-x64</c> and so on has the same IL as that in <c>deps</c>, and native code of that platform beside it.
/// </summary>
internal sealed class PrivateLoadContext : AssemblyLoadContext
{
    private readonly string[] _directories;

    private PrivateLoadContext(string directory)
        : base("HasuraMigrations", isCollectible: false) => _directories = [Path.Combine(directory, Platform), directory];

    /// <summary>The one context of this process: loading twice would make two of each type.</summary>
    internal static PrivateLoadContext Instance { get; } =
        new(Path.Combine(Path.GetDirectoryName(typeof(PrivateLoadContext).Assembly.Location)!, "deps"));

    // Native code belongs to a system and a processor, not to a distribution. A file of another platform cannot be loaded; a file for
    // another version of the runtime can, and the runtime then uses its IL.
    private static string Platform => $"{(OperatingSystem.IsWindows() ? "win" : OperatingSystem.IsMacOS() ? "osx" : "linux")}-{RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant()}";

    protected override Assembly? Load(AssemblyName assemblyName)
    {
        // What is not here comes from the default context: the framework, and Contracts, whose types both sides share.
        var path = _directories.Select(d => Path.Combine(d, assemblyName.Name + ".dll")).FirstOrDefault(File.Exists);
        return path is null ? null : OfRuntime(assemblyName) ?? LoadFromAssemblyPath(path);
    }

    // Parts of the runtime are also packages, for older runtimes. The runtime's own is native code, and often loaded already.
    private static Assembly? OfRuntime(AssemblyName assemblyName)
    {
        if (!assemblyName.Name!.StartsWith("System.", StringComparison.Ordinal) || !File.Exists(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), assemblyName.Name + ".dll")))
        {
            return null;
        }

        var own = Default.LoadFromAssemblyName(new AssemblyName(assemblyName.Name));
        return own.GetName().Version >= assemblyName.Version ? own : null;
    }
}
