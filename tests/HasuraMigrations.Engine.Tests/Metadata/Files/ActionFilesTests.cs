using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Metadata.Files;
using HasuraMigrations.Engine.Tests.Corpus;
using HasuraMigrations.Engine.Tests.Support;

namespace HasuraMigrations.Engine.Tests.Metadata.Files;

public sealed class ActionFilesTests
{
    private const string Entry = """
        actions:
          - name: login
            definition:
              kind: ""
              handler: http://x
        custom_types:
          enums: []
          input_objects: []
          objects: []
          scalars: []
        """;

    [Theory]
    [InlineData("v2-directory", SdlStyle.E1)]
    [InlineData("v3-directory", SdlStyle.E3)]
    public void The_examples_are_read_as_the_document_they_were_written_from(string example, object style)
    {
        SharedData.Needs(ActionSamples.Examples is not null, "reference/examples");
        var directory = Path.Combine(ActionSamples.Examples, example);
        var expected = JsonNode.Parse(File.ReadAllText(Path.Combine(directory, "expected.json")))!;
        expected = expected["metadata"] ?? expected;
        var sdl = Path.Combine(directory, "metadata", "actions.graphql");

        var (actions, types) = Read(File.ReadAllText(sdl), ActionSamples.YamlBeside(sdl), out var findings);

        Assert.True(JsonNode.DeepEquals(expected["actions"], actions), actions!.ToJsonString());
        Assert.True(JsonNode.DeepEquals(expected["custom_types"], types), types!.ToJsonString());
        Assert.Equal(Order(expected["custom_types"]!), Order(types));
        Assert.Empty(findings);
        Assert.Equal((SdlStyle)style, SdlStyles.Detect(File.ReadAllText(sdl)));
    }

    [Theory]
    [InlineData("examples")]
    [InlineData("corpus")]
    public void Files_of_Hasuras_CLI_are_written_back_byte_by_byte(string kind)
    {
        var root = kind == "examples" ? ActionSamples.Examples : CorpusCase.Root;
        SharedData.Needs(root is not null, kind == "corpus" ? kind : "reference/examples");
        var files = ActionSamples.SdlFiles(root).ToList();

        Assert.NotEmpty(files);
        Assert.All(files, file =>
        {
            var sdl = File.ReadAllText(file);
            var (actions, types) = Read(sdl, ActionSamples.YamlBeside(file), out _);
            var written = ActionFiles.Write(actions, types, SdlStyles.Detect(sdl) ?? SdlStyle.E3);

            // A file without the CLI's last blank line was written by hand, in an order of its own: its content comes back.
            if (sdl.Length > 0 && !sdl.EndsWith("\n\n", StringComparison.Ordinal))
            {
                var again = Read(written.Sdl, written.Yaml.DeepClone(), out _);
                Assert.Equal(actions!.ToJsonString() + types!.ToJsonString(), again.Actions!.ToJsonString() + again.CustomTypes!.ToJsonString());
            }
            else
            {
                Assert.Equal(sdl, written.Sdl);
                Assert.Equal((ActionSamples.YamlBeside(file) ?? ActionFiles.Write(null, null, SdlStyle.E3).Yaml).ToJsonString(), written.Yaml.ToJsonString());
            }
        });
    }

    [Theory]
    [InlineData(SdlStyle.E1, "\n\n")]
    [InlineData(SdlStyle.E2, "")]
    [InlineData(SdlStyle.E3, "")]
    public void Nothing_is_written_as_the_CLI_writes_it_and_read_as_nothing(object style, string text)
    {
        var (sdl, yaml) = ActionFiles.Write(null, null, (SdlStyle)style);

        Assert.Equal(text, sdl);
        Assert.Equal("""{"actions":[],"custom_types":{"enums":[],"input_objects":[],"objects":[],"scalars":[]}}""", yaml.ToJsonString());
        Assert.Equal((null, null), Read(sdl, yaml, out _));
        Assert.Equal((null, null), Read(null, null, out _));
    }

    [Theory]
    [InlineData("plain text")]
    [InlineData("two\nlines")]
    [InlineData("two\n  lines, indented")]
    [InlineData("three quotes: \"\"\" in the middle")]
    [InlineData("\"quoted\"")]
    [InlineData(" white space around ")]
    [InlineData(" ")]
    [InlineData("\n")]
    [InlineData("a backslash \\ and \\\"\"\" that")]
    [InlineData("ends with \\")]
    [InlineData("tab\tand\r\nline")]
    [InlineData("bell \u0007, emoji 🙂, accents é")]
    [InlineData("# no comment")]
    public void Any_description_comes_back(string description)
    {
        foreach (var style in Enum.GetValues<SdlStyle>())
        {
            var document = Document(description);
            var (sdl, yaml) = ActionFiles.Write(document["actions"], document["custom_types"], style);
            var (actions, types) = Read(sdl, yaml, out var findings);

            Assert.Equal(document["actions"]!.ToJsonString(), actions!.ToJsonString());
            Assert.Equal(document["custom_types"]!.ToJsonString(), types!.ToJsonString());
            Assert.Empty(findings);
        }
    }

    [Fact]
    public void Random_descriptions_come_back()
    {
        string[] pieces = ["\"", "\"\"\"", "\\", "\n", "\r", " ", "  ", "\t", "a", "b c", "#", "é", "🙂", "\\u0041", "}", "\u00a0", "\u2028"];
        var random = new Random(7);
        for (var i = 0; i < 1000; i++)
        {
            var text = string.Concat(Enumerable.Range(0, random.Next(1, 9)).Select(_ => pieces[random.Next(pieces.Length)]));
            var document = Document(text);
            var (sdl, yaml) = ActionFiles.Write(document["actions"], document["custom_types"], SdlStyle.E3);

            var (actions, types) = Read(sdl, yaml, out _);

            Assert.Equal(document["actions"]!.ToJsonString() + document["custom_types"]!.ToJsonString(), actions!.ToJsonString() + types!.ToJsonString());
        }
    }

    [Fact]
    public void Quotes_and_line_breaks_are_escaped_only_where_they_must_be()
    {
        Assert.Equal("\"\"\" two\nlines \"\"\" ", SdlDescription.Format("two\nlines"));
        Assert.Equal("\"\"\" a \\\"\"\" b \"\"\" ", SdlDescription.Format("a \"\"\" b"));
        Assert.Equal("\"a\\n  b\" ", SdlDescription.Format("a\n  b"));
        Assert.Equal("", SdlDescription.Format(""));
    }

    [Fact]
    public void What_the_CLI_would_lose_is_kept_where_it_does_not_look()
    {
        var document = JsonNode.Parse("""
            {"actions":[{"name":"b","definition":{"handler":"h","output_type":"T!","ignored_client_headers":["Host"],"arguments":[{"name":"x","type":"[Int!]","since":2}],"type":"query","timeout":5,"later":{"a":1}},"comment":"c","permissions":[{"role":"r"}],"owner":"me"},
                        {"name":"a","definition":{"handler":"h","output_type":"T","type":"mutation","kind":"synchronous"}}],
             "custom_types":{"input_objects":[],"objects":[{"name":"T","fields":[{"name":"f","type":"Int","arguments":[{"name":"q","type":"Int"}],"description":"d"},{"name":"g","type":"E"}],"tag":1}],
                             "enums":[{"name":"E","values":[{"description":null,"is_deprecated":true,"value":"V"}]}],"unions":["?"]}}
            """)!;

        var (sdl, yaml) = ActionFiles.Write(document["actions"], document["custom_types"], SdlStyle.E3);
        var written = yaml.ToJsonString();
        var (actions, types) = Read(sdl, yaml, out var findings);

        Assert.Contains("""{"name":"b","definition":{"kind":"","handler":"h","timeout":5,"arguments":[{"name":"x","since":2}],"ignored_client_headers":["Host"],"later":{"a":1}},"permissions":[{"role":"r"}],"comment":"c","owner":"me"}""", written);
        Assert.Contains("""{"name":"T","fields":[{"name":"f","arguments":[{"name":"q","type":"Int"}]}],"tag":1}""", written);
        document["custom_types"]!.AsObject().Remove("input_objects");
        Assert.True(JsonNode.DeepEquals(document["actions"], actions), actions!.ToJsonString());
        Assert.True(JsonNode.DeepEquals(document["custom_types"], types), types!.ToJsonString());
        Assert.Empty(findings);
        Assert.Equal(written, ActionFiles.Write(actions, types, SdlStyle.E3).Yaml.ToJsonString());
    }

    [Fact]
    public void Blocks_extensions_and_hand_formatting_are_read()
    {
        var (actions, types) = Read("type Query { a : Int b(x: [String!]!, y: Int): Int! } extend type Query { c: Int } extend type Mutation { d: Int } type Subscription { e: Int }", null, out var findings);

        Assert.Equal(["a:query", "b:query", "c:query", "d:mutation"], actions!.Select(a => $"{a!["name"]}:{a["definition"]!["type"]}"));
        Assert.Equal("""{"handler":"","output_type":"Int!","arguments":[{"name":"x","type":"[String!]!"},{"name":"y","type":"Int"}],"type":"query"}""", actions![1]!["definition"]!.ToJsonString());
        Assert.Equal("""{"objects":[{"name":"Subscription","fields":[{"name":"e","type":"Int"}]}]}""", types!.ToJsonString());
        Assert.Equal(4, findings.Count(f => f is { Id: "ActionWithoutHandler", Severity: FindingSeverity.Warning, Line: 1 }));
    }

    [Theory]
    [InlineData("type Query {\n  login: Int\n}\nunion U = A | B\n", "SdlNotSupported", 4, 1, "The union U")]
    [InlineData("type Query {\n  login: Int\n}\ninterface I { a: Int }\n", "SdlNotSupported", 4, 1, "The interface I")]
    [InlineData("type Query {\n  login: Int\n}\n\n  directive @x on FIELD\n", "SdlNotSupported", 5, 3, "The directive x")]
    [InlineData("type Query {\n  login: Int\n}\nschema { query: Query }\n", "SdlNotSupported", 4, 1, "A schema definition")]
    [InlineData("type Query {\n  login: Int\n}\nextend type Other { a: Int }\n", "SdlNotSupported", 4, 1, "An extension of Other")]
    [InlineData("type Query {\n  login: Int\n}\nquery { a }\n", "SdlNotSupported", 4, 1, "The operation")]
    [InlineData("type Query {\n  login }\n", "SdlInvalid", 2, 9, "Expected :")]
    [InlineData("type Query {\n  other: Int\n}\n", "ActionNotInSdl", 2, 5, "login")]
    public void An_error_names_file_line_and_column(string sdl, string id, int line, int column, string text)
    {
        var positions = new MetadataPositions();
        var yaml = ActionSamples.Yaml(Entry)!;
        positions.Set(yaml["actions"]![0]!, new SourcePosition("actions.yaml", 2, 5));

        var error = Assert.Throws<HasuraMigrationException>(() => ActionFiles.Read(sdl, "actions.graphql", yaml, "actions.yaml", positions, []));

        Assert.Equal(id, error.ErrorId);
        Assert.Equal((id == "ActionNotInSdl" ? "actions.yaml" : "actions.graphql", line, column), (error.File, error.Line, error.Column));
        Assert.Contains(text, error.Message);
    }

    [Fact]
    public void All_errors_are_in_one()
    {
        var error = Assert.Throws<HasuraMigrationException>(() => Read("union A = B\nunion C = D", ActionSamples.Yaml("actions: 1\ncustom_types:\n  objects:\n    - name: X\n    - x: 1\n"), out _));

        Assert.Equal(["SdlNotSupported", "SdlNotSupported", "ActionsFileInvalid", "ActionsFileInvalid", "ActionTypeNotInSdl"], error.Findings.Select(f => f.Id));
        Assert.All(error.Findings.Zip(error.Message.Split(Environment.NewLine)), pair => Assert.EndsWith(pair.First.Message, pair.Second));
        Assert.StartsWith("The file 'actions.graphql' is not valid: line 1, column 1: ", error.Message);
    }

    [Theory]
    [InlineData("# a comment\ntype Query {\n  login: Int\n}", "SdlCommentIgnored", 1)]
    [InlineData("type Query {\n  login(a: Int = 3): Int\n}", "SdlPartIgnored", 2)]
    [InlineData("type Query {\n  login: Int @deprecated\n}", "SdlPartIgnored", 2)]
    [InlineData("type Query {\n  \"how to log in\" login: Int\n}", "SdlPartIgnored", 2)]
    [InlineData("type Query {\n  login: Int\n}\ntype T implements I {\n  a(x: Int): Int\n}", "SdlPartIgnored", 4)]
    [InlineData("type Query {\n  login: Int\n}\nscalar A\nenum A { B }", "SdlNameDuplicate", 5)]
    public void What_would_be_lost_is_told(string sdl, string id, int line)
    {
        Read(sdl, ActionSamples.Yaml(Entry), out var findings);

        var finding = findings[0];
        Assert.Equal((id, "actions.graphql", line), (finding.Id, finding.File, finding.Line));
    }

    [Fact]
    public void A_description_counts_as_for_the_CLI_and_a_difference_is_told()
    {
        var yaml = ActionSamples.Yaml("custom_types:\n  objects:\n    - name: A\n    - name: B\n      description: other\n    - name: C\n      description: same\n  enums:\n    - name: E\n      values:\n        - value: V\n          description: other\n        - value: W\n");

        var (_, types) = Read("\"sdl\" type A { a: Int } \"sdl\" type B { a: Int } \"same\" type C { a: Int } \"only here\" type D { a: Int } enum E { \"sdl\" V }", yaml, out var findings);

        Assert.Equal([null, "other", "same", "only here"], types!["objects"]!.AsArray().Select(t => t!["description"]?.ToString()));
        Assert.Equal("""[{"value":"V","description":"sdl"}]""", types["enums"]![0]!["values"]!.ToJsonString());
        Assert.Equal(["DescriptionDiffers", "DescriptionDiffers", "DescriptionDiffers", "ActionEntryUnused"], findings.Select(f => f.Id));
    }

    [Fact]
    public void Two_actions_of_one_name_stay_two()
    {
        var yaml = ActionSamples.Yaml("actions:\n  - name: a\n    definition: {kind: '', handler: one}\n  - name: a\n    definition: {kind: '', handler: two}\n");

        var (actions, _) = Read("type Query { a: Int } type Mutation { a: Int }", yaml!.DeepClone(), out var findings);
        var (single, _) = Read("type Query { a: Int }", yaml, out var superseded);

        Assert.Equal(["one", "two"], actions!.Select(a => a!["definition"]!["handler"]!.ToString()));
        Assert.Equal(["SdlNameDuplicate"], findings.Select(f => f.Id));
        Assert.Equal("two", Assert.Single(single!)!["definition"]!["handler"]!.ToString());
        Assert.Equal(["ActionEntryUnused"], superseded.Select(f => f.Id));
    }

    [Theory]
    [InlineData("""[{"name":"a b","definition":{"type":"query","output_type":"Int"}}]""", "null")]
    [InlineData("""[{"name":"a","definition":{"type":"query"}}]""", "null")]
    [InlineData("""[7]""", "null")]
    [InlineData("null", """{"scalars":{}}""")]
    [InlineData("null", "[]")]
    public void What_has_no_text_is_refused(string actions, string types)
    {
        var error = Assert.Throws<HasuraMigrationException>(() => ActionFiles.Write(JsonNode.Parse(actions), JsonNode.Parse(types), SdlStyle.E3));

        Assert.Equal("ActionsNotWritable", error.ErrorId);
    }

    [Theory]
    [InlineData("", null)]
    [InlineData("\n\n", SdlStyle.E1)]
    [InlineData("scalar X\n\n", null)]
    [InlineData("type T {\n  a : Int\n}\n\n", SdlStyle.E2)]
    [InlineData("type T {\r\n  a: Int\r\n}\r\n", SdlStyle.E3)]
    public void The_style_of_a_text_is_found(string sdl, object? style) => Assert.Equal((SdlStyle?)style, SdlStyles.Detect(sdl));

    [Fact]
    public void Nodes_know_where_they_stood()
    {
        var positions = new MetadataPositions();
        var yaml = ActionSamples.Yaml(Entry)!;
        positions.Set(yaml["actions"]![0]!["definition"]!, new SourcePosition("actions.yaml", 4, 7));

        var (actions, types) = ActionFiles.Read("type Query {\n  login(\n    a: Int\n  ): T\n}\ntype T {\n  f: Int\n}\n", "actions.graphql", yaml, "actions.yaml", positions, []);

        Assert.Equal(new SourcePosition("actions.graphql", 2, 3), positions.Near(actions![0]!["name"]));
        Assert.Equal(new SourcePosition("actions.yaml", 4, 7), positions.Near(actions[0]!["definition"]!["handler"]));
        Assert.Equal(new SourcePosition("actions.graphql", 3, 5), positions.Near(actions[0]!["definition"]!["arguments"]![0]!["type"]));
        Assert.Equal(new SourcePosition("actions.graphql", 7, 3), positions.Near(types!["objects"]![0]!["fields"]![0]));
    }

    private static (JsonArray? Actions, JsonObject? CustomTypes) Read(string? sdl, JsonNode? yaml, out List<Finding> findings) =>
        ActionFiles.Read(sdl, "actions.graphql", yaml, "actions.yaml", new MetadataPositions(), findings = []);

    private static JsonNode Document(string description) => new JsonObject
    {
        ["actions"] = new JsonArray(new JsonObject
        {
            ["name"] = "a",
            ["definition"] = new JsonObject
            {
                ["handler"] = "h",
                ["output_type"] = "O",
                ["arguments"] = new JsonArray(new JsonObject { ["name"] = "x", ["type"] = "I!", ["description"] = description }),
                ["type"] = "query",
            },
        }),
        ["custom_types"] = new JsonObject
        {
            ["input_objects"] = new JsonArray(Type("I", description)),
            ["objects"] = new JsonArray(Type("O", description)),
            ["scalars"] = new JsonArray(new JsonObject { ["name"] = "S", ["description"] = description }),
            ["enums"] = new JsonArray(new JsonObject
            {
                ["name"] = "E",
                ["values"] = new JsonArray(new JsonObject { ["description"] = description, ["is_deprecated"] = null, ["value"] = "V" }),
                ["description"] = description,
            }),
        },
    };

    private static JsonObject Type(string name, string description) => new()
    {
        ["name"] = name,
        ["fields"] = new JsonArray(new JsonObject { ["name"] = "f", ["type"] = "Int", ["description"] = description }),
        ["description"] = description,
    };

    /// <summary>The keys of a tree, in their order.</summary>
    private static string Order(JsonNode? node) => node switch
    {
        JsonObject map => $"{{{string.Join(",", map.Select(p => p.Key + Order(p.Value)))}}}",
        JsonArray list => $"[{string.Join(",", list.Select(Order))}]",
        _ => "",
    };
}
