using HasuraMigrations.Engine.Metadata.Api.Types;



namespace HasuraMigrations.Engine.Metadata.Api.Tables;

/// <summary>Which parts of the schema a server has: by its version, and by experimental features.</summary>
internal sealed class ApiFeatures(ApiSettings settings)
{
    // Asked for each table and role.
    private readonly int _major = settings.Era.Version.Major;
    private readonly int _minor = settings.Era.Version.Minor;
    private ApiTexts? _texts;

    /// <summary>A server of version 1.</summary>
    internal bool IsVersion1 => settings.Era.IsVersion1;

    /// <summary>Servers observe the naming convention of sources.</summary>
    internal bool HasNaming { get; } = !settings.Era.IsVersion1 && settings.Era.Version >= new Version(2, 8) && settings.ExperimentalFeatures.Contains("naming_convention");

    /// <summary>Scalars and arguments of functions follow the convention, too.</summary>
    internal bool HasNamingOfSeptember2023 => settings.HasNamingOfSeptember2023 && Is(2, 34);

    /// <summary>Words of operators such as stddev_pop are separate words in names (Hasura 2.21).</summary>
    internal bool HasFullNaming => Is(2, 21);

    /// <summary>The types of stream cursors follow the convention (Hasura 2.16).</summary>
    internal bool HasStreamNaming => Is(2, 16);

    /// <summary>Enum types of the database can be compared (Hasura 2.6).</summary>
    internal bool HasComparableEnums => Is(2, 6);

    /// <summary>Permissions choose root fields (Hasura 2.8).</summary>
    internal bool HasRootVisibility => Is(2, 8);

    /// <summary>on_conflict needs no update permission (Hasura 2.8).</summary>
    internal bool HasConflictWithoutUpdate => Is(2, 8);

    /// <summary>update_many (Hasura 2.10).</summary>
    internal bool HasUpdateMany => Is(2, 10) && !Has("hide_update_many_fields", 2, 14);

    /// <summary>Streams (Hasura 2.11, as an experiment since 2.7).</summary>
    internal bool HasStreams => Is(2, 11) ? !Has("hide_stream_fields", 2, 16) : Has("streaming_subscriptions", 2, 7);

    /// <summary>A stream needs a column that the role may read (Hasura 2.28).</summary>
    internal bool HasStreamsWithColumnsOnly => Is(2, 28);

    /// <summary>Aggregates in filters (Hasura 2.14).</summary>
    internal bool HasPredicates => Is(2, 14) && !Has("hide_aggregation_predicates", 2, 15);

    /// <summary>Computed fields in aggregates (Hasura 2.27).</summary>
    internal bool HasComputedAggregates => Is(2, 27);

    /// <summary>Native queries of PostgreSQL (Hasura 2.28).</summary>
    internal bool HasNativeQueries => Is(2, 28);

    /// <summary>Arrays are lists of GraphQL (Hasura 2.30).</summary>
    internal bool HasArrays => Is(2, 30) && !Has("disable_postgres_arrays", 2, 30);

    /// <summary>Arrays are known as such, though GraphQL may show them as scalars (Hasura 2.30).</summary>
    internal bool KnowsArrays => Is(2, 30);

    /// <summary>group_by.</summary>
    internal bool HasGroupBy => Has("group_by_aggregations", 2, 29);

    /// <summary>Apollo federation.</summary>
    internal bool HasFederation => Is(2, 10) && (settings.HasApolloFederation || Has("apollo_federation", 2, 10));

    /// <summary>Roles can inherit (Hasura 2.1, as an experiment since 2.0).</summary>
    internal bool HasInheritance => Is(2, 1) || Has("inherited_roles", 2, 0);

    /// <summary>What a parent that inherits itself shows in some rows only is redacted in its children, too (Hasura 2.47, and 2.45.3 before).</summary>
    internal bool HasNestedRedaction => Is(2, 47) || (Is(2, 45) && !Is(2, 46) && settings.Era.Version.Build >= 3);

    /// <summary>Texts of on_conflict, and of the filter of update_many, before they were changed (seen in 2.1.1 and 2.13.2).</summary>
    internal bool HasEarlyTexts => !IsVersion1 && !Is(2, 14);

    /// <summary>Texts that depend on the version.</summary>
    internal ApiTexts Texts => _texts ??= new ApiTexts(this);

    /// <summary>Settings.</summary>
    internal ApiSettings Settings => settings;

    private bool Is(int major, int minor) => _major > major || (_major == major && _minor >= minor);

    private bool Has(string feature, int major, int minor) => Is(major, minor) && settings.ExperimentalFeatures.Contains(feature);
}
