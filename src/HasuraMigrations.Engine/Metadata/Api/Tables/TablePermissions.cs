

namespace HasuraMigrations.Engine.Metadata.Api.Tables;

/// <summary>What a role may read of a table.</summary>
internal sealed class SelectPermission
{
    /// <summary>Columns by their names in GraphQL.</summary>
    internal required ApiColumn[] Columns { get; init; }

    /// <summary>Computed fields that give values; null for all.</summary>
    internal required IReadOnlySet<string>? Computed { get; init; }

    /// <summary>Aggregates.</summary>
    internal required bool HasAggregates { get; init; }

    /// <summary>Root fields of queries; null for all.</summary>
    internal required IReadOnlySet<string>? QueryRoots { get; init; }

    /// <summary>Root fields of subscriptions; null for all.</summary>
    internal required IReadOnlySet<string>? SubscriptionRoots { get; init; }

    /// <summary>Columns that some rows do not show, by their index; null for none.</summary>
    internal bool[]? Redacted { get; init; }

    /// <summary>It may read a column.</summary>
    internal bool Has(ApiColumn column) => Array.IndexOf(Columns, column) >= 0;

    /// <summary>It may read all of a key, which has to have columns.</summary>
    internal bool HasKey(ApiTable table)
    {
        foreach (var column in table.Key)
        {
            if (!Has(column))
            {
                return false;
            }
        }

        return table.Key.Length > 0;
    }

    /// <summary>Some rows do not show a column.</summary>
    internal bool IsRedacted(ApiColumn column) => Redacted is not null && Redacted[column.Index];

    /// <summary>The same, with nothing redacted.</summary>
    internal SelectPermission Unredacted() => Redacted is null ? this
        : new SelectPermission { Columns = Columns, Computed = Computed, HasAggregates = HasAggregates, QueryRoots = QueryRoots, SubscriptionRoots = SubscriptionRoots };

    /// <summary>It may read a computed field that gives values.</summary>
    internal bool Has(ApiComputedField field) => Computed is null || Computed.Contains(field.Name);
}

/// <summary>What a role may write of a table.</summary>
/// <param name="Columns">Columns that it gives values for, by their names in GraphQL.</param>
/// <param name="IsBackendOnly">Only requests of backends may.</param>
internal sealed record WritePermission(ApiColumn[] Columns, bool IsBackendOnly);

/// <summary>What a role may do with a table; what is null, it may not.</summary>
internal sealed record TablePermissions(SelectPermission? Select, WritePermission? Insert, WritePermission? Update, WritePermission? Delete)
{
    /// <summary>Nothing.</summary>
    internal static readonly TablePermissions None = new(null, null, null, null);
}
