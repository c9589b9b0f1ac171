using HasuraMigrations.Engine.Dumps;

namespace HasuraMigrations.Engine.Tests.Dumps;

/// <summary>What a migration takes of the text of pg_dump.</summary>
public sealed class SchemaTextTests
{
    [Theory]
    [InlineData("\\restrict abc\nCREATE TABLE a (i int);\n\\unrestrict abc\n", "CREATE TABLE a (i int);\n")]
    [InlineData("-- Name: a\nSET statement_timeout = 0;\nSET transaction_timeout = 0;\nSELECT pg_catalog.set_config('search_path', '', false);\nSET row_security = off;\nCREATE TABLE a (i int);\n", "CREATE TABLE a (i int);\n")]
    [InlineData("CREATE SCHEMA public;\nCOMMENT ON SCHEMA public IS 'standard public schema';\nCOMMENT ON SCHEMA public IS 'mine';\n", "COMMENT ON SCHEMA public IS 'mine';\n")]
    [InlineData("SET default_tablespace = '';\nSET default_table_access_method = heap;\nCREATE TABLE a (i int);\n", "CREATE TABLE a (i int);\n")]
    [InlineData("SET default_table_access_method = columnar;\nCREATE TABLE a (i int);\nSET default_table_access_method = heap;\nCREATE TABLE b (i int);\n", "SET default_table_access_method = columnar;\nCREATE TABLE a (i int);\nSET default_table_access_method = heap;\nCREATE TABLE b (i int);\n")]
    [InlineData("CREATE EXTENSION IF NOT EXISTS pgcrypto WITH SCHEMA hdb_catalog;\nCREATE EXTENSION IF NOT EXISTS \"uuid-ossp\" WITH SCHEMA public;\nCOMMENT ON EXTENSION \"uuid-ossp\" IS 'generate';\n", "CREATE EXTENSION IF NOT EXISTS \"uuid-ossp\" WITH SCHEMA public;\n")]
    [InlineData("CREATE MATERIALIZED VIEW public.m AS\n SELECT 1 AS a\n  WITH NO DATA;\n", "CREATE MATERIALIZED VIEW public.m AS\n SELECT 1 AS a;\n")]
    [InlineData("CREATE TRIGGER \"notify_hasura_e_INSERT\" AFTER INSERT ON public.a FOR EACH ROW EXECUTE FUNCTION hdb_catalog.\"notify_hasura_e_INSERT\"();\nCREATE TRIGGER notify_hasura_e_update AFTER UPDATE ON public.a FOR EACH ROW EXECUTE PROCEDURE hdb_views.x();\n", "")]
    [InlineData("CREATE TRIGGER notify_hasura_mine AFTER INSERT ON public.a FOR EACH ROW EXECUTE FUNCTION public.f();\n", "CREATE TRIGGER notify_hasura_mine AFTER INSERT ON public.a FOR EACH ROW EXECUTE FUNCTION public.f();\n")]
    [InlineData("", "")]
    public void What_belongs_to_pg_dump_or_to_Hasura_is_left_out(string dump, string expected) => Assert.Equal(expected, SchemaText.Of(dump).Text);

    [Fact]
    public void Bodies_and_literals_are_not_changed_and_are_not_checked_before_what_they_use_exists()
    {
        const string function = "CREATE FUNCTION public.f() RETURNS text\n    LANGUAGE sql\n    AS $$\n\n-- SET lock_timeout = 0;\nSELECT 'CREATE SCHEMA public;\n\\restrict x';$$";

        var schema = SchemaText.Of($"SET check_function_bodies = false;\nSET lock_timeout = 0;\n{function};\n");

        Assert.Equal($"SET check_function_bodies = false;\n{function};\n", schema.Text);
    }

    [Theory]
    [InlineData("--\n-- Dumped from database version 15.12 (Debian 15.12-0+deb12u2)\n-- Dumped by pg_dump version 17.1\n", 15)]
    [InlineData("CREATE TABLE a (i int);\n", null)]
    public void The_version_of_the_server_is_that_of_the_header(string dump, int? expected) => Assert.Equal(expected, SchemaText.Of(dump).MajorVersion);

    [Theory]
    [InlineData("hdb_catalog")]
    [InlineData("hasura_migrations")]
    public async Task A_schema_of_a_tool_is_refused(string name)
    {
        await using var target = new NoTarget();
        var selection = new SchemaSelection(["public", name], []);

        var failure = await Assert.ThrowsAsync<HasuraMigrationException>(() => new SchemaDump(target).ReadAsync(selection, TestContext.Current.CancellationToken));

        Assert.Equal("SchemaInvalid", failure.ErrorId);
    }

    private sealed class NoTarget : IDumpTarget
    {
        public string Description => "nothing";

        public Task<string> DumpAsync(IReadOnlyList<string> options, CancellationToken cancellationToken) => throw new InvalidOperationException("It was asked.");

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
