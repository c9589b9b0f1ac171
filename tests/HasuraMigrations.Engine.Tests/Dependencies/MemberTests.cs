using System.CodeDom.Compiler;
using System.Runtime.CompilerServices;
using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.TestServer;
using Mono.Cecil;
using Mono.Cecil.Rocks;

namespace HasuraMigrations.Engine.Tests.Dependencies;

/// <summary>Members of the engine that nothing uses but tests.</summary>
public sealed class MemberTests
{
    [Fact]
    public void Each_internal_member_of_the_engine_is_used_by_the_module_or_the_test_server()
    {
        using var resolver = new DefaultAssemblyResolver();
        resolver.AddSearchDirectory(AppContext.BaseDirectory);
        var parameters = new ReaderParameters { AssemblyResolver = resolver };
        using var engine = AssemblyDefinition.ReadAssembly(typeof(MigrationRunner).Assembly.Location, parameters);
        using var server = AssemblyDefinition.ReadAssembly(typeof(TestServerHost).Assembly.Location, parameters);

        var used = new[] { engine, server }.SelectMany(a => a.MainModule.GetAllTypes()).SelectMany(t => t.Methods).SelectMany(Uses).ToHashSet();
        var members = engine.MainModule.GetAllTypes().Where(t => !IsGenerated(t)).SelectMany(t => t.Methods).Where(IsCalledByName).ToList();

        // A search that finds nothing would pass. What is public is for the module, which is no part of these tests.
        Assert.True(members.Count > 1000, $"{members.Count} members");
        var left = members.Where(m => !(m.IsPublic && m.DeclaringType.IsPublic) && !used.Contains(m.FullName)).Select(m => m.FullName).ToList();
        Assert.True(left.Count == 0, string.Join("\n", left));
    }

    private static IEnumerable<string> Uses(MethodDefinition method) => !method.HasBody ? [] : method.Body.Instructions
        .Select(i => i.Operand)
        .OfType<MethodReference>()
        .Where(m => m.DeclaringType.Scope.Name.StartsWith("HasuraMigrations.", StringComparison.Ordinal) || m.DeclaringType.Module == method.Module)
        .Select(m => m.Resolve())
        .Where(m => m is not null && m != method)
        .Select(m => m.FullName);

    // Overrides are called through what they override, and a record's own members by the compiler. It writes the properties of records, too, and
    // only their getters say whether anybody reads them.
    private static bool IsCalledByName(MethodDefinition method) =>
        !method.IsConstructor && !method.IsVirtual && !method.HasOverrides && !method.IsSetter && !method.Name.Contains('<') && method.Name is not ("Deconstruct" or "PrintMembers" or "op_Equality" or "op_Inequality")
        && (method.IsGetter || !IsGenerated(method));

    private static bool IsGenerated(ICustomAttributeProvider member) =>
        member.CustomAttributes.Any(a => a.AttributeType.Name is nameof(CompilerGeneratedAttribute) or nameof(GeneratedCodeAttribute));
}
