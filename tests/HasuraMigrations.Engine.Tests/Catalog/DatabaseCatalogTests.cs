using HasuraMigrations.Engine.Catalog;
using HasuraMigrations.Engine.Targets.Postgres.Sessions;
using HasuraMigrations.Engine.Tests.Support;

namespace HasuraMigrations.Engine.Tests.Catalog;

public sealed class DatabaseCatalogTests(PostgresServer server)
{
    private const string Objects = """
        CREATE SCHEMA s;
        COMMENT ON SCHEMA s IS 'a schema';
        CREATE TYPE s.mood AS ENUM ('sad', 'ok');
        CREATE DOMAIN s.short AS text CHECK (length(VALUE) < 9);
        CREATE TYPE s.pair AS (a int, b text);
        CREATE TABLE s.kind (value text PRIMARY KEY, comment text);
        INSERT INTO s.kind VALUES ('b', 'second'), ('a', NULL);
        CREATE TABLE s.t (
          id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, gone int, code s.short NOT NULL DEFAULT 'x', tags text[], feeling s.mood,
          doubled int GENERATED ALWAYS AS (id * 2) STORED, kind text REFERENCES s.kind, CONSTRAINT positive CHECK (id > 0), UNIQUE (code, kind));
        ALTER TABLE s.t DROP COLUMN gone;
        COMMENT ON TABLE s.t IS 'a table';
        COMMENT ON COLUMN s.t.code IS 'a column';
        CREATE VIEW s.v AS SELECT id FROM s.t;
        CREATE MATERIALIZED VIEW s.m AS SELECT id FROM s.t;
        CREATE TABLE s.p (at date) PARTITION BY RANGE (at);
        CREATE TABLE s.p1 PARTITION OF s.p FOR VALUES FROM ('2020-01-01') TO ('2021-01-01');
        CREATE FUNCTION s.f(word text, r s.t, n int DEFAULT 1) RETURNS SETOF s.t LANGUAGE sql STABLE AS 'SELECT * FROM s.t';
        CREATE FUNCTION s.f(word text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT word';
        CREATE FUNCTION s.g() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
        CREATE TRIGGER g AFTER INSERT ON s.t FOR EACH ROW EXECUTE FUNCTION s.g();
        """;

    [Fact]
    public async Task ReadsTablesWithTheirParts()
    {
        var catalog = await ReadAsync();
        var table = catalog.FindTable("s", "t")!;
        Assert.Equal(["id", "code", "tags", "feeling", "doubled", "kind"], table.Columns.Select(c => c.Name));
        Assert.Equal(["int4", "text", "text[]", "mood", "int4", "text"], table.Columns.Select(c => c.Type));
        Assert.Equal(3, table.FindColumn("code")!.Position);
        Assert.Equal(["id", "doubled"], table.Columns.Where(c => !c.IsWritable).Select(c => c.Name));
        Assert.Equal(["id", "code"], table.Columns.Where(c => !c.IsNullable).Select(c => c.Name));
        Assert.Equal(["id"], table.PrimaryKey!.Columns);
        Assert.Equal(["code", "kind"], Assert.Single(table.UniqueKeys).Columns);
        var key = Assert.Single(table.ForeignKeys);
        Assert.Equal((new CatalogName("s", "kind"), "kind", "value"), (key.Target, Assert.Single(key.Columns), Assert.Single(key.TargetColumns)));
    }

    [Fact]
    public async Task TellsRelationsApart()
    {
        var catalog = await ReadAsync();
        Assert.All(["t", "v", "m", "p", "p1"], n => Assert.NotNull(catalog.FindTable("s", n)));
        Assert.True(catalog.FindTable("s", "p1")!.IsPartition);
        Assert.Null(catalog.FindTable("s", "T"));
        Assert.Same(catalog.FindTable("s", "t"), catalog.FindTable(catalog.FindTable("s", "t")!.Oid));
    }

    [Fact]
    public async Task ReadsFunctionsAndBaseTypes()
    {
        var catalog = await ReadAsync();
        var functions = catalog.FindFunctions("s", "f").ToList();
        Assert.Equal(2, functions.Count);
        Assert.Equal(new[] { ("word", "text", 'b'), ("r", "t", 'c'), ("n", "int4", 'b') }, functions[0].Arguments.Select(a => (a.Name, a.Type, a.TypeKind)));
        Assert.Equal((new CatalogName("s", "t"), 'c', true, 's'), (functions[0].Returns, functions[0].ReturnKind, functions[0].ReturnsSet, functions[0].Volatility));
        Assert.True(catalog.IsBaseType("uuid"));
        Assert.False(catalog.IsBaseType("pair"));
    }

    [Fact]
    public async Task ReadsRowsOfEnumTables()
    {
        await using var database = await server.CreateDatabaseAsync();
        await database.ExecuteAsync(Objects);
        await using var session = await database.OpenAsync();
        await using var transaction = await session.BeginTransactionAsync();
        var catalog = await EnumRowsReader.ReadAsync(session, await CatalogFactsReader.ReadAsync(session, withSystem: false, default), [new("s", "kind"), new("s", "absent")], default);
        Assert.Equal([("a", null), ("b", "second")], catalog.FindEnumRows("s", "kind")!.Values);
        Assert.Null(catalog.FindEnumRows("s", "absent"));
    }

    private async Task<DatabaseCatalog> ReadAsync()
    {
        await using var database = await server.CreateDatabaseAsync();
        await database.ExecuteAsync(Objects);
        await using var session = await database.OpenAsync();
        return await CatalogFactsReader.ReadAsync(session, withSystem: false, default);
    }
}
