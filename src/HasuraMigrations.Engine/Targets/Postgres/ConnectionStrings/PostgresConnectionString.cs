namespace HasuraMigrations.Engine.Targets.Postgres.ConnectionStrings;

/// <summary>
/// Reads a connection string: a PostgreSQL URL (<c>postgres://user:password@host:5432/database?sslmode=require</c>), libpq's
/// keywords (<c>host=localhost dbname=app</c>), or those of Npgsql (<c>Host=localhost;Database=app</c>).
/// </summary>
public static class PostgresConnectionString
{
    /// <summary>A connection that shows no secret. Its findings name the parameters that have no effect.</summary>
    /// <param name="text">The connection string.</param>
    /// <param name="origin">Where it comes from, such as the name of a variable; null for a parameter of the command.</param>
    /// <exception cref="HasuraMigrationException">ConnectionStringInvalid; the text is not quoted, since it may hold a secret.</exception>
    public static HasuraConnection Read(string text, string? origin = null)
    {
        var settings = Settings(text, origin);
        var builder = settings.Builder;
        return new HasuraConnection(settings.ConnectionString, settings.Hosts.Display, settings.Hosts.Ports[0], builder.Database ?? builder.Username, builder.Username)
        {
            Findings = [.. settings.Ignored.Select(p => Ignored(p, origin))],
        };
    }

    /// <summary>The settings of a text.</summary>
    internal static ConnectionSettings Settings(string text, string? origin = null)
    {
        try
        {
            return ConnectionReader.Read(text);
        }
        catch (ConnectionTextException e)
        {
            throw new HasuraMigrationException("ConnectionStringInvalid", $"The connection string{Of(origin)} cannot be read: {e.Message}.", origin);
        }
    }

    private static Finding Ignored(ConnectionParameter parameter, string? origin) => new()
    {
        Id = "ConnectionParameterIgnored",
        Severity = FindingSeverity.Warning,
        Message = $"The parameter '{parameter.Name}' of the connection string{Of(origin)} has no effect: {parameter.Note}.",
        RecommendedAction = "Leave the parameter out to silence this warning.",
    };

    private static string Of(string? origin) => origin is null ? "" : $" in {origin}";
}
