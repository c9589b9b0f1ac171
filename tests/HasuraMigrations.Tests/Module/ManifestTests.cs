using System.Management.Automation;
using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using HasuraMigrations.Tests.Support;

namespace HasuraMigrations.Tests.Module;

public sealed class ManifestTests(HostedShell shell) : IClassFixture<HostedShell>
{
    [Fact]
    public void The_manifest_exports_each_class_with_a_cmdlet_attribute_and_nothing_else()
    {
        var manifest = shell.Run("Test-ModuleManifest $manifest", ("manifest", Repository.Manifest)).Well().Output[0];
        var listed = ((IDictionary<string, CmdletInfo>)manifest.Properties["ExportedCmdlets"].Value).Keys.Order();
        var loaded = shell.Run("Get-Command -Module HasuraMigrations").Well();
        var classes = loaded.Output
            .Select(c => ((CmdletInfo)c.BaseObject).ImplementingType)
            .First().Assembly.GetExportedTypes()
            .Select(t => t.GetCustomAttribute<CmdletAttribute>())
            .OfType<CmdletAttribute>()
            .Select(a => $"{a.VerbName}-{a.NounName}")
            .Order();

        Assert.Equal(classes, listed);
        Assert.Equal(classes, loaded.Values("Name").Order());
        Assert.All(loaded.Values("CommandType"), t => Assert.Equal("Cmdlet", t));
    }

    [Fact]
    public void Assemblies_carry_the_version_of_the_manifest()
    {
        var module = shell.Run("Get-Module HasuraMigrations").Well().Output[0];
        var version = (Version)module.Properties["Version"].Value;

        foreach (var file in Directory.EnumerateFiles(Repository.Module, "HasuraMigrations*.dll", SearchOption.AllDirectories))
        {
            Assert.Equal(version.ToString(3), AssemblyName.GetAssemblyName(file).Version!.ToString(3));
        }
    }

    [Fact]
    public void The_module_root_holds_our_two_assemblies_and_no_host_assembly_is_shipped()
    {
        var root = Directory.EnumerateFiles(Repository.Module, "*.dll").Select(Path.GetFileName).Order();
        var all = Directory.EnumerateFiles(Repository.Module, "*.dll", SearchOption.AllDirectories).Select(Path.GetFileName).ToList();

        Assert.Equal(["HasuraMigrations.Contracts.dll", "HasuraMigrations.dll"], root);
        Assert.DoesNotContain("System.Management.Automation.dll", all);
        Assert.Single(all, f => f == "HasuraMigrations.Contracts.dll");
    }

    [Fact]
    public void The_cmdlet_assembly_references_no_private_library()
    {
        var references = References(Path.Combine(Repository.Module, "HasuraMigrations.dll"));

        Assert.Contains("HasuraMigrations.Engine", references);
        Assert.DoesNotContain("Npgsql", references);
        Assert.DoesNotContain("YamlDotNet", references);
    }

    [Fact]
    public void No_public_type_of_the_cmdlet_assembly_shows_an_engine_type()
    {
        var assembly = ((CmdletInfo)shell.Run("Get-Command Get-HasuraProject").Well().Output[0].BaseObject).ImplementingType.Assembly;
        var shown = assembly.GetExportedTypes()
            .SelectMany(t => t.GetMembers(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly)
                .Where(IsVisible)
                .SelectMany(TypesOf)
                .Append(t.BaseType!)
                .Concat(t.GetInterfaces()))
            .Where(t => t?.Assembly.GetName().Name == "HasuraMigrations.Engine");

        Assert.Empty(shown);
    }

    [Fact]
    public void Libraries_of_the_module_load_beside_others_of_the_host()
    {
        var hosts = typeof(YamlDotNet.Serialization.Deserializer).Assembly;
        using var project = new TestProject();
        shell.Run("Get-HasuraProject -Project $p", ("p", project.Path)).Well();

        var copies = AppDomain.CurrentDomain.GetAssemblies().Where(a => a.GetName().Name == "YamlDotNet").ToList();
        Assert.Equal(16, hosts.GetName().Version!.Major);
        Assert.Equal(["16", "18"], copies.Select(c => $"{c.GetName().Version!.Major}").Order());
        var context = System.Runtime.Loader.AssemblyLoadContext.GetLoadContext(copies.First(c => c != hosts))!;
        Assert.Equal("HasuraMigrations", context.Name);
    }

    [Fact]
    public void The_module_can_be_removed_and_imported_again()
    {
        using var other = new HostedShell();
        using var project = new TestProject();

        var run = other.Run("Remove-Module HasuraMigrations; Import-Module $m; Import-Module $m -Force; Get-HasuraProject -Project $p", ("m", Repository.Manifest), ("p", project.Path));

        Assert.Equal(["2"], run.Well().Values("ConfigVersion"));
    }

    [Fact]
    public void Scripts_can_catch_the_errors_of_the_module_by_type()
    {
        var run = shell.Run("try { Get-HasuraProject -Project /no/such/place } catch [HasuraMigrations.HasuraMigrationException] { $_.Exception.ErrorId }");

        Assert.Equal("ProjectNotFound", Assert.Single(run.Well().Output).BaseObject);
    }

    internal static List<string> References(string path)
    {
        using var file = new PEReader(File.OpenRead(path));
        var reader = file.GetMetadataReader();
        return [.. reader.AssemblyReferences.Select(r => reader.GetString(reader.GetAssemblyReference(r).Name))];
    }

    private static bool IsVisible(MemberInfo member) => member switch
    {
        MethodBase m => m.IsPublic || m.IsFamily || m.IsFamilyOrAssembly,
        FieldInfo f => f.IsPublic || f.IsFamily || f.IsFamilyOrAssembly,
        _ => false,
    };

    private static IEnumerable<Type> TypesOf(MemberInfo member) => member switch
    {
        MethodInfo m => m.GetParameters().Select(p => p.ParameterType).Append(m.ReturnType),
        ConstructorInfo c => c.GetParameters().Select(p => p.ParameterType),
        FieldInfo f => [f.FieldType],
        _ => [],
    };
}
