

namespace HasuraMigrations.Engine.Metadata.Api.Types;

/// <summary>Which enums clients of either of two schemas read, and which they pass.</summary>
internal sealed class ApiEnumUses
{
    private readonly HashSet<string> _read = new(StringComparer.Ordinal);
    private readonly HashSet<string> _passed = new(StringComparer.Ordinal);

    internal ApiEnumUses(ApiSchema before, ApiSchema after)
    {
        foreach (var schema in new[] { before, after })
        {
            // Many schemas have few enums beside a hundred thousand members.
            var enums = schema.Types.Where(t => t is { Kind: ApiTypeKind.Enum, IsIntrospection: false }).Select(t => t.Name).ToHashSet(StringComparer.Ordinal);
            foreach (var type in enums.Count == 0 ? [] : schema.Types)
            {
                foreach (var field in type.Fields)
                {
                    AddIf(enums, _read, field.Type);
                    foreach (var argument in field.Arguments)
                    {
                        AddIf(enums, _passed, argument.Type);
                    }
                }

                foreach (var field in type.InputFields)
                {
                    AddIf(enums, _passed, field.Type);
                }
            }
        }
    }

    /// <summary>Clients read it.</summary>
    internal bool IsRead(string name) => _read.Contains(name);

    /// <summary>Clients pass it.</summary>
    internal bool IsPassed(string name) => _passed.Contains(name);

    private static void AddIf(HashSet<string> enums, HashSet<string> uses, ApiTypeRef type)
    {
        if (enums.Contains(type.Name))
        {
            uses.Add(type.Name);
        }
    }
}
