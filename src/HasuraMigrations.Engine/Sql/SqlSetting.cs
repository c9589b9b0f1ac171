namespace HasuraMigrations.Engine.Sql;

/// <summary>A setting of the session that a statement changes.</summary>
/// <param name="Name">
/// Name of the setting in lower case. SET SCHEMA is <c>search_path</c>, SET NAMES <c>client_encoding</c>, SET TIME ZONE
/// <c>timezone</c>; RESET ALL and DISCARD ALL are <c>all</c>; null where the name is computed.
/// </param>
/// <param name="Value">The value where it is a single word, number or literal; else null. DEFAULT is null, too.</param>
/// <param name="IsLocal">The change ends with the transaction.</param>
/// <param name="IsReset">The setting goes back to its default.</param>
public sealed record SqlSetting(string? Name, string? Value, bool IsLocal, bool IsReset);
