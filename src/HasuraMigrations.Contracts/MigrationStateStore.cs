namespace HasuraMigrations;

/// <summary>Where Hasura keeps its own record of applied versions.</summary>
public enum MigrationStateStore
{
    /// <summary>The table <c>hdb_catalog.schema_migrations</c> of the database, used by projects of config versions 1 and 2.</summary>
    Table,

    /// <summary>The catalog state in Hasura's metadata database, used by projects of config version 3.</summary>
    Catalog,
}
