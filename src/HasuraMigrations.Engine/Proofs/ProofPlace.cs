using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Sandbox;

namespace HasuraMigrations.Engine.Proofs;

/// <summary>How throwaway databases of a proof are made.</summary>
/// <param name="AllowDownload">Whether npm may install server programs.</param>
/// <param name="SetupSql">SQL that runs first in each database; null for none.</param>
public sealed record ProofOptions(bool AllowDownload = false, string? SetupSql = null);

/// <summary>
/// Makes throwaway databases in which the same migrations were applied. They are copies, as long as nothing that was done in one
/// of them changed the roles, which belong to the server; then each has a server of its own.
/// </summary>
internal sealed class ProofPlace : IAsyncDisposable
{
    private const string Base = "proof_base";

    private readonly ProofOptions _options;
    private readonly MigrationSource _before;
    private readonly int _configVersion;
    private readonly Action<string> _inform;
    private readonly List<PostgresSandbox> _sandboxes = [];
    private IReadOnlyList<string> _roles = [];
    private int _number;

    private ProofPlace(ProofOptions options, MigrationSource before, int configVersion, Action<string> inform) =>
        (_options, _before, _configVersion, _inform) = (options, before, configVersion, inform);

    /// <summary>Starts a server, and applies the migrations.</summary>
    /// <param name="options">How.</param>
    /// <param name="before">The migrations.</param>
    /// <param name="configVersion">Config version of the project.</param>
    /// <param name="inform">Is told what is being done.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="HasuraMigrationException">What the start of a sandbox, the SQL or a migration may raise.</exception>
    internal static async Task<ProofPlace> StartAsync(ProofOptions options, MigrationSource before, int configVersion, Action<string> inform, CancellationToken cancellationToken)
    {
        var place = new ProofPlace(options, before, configVersion, inform);
        try
        {
            await place.AddServerAsync(cancellationToken).ConfigureAwait(false);
            return place;
        }
        catch
        {
            await place.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>A database of its own, in which the migrations were applied.</summary>
    internal async Task<ProofDatabase> NewAsync(CancellationToken cancellationToken)
    {
        if (!(await new SandboxDatabases(_sandboxes[^1]).RolesAsync(cancellationToken).ConfigureAwait(false)).SequenceEqual(_roles))
        {
            _inform("The migrations changed roles, so another server is started.");
            await AddServerAsync(cancellationToken).ConfigureAwait(false);
        }

        var connection = await new SandboxDatabases(_sandboxes[^1]).CreateAsync($"proof_{++_number}", Base, cancellationToken).ConfigureAwait(false);
        return new ProofDatabase(connection, _configVersion);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var sandbox in _sandboxes)
        {
            await sandbox.DisposeAsync().ConfigureAwait(false);
        }
    }

    private async Task AddServerAsync(CancellationToken cancellationToken)
    {
        _inform("Starting a throwaway PostgreSQL.");
        _sandboxes.Add(await PostgresSandbox.StartAsync(new SandboxOptions { AllowDownload = _options.AllowDownload }, cancellationToken).ConfigureAwait(false));
        var databases = new SandboxDatabases(_sandboxes[^1]);
        var connection = await databases.CreateAsync(Base, null, cancellationToken).ConfigureAwait(false);
        if (_options.SetupSql is { } setup)
        {
            await SandboxDatabases.ExecuteAsync(connection, setup, cancellationToken).ConfigureAwait(false);
        }

        _inform($"Applying {_before.Migrations.Count} migrations below the range.");
        await new ProofDatabase(connection, _configVersion).ApplyAsync(_before, cancellationToken).ConfigureAwait(false);
        _roles = await databases.RolesAsync(cancellationToken).ConfigureAwait(false);
    }
}
