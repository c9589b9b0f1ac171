using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Metadata.Api;
using HasuraMigrations.Engine.Metadata.Api.Formats;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Metadata.Operations;

namespace HasuraMigrations.Engine.Tests.Metadata.Operations;

/// <summary>Operations in files, in persisted form and in the metadata, and what becomes of them between two schemas.</summary>
public sealed class OperationReaderTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("operations").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task Files_share_their_fragments_and_problems_have_the_place_in_their_file()
    {
        Write("a/q.graphql", "# first\nquery A {\n  users { ...F ...G }\n}\nquery B { users { id } }");
        Write("a/f.graphql", "\n fragment F on users { id\r\n  nmae }");
        Write("b/f.graphql", "fragment F on users { other }");
        Write("b/g.gql", "fragment G on users { name }");
        Write("b/schema.graphql", "type users { id: Int }");
        Write("node_modules/x/q.graphql", "query X { nothing }");
        Write("broken.graphql", "query C {\n  users { id ");
        var left = new List<string>();

        var results = await RunAsync(OperationFiles.Read([_directory], left.Add));

        Assert.Equal(["A FieldsOnCorrectType f.graphql:3:3", "B  q.graphql:5:1", "B  q.graphql:5:1", " Syntax broken.graphql:2:14"], results.Select(r => $"{r.Name} {r.Rule} {Path.GetFileName(r.File)}:{r.Line}:{r.Column}"));
        Assert.Contains("schema.graphql", Assert.Single(left), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_fragment_in_two_places_at_the_same_distance_is_told()
    {
        Write("q.graphql", "{ users { ...F } }");
        Write("a/f.graphql", "fragment F on users { id }");
        Write("b/f.graphql", "fragment F on users { name }");
        Write("c/f.graphql", "fragment F on users { name }");

        Assert.Equal("UniqueFragmentNames", Assert.Single(await RunAsync(OperationFiles.Read([_directory], _ => { }))).Rule);
    }

    [Fact]
    public async Task Imports_outside_the_directory_are_followed()
    {
        Write("a/q.graphql", "#import \"../b/f.graphql\"\n# import '../absent.graphql'\n{ users { ...F } }");
        Write("b/f.graphql", "fragment F on users { id }\nquery NotAsked { nothing }");

        var results = await RunAsync(OperationFiles.Read([Path.Combine(_directory, "a")], _ => { }), "admin");

        Assert.Equal([HasuraOperationStatus.Valid, HasuraOperationStatus.Invalid], results.Select(r => r.Status));
        Assert.Equal("FileUnreadable", results[1].Rule);
    }

    [Theory]
    [InlineData("""{"h1": "query Q { users { id } }", "h2": "{ users { nothing } }"}""", "Q, h2")]
    [InlineData("""{"format":"apollo-persisted-query-manifest","version":1,"operations":[{"id":"1","name":"Q","type":"query","body":"query Q { users { id } }"},{"id":"2","name":"R","body":"{ users { nothing } }"}]}""", "Q, R")]
    [InlineData("""[{"id":"h1","text":"query Q { users { id } }"},{"id":"h2","text":"{ users { nothing } }"}]""", "Q, h2")]
    public async Task Persisted_operations_are_read_in_all_common_forms(string json, string names)
    {
        var results = await RunAsync(OperationFiles.Read([Write("persisted.json", json)], _ => { }), "admin");
        Assert.Equal(names, string.Join(", ", results.Select(r => r.Name)));
        Assert.Equal([HasuraOperationStatus.Valid, HasuraOperationStatus.Invalid], results.Select(r => r.Status));
    }

    [Theory]
    [InlineData("{", "OperationFileInvalid")]
    [InlineData("3", "OperationFileInvalid")]
    [InlineData("""{"a": {"b": 1}}""", "OperationFileInvalid")]
    [InlineData("""{"__schema": {}}""", "OperationFileInvalid")]
    [InlineData("""{"a": ""}""", "ExecutableDefinitions")]
    [InlineData("""{"a": "{ users "}""", "Syntax")]
    public async Task A_file_that_is_none_is_told(string json, string rule)
    {
        var result = Assert.Single(await RunAsync(OperationFiles.Read([Write("persisted.json", json)], _ => { })));
        Assert.Equal((rule, HasuraOperationStatus.Invalid), (result.Rule, result.Status));
        Assert.EndsWith("persisted.json", result.File, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stored_operations_are_tested_for_the_roles_that_may_run_them()
    {
        var document = new MetadataDocument(JsonNode.Parse("""
            {"version":3,"sources":[],
             "query_collections":[{"name":"c","definition":{"queries":[{"name":"all","query":"{ users { id } }"},{"name":"names","query":"query N { users { name } }"}]}},{"name":"d","definition":{"queries":[{"name":"e","query":"{ users { id name } }"}]}}],
             "allowlist":[{"collection":"c","scope":{"global":false,"roles":["user"]}}],
             "rest_endpoints":[{"name":"r","url":"r","methods":["GET"],"definition":{"query":{"collection_name":"d","query_name":"e"}}}]}
            """)!.AsObject());

        var allowed = await RunAsync(StoredOperations.Read(document, new StoredSelection(true, false, _ => false)));
        var endpoints = await RunAsync(StoredOperations.Read(document, new StoredSelection(false, true, _ => false)));

        Assert.Equal(["all user Valid", "N user Invalid"], allowed.Select(r => $"{r.Name} {r.Role} {r.Status}"));
        Assert.Equal(["e admin Valid", "e user Invalid"], endpoints.Select(r => $"{r.Name} {r.Role} {r.Status}"));
        Assert.All(endpoints, e => Assert.Equal("r", Assert.Single(e.Endpoints)));
    }

    [Fact]
    public async Task A_change_breaks_and_mends()
    {
        var operations = OperationReader.Read([new OperationText("query Old { users { name } } query New { users { mail } } query Never { users { x } } query Always { users { id } } query Roots { gone }") { IsVerbatim = true }], sharesFragments: false);
        var before = new Schemas(("admin", "type Query { users: [users!]! gone: Int } type users { id: Int name: String }"), ("user", "type Query { users: [users!]! } type users { id: Int name: String }"));
        var after = new Schemas(("admin", "type Query { users: [users!]! } type users { id: Int mail: String }"), ("user", "type Query { users: [users!]! } type users { id: Int }"));

        var results = await new OperationTest(operations, null, false).RunAsync(after, before, _ => { }, CancellationToken.None);

        Assert.Equal(["Old admin Breaks", "Old user Breaks", "New admin Mended", "New user Invalid", "Never admin Invalid", "Always admin Valid", "Always user Valid", "Roots admin Breaks"], results.Select(r => $"{r.Name} {r.Role} {r.Status}"));
    }

    private static Task<IReadOnlyList<HasuraOperation>> RunAsync(IReadOnlyList<Operation> operations, params string[] roles) => new OperationTest(operations, roles.Length == 0 ? null : roles, false).RunAsync(
        new Schemas(("admin", "type Query { users: [users!]! } type users { id: Int name: String }"), ("user", "type Query { users: [users!]! } type users { id: Int }")), null, _ => { }, CancellationToken.None);

    private string Write(string path, string text)
    {
        var full = Path.Combine(_directory, path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        File.WriteAllText(full, text);
        return full;
    }

    private sealed class Schemas(params (string Role, string Sdl)[] roles) : IApiSchemas
    {
        public IReadOnlyList<string> Roles => [.. roles.Select(r => r.Role)];

        public IReadOnlyList<string> Inconsistencies => [];

        public Task<RoleApiSchema> ReadAsync(string role, bool isBackend, CancellationToken cancellationToken) =>
            Task.FromResult(new RoleApiSchema(role, isBackend, SdlSchemaReader.Read(roles.Single(r => r.Role == role).Sdl, "test")));
    }
}
