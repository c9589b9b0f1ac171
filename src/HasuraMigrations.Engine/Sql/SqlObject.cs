namespace HasuraMigrations.Engine.Sql;

/// <summary>Kinds of objects that a statement makes and that can be looked up by name.</summary>
public enum SqlObjectKind
{
    /// <summary>Table, view, materialized view, sequence, foreign table or index.</summary>
    Relation,

    /// <summary>Function, procedure or aggregate, by name alone.</summary>
    Routine,

    /// <summary>Type or domain.</summary>
    Type,

    /// <summary>Schema.</summary>
    Schema,

    /// <summary>Extension.</summary>
    Extension,

    /// <summary>Column of a table.</summary>
    Column,

    /// <summary>Constraint of a table.</summary>
    Constraint,

    /// <summary>Trigger of a table.</summary>
    Trigger,

    /// <summary>Policy of a table.</summary>
    Policy,

    /// <summary>Value of an enum type.</summary>
    EnumValue,
}

/// <summary>An object that a statement makes.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Name">Its name; for what belongs to a table or type, the schema is that of the owner.</param>
/// <param name="Owner">The table or type it belongs to; null for an object of its own.</param>
public sealed record SqlObject(SqlObjectKind Kind, SqlName Name, string? Owner = null)
{
    /// <summary>Kind and name for messages, such as <c>table public.a</c>.</summary>
    public override string ToString() =>
        $"{(Kind == SqlObjectKind.EnumValue ? "enum value" : Kind.ToString().ToLowerInvariant())} {(Name.Schema is null ? "" : $"{Name.Schema}.")}{(Owner is null ? "" : $"{Owner}.")}{Name.Name}";
}
