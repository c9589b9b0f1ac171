using HasuraMigrations.Engine.Metadata.Api.Formats;
using HasuraMigrations.Engine.Metadata.Api.Types;

namespace HasuraMigrations.Engine.Metadata.Api.Changes;

/// <summary>
/// Tells what a client of one schema meets in another one, by the rules of graphql-js and GraphQL Inspector. Where these do not agree, an
/// optional input field that is added is safe, as is a value of an enum that nobody reads: every new column adds such.
/// </summary>
internal sealed class ApiSchemaComparer
{
    // Every schema has them, whether it is written there or not (GraphQL specification, type system directives).
    private static readonly HashSet<string> BuiltInDirectives = ["skip", "include", "deprecated", "specifiedBy", "oneOf"];

    private readonly List<ApiChange> _changes = [];
    private readonly ApiEnumUses _uses;

    private ApiSchemaComparer(ApiSchema before, ApiSchema after) => _uses = new ApiEnumUses(before, after);

    /// <summary>The changes, by path.</summary>
    internal static IReadOnlyList<ApiChange> Compare(ApiSchema before, ApiSchema after)
    {
        var comparer = new ApiSchemaComparer(before, after);
        comparer.Types(before, after);
        comparer.Directives([.. before.Directives.Where(d => !BuiltInDirectives.Contains(d.Name))], [.. after.Directives.Where(d => !BuiltInDirectives.Contains(d.Name))]);
        return [.. comparer._changes.OrderBy(c => c.Path, StringComparer.Ordinal).ThenBy(c => c.Criterion)];
    }

    private void Types(ApiSchema before, ApiSchema after)
    {
        static IEnumerable<ApiType> Of(ApiSchema schema) => schema.Types.Where(t => !t.IsIntrospection && !SdlSchemaWriter.BuiltIn.Contains(t.Name));
        Match(Of(before), Of(after), t => t.Name,
            removed => Add(removed.Name, ApiChangeClass.Breaking, ApiCriterion.TypeRemoved, SideOf(removed), $"The type {removed.Name} was removed."),
            added => Add(added.Name, ApiChangeClass.Safe, ApiCriterion.TypeAdded, SideOf(added), $"The type {added.Name} was added."),
            Type);
    }

    private void Type(ApiType before, ApiType after)
    {
        if (before.Kind != after.Kind)
        {
            Add(before.Name, ApiChangeClass.Breaking, ApiCriterion.TypeKindChanged, ApiChangeSide.Both, $"The type {before.Name} was {WordOf(before.Kind)} and is {WordOf(after.Kind)}.");
            return;
        }

        var (name, side) = (before.Name, SideOf(before));
        Text(name, side, $"The description of {name}", before.Description, after.Description);
        Match(before.Fields, after.Fields, f => f.Name,
            removed => Add($"{name}.{removed.Name}", ApiChangeClass.Breaking, ApiCriterion.FieldRemoved, ApiChangeSide.Output, $"The field {name}.{removed.Name} was removed."),
            added => Add($"{name}.{added.Name}", ApiChangeClass.Safe, ApiCriterion.FieldAdded, ApiChangeSide.Output, $"The field {name}.{added.Name} was added."),
            (b, a) => Field(name, b, a));
        InputFields(name, before.InputFields, after.InputFields);
        var isRead = _uses.IsRead(name);
        Match(before.EnumValues, after.EnumValues, v => v.Name,
            removed => Add($"{name}.{removed.Name}", ApiChangeClass.Breaking, ApiCriterion.EnumValueRemoved, side, $"The value {removed.Name} of the enum {name} was removed."),
            added => Add($"{name}.{added.Name}", isRead ? ApiChangeClass.Dangerous : ApiChangeClass.Safe, ApiCriterion.EnumValueAdded, side, $"The value {added.Name} of the enum {name} was added{(isRead ? "; clients that read it may not know it" : "")}."),
            (b, a) => Text($"{name}.{b.Name}", side, $"The description of {name}.{b.Name}", b.Description, a.Description));
        Match(before.Kind == ApiTypeKind.Union ? before.PossibleTypes : [], after.Kind == ApiTypeKind.Union ? after.PossibleTypes : [], t => t,
            removed => Add($"{name}.{removed}", ApiChangeClass.Breaking, ApiCriterion.UnionMemberRemoved, ApiChangeSide.Output, $"The type {removed} is no member of the union {name} any more."),
            added => Add($"{name}.{added}", ApiChangeClass.Dangerous, ApiCriterion.UnionMemberAdded, ApiChangeSide.Output, $"The type {added} is a new member of the union {name}; clients may not know it."),
            (_, _) => { });
        Match(before.Interfaces, after.Interfaces, t => t,
            removed => Add($"{name}.{removed}", ApiChangeClass.Breaking, ApiCriterion.InterfaceRemoved, ApiChangeSide.Output, $"The type {name} does not have the interface {removed} any more."),
            added => Add($"{name}.{added}", ApiChangeClass.Dangerous, ApiCriterion.InterfaceAdded, ApiChangeSide.Output, $"The type {name} has the new interface {added}."),
            (_, _) => { });
    }

    private void Field(string type, ApiField before, ApiField after)
    {
        var path = $"{type}.{before.Name}";
        Text(path, ApiChangeSide.Output, $"The description of {path}", before.Description, after.Description);
        if (before.Type != after.Type)
        {
            var isSafe = ApiTypeChange.IsSafeForOutput(before.Type, after.Type);
            Add(path, isSafe ? ApiChangeClass.Safe : ApiChangeClass.Breaking, isSafe ? ApiCriterion.FieldTypeTightened : ApiCriterion.FieldTypeChanged, ApiChangeSide.Output, $"The field {path} changed from {before.Type} to {after.Type}.");
        }

        Match(before.Arguments, after.Arguments, a => a.Name,
            removed => Add($"{path}({removed.Name})", ApiChangeClass.Breaking, ApiCriterion.ArgumentRemoved, ApiChangeSide.Input, $"The argument {removed.Name} of {path} was removed."),
            added => Add(
                $"{path}({added.Name})",
                added.IsRequired ? ApiChangeClass.Breaking : ApiChangeClass.Dangerous,
                added.IsRequired ? ApiCriterion.RequiredArgumentAdded : ApiCriterion.OptionalArgumentAdded,
                ApiChangeSide.Input,
                $"The {(added.IsRequired ? "required" : "optional")} argument {added.Name} of {path} was added."),
            (b, a) => Value($"{path}({b.Name})", $"The argument {b.Name} of {path}", b, a, ApiCriterion.ArgumentTypeLoosened, ApiCriterion.ArgumentTypeChanged, ApiCriterion.ArgumentDefaultChanged, ApiCriterion.ArgumentBecameRequired));
    }

    private void InputFields(string type, IReadOnlyList<ApiInputValue> before, IReadOnlyList<ApiInputValue> after) =>
        Match(before, after, f => f.Name,
            removed => Add($"{type}.{removed.Name}", ApiChangeClass.Breaking, ApiCriterion.InputFieldRemoved, ApiChangeSide.Input, $"The input field {type}.{removed.Name} was removed."),
            added =>
            {
                var (level, criterion) = added.IsRequired ? (ApiChangeClass.Breaking, ApiCriterion.RequiredInputFieldAdded)
                    : added.Default is not null ? (ApiChangeClass.Dangerous, ApiCriterion.InputFieldWithDefaultAdded)
                    : (ApiChangeClass.Safe, ApiCriterion.OptionalInputFieldAdded);
                Add($"{type}.{added.Name}", level, criterion, ApiChangeSide.Input, $"The {(added.IsRequired ? "required" : "optional")} input field {type}.{added.Name} was added.");
            },
            (b, a) => Value($"{type}.{b.Name}", $"The input field {type}.{b.Name}", b, a, ApiCriterion.InputFieldTypeLoosened, ApiCriterion.InputFieldTypeChanged, ApiCriterion.InputFieldDefaultChanged, ApiCriterion.InputFieldBecameRequired));

    private void Value(string path, string what, ApiInputValue before, ApiInputValue after, ApiCriterion loosened, ApiCriterion changed, ApiCriterion byDefault, ApiCriterion required)
    {
        Text(path, ApiChangeSide.Input, $"The description of {path}", before.Description, after.Description);
        if (before.Type != after.Type)
        {
            var isSafe = ApiTypeChange.IsSafeForInput(before.Type, after.Type);
            Add(path, isSafe ? ApiChangeClass.Safe : ApiChangeClass.Breaking, isSafe ? loosened : changed, ApiChangeSide.Input, $"{what} changed from {before.Type} to {after.Type}.");
        }
        else if (!before.IsRequired && after.IsRequired)
        {
            Add(path, ApiChangeClass.Breaking, required, ApiChangeSide.Input, $"{what} lost its default {before.Default} and has to be given.");
            return;
        }

        if (before.Default != after.Default && !after.IsRequired)
        {
            Add(path, ApiChangeClass.Dangerous, byDefault, ApiChangeSide.Input, $"The default of {path} changed from {before.Default ?? "none"} to {after.Default ?? "none"}.");
        }
    }

    private void Directives(IReadOnlyList<ApiDirective> before, IReadOnlyList<ApiDirective> after) =>
        Match(before, after, d => d.Name,
            removed => Add($"@{removed.Name}", ApiChangeClass.Breaking, ApiCriterion.DirectiveRemoved, ApiChangeSide.Input, $"The directive @{removed.Name} was removed."),
            added => Add($"@{added.Name}", ApiChangeClass.Safe, ApiCriterion.DirectiveAdded, ApiChangeSide.Input, $"The directive @{added.Name} was added."),
            (b, a) =>
            {
                Text($"@{b.Name}", ApiChangeSide.Input, $"The description of @{b.Name}", b.Description, a.Description);
                foreach (var location in b.Locations.Except(a.Locations))
                {
                    Add($"@{b.Name}", ApiChangeClass.Breaking, ApiCriterion.DirectiveLocationRemoved, ApiChangeSide.Input, $"The directive @{b.Name} may not stand on {location} any more.");
                }

                if (b.IsRepeatable && !a.IsRepeatable)
                {
                    Add($"@{b.Name}", ApiChangeClass.Breaking, ApiCriterion.DirectiveRepeatableRemoved, ApiChangeSide.Input, $"The directive @{b.Name} may not stand several times at one place any more.");
                }

                Match(b.Arguments, a.Arguments, v => v.Name,
                    removed => Add($"@{b.Name}({removed.Name})", ApiChangeClass.Breaking, ApiCriterion.DirectiveArgumentRemoved, ApiChangeSide.Input, $"The argument {removed.Name} of @{b.Name} was removed."),
                    added =>
                    {
                        if (added.IsRequired)
                        {
                            Add($"@{b.Name}({added.Name})", ApiChangeClass.Breaking, ApiCriterion.RequiredDirectiveArgumentAdded, ApiChangeSide.Input, $"The required argument {added.Name} of @{b.Name} was added.");
                        }
                    },
                    (_, _) => { });
            });

    private static void Match<T>(IEnumerable<T> before, IEnumerable<T> after, Func<T, string> name, Action<T> removed, Action<T> added, Action<T, T> both)
        where T : class
    {
        if (ReferenceEquals(before, after))
        {
            return;
        }

        var later = new Dictionary<string, T>(StringComparer.Ordinal);
        foreach (var one in after)
        {
            later.TryAdd(name(one), one);
        }

        foreach (var one in before)
        {
            if (!later.Remove(name(one), out var other))
            {
                removed(one);
            }
            else if (!ReferenceEquals(one, other))
            {
                both(one, other);
            }
        }

        foreach (var one in later.Values)
        {
            added(one);
        }
    }

    private ApiChangeSide SideOf(ApiType type) => type.Kind switch
    {
        ApiTypeKind.InputObject => ApiChangeSide.Input,
        ApiTypeKind.Scalar => ApiChangeSide.Both,
        ApiTypeKind.Enum => (_uses.IsRead(type.Name), _uses.IsPassed(type.Name)) switch { (true, true) => ApiChangeSide.Both, (true, false) => ApiChangeSide.Output, _ => ApiChangeSide.Input },
        _ => ApiChangeSide.Output,
    };

    private static string WordOf(ApiTypeKind kind) => kind switch
    {
        ApiTypeKind.Scalar => "a scalar",
        ApiTypeKind.Object => "an object",
        ApiTypeKind.Interface => "an interface",
        ApiTypeKind.Union => "a union",
        ApiTypeKind.Enum => "an enum",
        _ => "an input object",
    };

    private void Text(string path, ApiChangeSide side, string what, string? before, string? after)
    {
        if (!UnstableText.AreSame(before, after))
        {
            Add(path, ApiChangeClass.Safe, ApiCriterion.DescriptionChanged, side, $"{what} changed.");
        }
    }

    private void Add(string path, ApiChangeClass level, ApiCriterion criterion, ApiChangeSide side, string sentence) => _changes.Add(new ApiChange(path, level, criterion, side, sentence));
}
