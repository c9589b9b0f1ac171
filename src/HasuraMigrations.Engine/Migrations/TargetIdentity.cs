namespace HasuraMigrations.Engine.Migrations;

/// <summary>Which database a target is, and how far its log is.</summary>
/// <param name="System">
/// System identifier of the PostgreSQL cluster, which no other cluster has, except copies of its files; of a database that has none, the address of the
/// server that reaches it.
/// </param>
/// <param name="Database">Name of the database in it.</param>
/// <param name="Serial">Number of the newest entry of the log, which every attempt adds to; 0 where there is no log.</param>
public sealed record TargetIdentity(string System, string Database, long Serial);
