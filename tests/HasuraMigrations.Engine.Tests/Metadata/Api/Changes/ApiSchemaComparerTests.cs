using HasuraMigrations.Engine.Metadata.Api.Changes;
using HasuraMigrations.Engine.Metadata.Api.Formats;
using HasuraMigrations.Engine.Tests.Support;

namespace HasuraMigrations.Engine.Tests.Metadata.Api.Changes;

/// <summary>What changes of a schema do to clients.</summary>
public sealed class ApiSchemaComparerTests
{
    private const string Query = "type query_root { a: Int } ";

    [Theory]
    [InlineData("type T { a: Int } ", "", "Breaking TypeRemoved T Output")]
    [InlineData("", "type T { a: Int } ", "Safe TypeAdded T Output")]
    [InlineData("type T { a: Int } ", "input T { a: Int } ", "Breaking TypeKindChanged T Both")]
    [InlineData("type T { a: Int b: Int } ", "type T { a: Int } ", "Breaking FieldRemoved T.b Output")]
    [InlineData("type T { a: Int } ", "type T { a: Int b(c: Int!): Int } ", "Safe FieldAdded T.b Output")]
    [InlineData("type T { a: Int } ", "type T { a: Int! } ", "Safe FieldTypeTightened T.a Output")]
    [InlineData("type T { a: [Int] } ", "type T { a: [Int!]! } ", "Safe FieldTypeTightened T.a Output")]
    [InlineData("type T { a: Int! } ", "type T { a: Int } ", "Breaking FieldTypeChanged T.a Output")]
    [InlineData("type T { a: [Int!]! } ", "type T { a: [Int]! } ", "Breaking FieldTypeChanged T.a Output")]
    [InlineData("type T { a: Int } ", "type T { a: [Int] } ", "Breaking FieldTypeChanged T.a Output")]
    [InlineData("type T { a: Int } ", "type T { a: String } ", "Breaking FieldTypeChanged T.a Output")]
    [InlineData("type T { a(b: Int): Int } ", "type T { a: Int } ", "Breaking ArgumentRemoved T.a(b) Input")]
    [InlineData("type T { a: Int } ", "type T { a(b: Int): Int } ", "Dangerous OptionalArgumentAdded T.a(b) Input")]
    [InlineData("type T { a: Int } ", "type T { a(b: Int! = 1): Int } ", "Dangerous OptionalArgumentAdded T.a(b) Input")]
    [InlineData("type T { a: Int } ", "type T { a(b: Int!): Int } ", "Breaking RequiredArgumentAdded T.a(b) Input")]
    [InlineData("type T { a(b: Int!): Int } ", "type T { a(b: Int): Int } ", "Safe ArgumentTypeLoosened T.a(b) Input")]
    [InlineData("type T { a(b: Int): Int } ", "type T { a(b: Int!): Int } ", "Breaking ArgumentTypeChanged T.a(b) Input")]
    [InlineData("type T { a(b: [Int!]): Int } ", "type T { a(b: [Int]): Int } ", "Safe ArgumentTypeLoosened T.a(b) Input")]
    [InlineData("type T { a(b: Int = 1): Int } ", "type T { a(b: Int = 2): Int } ", "Dangerous ArgumentDefaultChanged T.a(b) Input")]
    [InlineData("type T { a(b: Int = 1): Int } ", "type T { a(b: Int): Int } ", "Dangerous ArgumentDefaultChanged T.a(b) Input")]
    [InlineData("type T { a(b: Int): Int } ", "type T { a(b: Int = 1): Int } ", "Dangerous ArgumentDefaultChanged T.a(b) Input")]
    [InlineData("type T { a(b: Int! = 1): Int } ", "type T { a(b: Int!): Int } ", "Breaking ArgumentBecameRequired T.a(b) Input")]
    [InlineData("input I { a: Int b: Int } ", "input I { a: Int } ", "Breaking InputFieldRemoved I.b Input")]
    [InlineData("input I { a: Int } ", "input I { a: Int b: Int } ", "Safe OptionalInputFieldAdded I.b Input")]
    [InlineData("input I { a: Int } ", "input I { a: Int b: Int = 1 } ", "Dangerous InputFieldWithDefaultAdded I.b Input")]
    [InlineData("input I { a: Int } ", "input I { a: Int b: Int! } ", "Breaking RequiredInputFieldAdded I.b Input")]
    [InlineData("input I { a: Int! } ", "input I { a: Int } ", "Safe InputFieldTypeLoosened I.a Input")]
    [InlineData("input I { a: Int } ", "input I { a: bigint } ", "Breaking InputFieldTypeChanged I.a Input")]
    [InlineData("input I { a: Int = 1 } ", "input I { a: Int = 2 } ", "Dangerous InputFieldDefaultChanged I.a Input")]
    [InlineData("enum E { a b } type T { e: E } ", "enum E { a } type T { e: E } ", "Breaking EnumValueRemoved E.b Output")]
    [InlineData("enum E { a } type T { e: E } ", "enum E { a b } type T { e: E } ", "Dangerous EnumValueAdded E.b Output")]
    [InlineData("enum E { a } input I { e: E } ", "enum E { a b } input I { e: E } ", "Safe EnumValueAdded E.b Input")]
    [InlineData("enum E { a } input I { e: E } type T { e: E } ", "enum E { a b } input I { e: E } type T { e: E } ", "Dangerous EnumValueAdded E.b Both")]
    [InlineData("union U = A | B ", "union U = A ", "Breaking UnionMemberRemoved U.B Output")]
    [InlineData("union U = A ", "union U = A | B ", "Dangerous UnionMemberAdded U.B Output")]
    [InlineData("type T implements N { a: Int } ", "type T { a: Int } ", "Breaking InterfaceRemoved T.N Output")]
    [InlineData("type T { a: Int } ", "type T implements N { a: Int } ", "Dangerous InterfaceAdded T.N Output")]
    [InlineData("directive @d on QUERY ", "", "Breaking DirectiveRemoved @d Input")]
    [InlineData("", "directive @d on QUERY ", "Safe DirectiveAdded @d Input")]
    [InlineData("directive @d on QUERY | FIELD ", "directive @d on QUERY ", "Breaking DirectiveLocationRemoved @d Input")]
    [InlineData("directive @d(a: Int) on QUERY ", "directive @d on QUERY ", "Breaking DirectiveArgumentRemoved @d(a) Input")]
    [InlineData("directive @d on QUERY ", "directive @d(a: Int!) on QUERY ", "Breaking RequiredDirectiveArgumentAdded @d(a) Input")]
    [InlineData("directive @d repeatable on QUERY ", "directive @d on QUERY ", "Breaking DirectiveRepeatableRemoved @d Input")]
    [InlineData("enum T { \"unique or primary key constraint on columns \\\"a\\\"\" k } ", "enum T { \"unique or primary key constraint on columns \\\"b\\\"\" k } ", "Safe DescriptionChanged T.k Input")]
    [InlineData("type T { \"An array relationship\" a: [T] } ", "type T { \"all of them\" a: [T] } ", "Safe DescriptionChanged T.a Output")]
    [InlineData("\"x\" type T { a: Int } ", "\"y\" type T { a: Int } ", "Safe DescriptionChanged T Output")]
    public void A_change_has_a_class(string before, string after, string expected)
    {
        var change = Assert.Single(ApiSchemaComparer.Compare(SdlSchemaReader.Read(Query + before), SdlSchemaReader.Read(Query + after)));

        Assert.Equal(expected, $"{change.Class} {change.Criterion} {change.Path} {change.Side}");
        Assert.EndsWith(".", change.Sentence, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("enum T { \"unique or primary key constraint on columns \\\"a\\\", \\\"b\\\"\" k } ", "enum T { \"unique or primary key constraint on columns \\\"b\\\", \\\"a\\\"\" k } ")]
    [InlineData("type T { \"An array relationship\" a: [T] } ", "type T { \"fetch data from the table: \\\"t\\\"\" a: [T] } ")]
    [InlineData("type T { \"An aggregate relationship\" a: [T] } ", "type T { a: [T] } ")]
    [InlineData("type T { \"of  two words\" a: [T] } ", "type T { \"of two\\nwords\\n\" a: [T] } ")]
    public void A_text_that_servers_show_in_either_form_is_no_change(string one, string other)
    {
        Assert.Empty(ApiSchemaComparer.Compare(SdlSchemaReader.Read(Query + one), SdlSchemaReader.Read(Query + other)));
        Assert.Empty(ApiSchemaComparer.Compare(SdlSchemaReader.Read(Query + other), SdlSchemaReader.Read(Query + one)));
    }

    [Theory]
    [InlineData("directive @oneOf on INPUT_OBJECT ")]
    [InlineData("directive @specifiedBy(url: String!) on SCALAR ")]
    public void A_directive_that_every_schema_has_need_not_be_written(string directive) =>
        Assert.Empty(ApiSchemaComparer.Compare(SdlSchemaReader.Read(Query + directive), SdlSchemaReader.Read(Query)));

    [Fact]
    public void Schemas_of_one_project_at_two_times_differ_as_their_members_do()
    {
        SharedData.Needs(SharedData.Find("graphql-truth") is not null, "graphql-truth");
        var (before, after) = (GraphqlTruth.Schema("5stack-2025-12", "admin.graphql"), GraphqlTruth.Schema("5stack-2026-08", "admin.graphql"));

        var changes = ApiSchemaComparer.Compare(before, after).Where(c => c.Criterion != ApiCriterion.DescriptionChanged).ToList();

        // Members of types and fields that are new or gone go with these.
        var told = changes.Select(c => c.Path).ToHashSet();
        bool IsTold(string path) => told.Contains(path) || told.Contains(path.Split('(')[0]) || told.Contains(path.Split('.')[0]);
        var members = SchemaDifferences.Members(before, after);
        Assert.DoesNotContain(members, m => !IsTold(m[1..].Split(' ')[0]));
        var different = members.Select(m => m[1..].Split(' ')[0]).ToHashSet();
        Assert.DoesNotContain(changes, c => !different.Contains(c.Path));
        Assert.Empty(ApiSchemaComparer.Compare(before, before));
    }
}
