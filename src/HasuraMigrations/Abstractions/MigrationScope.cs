using HasuraMigrations.Engine.Connections;
using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Projects;

namespace HasuraMigrations.Abstractions;

/// <summary>One database of a command: its files, and where they are applied.</summary>
/// <param name="Project">The project.</param>
/// <param name="Database">The database.</param>
/// <param name="Target">Where its migrations are applied.</param>
/// <param name="Runner">Plans and runs.</param>
/// <param name="Connection">How the database is reached.</param>
internal sealed record MigrationScope(HasuraProject Project, ProjectDatabase Database, IMigrationTarget Target, MigrationRunner Runner, ResolvedConnection Connection)
{
    /// <summary>What a question to the user is about.</summary>
    internal string Subject => $"database '{Database.Name}' on {Target.Description}";
}
