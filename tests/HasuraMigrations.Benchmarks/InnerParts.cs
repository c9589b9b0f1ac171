using System.Text.Json.Nodes;
using BenchmarkDotNet.Attributes;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Metadata.Comparing;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Sql;
using HasuraMigrations.Engine.Yaml;

namespace HasuraMigrations.Benchmarks;

/// <summary>The parts that every file and every document passes through.</summary>
[MemoryDiagnoser]
public class InnerParts
{
    private const int Tables = 50;
    private const int Roles = 11;

    private string _sql = "";
    private string _yaml = "";
    private JsonNode _tree = new JsonObject();
    private MetadataDocument _document = new(new JsonObject());
    private MetadataDocument _same = new(new JsonObject());
    private MetadataDocument _other = new(new JsonObject());

    [GlobalSetup]
    public void Prepare()
    {
        _sql = string.Concat(Enumerable.Range(1, 200).Select(i => $"""
            -- Statement {i}; with a comment
            CREATE FUNCTION f_{i}(a text) RETURNS text LANGUAGE plpgsql AS $body$ BEGIN RETURN a || '; '''; END $body$;
            INSERT INTO "t;{i}" (a, b) VALUES ('it''s', E'\'; \n'), ('x', $1$;$1$);

            """));
        _document = MetadataSeries.Document(Tables, Roles, 10);
        _same = MetadataSeries.Document(Tables, Roles, 10);
        _other = MetadataSeries.Document(Tables, Roles, 20);
        _tree = MetadataSeries.Document(Tables, Roles, 10).Root;
        _yaml = YamlWriter.Write(_tree, MetadataFileStyle.Cli25);
    }

    [Benchmark(Description = "split SQL: 400 statements")]
    public object Split() => SqlScript.Parse(_sql);

    [Benchmark(Description = "read YAML: 50 tables x 11 roles")]
    public object? Read() => YamlReader.Read(_yaml, "tables.yaml", new MetadataPositions());

    [Benchmark(Description = "write YAML: 50 tables x 11 roles")]
    public object Write() => YamlWriter.Write(_tree, MetadataFileStyle.Cli25);

    [Benchmark(Description = "compare: no difference")]
    public object CompareEqual() => MetadataComparer.Compare(_document, _same);

    [Benchmark(Description = "compare: every permission differs")]
    public object CompareDifferent() => MetadataComparer.Compare(_document, _other);
}
