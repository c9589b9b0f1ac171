using System.Management.Automation;
using System.Reflection;
using System.Runtime.Loader;

namespace HasuraMigrations.Loading;

/// <summary>Makes the engine findable while the module is loaded.</summary>
public sealed class ModuleInitializer : IModuleAssemblyInitializer, IModuleAssemblyCleanup
{
    private const string Engine = "HasuraMigrations.Engine";

    private static readonly object Gate = new();
    private static int _imports;

    /// <inheritdoc/>
    public void OnImport()
    {
        lock (Gate)
        {
            if (_imports++ == 0)
            {
                AssemblyLoadContext.Default.Resolving += Resolve;
            }
        }
    }

    /// <inheritdoc/>
    public void OnRemove(PSModuleInfo psModuleInfo)
    {
        lock (Gate)
        {
            // Other runspaces of the process may still use the module.
            if (--_imports == 0)
            {
                AssemblyLoadContext.Default.Resolving -= Resolve;
            }
        }
    }

    // Only the engine is ours to answer for: any other name asked here belongs to another module.
    private static Assembly? Resolve(AssemblyLoadContext context, AssemblyName name) =>
        name.Name == Engine ? PrivateLoadContext.Instance.LoadFromAssemblyName(name) : null;
}
