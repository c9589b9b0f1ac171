using System.Security.Authentication;
using Npgsql;

namespace HasuraMigrations.Engine.Targets.Postgres.ConnectionStrings;

/// <summary>What a connection string asks for, in the terms of the driver.</summary>
/// <param name="Builder">The driver's settings.</param>
/// <param name="Hosts">The servers.</param>
/// <param name="Tls">TLS versions that are allowed; <see cref="SslProtocols.None"/> for those of the system.</param>
/// <param name="TlsLimits">The parameters that limit them, which the driver has no keyword for.</param>
/// <param name="Ignored">Parameters without effect, each with the reason.</param>
internal sealed record ConnectionSettings(NpgsqlConnectionStringBuilder Builder, ConnectionHosts Hosts, SslProtocols Tls, string TlsLimits, IReadOnlyList<ConnectionParameter> Ignored)
{
    /// <summary>A string that is read as the same settings.</summary>
    internal string ConnectionString => TlsLimits.Length == 0 ? Builder.ConnectionString : $"{Builder.ConnectionString};{TlsLimits}";
}
