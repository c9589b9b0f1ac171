using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Sandbox;
using HasuraMigrations.Engine.Variables;

namespace HasuraMigrations.Engine.Proofs;

/// <summary>How throwaway databases of a proof are made.</summary>
/// <param name="AllowDownload">Whether npm may install server programs.</param>
/// <param name="SetupSql">SQL that runs first in each database; null for none.</param>
/// <param name="PostgresVersion">Major version of PostgreSQL; null for the first that is found.</param>
public sealed record ProofOptions(bool AllowDownload = false, string? SetupSql = null, int? PostgresVersion = null)
{
    /// <summary>Values of the variables in SQL files below the range.</summary>
    public VariableSet Variables { get; init; } = VariableSet.None;
}

/// <summary>
/// Makes throwaway databases in which the same migrations were applied. They are copies, as long as nothing that was done in one
/// of them changed the roles, which belong to the server; then each has a server of its own.
/// </summary>
internal sealed class ProofPlace : IAsyncDisposable
{
    private const string Base = "proof_base";
    private const int MaximumRepairs = 1000;

    private readonly ProofOptions _options;
    private readonly MigrationSource _before;
    private readonly int _configVersion;
    private readonly Action<string> _inform;
    private readonly List<PostgresSandbox> _sandboxes = [];
    private readonly List<ProofRepair> _repairs = [];
    private IReadOnlyList<string> _roles = [];
    private string _base = "";
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

    /// <summary>Does something in a database of its own, in which the migrations were applied.</summary>
    /// <param name="use">What to do; again in another database where it failed for what a throwaway database lacks.</param>
    /// <param name="cancellationToken">Stops it.</param>
    internal async Task<T> UseAsync<T>(Func<ProofDatabase, Task<T>> use, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                return await use(await NewAsync(cancellationToken).ConfigureAwait(false)).ConfigureAwait(false);
            }
            catch (MigrationFailedException e) when (ProofRepairs.Of(e) is { } repair && !_repairs.Contains(repair) && _repairs.Count < MaximumRepairs)
            {
                // Sequences do not roll back, so that a second try in the same database would give other numbers.
                _repairs.Add(repair);
                if (!await RenewAsync(cancellationToken).ConfigureAwait(false))
                {
                    await RepairAsync([repair], cancellationToken).ConfigureAwait(false);
                }
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var sandbox in _sandboxes)
        {
            await sandbox.DisposeAsync().ConfigureAwait(false);
        }
    }

    private async Task<ProofDatabase> NewAsync(CancellationToken cancellationToken)
    {
        await RenewAsync(cancellationToken).ConfigureAwait(false);
        var connection = await new SandboxDatabases(_sandboxes[^1]).CreateAsync($"proof_{++_number}", Base, cancellationToken).ConfigureAwait(false);
        return new ProofDatabase(connection, _configVersion, _options.Variables);
    }

    // Roles belong to the server, so that those of migrations, also of one that failed then, are left over.
    private async Task<bool> RenewAsync(CancellationToken cancellationToken)
    {
        if ((await new SandboxDatabases(_sandboxes[^1]).RolesAsync(cancellationToken).ConfigureAwait(false)).SequenceEqual(_roles))
        {
            return false;
        }

        _inform("The migrations changed roles, so another server is started.");
        await AddServerAsync(cancellationToken).ConfigureAwait(false);
        return true;
    }

    private async Task AddServerAsync(CancellationToken cancellationToken)
    {
        _inform("Starting a throwaway PostgreSQL.");
        _sandboxes.Add(await PostgresSandbox.StartAsync(new SandboxOptions { Version = _options.PostgresVersion, AllowDownload = _options.AllowDownload }, cancellationToken).ConfigureAwait(false));
        _base = await new SandboxDatabases(_sandboxes[^1]).CreateAsync(Base, null, cancellationToken).ConfigureAwait(false);
        if (_options.SetupSql is { } setup)
        {
            await SandboxDatabases.ExecuteAsync(_base, setup, cancellationToken).ConfigureAwait(false);
        }

        if (_before.Migrations.Count > 0)
        {
            _inform($"Applying {_before.Migrations.Count} migrations below the range.");
        }

        var done = await ApplyBaseAsync(cancellationToken).ConfigureAwait(false);
        await RepairAsync([.. _repairs.Except(done)], cancellationToken).ConfigureAwait(false);
    }

    private async Task<IReadOnlyList<ProofRepair>> ApplyBaseAsync(CancellationToken cancellationToken)
    {
        for (var done = new List<ProofRepair>(); ;)
        {
            try
            {
                await new ProofDatabase(_base, _configVersion, _options.Variables).ApplyAsync(_before, cancellationToken).ConfigureAwait(false);
                return done;
            }
            catch (MigrationFailedException e) when (ProofRepairs.Of(e) is { } repair && !done.Contains(repair) && done.Count < MaximumRepairs)
            {
                done.Add(repair);
                await RepairAsync([repair], cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private async Task RepairAsync(IReadOnlyList<ProofRepair> repairs, CancellationToken cancellationToken)
    {
        foreach (var repair in repairs)
        {
            _inform($"In the throwaway database: {repair.Title}.");
            await SandboxDatabases.ExecuteAsync(_base, repair.Sql, cancellationToken).ConfigureAwait(false);
        }

        _roles = await new SandboxDatabases(_sandboxes[^1]).RolesAsync(cancellationToken).ConfigureAwait(false);
    }
}
