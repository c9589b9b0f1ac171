namespace HasuraMigrations.Engine.Catalog;

/// <summary>Name of an object in a schema.</summary>
internal readonly record struct CatalogName(string Schema, string Name);

/// <summary>A column.</summary>
/// <param name="Name">Name.</param>
/// <param name="Position">attnum, which a rename keeps.</param>
/// <param name="Type">Name of its type; of a domain, the type under it; of an array, the element's with brackets.</param>
/// <param name="RawType">typname as it stands.</param>
/// <param name="TypeKind">typtype: b, c, d, e, p, r or m.</param>
/// <param name="IsNullable">NULL is allowed.</param>
/// <param name="Identity">a for always, d for by default; empty for none.</param>
/// <param name="IsGenerated">Its value is computed.</param>
internal sealed record CatalogColumn(string Name, int Position, string Type, string RawType, char TypeKind, bool IsNullable, string Identity, bool IsGenerated)
{
    /// <summary>A statement may give it a value.</summary>
    internal bool IsWritable => !IsGenerated && Identity != "a";
}

/// <summary>A unique index, primary key or not.</summary>
/// <param name="Name">Name of the index.</param>
/// <param name="Oid">Its oid.</param>
/// <param name="IsPrimary">It is the primary key.</param>
/// <param name="Columns">Its columns.</param>
internal sealed record CatalogKey(string Name, uint Oid, bool IsPrimary, IReadOnlyList<string> Columns);

/// <summary>A foreign key.</summary>
/// <param name="Name">Name of the constraint.</param>
/// <param name="Oid">Its oid.</param>
/// <param name="Target">The table it points to.</param>
/// <param name="Columns">Its columns.</param>
/// <param name="TargetColumns">What each of them points to.</param>
internal sealed record CatalogForeignKey(string Name, uint Oid, CatalogName Target, IReadOnlyList<string> Columns, IReadOnlyList<string> TargetColumns);

/// <summary>An argument of a function.</summary>
/// <param name="Name">Name; empty for none.</param>
/// <param name="TypeSchema">Schema of its type.</param>
/// <param name="Type">Name of its type.</param>
/// <param name="TypeKind">typtype.</param>
internal sealed record CatalogArgument(string Name, string TypeSchema, string Type, char TypeKind);

/// <summary>A function; one of several where the name is overloaded.</summary>
internal sealed record CatalogFunction
{
    /// <summary>oid, which a rename keeps.</summary>
    internal required uint Oid { get; init; }

    /// <summary>Name.</summary>
    internal required CatalogName Name { get; init; }

    /// <summary>Arguments, OUT and TABLE ones too.</summary>
    internal required IReadOnlyList<CatalogArgument> Arguments { get; init; }

    /// <summary>i, s or v.</summary>
    internal required char Volatility { get; init; }

    /// <summary>The type it returns.</summary>
    internal required CatalogName Returns { get; init; }

    /// <summary>typtype of what it returns.</summary>
    internal required char ReturnKind { get; init; }

    /// <summary>It returns a set.</summary>
    internal required bool ReturnsSet { get; init; }

    /// <summary>Its last argument is variadic.</summary>
    internal required bool IsVariadic { get; init; }
}

/// <summary>What an enum table holds.</summary>
/// <param name="Values">Values with their comments; empty where they could not be read.</param>
/// <param name="Error">Why they could not; null where they could.</param>
/// <param name="IsOutdated">The table is not what the catalog says any more.</param>
internal sealed record EnumRows(IReadOnlyList<(string Value, string? Comment)> Values, string? Error, bool IsOutdated = false);
