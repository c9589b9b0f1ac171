using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Impacts;
using HasuraMigrations.Engine.Metadata.Comparing;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Metadata.Schema;
using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Releases;
using HasuraMigrations.Engine.Targets.Postgres.ConnectionStrings;
using HasuraMigrations.Engine.Tests.Support;

namespace HasuraMigrations.Engine.Tests.Impacts;

/// <summary>Which metadata goes before the SQL of a release.</summary>
public sealed class ReferenceOrderTests(PostgresServer server)
{
    private const string Schema = """
        CREATE TABLE author (id int PRIMARY KEY, name text, email text, old_name text);
        CREATE TABLE post (id int PRIMARY KEY, author_id int REFERENCES author, title text, body text);
        CREATE TABLE kind (value text PRIMARY KEY, comment text);
        INSERT INTO kind VALUES ('short', NULL);
        CREATE TABLE note (id int PRIMARY KEY, text text, kind text REFERENCES kind);
        CREATE VIEW mail AS SELECT id, email FROM author;
        """;

    private const string Present = """
        {"version": 3, "sources": [{"name": "default", "kind": "postgres", "configuration": {"connection_info": {"database_url": {"from_env": "URL"}}}, "tables": [
          {"table": {"schema": "public", "name": "author"},
           "configuration": {"column_config": {"email": {"custom_name": "mail"}}},
           "array_relationships": [{"name": "posts", "using": {"foreign_key_constraint_on": {"column": "author_id", "table": {"schema": "public", "name": "post"}}}}],
           "select_permissions": [{"role": "user", "permission": {"columns": ["id", "name", "email"], "filter": {"email": {"_is_null": false}}}},
                                  {"role": "guest", "permission": {"columns": ["id", "email"], "filter": {}}}]},
          {"table": {"schema": "public", "name": "post"},
           "object_relationships": [{"name": "author", "using": {"foreign_key_constraint_on": "author_id"}}],
           "insert_permissions": [{"role": "user", "permission": {"columns": "*", "check": {"body": {"_is_null": false}}}}],
           "select_permissions": [{"role": "user", "permission": {"columns": ["id", "title"], "filter": {"author": {"email": {"_is_null": false}}}}}],
           "event_triggers": [{"name": "changed", "definition": {"enable_manual": false, "update": {"columns": ["title", "body"]}}, "retry_conf": {"num_retries": 0, "interval_sec": 10, "timeout_sec": 60}, "webhook": "http://hook"}]},
          {"table": {"schema": "public", "name": "note"},
           "select_permissions": [{"role": "user", "permission": {"columns": ["id", "text"], "filter": {"kind": {"_eq": "short"}}}}],
           "event_triggers": [{"name": "noted", "definition": {"enable_manual": false, "insert": {"columns": "*"}}, "retry_conf": {"num_retries": 0, "interval_sec": 10, "timeout_sec": 60}, "webhook": "http://hook"}]},
          {"table": {"schema": "public", "name": "kind"}, "is_enum": true, "select_permissions": [{"role": "user", "permission": {"columns": ["value"], "filter": {}}}]},
          {"table": {"schema": "public", "name": "mail"}, "select_permissions": [{"role": "user", "permission": {"columns": ["id", "email"], "filter": {}}}]}],
          "logical_models": [{"name": "contact", "fields": [{"name": "id", "type": {"scalar": "integer", "nullable": false}}, {"name": "address", "type": {"scalar": "text", "nullable": true}}]}],
          "native_queries": [{"root_field_name": "contacts", "arguments": {"least": {"type": "integer", "nullable": false}}, "code": "SELECT id, email AS address FROM author WHERE id > {{least}}", "returns": "contact"}]}]}
        """;

    /// <summary>What is changed in the metadata, the SQL, what goes first, and what is held.</summary>
    public static TheoryData<string, string, string, string> Cases => new()
    {
        // A column that nobody is to see any more.
        { "guest=[id]", "ALTER TABLE author DROP COLUMN email CASCADE", "public.author/select/guest", "" },
        // Both forms fit: filters too.
        { "guest=[id];user=[id,name];post-filter", "ALTER TABLE author DROP email CASCADE", "public.author/select/guest,public.author/select/user,public.post/select/user", "" },
        // Columns that the migrations make come with the rest; what is listed of the dropped one goes.
        { "guest=[id,phone]", "ALTER TABLE author ADD phone text; ALTER TABLE author DROP COLUMN email CASCADE", "public.author/select/guest", "" },
        // A filter cannot be left out before the new one fits.
        { "user=[id,phone];user-filter=phone", "ALTER TABLE author DROP COLUMN email, ADD phone text", "", "public.author/select/user" },
        // On rows that are about to change, a new filter could show more; a shorter list cannot.
        { "guest=[id];user=[id,name];post-filter", "UPDATE author SET name = ''; ALTER TABLE author DROP email CASCADE", "public.author/select/guest", "public.author/select/user,public.post/select/user" },
        { "guest=[id]", "UPDATE author SET name = ''; ALTER TABLE author DROP email CASCADE", "public.author/select/guest", "" },
        { "guest=[id];user=[id,name]", "ALTER TABLE author DROP email CASCADE; ALTER TABLE author ENABLE ROW LEVEL SECURITY", "public.author/select/guest", "public.author/select/user" },
        { "guest=[id,name]", "DELETE FROM author; ALTER TABLE author DROP email CASCADE", "public.author/select/guest", "" },
        { "posts=gone", "DELETE FROM post; ALTER TABLE post DROP CONSTRAINT post_author_id_fkey", "public.author.posts", "" },
        // What is renamed is not dropped, and what is made is not there.
        { "guest=[id,contact]", "ALTER TABLE author RENAME COLUMN email TO contact", "", "" },
        { "guest=[id,email,phone]", "ALTER TABLE author ADD COLUMN phone text", "", "" },
        // Nothing is dropped, or something else.
        { "guest=[id]", "ALTER TABLE author ALTER email SET NOT NULL", "", "" },
        { "guest=[id]", "DROP TABLE post", "", "" },
        // All columns, and one of them by name.
        { "post-check", "ALTER TABLE post DROP COLUMN body", "public.post/insert/user", "" },
        // What native queries use.
        { "contacts=name", "ALTER TABLE author DROP COLUMN email CASCADE", "contacts", "" },
        { "contacts=phone", "ALTER TABLE author DROP COLUMN email CASCADE, ADD phone text", "", "contacts" },
        { "contacts=name", "UPDATE author SET name = ''; ALTER TABLE author DROP COLUMN email CASCADE", "", "contacts" },
        { "contacts=gone", "DROP TABLE author CASCADE", "contacts", "" },
        // An enum table that will be none.
        { "kind=plain", "ALTER TABLE kind DROP CONSTRAINT kind_pkey CASCADE", "public.kind", "" },
        { "kind=plain", "ALTER TABLE kind DROP COLUMN value CASCADE", "public.kind", "" },
        { "kind=plain", "ALTER TABLE kind ADD COLUMN more text", "", "" },
        // Columns of views depend on those of tables.
        { "mail=gone", "ALTER TABLE author DROP COLUMN email CASCADE", "public.mail", "" },
        // A trigger that listens to less keeps its events, one that goes does not.
        { "changed=[title]", "ALTER TABLE post DROP COLUMN body", "public.post.changed", "" },
        { "note=gone", "DROP TABLE note", "public.note/select/user", "public.note,public.note.noted" },
        // In bodies, too.
        { "guest=[id]", "DO $$ BEGIN EXECUTE 'ALTER TABLE author DROP COLUMN email CASCADE'; END $$", "public.author/select/guest", "" },
        { "configuration=gone", "ALTER TABLE public.\"author\" DROP COLUMN \"email\" CASCADE", "public.author", "" },
        { "posts=gone", "ALTER TABLE post DROP CONSTRAINT post_author_id_fkey", "public.author.posts", "" },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task What_ends_goes_before_the_sql_that_drops_its_objects(string change, string sql, string first, string held)
    {
        await using var database = await server.CreateDatabaseAsync();
        await database.ExecuteAsync(Schema);
        var present = new MetadataDocument(JsonNode.Parse(Present)!.AsObject());
        var model = await MetadataModel.ReadAsync(present, new Dictionary<string, HasuraConnection> { ["default"] = PostgresConnectionString.Read(database.ConnectionString) }, withLinks: true, CancellationToken.None);
        Assert.Empty(model.Findings());
        var next = present.Clone();
        foreach (var one in change.Split(';'))
        {
            Change(next.Root["sources"]![0]!.AsObject(), one);
        }

        var later = await MetadataModel.ReadAsync(next, new Dictionary<string, HasuraConnection> { ["default"] = PostgresConnectionString.Read(database.ConnectionString) }, withLinks: false, CancellationToken.None);
        var order = ReferenceOrder.Find(model, next, new Dictionary<string, DroppedNames> { ["default"] = DroppedNames.Of(ChangeUnit.Of(sql, null).Statements) }, later.State.Facts);

        Assert.Equal((first, held), (Named(order.Before), Named(order.Held)));
        if (order.First is not { } document)
        {
            Assert.Equal("", first);
            return;
        }

        Assert.Empty(MetadataModel.Of(document, model.State.Facts).Findings());
        await database.ExecuteAsync(sql);
        var after = await MetadataModel.ReadAsync(document, new Dictionary<string, HasuraConnection> { ["default"] = PostgresConnectionString.Read(database.ConnectionString) }, withLinks: false, CancellationToken.None);
        var broken = after.State.Cache.Inconsistencies.Found.Select(i => ObjectNames.Text(i.Id)).ToList();
        Assert.DoesNotContain(broken, b => first.Split(',').Contains(b));
        Assert.NotEmpty(MetadataComparer.Compare(present, document));
    }

    [Fact]
    public async Task Without_a_statement_that_drops_no_database_is_read()
    {
        var nowhere = new Dictionary<string, HasuraConnection> { ["default"] = PostgresConnectionString.Read("Host=127.0.0.1;Port=1;Database=x;Username=x") };
        var present = new MetadataDocument(JsonNode.Parse(Present)!.AsObject());

        var order = await new ReferenceOrder(nowhere).FindAsync(present, present.Cleared(), new Dictionary<string, MigrationPlan>(), CancellationToken.None);

        Assert.Same(ReleaseOrder.SqlFirst, order);
    }

    // The objects that the sentences begin with.
    private static string Named(IReadOnlyList<string> sentences) => string.Join(',', sentences.Select(s => System.Text.RegularExpressions.Regex.Match(s, "^The (?:(\\w+) permission of the role '(\\w+)' on '([^']+)'|[^']*'([^']+)')") is var m && m.Groups[1].Success ? $"{m.Groups[3]}/{m.Groups[1]}/{m.Groups[2]}" : m.Groups[4].Value).Order(StringComparer.Ordinal));

    private static void Change(JsonObject source, string change)
    {
        var tables = source["tables"]!.AsArray();
        JsonObject Table(string name) => tables.First(t => t!["table"]!["name"]!.ToString() == name)!.AsObject();
        JsonNode Permission(string table, string role) => Table(table)["select_permissions"]!.AsArray().First(p => p!["role"]!.ToString() == role)!["permission"]!;
        var (what, value) = change.Split('=') is [var name, var given] ? (name, given) : (change, "");
        JsonArray List() => [.. value.Trim('[', ']').Split(',').Select(v => (JsonNode)v)];
        switch (what)
        {
            case "guest":
                Permission("author", "guest")["columns"] = List();
                break;
            case "user":
                Permission("author", "user")["columns"] = List();
                Permission("author", "user")["filter"] = new JsonObject { ["id"] = new JsonObject { ["_eq"] = "X-Hasura-User-Id" } };
                break;
            case "user-filter":
                Permission("author", "user")["filter"] = new JsonObject { [value] = new JsonObject { ["_is_null"] = false } };
                break;
            case "post-filter":
                Permission("post", "user")["filter"] = new JsonObject { ["author_id"] = new JsonObject { ["_eq"] = "X-Hasura-User-Id" } };
                break;
            case "changed":
                Table("post")["event_triggers"]![0]!["definition"]!["update"]!["columns"] = List();
                break;
            case "configuration":
                Table("author").Remove("configuration");
                break;
            case "post-check":
                Table("post")["insert_permissions"]![0]!["permission"]!["check"] = new JsonObject { ["title"] = new JsonObject { ["_is_null"] = false } };
                break;
            case "kind":
                Table("kind").Remove("is_enum");
                break;
            case "contacts" when value == "gone":
                source.Remove("native_queries");
                break;
            case "contacts":
                source["native_queries"]![0]!["code"] = $"SELECT id, {value} AS address FROM author";
                break;
            case "posts":
                Table("author").Remove("array_relationships");
                break;
            default:
                tables.Remove(Table(what));
                break;
        }
    }
}
