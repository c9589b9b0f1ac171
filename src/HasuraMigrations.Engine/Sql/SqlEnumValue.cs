namespace HasuraMigrations.Engine.Sql;

/// <summary>
/// The value that ALTER TYPE ... ADD VALUE adds. Since version 12 the statement runs in a transaction, but the value cannot
/// be used before that transaction is committed (SQLSTATE 55P04).
/// </summary>
/// <param name="Type">The enum type.</param>
/// <param name="Label">The new label.</param>
/// <param name="IfNotExists">ADD VALUE IF NOT EXISTS.</param>
public sealed record SqlEnumValue(SqlName Type, string Label, bool IfNotExists);
