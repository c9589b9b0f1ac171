namespace HasuraMigrations.Engine.Sql;

/// <summary>
/// The search path of SQL of this module. Whoever may create objects in a schema of the user's path could otherwise put an
/// operator or a type there that fits better than that of PostgreSQL, and have it run with the rights of the session. Names
/// in SQL that runs without this path are all qualified, operators included.
/// </summary>
internal static class OwnPath
{
    /// <summary>Types and tables of the session come first unless they are named.</summary>
    internal const string Value = "pg_catalog, pg_temp";

    /// <summary>Sets the path up to the end of the transaction.</summary>
    internal const string Local = $"SET LOCAL search_path = {Value}";

    /// <summary>Sets the path that the session began with, up to the end of the transaction.</summary>
    internal const string LocalDefault = "SET LOCAL search_path TO DEFAULT";

    /// <summary>Sets the path up to the end of the transaction and keeps the present one for <see cref="Leave"/>.</summary>
    internal const string Enter = $"SELECT pg_catalog.set_config('hasura_migrations.path', pg_catalog.current_setting('search_path'), true), pg_catalog.set_config('search_path', '{Value}', true)";

    /// <summary>Sets the path that was there before <see cref="Enter"/>.</summary>
    internal const string Leave = $"SELECT pg_catalog.set_config('search_path', pg_catalog.current_setting('hasura_migrations.path'), true) AS {LeaveColumn}";

    /// <summary>Name of the column of <see cref="Leave"/>.</summary>
    internal const string LeaveColumn = "hasura_migrations_path";

    /// <summary>The same in a block of PL/pgSQL.</summary>
    internal const string InBlock = $"PERFORM pg_catalog.set_config('search_path', '{Value}', true);";
}
