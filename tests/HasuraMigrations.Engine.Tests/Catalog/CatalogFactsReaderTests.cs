using System.Globalization;
using System.Text;
using HasuraMigrations.Engine.Catalog;
using HasuraMigrations.Engine.Targets.Postgres.Sessions;
using HasuraMigrations.Engine.Tests.Support;
using Npgsql;

namespace HasuraMigrations.Engine.Tests.Catalog;

/// <summary>A catalog that is brought up to date says what one that is read anew says.</summary>
public sealed class CatalogFactsReaderTests(PostgresServer server)
{
    private const string Objects = """
        CREATE SCHEMA s;
        CREATE TYPE mood AS ENUM ('sad', 'ok');
        CREATE DOMAIN short AS text;
        CREATE TYPE pair AS (a int, b text);
        CREATE TABLE p (at date NOT NULL) PARTITION BY RANGE (at);
        CREATE FUNCTION never() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
        CREATE TABLE t1 (id int PRIMARY KEY, a text UNIQUE, b mood, c short[], d int);
        CREATE TABLE t2 (id int PRIMARY KEY, a text, b mood, c short, d int REFERENCES t1);
        CREATE VIEW v AS SELECT count(*) AS id FROM t1;
        """;

    // What is named may be there or not: what fails is undone.
    private static readonly string[] Changes =
    [
        "CREATE TABLE t{0} (id int PRIMARY KEY, a text, b mood, c short[], d int REFERENCES t{1})",
        "CREATE TABLE s.t{0} (LIKE t{1} INCLUDING ALL)",
        "DROP TABLE t{0} CASCADE",
        "ALTER TABLE t{0} RENAME TO t{1}",
        "ALTER TABLE t{0} SET SCHEMA s",
        "ALTER TABLE s.t{0} SET SCHEMA public",
        "ALTER TABLE t{0} RENAME COLUMN {2} TO {3}",
        "ALTER TABLE t{0} RENAME COLUMN id TO {2}",
        "ALTER TABLE t{0} ADD COLUMN {2} int GENERATED ALWAYS AS (1) STORED, ADD COLUMN e{1} pair",
        "ALTER TABLE t{0} DROP COLUMN {2} CASCADE",
        "ALTER TABLE t{0} ALTER COLUMN {2} TYPE text USING {2}::text",
        "ALTER TABLE t{0} ALTER COLUMN {2} SET NOT NULL",
        "ALTER TABLE t{0} ALTER COLUMN {2} DROP NOT NULL",
        "ALTER TABLE t{0} ADD CONSTRAINT k{1} FOREIGN KEY (d) REFERENCES t{1} (id)",
        "ALTER TABLE t{0} DROP CONSTRAINT k{1}",
        "ALTER TABLE t{0} RENAME CONSTRAINT k{1} TO k{0}",
        "CREATE UNIQUE INDEX u{0} ON t{0} ({2}, lower(a))",
        "ALTER INDEX u{0} RENAME TO u{1}",
        "DROP INDEX u{0}",
        "CREATE FUNCTION f{0}(x int, y mood DEFAULT NULL) RETURNS SETOF t{0} LANGUAGE sql STABLE AS 'SELECT * FROM t{0}'",
        "CREATE OR REPLACE FUNCTION f{0}(x int, y mood DEFAULT 'ok') RETURNS SETOF t{0} LANGUAGE sql VOLATILE AS 'SELECT * FROM t{0}'",
        "ALTER FUNCTION f{0} RENAME TO f{1}",
        "DROP FUNCTION f{0}",
        "ALTER TYPE mood RENAME TO mood2",
        "ALTER TYPE mood2 RENAME TO mood",
        "ALTER DOMAIN short RENAME TO short2",
        "ALTER DOMAIN short2 RENAME TO short",
        "ALTER SCHEMA s RENAME TO s2",
        "ALTER SCHEMA s2 RENAME TO s",
        "CREATE TABLE p{0} PARTITION OF p FOR VALUES FROM ('200{0}-01-01') TO ('200{0}-02-01')",
        "ALTER TABLE p DETACH PARTITION p{0}",
        "CREATE OR REPLACE VIEW v{0} AS SELECT id, a FROM t{1}",
        "CREATE OR REPLACE VIEW v{0} AS SELECT DISTINCT id, a FROM t{1}",
        "CREATE TRIGGER g{0} INSTEAD OF INSERT ON v FOR EACH ROW EXECUTE FUNCTION never()",
        "CREATE TRIGGER h{0} INSTEAD OF DELETE ON v FOR EACH ROW EXECUTE FUNCTION never()",
        "DROP TRIGGER h{0} ON v",
        "DO $$ BEGIN ALTER TABLE t{0} RENAME COLUMN {2} TO z; BEGIN ALTER TABLE t{0} RENAME COLUMN z TO y; ALTER TABLE t{1} DROP COLUMN {3}; RAISE 'no'; EXCEPTION WHEN raise_exception THEN CREATE TABLE w{1} (id int); END; END $$",
        "CREATE TABLE t{0} AS SELECT 1 AS id, 'x'::text AS a",
        "CREATE TEMP TABLE t{0} (id int)",
        "INSERT INTO t{0} (id) VALUES ({1})",
        "TRUNCATE t{0} CASCADE",
        "COMMENT ON TABLE t{0} IS 'x'",
    ];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task After_whatever_a_transaction_did_it_is_as_read_anew(int seed)
    {
        await using var database = await server.CreateDatabaseAsync();
        await database.ExecuteAsync(Objects);
        await using var session = await database.OpenAsync();
        await ExecuteAsync(session, "BEGIN");
        var random = new Random(seed);
        var known = await CatalogFactsReader.ReadAsync(session, withSystem: false, default);
        for (var i = 0; i < 90; i++)
        {
            string Column() => $"{"abcd"[random.Next(4)]}";
            var change = string.Format(CultureInfo.InvariantCulture, Changes[random.Next(Changes.Length)], random.Next(1, 5), random.Next(1, 5), Column(), Column());
            await ExecuteAsync(session, "SAVEPOINT x");
            var before = known;
            var isUndone = !await TryAsync(session, change);
            if (!isUndone && random.Next(5) == 0)
            {
                // Seen, and taken back: what was known before holds again.
                _ = await CatalogFactsReader.RefreshAsync(session, known, null, null, default);
                isUndone = true;
            }

            await ExecuteAsync(session, isUndone ? "ROLLBACK TO x" : "RELEASE x");
            known = await CatalogFactsReader.RefreshAsync(session, before, null, null, default);
            Assert.Equal($"{change}\n{Report(await CatalogFactsReader.ReadAsync(session, withSystem: false, default))}", $"{change}\n{Report(known)}");
        }
    }

    [Fact]
    public async Task It_is_read_again_only_where_something_changed_and_tables_that_did_not_stay_the_same()
    {
        await using var database = await server.CreateDatabaseAsync();
        await database.ExecuteAsync(Objects);
        await using var session = await database.OpenAsync();
        await ExecuteAsync(session, "BEGIN");
        var known = await CatalogFactsReader.ReadAsync(session, withSystem: false, default);

        await ExecuteAsync(session, "COMMENT ON COLUMN t1.a IS 'x'; COMMENT ON TABLE t2 IS 'y'; INSERT INTO t1 (id) VALUES (1); GRANT SELECT ON t1 TO PUBLIC");
        var written = await CatalogFactsReader.RefreshAsync(session, known, null, null, default);
        await ExecuteAsync(session, "ALTER TABLE t2 RENAME COLUMN a TO z");
        var renamed = await CatalogFactsReader.RefreshAsync(session, known, null, null, default);

        // A grant changes the row of its table, and nothing that counts.
        Assert.Equal(Report(known), Report(written));
        Assert.Same(known.FindTable("public", "t1"), written.FindTable("public", "t1"));
        Assert.Same(known.FindTable("public", "t1"), renamed.FindTable("public", "t1"));
        Assert.NotNull(renamed.FindTable("public", "t2")!.FindColumn("z"));
    }

    [Fact]
    [Trait("Case", "10")]
    public async Task Views_that_somebody_drops_while_they_are_read_do_no_harm()
    {
        await using var database = await server.CreateDatabaseAsync();
        await database.ExecuteAsync(Objects);
        await using var other = await database.OpenAsync();
        await using var session = await database.OpenAsync();
        await ExecuteAsync(other, "BEGIN; DROP VIEW v; DROP TABLE t2; ALTER TABLE t1 RENAME COLUMN a TO z");
        await ExecuteAsync(session, "BEGIN");
        await using var pid = new NpgsqlCommand("SELECT pg_backend_pid()", session);
        var reader = await pid.ExecuteScalarAsync();

        // It asks whether the view can be written, and waits for the one who drops it.
        var reading = CatalogFactsReader.ReadAsync(session, withSystem: false, default);
        while (!await database.ScalarAsync<bool>($"SELECT EXISTS (SELECT FROM pg_locks WHERE pid = {reader} AND NOT granted)"))
        {
            Assert.False(reading.IsCompleted);
        }

        await ExecuteAsync(other, "COMMIT");
        var catalog = await reading;
        Assert.Equal(["id", "a", "b", "c", "d"], catalog.FindTable("public", "t1")!.Columns.Select(c => c.Name));
        Assert.Equal(["a"], Assert.Single(catalog.FindTable("public", "t1")!.UniqueKeys).Columns);
        Assert.NotNull(catalog.FindTable("public", "t2"));
    }

    private static async Task ExecuteAsync(NpgsqlConnection session, string sql)
    {
        await using var command = new NpgsqlCommand(sql, session);
        await command.ExecuteNonQueryAsync();
    }

    private static async Task<bool> TryAsync(NpgsqlConnection session, string sql)
    {
        try
        {
            await ExecuteAsync(session, sql);
            return true;
        }
        catch (PostgresException)
        {
            return false;
        }
    }

    private static string Report(DatabaseCatalog catalog)
    {
        var text = new StringBuilder();
        foreach (var table in catalog.Tables)
        {
            text.Append(CultureInfo.InvariantCulture, $"{table.Oid} {table.Name} {table.IsPartition} {table.Writes}\n");
            text.AppendJoin('\n', table.Columns.Select(c => $"  {c}")).Append('\n');
            text.AppendJoin('\n', table.UniqueKeys.Concat(table.PrimaryKey is { } primary ? [primary] : []).Select(k => $"  {k.Name} {k.Oid} {k.IsPrimary} {string.Join(',', k.Columns)}")).Append('\n');
            text.AppendJoin('\n', table.ForeignKeys.Select(k => $"  {k.Name} {k.Oid} {k.Target} {string.Join(',', k.Columns)} {string.Join(',', k.TargetColumns)}")).Append('\n');
        }

        foreach (var function in catalog.Facts.Functions)
        {
            text.Append(CultureInfo.InvariantCulture, $"{function with { Arguments = [] }} {string.Join(',', function.Arguments)}\n");
        }

        return text.AppendJoin(',', catalog.Facts.BaseTypes.Order(StringComparer.Ordinal)).ToString();
    }
}
