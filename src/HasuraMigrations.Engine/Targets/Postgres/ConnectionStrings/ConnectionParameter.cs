namespace HasuraMigrations.Engine.Targets.Postgres.ConnectionStrings;

/// <summary>What becomes of a parameter of a connection string.</summary>
internal enum ConnectionParameterUse
{
    /// <summary>It has its effect.</summary>
    Mapped,

    /// <summary>It has no effect here; a warning says so.</summary>
    Ignored,

    /// <summary>The string is refused, since leaving it out would change what is meant.</summary>
    Refused,
}

/// <summary>A row of the table of parameters.</summary>
/// <param name="Name">The name as its tool writes it.</param>
/// <param name="Use">What becomes of it.</param>
/// <param name="Note">The keyword of Npgsql that it becomes, or why it is ignored or refused.</param>
/// <param name="Harmless">Values, split by commas, that ask for what happens anyway: neither a warning nor an error.</param>
internal sealed record ConnectionParameter(string Name, ConnectionParameterUse Use, string Note, string Harmless = "")
{
    /// <summary>True for a parameter whose value is a secret.</summary>
    internal bool IsSecret => Name is "password" or "sslpassword" or "scram_client_key" or "scram_server_key" or "oauth_client_secret";

    /// <summary>True for a value that asks for what happens anyway.</summary>
    internal bool IsHarmless(string value) => value.Length == 0 || Harmless.Split(',').Contains(value.ToLowerInvariant());
}
