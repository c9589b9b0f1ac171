using HasuraMigrations.Engine.Metadata.Api.Formats;
using HasuraMigrations.Engine.Metadata.Api.Types;
using HasuraMigrations.Engine.Metadata.Operations;

namespace HasuraMigrations.Engine.Tests.Metadata.Operations;

/// <summary>Operations, validated against a schema as a server of Hasura makes it.</summary>
public sealed class OperationValidatorTests
{
    private const string Sdl = """
        schema { query: query_root mutation: mutation_root subscription: subscription_root }
        type query_root {
          article(distinct_on: [article_select_column!], limit: Int, offset: Int, order_by: [article_order_by!], where: article_bool_exp): [article!]!
          article_by_pk(id: Int!): article
          search(args: search_args!): [article!]!
        }
        type mutation_root {
          insert_article(objects: [article_insert_input!]!, on_conflict: article_on_conflict): article_mutation_response
          insert_article_one(object: article_insert_input!): article
        }
        type subscription_root { article(limit: Int): [article!]! article_stream(batch_size: Int!, cursor: [article_stream_cursor_input]!): [article!]! }
        type article { id: Int! title: String! tags: [String!] price: numeric at: timestamptz meta(path: String): jsonb author: author status: status_enum! }
        type author { id: bigint! name: String }
        type article_mutation_response { affected_rows: Int! returning: [article!]! }
        input article_insert_input { id: Int title: String price: numeric at: timestamptz meta: jsonb tags: [String!] status: status_enum author: author_obj_rel_insert_input flag: Boolean }
        input author_obj_rel_insert_input { data: author_insert_input! }
        input author_insert_input { id: bigint name: String }
        input article_on_conflict { constraint: article_constraint! update_columns: [article_select_column!]! = [] }
        input article_stream_cursor_input { initial_value: article_insert_input! }
        input article_bool_exp { _and: [article_bool_exp!] id: Int_comparison_exp title: String_comparison_exp tags: String_array_comparison_exp at: timestamptz_comparison_exp price: numeric_comparison_exp }
        input Int_comparison_exp { _eq: Int _in: [Int!] }
        input String_comparison_exp { _eq: String _like: String }
        input String_array_comparison_exp { _in: [[String!]!] _contains: [String!] }
        input timestamptz_comparison_exp { _gt: timestamptz }
        input numeric_comparison_exp { _gt: numeric }
        input search_args { term: String }
        input article_order_by { id: order_by title: order_by }
        enum article_select_column { id title }
        enum article_constraint { article_pkey }
        enum order_by { asc desc }
        enum status_enum { draft public }
        scalar numeric scalar timestamptz scalar jsonb scalar bigint
        """;

    private static readonly ApiSchema Schema = SdlSchemaReader.Read(Sdl, "test");

    [Theory]
    [InlineData("{ article(where: {id: {_eq: 1}}, limit: 1) { id title } }")]
    [InlineData("query q($w: article_bool_exp!, $id: Int!) @cached(ttl: 120) { article(where: $w) { ...F } article_by_pk(id: $id) { id } } fragment F on article { title }")]
    // Values of columns may be strings, or names.
    [InlineData("{ article(where: {id: {_eq: \"5\"}, price: {_gt: \"1.5\"}, title: {_eq: word}}) { id } article_by_pk(id: \"7\") { id } }")]
    [InlineData("{ article(where: {price: {_gt: 1}}, offset: \"10000000000\") { id price } }")]
    [InlineData("mutation($x: String) { insert_article_one(object: {meta: {a: [1, {b: $x}]}, tags: \"one\", status: draft, flag: \"true\", author: {data: {id: \"9007199254740993\"}}}) { id } }")]
    [InlineData("mutation($o: [article_insert_input!]!) { insert_article(objects: $o, on_conflict: {constraint: article_pkey}) { affected_rows returning { id } } }")]
    [InlineData("query($n: [Int!], $a: [String!]!) { article(where: {id: {_in: $n}, tags: {_in: [$a]}}) { id } }")]
    [InlineData("query($i: Int!) { article(where: {id: {_in: [$i]}}, order_by: {id: asc}) { id } }")]
    [InlineData("subscription { article_stream(batch_size: 10, cursor: {initial_value: {id: 0}}) { id } }")]
    [InlineData("{ a: article { id } b: article { x: id __typename } __schema { types { name } } __type(name: \"article\") { fields(includeDeprecated: true) { name } } }")]
    [InlineData("query($f: Boolean = true) { article { id @include(if: $f) ... on article @skip(if: false) { title } } }")]
    [InlineData("query($l: Int = 5) { article(limit: $l, where: {}) { meta(path: \"$.a\") } }")]
    [InlineData("mutation m($c: [article_select_column!]! = [id]) { insert_article(objects: [], on_conflict: {constraint: article_pkey, update_columns: $c}) { affected_rows } }")]
    [InlineData("mutation m($c: [article_select_column!]) { insert_article(objects: [], on_conflict: {constraint: article_pkey, update_columns: $c}) { affected_rows } }")]
    [InlineData("{ article { id local @client { x } } } ")]
    public void What_a_server_takes_is_valid(string text) => Assert.Empty(Problems(text));

    [Theory]
    [InlineData("{ article { titel } }", "FieldsOnCorrectType 1:13 Cannot query field 'titel' on type 'article'. Did you mean 'title'?")]
    [InlineData("{ articles { id } }", "FieldsOnCorrectType 1:3")]
    [InlineData("{ article(limits: 1) { id } }", "KnownArgumentNames 1:11")]
    [InlineData("{ article(limit: \"1\") { id } }", "ArgumentsOfCorrectType 1:11")]
    [InlineData("{ article(where: {id: {_eq: 1.5}}) { id } }", "ArgumentsOfCorrectType")]
    [InlineData("{ article(where: {id: {_eq: 5000000000}}) { id } }", "ArgumentsOfCorrectType")]
    [InlineData("{ article(where: {title: {_eq: 1}}) { id } }", "ArgumentsOfCorrectType")]
    [InlineData("{ article(where: {idd: {_eq: 1}}) { id } }", "ArgumentsOfCorrectType")]
    [InlineData("{ article(order_by: {id: \"asc\"}) { id } }", "ArgumentsOfCorrectType")]
    [InlineData("{ article(order_by: {id: up}) { id } }", "ArgumentsOfCorrectType")]
    [InlineData("{ article_by_pk { id } }", "ProvidedNonNullArguments")]
    [InlineData("mutation { insert_article_one(object: {author: {}}) { id } }", "ArgumentsOfCorrectType")]
    [InlineData("query($i: String!) { article_by_pk(id: $i) { id } }", "VariablesInAllowedPosition")]
    [InlineData("query($i: Int) { article_by_pk(id: $i) { id } }", "VariablesInAllowedPosition")]
    [InlineData("query($i: Int) { article(where: {id: {_in: [$i]}}) { id } }", "VariablesInAllowedPosition 1:45")]
    [InlineData("query($o: article_order_by!) { article(order_by: $o) { id } }", "VariablesInAllowedPosition")]
    [InlineData("query($o: nothing) { article(order_by: $o) { id } }", "KnownTypeNames")]
    [InlineData("query($o: article) { article(order_by: $o) { id } }", "VariablesAreInputTypes")]
    [InlineData("{ article(limit: $l) { id } }", "NoUndefinedVariables")]
    [InlineData("query($a: Int, $a: Int) { article(limit: $a) { id } }", "UniqueVariableNames")]
    [InlineData("query($a: Int = true) { article(limit: $a) { id } }", "DefaultValuesOfCorrectType")]
    [InlineData("query($i: String!) { article(where: {id: {_eq: $i}}) { id } }", "VariablesInAllowedPosition 1:48")]
    [InlineData("query($b: String!) { article { id @skip(if: $b) } }", "VariablesInAllowedPosition")]
    [InlineData("{ article }", "ScalarLeafs")]
    [InlineData("{ article { id { x } } }", "ScalarLeafs")]
    [InlineData("{ article { x: id x: title } }", "OverlappingFieldsCanBeMerged")]
    [InlineData("{ a: article(limit: 1) { id } a: article(limit: 2) { id } }", "OverlappingFieldsCanBeMerged")]
    [InlineData("{ article { ...F } }", "KnownFragmentNames 1:13")]
    [InlineData("{ article { ...F } } fragment F on article { author { id } ...G } fragment G on article { ...F }", "NoFragmentCycles")]
    [InlineData("{ article { id @upper } }", "KnownDirectives")]
    [InlineData("{ article { id @include(if: \"true\") } }", "ArgumentsOfCorrectType")]
    [InlineData("subscription { article { id } b: article { id } }", "SingleRootFieldSubscriptions")]
    [InlineData("{ article(limit: 1, limit: 2) { id } }", "UniqueArgumentNames")]
    [InlineData("{ article { id } ", "Syntax 1:18")]
    [InlineData("{ article { id } } { article { title } }", "LoneAnonymousOperation")]
    [InlineData("{ article { id } } type x { y: Int }", "ExecutableDefinitions 1:20")]
    public void What_a_server_refuses_is_told_with_its_place(string text, string expected)
    {
        var problems = Problems(text);
        Assert.NotEmpty(problems);
        Assert.StartsWith(expected, problems[0], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("query($unused: Int) { article { id } }", "NoUnusedVariables")]
    [InlineData("{ article { id ... on author { name } } }", "PossibleFragmentSpreads")]
    [InlineData("{ article { id ... on nothing { name } } }", "KnownTypeNames")]
    public void What_a_server_takes_against_the_specification_is_marked(string text, string rule)
    {
        var problem = Assert.Single(Found(text));
        Assert.True(problem.IsTolerated);
        Assert.Equal(rule, problem.Rule);
    }

    [Fact]
    public void A_role_without_mutations_cannot_run_one()
    {
        var operations = OperationReader.Read([new OperationText("mutation m { x }") { IsVerbatim = true }], sharesFragments: false);
        var validator = new OperationValidator(SdlSchemaReader.Read("type Query { a: Int }", "test"), operations);
        Assert.Equal("OperationTypeExists", Assert.Single(validator.Problems(operations[0])).Rule);
        Assert.False(validator.HasRoots(operations[0]));
    }

    private static List<string> Problems(string text) => [.. Found(text).Select(p => $"{p.Rule} {p.Place.Line}:{p.Place.Column} {p.Message}")];

    private static IReadOnlyList<OperationProblem> Found(string text)
    {
        var operations = OperationReader.Read([new OperationText(text) { IsVerbatim = true }], sharesFragments: false);
        return new OperationValidator(Schema, operations).Problems(operations[0]);
    }
}
