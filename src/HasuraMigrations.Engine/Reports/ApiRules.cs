namespace HasuraMigrations.Engine.Reports;

/// <summary>What the rules of differences of GraphQL schemas say.</summary>
internal static class ApiRules
{
    private static readonly Dictionary<ApiCriterion, string> Texts = new()
    {
        [ApiCriterion.TypeRemoved] = "A type was removed.",
        [ApiCriterion.TypeAdded] = "A type was added.",
        [ApiCriterion.TypeKindChanged] = "A type is of another kind.",
        [ApiCriterion.FieldRemoved] = "A field was removed.",
        [ApiCriterion.FieldAdded] = "A field was added.",
        [ApiCriterion.FieldTypeTightened] = "What a field returns is narrower, such as not null.",
        [ApiCriterion.FieldTypeChanged] = "A field returns another type.",
        [ApiCriterion.ArgumentRemoved] = "An argument was removed.",
        [ApiCriterion.OptionalArgumentAdded] = "An argument was added that need not be given.",
        [ApiCriterion.RequiredArgumentAdded] = "An argument was added that has to be given.",
        [ApiCriterion.ArgumentTypeLoosened] = "An argument accepts more.",
        [ApiCriterion.ArgumentTypeChanged] = "An argument has another type.",
        [ApiCriterion.ArgumentDefaultChanged] = "An argument has another default.",
        [ApiCriterion.ArgumentBecameRequired] = "An argument has to be given.",
        [ApiCriterion.InputFieldRemoved] = "An input field was removed.",
        [ApiCriterion.OptionalInputFieldAdded] = "An input field was added that need not be given.",
        [ApiCriterion.InputFieldWithDefaultAdded] = "An input field with a default was added.",
        [ApiCriterion.RequiredInputFieldAdded] = "An input field was added that has to be given.",
        [ApiCriterion.InputFieldTypeLoosened] = "An input field accepts more.",
        [ApiCriterion.InputFieldTypeChanged] = "An input field has another type.",
        [ApiCriterion.InputFieldDefaultChanged] = "An input field has another default.",
        [ApiCriterion.InputFieldBecameRequired] = "An input field has to be given.",
        [ApiCriterion.EnumValueRemoved] = "A value of an enum was removed.",
        [ApiCriterion.EnumValueAdded] = "A value of an enum was added.",
        [ApiCriterion.UnionMemberRemoved] = "A type is no member of a union any more.",
        [ApiCriterion.UnionMemberAdded] = "A type is a new member of a union.",
        [ApiCriterion.InterfaceRemoved] = "A type does not have an interface any more.",
        [ApiCriterion.InterfaceAdded] = "A type has a new interface.",
        [ApiCriterion.DirectiveRemoved] = "A directive was removed.",
        [ApiCriterion.DirectiveAdded] = "A directive was added.",
        [ApiCriterion.DirectiveArgumentRemoved] = "An argument of a directive was removed.",
        [ApiCriterion.RequiredDirectiveArgumentAdded] = "An argument of a directive was added that has to be given.",
        [ApiCriterion.DirectiveLocationRemoved] = "A directive may not stand at a place any more.",
        [ApiCriterion.DirectiveRepeatableRemoved] = "A directive may not stand several times any more.",
        [ApiCriterion.DescriptionChanged] = "A description is another one.",
    };

    /// <summary>The text of a rule; null for a rule of another kind.</summary>
    internal static string? TextOf(string rule) =>
        rule.StartsWith("Api", StringComparison.Ordinal) && Enum.TryParse<ApiCriterion>(rule[3..], out var criterion) ? Texts.GetValueOrDefault(criterion) : null;
}
