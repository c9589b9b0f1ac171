using HasuraMigrations.Engine.Sql;
using static HasuraMigrations.Engine.Sql.SqlStatementClass;
using static HasuraMigrations.Engine.Sql.SqlStatementTraits;

namespace HasuraMigrations.Engine.Tests.Sql;

public class SqlClassifierTests
{
    public static TheoryData<string, SqlStatementClass, SqlStatementTraits> Statements => new()
    {
        { "insert into t values (1)", Other, None },
        { "select 1", Query, None },
        { "(select 1)", Query, None },
        { "BEGIN", Begin, TransactionControl },
        { "/* c */ Start /* d */ transaction read only", Begin, TransactionControl | ReadOnly },
        { "commit work", Commit, TransactionControl },
        { "end", Commit, TransactionControl },
        { "commit and chain", Commit, TransactionControl | Chain },
        { "commit and no chain", Commit, TransactionControl },
        { "abort", Rollback, TransactionControl },
        { "rollback transaction and chain", Rollback, TransactionControl | Chain },
        { "rollback to savepoint a", RollbackToSavepoint, None },
        { "rollback work to a", RollbackToSavepoint, None },
        { "savepoint a", Savepoint, None },
        { "release a", ReleaseSavepoint, None },
        { "prepare transaction 'x'", PrepareTransaction, TransactionControl },
        { "commit prepared 'x'", CommitPrepared, TransactionControl | NotInTransaction },
        { "rollback prepared 'x'", RollbackPrepared, TransactionControl | NotInTransaction },
        { "set transaction isolation level serializable", SetTransaction, UntilCommit },
        { "set local transaction read only", SetTransaction, UntilCommit | ReadOnly },
        { "set constraints all deferred", SetConstraints, UntilCommit },
        { "set session characteristics as transaction read only", Set, SessionSetting | ReadOnly },
        { "create index concurrently i on t (a)", CreateIndex, Concurrent | NotInTransaction },
        { "create unique index if not exists i on t (a)", CreateIndex, None },
        { "drop index concurrently if exists s.i", DropIndex, Concurrent | NotInTransaction },
        { "drop index i", DropIndex, None },
        { "reindex table t", Reindex, None },
        { "reindex index concurrently i", Reindex, Concurrent | NotInTransaction },
        { "reindex (verbose, concurrently) table t", Reindex, Concurrent | NotInTransaction },
        { "reindex (concurrently on) table t", Reindex, Concurrent | NotInTransaction },
        { "reindex (concurrently 1, tablespace x) table t", Reindex, Concurrent | NotInTransaction },
        { "reindex (concurrently 'TRUE') table t", Reindex, Concurrent | NotInTransaction },
        { "reindex (concurrently off) table t", Reindex, None },
        { "reindex (concurrently false, verbose) table t", Reindex, None },
        { "reindex schema s", Reindex, NotInTransaction },
        { "reindex database d", Reindex, NotInTransaction },
        { "reindex (verbose) system", Reindex, NotInTransaction },
        { "vacuum", Vacuum, NotInTransaction },
        { "vacuum (full) t", Vacuum, NotInTransaction },
        { "analyze t", Other, None },
        { "create database d", Create, NotInTransaction },
        { "drop database if exists d", Drop, NotInTransaction },
        { "create tablespace d location '/x'", Create, NotInTransaction },
        { "drop tablespace d", Drop, NotInTransaction },
        { "alter system set a = 1", Alter, NotInTransaction },
        { "alter database d set tablespace t", Alter, NotInTransaction },
        { "alter database d set search_path = x", Alter, None },
        { "cluster", Cluster, NotInTransaction },
        { "cluster verbose", Cluster, NotInTransaction },
        { "cluster (verbose)", Cluster, NotInTransaction },
        { "cluster t using i", Cluster, None },
        { "cluster (verbose) t", Cluster, None },
        { "discard all", Discard, NotInTransaction | SessionSetting },
        { "discard temp", Discard, None },
        { "create subscription s connection 'x' publication p", Create, NotInTransaction },
        { "create subscription s connection 'x' publication p with (connect = false)", Create, None },
        { "create subscription s connection 'x' publication p with (create_slot = off)", Create, None },
        { "drop subscription s", Drop, MaybeNotInTransaction },
        { "alter subscription s refresh publication", Alter, NotInTransaction },
        { "alter subscription s set publication p", Alter, MaybeNotInTransaction },
        { "alter subscription s set publication p with (refresh = false)", Alter, None },
        { "alter subscription s disable", Alter, None },
        { "alter table if exists only s.t detach partition s.p concurrently", Alter, Concurrent | NotInTransaction },
        { "alter table t detach partition p finalize", Alter, None },
        { "refresh materialized view concurrently v", Other, None },
        { "alter type t add value 'x'", AddEnumValue, None },
        { "alter type t rename value 'x' to 'y'", Alter, None },
        { "copy t (a, b) from stdin with (format csv)", Copy, CopyFromClient },
        { "copy t from '/x'", Copy, None },
        { "copy t from program 'stdin'", Copy, None },
        { "copy (select a from stdin) to stdout", Copy, CopyToClient },
        { "copy \"from\" to '/x'", Copy, None },
        { "\\echo it's", SqlStatementClass.MetaCommand, SqlStatementTraits.MetaCommand },
        { "select 1 \\g x", Query, SqlStatementTraits.MetaCommand },
        { "select $1", Query, Parameter },
        { "select '$1', a$1, $$ $1 $$", Query, None },
        { "create function f(int) returns int return $1 + 1", Create, None },
        { "prepare p as select $1", Prepare, SessionObject },
        { "select '\0'", Query, Nul },
        { "set client_encoding = 'LATIN1'", Set, SessionSetting | ForeignEncoding },
        { "set client_encoding to utf8", Set, SessionSetting },
        { "set names 'UTF-8'", Set, SessionSetting },
        { "set names win1252", Set, SessionSetting | ForeignEncoding },
        { "select set_config('client_encoding', 'SQL_ASCII', false)", Query, SessionSetting | ForeignEncoding },
        { "set local search_path = a", Set, LocalSetting },
        { "select pg_catalog.set_config('search_path', '', false)", Query, SessionSetting },
        { "select set_config('search_path', '', true)", Query, LocalSetting },
        { "select set_config('search_path', f(1, true), b)", Query, SessionSetting },
        { "create temp table t (a int)", Create, TemporaryObject },
        { "create local temporary view v as select 1", Create, TemporaryObject },
        { "create or replace temp view v as select 1", Create, TemporaryObject },
        { "create table if not exists pg_temp.x (a int)", Create, TemporaryObject },
        { "create function pg_temp.f() returns int return 1", Create, TemporaryObject },
        { "create view v as select * from pg_temp.x", Create, None },
        { "select a into temp x from t", Query, TemporaryObject },
        { "with a as (select 1) select * into temporary table x from a", Query, TemporaryObject },
        { "select a into x from t", Query, None },
        { "declare c cursor for select 1", Declare, SessionObject | UntilCommit },
        { "listen x", Listen, SessionObject },
        { "load 'x'", Other, SessionObject },
        { "do $$ begin commit; end $$", Do, None },
        { "call p()", Call, None },
        { "\"begin\"", Other, None },
    };

    [Theory]
    [MemberData(nameof(Statements))]
    public void TellsClassAndTraits(string text, SqlStatementClass @class, SqlStatementTraits traits)
    {
        var statement = Assert.Single(SqlScript.Parse(text).Statements);
        Assert.Equal((@class, traits), (statement.Class, statement.Traits));
        Assert.Equal(statement.Has(TransactionControl), statement.IsTransactionControl);
        Assert.Equal(statement.Has(NotInTransaction), statement.CannotRunInTransaction);
    }

    [Theory]
    [InlineData("set search_path to a, b", "search_path", null, false, false)]
    [InlineData("set Search_Path = 'a'", "search_path", "a", false, false)]
    [InlineData("set session my.Var = 5", "my.var", "5", false, false)]
    [InlineData("set schema 'x'", "search_path", "x", false, false)]
    [InlineData("set time zone 'UTC'", "timezone", "UTC", false, false)]
    [InlineData("set local role x", "role", "x", true, false)]
    [InlineData("set session role none", "role", "none", false, false)]
    [InlineData("set session authorization joe", "session_authorization", "joe", false, false)]
    [InlineData("set session session authorization default", "session_authorization", null, false, true)]
    [InlineData("set role = x", "role", "x", false, false)]
    [InlineData("set a = default", "a", null, false, true)]
    [InlineData("reset a.b", "a.b", null, false, true)]
    [InlineData("reset all", "all", null, false, true)]
    [InlineData("reset time zone", "timezone", null, false, true)]
    [InlineData("reset session authorization", "session_authorization", null, false, true)]
    [InlineData("discard all", "all", null, false, true)]
    [InlineData("select set_config('A', E'\\u0062\\n''', false)", "a", "b\n'", false, false)]
    [InlineData("select set_config(x, 'b', false)", null, null, false, false)]
    public void TellsSettings(string text, string? name, string? value, bool isLocal, bool isReset) =>
        Assert.Equal(new SqlSetting(name, value, isLocal, isReset), Assert.Single(Assert.Single(SqlScript.Parse(text).Statements).Settings));

    [Theory]
    [InlineData("create index concurrently if not exists MyIdx on only S.\"T\"\"x\" (a)", "myidx", "s.T\"x")]
    [InlineData("create unique index on t using gin (a)", "", "t")]
    [InlineData("create index on public.t (a)", "", "public.t")]
    [InlineData("create index U&\"d!0061ta\" uescape '!' on t (a)", "data", "t")]
    [InlineData("drop index concurrently db.s.i", "s.i", null)]
    [InlineData("drop index if exists a, s.b cascade", "a,s.b", null)]
    [InlineData("reindex index concurrently s.i", "s.i", null)]
    [InlineData("reindex table s.t", "", "s.t")]
    public void TellsIndexes(string text, string indexes, string? table)
    {
        var index = Assert.Single(SqlScript.Parse(text).Statements).Index!;
        Assert.Equal((indexes, table), (string.Join(',', index.Indexes), index.Table?.ToString()));
        Assert.Equal(text.Contains("if not exists", StringComparison.Ordinal), index.IfNotExists);
        Assert.Equal(text.Contains("if exists", StringComparison.Ordinal), index.IfExists);
    }

    [Fact]
    public void CutsNamesAt63Bytes()
    {
        var statement = Assert.Single(SqlScript.Parse($"drop index {new string('a', 62)}éx").Statements);
        Assert.Equal(new string('a', 62), statement.Index!.Indexes[0].Name);
    }

    [Fact]
    public void TellsEnumValues()
    {
        var statement = Assert.Single(SqlScript.Parse("alter type S.Mood add value if not exists 'it''s' after 'x'").Statements);
        Assert.Equal(new SqlEnumValue(new("s", "mood"), "it's", true), statement.EnumValue);
    }

    [Fact]
    public void TellsWhereParametersAndCommandsStand()
    {
        var script = SqlScript.Parse("select 1;\nselect '$1', $2 \\g\n, '\0'");
        var statement = script.Statements[1];
        Assert.Equal(script.Text.IndexOf("$2", StringComparison.Ordinal), statement.ParameterIndex);
        Assert.Equal(script.Text.IndexOf('\\'), statement.MetaCommandIndex);
        Assert.Equal(script.Text.IndexOf('\0'), statement.NulIndex);
    }
}
