namespace HasuraMigrations.Engine.Metadata.Api;

/// <summary>What a change of a schema does to clients.</summary>
internal enum ApiChangeClass
{
    /// <summary>No valid operation changes.</summary>
    Safe,

    /// <summary>Operations stay valid and may mean something else, or clients may meet what they do not know.</summary>
    Dangerous,

    /// <summary>A valid operation becomes invalid, or clients meet what was ruled out.</summary>
    Breaking,
}

/// <summary>Whom a change concerns.</summary>
internal enum ApiChangeSide
{
    /// <summary>Who reads.</summary>
    Output,

    /// <summary>Who passes arguments.</summary>
    Input,

    /// <summary>Both.</summary>
    Both,
}

/// <summary>What was changed.</summary>
internal enum ApiCriterion
{
    TypeRemoved,
    TypeAdded,
    TypeKindChanged,
    FieldRemoved,
    FieldAdded,
    FieldTypeTightened,
    FieldTypeChanged,
    ArgumentRemoved,
    OptionalArgumentAdded,
    RequiredArgumentAdded,
    ArgumentTypeLoosened,
    ArgumentTypeChanged,
    ArgumentDefaultChanged,
    ArgumentBecameRequired,
    InputFieldRemoved,
    OptionalInputFieldAdded,
    InputFieldWithDefaultAdded,
    RequiredInputFieldAdded,
    InputFieldTypeLoosened,
    InputFieldTypeChanged,
    InputFieldDefaultChanged,
    InputFieldBecameRequired,
    EnumValueRemoved,
    EnumValueAdded,
    UnionMemberRemoved,
    UnionMemberAdded,
    InterfaceRemoved,
    InterfaceAdded,
    DirectiveRemoved,
    DirectiveAdded,
    DirectiveArgumentRemoved,
    RequiredDirectiveArgumentAdded,
    DirectiveLocationRemoved,
    DirectiveRepeatableRemoved,
    DescriptionChanged,
}

/// <summary>One change of a schema.</summary>
/// <param name="Path">What was changed, such as <c>article.title</c> or <c>query_root.article(where)</c>.</param>
/// <param name="Class">What it does to clients.</param>
/// <param name="Criterion">What was changed.</param>
/// <param name="Side">Whom it concerns.</param>
/// <param name="Sentence">The change in words.</param>
internal sealed record ApiChange(string Path, ApiChangeClass Class, ApiCriterion Criterion, ApiChangeSide Side, string Sentence);
