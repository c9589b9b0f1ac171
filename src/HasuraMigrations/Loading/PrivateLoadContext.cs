using System.Reflection;
using System.Runtime.Loader;

namespace HasuraMigrations.Loading;

/// <summary>Holds the engine and its libraries, so that other modules may use other versions of them.</summary>
internal sealed class PrivateLoadContext : AssemblyLoadContext
{
    private readonly string _directory;

    private PrivateLoadContext(string directory)
        : base("HasuraMigrations", isCollectible: false) => _directory = directory;

    /// <summary>The one context of this process: loading twice would make two of each type.</summary>
    internal static PrivateLoadContext Instance { get; } =
        new(Path.Combine(Path.GetDirectoryName(typeof(PrivateLoadContext).Assembly.Location)!, "deps"));

    protected override Assembly? Load(AssemblyName assemblyName)
    {
        // What is not here comes from the default context: the framework, and Contracts, whose types both sides share.
        var path = Path.Combine(_directory, assemblyName.Name + ".dll");
        return File.Exists(path) ? LoadFromAssemblyPath(path) : null;
    }
}
