namespace HasuraMigrations;

/// <summary>What a change of a schema does to clients.</summary>
public enum ApiChangeClass
{
    /// <summary>No valid operation changes.</summary>
    Safe,

    /// <summary>Operations stay valid and may mean something else, or clients may meet what they do not know.</summary>
    Dangerous,

    /// <summary>A valid operation becomes invalid, or clients meet what was ruled out.</summary>
    Breaking,
}

/// <summary>Whom a change concerns.</summary>
public enum ApiChangeSide
{
    /// <summary>Who reads.</summary>
    Output,

    /// <summary>Who passes arguments.</summary>
    Input,

    /// <summary>Both.</summary>
    Both,
}

/// <summary>What was changed.</summary>
public enum ApiCriterion
{
    /// <summary>A type was removed.</summary>
    TypeRemoved,

    /// <summary>A type was added.</summary>
    TypeAdded,

    /// <summary>A type is of another kind.</summary>
    TypeKindChanged,

    /// <summary>A field was removed.</summary>
    FieldRemoved,

    /// <summary>A field was added.</summary>
    FieldAdded,

    /// <summary>What a field returns is narrower, such as not null.</summary>
    FieldTypeTightened,

    /// <summary>A field returns another type.</summary>
    FieldTypeChanged,

    /// <summary>An argument was removed.</summary>
    ArgumentRemoved,

    /// <summary>An argument was added that need not be given.</summary>
    OptionalArgumentAdded,

    /// <summary>An argument was added that has to be given.</summary>
    RequiredArgumentAdded,

    /// <summary>An argument accepts more.</summary>
    ArgumentTypeLoosened,

    /// <summary>An argument has another type.</summary>
    ArgumentTypeChanged,

    /// <summary>An argument has another default.</summary>
    ArgumentDefaultChanged,

    /// <summary>An argument has to be given.</summary>
    ArgumentBecameRequired,

    /// <summary>An input field was removed.</summary>
    InputFieldRemoved,

    /// <summary>An input field was added that need not be given.</summary>
    OptionalInputFieldAdded,

    /// <summary>An input field with a default was added.</summary>
    InputFieldWithDefaultAdded,

    /// <summary>An input field was added that has to be given.</summary>
    RequiredInputFieldAdded,

    /// <summary>An input field accepts more.</summary>
    InputFieldTypeLoosened,

    /// <summary>An input field has another type.</summary>
    InputFieldTypeChanged,

    /// <summary>An input field has another default.</summary>
    InputFieldDefaultChanged,

    /// <summary>An input field has to be given.</summary>
    InputFieldBecameRequired,

    /// <summary>A value of an enum was removed.</summary>
    EnumValueRemoved,

    /// <summary>A value of an enum was added.</summary>
    EnumValueAdded,

    /// <summary>A type is no member of a union any more.</summary>
    UnionMemberRemoved,

    /// <summary>A type is a new member of a union.</summary>
    UnionMemberAdded,

    /// <summary>A type does not have an interface any more.</summary>
    InterfaceRemoved,

    /// <summary>A type has a new interface.</summary>
    InterfaceAdded,

    /// <summary>A directive was removed.</summary>
    DirectiveRemoved,

    /// <summary>A directive was added.</summary>
    DirectiveAdded,

    /// <summary>An argument of a directive was removed.</summary>
    DirectiveArgumentRemoved,

    /// <summary>An argument of a directive was added that has to be given.</summary>
    RequiredDirectiveArgumentAdded,

    /// <summary>A directive may not stand at a place any more.</summary>
    DirectiveLocationRemoved,

    /// <summary>A directive may not stand several times any more.</summary>
    DirectiveRepeatableRemoved,

    /// <summary>A description is another one.</summary>
    DescriptionChanged,
}

/// <summary>The least class of changes that is an error.</summary>
public enum ApiChangeLimit
{
    /// <summary>Changes that are dangerous or breaking.</summary>
    Dangerous,

    /// <summary>Changes that are breaking.</summary>
    Breaking,
}

/// <summary>One difference between two GraphQL schemas of a role.</summary>
public sealed record HasuraApiChange
{
    /// <summary>The role.</summary>
    public required string Role { get; init; }

    /// <summary>What was changed, such as <c>article.title</c> or <c>query_root.article(where)</c>.</summary>
    public required string Path { get; init; }

    /// <summary>What it does to clients.</summary>
    public required ApiChangeClass Class { get; init; }

    /// <summary>What was changed.</summary>
    public required ApiCriterion Criterion { get; init; }

    /// <summary>Whom it concerns.</summary>
    public required ApiChangeSide Side { get; init; }

    /// <summary>The change in a sentence; printable on one line.</summary>
    public required string Message { get; init => field = Printable.Of(value); }

    /// <summary>What causes it, in a sentence: a change of the database or of the metadata; null where that is not known.</summary>
    public string? Cause { get; init => field = value is null ? null : Printable.Of(value); }

    /// <summary>Full path of the metadata file that causes it; null where the metadata does not, or none is known.</summary>
    public string? File { get; init; }

    /// <summary>Line in <see cref="File"/>, from 1.</summary>
    public int? Line { get; init; }

    /// <summary>The beginning of the statement that causes it; null where none does.</summary>
    public string? Statement { get; init; }

    /// <summary>Full path of the file of the statement; null for a text.</summary>
    public string? StatementFile { get; init; }

    /// <summary>Line of the beginning of the statement, from 1.</summary>
    public int? StatementLine { get; init; }

    /// <summary>Version of the migration of the statement; null where it is none.</summary>
    public long? Version { get; init; }

    /// <summary>The message.</summary>
    public override string ToString() => Message;
}
