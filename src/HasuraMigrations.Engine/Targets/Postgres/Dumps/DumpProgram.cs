using System.Diagnostics;
using HasuraMigrations.Engine.Processes;
using HasuraMigrations.Engine.Sandbox;
using HasuraMigrations.Engine.Targets.Postgres.ConnectionStrings;
using Npgsql;

namespace HasuraMigrations.Engine.Targets.Postgres.Dumps;

/// <summary>Runs the <c>pg_dump</c> of this machine.</summary>
/// <param name="connection">The database.</param>
internal sealed class DumpProgram(HasuraConnection connection)
{
    private const string Name = "pg_dump";

    /// <summary>The text that it writes.</summary>
    /// <param name="session">A session on the database, which says which of several hosts it is, and which version.</param>
    /// <param name="options">Its options.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="HasuraMigrationException">DumpProgramMissing, DumpFailed, PostgresDirectoryInvalid.</exception>
    internal async Task<string> RunAsync(NpgsqlConnection session, IReadOnlyList<string> options, CancellationToken cancellationToken)
    {
        var major = session.PostgreSqlVersion.Major;
        var program = await PostgresBinaries.FindClientAsync(Name, major, cancellationToken).ConfigureAwait(false)
            ?? throw Missing(major, await PostgresBinaries.FindClientAsync(Name, 0, cancellationToken).ConfigureAwait(false));
        var start = ProgramRun.Prepare(program, ["--encoding=UTF8", "--no-password", .. options]);
        SetConnection(start, session);
        var run = await ProgramRun.RunAsync(start, cancellationToken).ConfigureAwait(false);
        return run.Succeeded ? run.Output
            : throw new HasuraMigrationException("DumpFailed", $"{program} failed on {connection}: {Printable.Of(run.Error.Trim().ReplaceLineEndings(" "))}", connection.ToString());
    }

    private HasuraMigrationException Missing(int major, string? older) => new(
        "DumpProgramMissing",
        older is null
            ? $"No {Name} was found on this machine. Looked in HASURA_SANDBOX_POSTGRES, PATH and the usual places of this system."
            : $"The {Name} of this machine ('{older}') is older than the server: {connection} is PostgreSQL {major}.",
        connection.ToString())
    {
        RecommendedAction = $"Install the client programs of PostgreSQL {major} or newer and add them to PATH, or set HASURA_SANDBOX_POSTGRES to their directory. Through a Hasura server (-Endpoint), none are required.",
    };

    // By variables: arguments of programs can be seen by other users of the machine.
    private void SetConnection(ProcessStartInfo start, NpgsqlConnection session)
    {
        var settings = PostgresConnectionString.Settings(connection.RevealConnectionString());
        var builder = settings.Builder;
        Set("PGHOST", session.Host);
        Set("PGPORT", $"{session.Port}");
        Set("PGDATABASE", session.Database);
        Set("PGUSER", session.UserName);
        Set("PGPASSWORD", builder.Password);
        Set("PGPASSFILE", builder.Passfile ?? Environment.GetEnvironmentVariable("PGPASSFILE"));
        Set("PGOPTIONS", builder.Options);
        Set("PGAPPNAME", "hasura-migrations dump");
        Set("PGCONNECT_TIMEOUT", $"{builder.Timeout}");
        Set("PGSSLMODE", builder.SslMode switch
        {
            SslMode.VerifyCA => "verify-ca",
            SslMode.VerifyFull => "verify-full",
            var mode => mode.ToString().ToLowerInvariant(),
        });
        // The driver looks in the certificates of the system, libpq in a file of the user.
        Set("PGSSLROOTCERT", builder.RootCertificate ?? (builder.SslMode == SslMode.VerifyFull ? "system" : null));
        Set("PGSSLCERT", builder.SslCertificate);
        Set("PGSSLKEY", builder.SslKey);
        foreach (var limit in settings.TlsLimits.Split(';', StringSplitOptions.RemoveEmptyEntries).Select(l => l.Split('=')))
        {
            Set($"PG{limit[0].Replace("_", "", StringComparison.Ordinal).ToUpperInvariant()}", limit[1]);
        }

        void Set(string name, string? value)
        {
            if (!string.IsNullOrEmpty(value))
            {
                start.Environment[name] = value;
            }
        }
    }
}
