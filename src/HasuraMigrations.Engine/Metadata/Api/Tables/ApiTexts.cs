namespace HasuraMigrations.Engine.Metadata.Api.Tables;

/// <summary>
/// The descriptions that depend on the version of a server. Those of version 1 are as committed schemas of servers 1.2 and 1.3 show them.
/// </summary>
/// <param name="features">What the server has.</param>
internal sealed class ApiTexts(ApiFeatures features)
{
    /// <summary>The argument on_conflict.</summary>
    internal string OnConflict => features.IsVersion1 || features.HasEarlyTexts ? "on conflict condition" : "upsert condition";

    /// <summary>The field on_conflict of an input for related rows.</summary>
    internal string? NestedOnConflict => SinceVersion2(OnConflict);

    /// <summary>The argument _inc.</summary>
    internal string Increment => $"increments the {(features.IsVersion1 ? "integer" : "numeric")} columns with given value of the filtered values";

    /// <summary>The aggregate of an array relationship.</summary>
    internal string ArrayAggregate => features.IsVersion1 ? "An aggregated array relationship" : Types.UnstableText.OfAggregate;

    /// <summary>The number of rows that a mutation affected.</summary>
    internal string AffectedRows => features.IsVersion1 ? "number of affected rows by the mutation" : "number of rows affected by the mutation";

    /// <summary>The rows that a mutation affected.</summary>
    internal string Returning => features.IsVersion1 ? "data of the affected rows by the mutation" : "data from the rows affected by the mutation";

    /// <summary>A text that only servers of version 2 have.</summary>
    internal string? SinceVersion2(string? text) => features.IsVersion1 ? null : text;

    /// <summary>The filter of columns of a type.</summary>
    internal string Comparison(string scalar) => features.IsVersion1
        ? $"expression to compare columns of type {scalar}. All fields are combined with logical 'AND'."
        : $"Boolean expression to compare columns of type \"{scalar}\". All fields are combined with logical 'AND'.";

    /// <summary>The filter of a column that is cast to another type.</summary>
    internal string? Cast(string scalar) => features.IsVersion1
        ? $"Expression to compare the result of casting a column of type {scalar}. Multiple cast targets are combined with logical 'AND'."
        : null;

    /// <summary>A value of the enum order_by.</summary>
    internal string Direction(string direction, string nulls) => $"in {(features.IsVersion1 ? "the " : "")}{direction} order, nulls {nulls}";

    /// <summary>The order of the rows of a table.</summary>
    internal string Order(string title) => features.IsVersion1 ? $"ordering options when selecting data from \"{title}\"" : $"Ordering options when selecting data from \"{title}\".";

    /// <summary>The type of on_conflict.</summary>
    internal string Conflict(string title) => $"{(features.IsVersion1 || features.HasEarlyTexts ? "on conflict" : "on_conflict")} condition type for table \"{title}\"";

    /// <summary>The type of _inc.</summary>
    internal string Increase(string title) => features.IsVersion1 ? $"input type for incrementing integer column in table \"{title}\"" : $"input type for incrementing numeric columns in table \"{title}\"";

    /// <summary>The columns of a primary key.</summary>
    internal string KeyColumns(string title) => features.IsVersion1 ? $"primary key columns input for table: \"{title}\"" : $"primary key columns input for table: {title}";

    /// <summary>A key, with its columns.</summary>
    internal string Key(IEnumerable<string> columns) =>
        features.IsVersion1 ? "unique or primary key constraint" : $"{Types.UnstableText.OfKey}{string.Join(", ", columns.Select(c => $"\"{c}\""))}";

    /// <summary>The connection of the rows of a table.</summary>
    internal string? Connection(string title) => features.IsVersion1 ? $"A Relay Connection object on \"{title}\"" : null;

    /// <summary>The field of an action.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="comment">Its comment; null for none.</param>
    internal string? Action(string name, string? comment) => comment ?? (features.IsVersion1 ? $"perform the action: \"{name}\"" : null);

    /// <summary>The rows of a table.</summary>
    /// <param name="title">The table.</param>
    /// <param name="comment">Its comment; null for none.</param>
    internal string Row(string title, string? comment) =>
        (comment, features.IsVersion1) switch
        {
            (null, _) => $"columns and relationships of \"{title}\"",
            (_, true) => $"{comment}\n\n\ncolumns and relationships of \"{title}\"\n",
            _ => comment,
        };
}
