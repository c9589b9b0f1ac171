namespace HasuraMigrations.Engine.Migrations;

/// <summary>A migration that is to be written.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Version">Its version; null to take one from the clock.</param>
/// <param name="UpSql">Text of the up step; null for none.</param>
/// <param name="DownSql">Text of the down step; null for none.</param>
/// <param name="UpYaml">Actions on metadata of the up step; null for none. Only projects of config version 1 have them.</param>
public sealed record NewMigration(string Name, long? Version = null, string? UpSql = null, string? DownSql = null, string? UpYaml = null);
