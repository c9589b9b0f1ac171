namespace HasuraMigrations;

/// <summary>How an object depends on another one.</summary>
public enum DependencyKind
{
    /// <summary>It is part of it, as a column is of its table and a permission of the table that it is on.</summary>
    PartOf,

    /// <summary>A permission or an event trigger lists it.</summary>
    Lists,

    /// <summary>A permission with <c>*</c>, or without a list, includes it.</summary>
    Includes,

    /// <summary>The filter of a permission uses it.</summary>
    Filter,

    /// <summary>The check of a permission uses it.</summary>
    Check,

    /// <summary>A permission presets it.</summary>
    Preset,

    /// <summary>A relationship leads to it, or through it.</summary>
    Relationship,

    /// <summary>The configuration of a table names it.</summary>
    Configuration,

    /// <summary>A computed field, a trigger or a permission calls it.</summary>
    Calls,

    /// <summary>A function returns its rows, or a native query its structure.</summary>
    Returns,

    /// <summary>A stored query selects it, filters by it or writes it; the SQL of a native query uses it.</summary>
    Query,

    /// <summary>A REST endpoint runs it.</summary>
    Endpoint,

    /// <summary>A role inherits from it, or a permission of a function requires it.</summary>
    Role,

    /// <summary>A view reads it.</summary>
    View,

    /// <summary>A foreign key refers to it.</summary>
    ForeignKey,

    /// <summary>A constraint or an index is on it.</summary>
    Constraint,

    /// <summary>A column, an argument or a result has this type.</summary>
    Type,

    /// <summary>A default or a generated column uses it.</summary>
    Default,

    /// <summary>The body, the policy or the condition of a database object uses it.</summary>
    Uses,
}
