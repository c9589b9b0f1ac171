using System.Globalization;
using HasuraMigrations.Engine.Metadata;
using HasuraMigrations.Engine.Metadata.Comparing;
using HasuraMigrations.Engine.Metadata.Model;

namespace HasuraMigrations.Engine.Targets.Server;

/// <summary>A write and what the metadata is after it.</summary>
/// <param name="After">The document that will be there.</param>
/// <param name="Command">The command, by whether the server is of version 2.</param>
internal sealed record ServerWrite(MetadataDocument After, Func<bool, ServerCommand> Command);

/// <summary>
/// Writes metadata once. Where the answer is lost, the server is asked what became of it before anything is said: a write
/// that has not come to be is kept from coming later, as its resource version is taken by a reload.
/// </summary>
internal sealed class ServerMetadataWriter(HasuraClient client, ServerMetadataTarget target)
{
    private const int MostLooks = 5;

    private static readonly MetadataReloadOptions Nothing = new() { Sources = MetadataReloadScope.None, RemoteSchemas = MetadataReloadScope.None };

    private bool IsVersion2 => client.Capabilities!.HasMetadataApi;

    /// <summary>Writes over what has the token.</summary>
    /// <exception cref="HasuraMigrationException">MetadataConflict, MetadataInconsistent, ServerOutcomeUnknown, and the errors of
    /// servers, which say that nothing was written where an answer was lost and that is proven.</exception>
    internal async Task<MetadataReplaced> WriteAsync(ServerWrite write, string token, CancellationToken cancellationToken)
    {
        var command = write.Command(IsVersion2);
        try
        {
            var answer = await client.CallAsync(IsVersion2 ? command with { ResourceVersion = Number(token) } : command, cancellationToken).ConfigureAwait(false);
            // A strict change that went through is a consistent one.
            var consistency = ServerMetadataTarget.Consistency(answer) ?? new MetadataConsistency(true, []);
            var done = IsVersion2
                ? Done(Number(token) + 1, ServerMetadataTarget.Token(Number(token) + 1), consistency)
                : Done(null, (await target.ExportAsync(cancellationToken).ConfigureAwait(false)).Token, consistency);
            return done with { Warnings = WarningReading.Read(answer) };
        }
        catch (HasuraServerException e) when (IsVersion2 && e.ErrorId == "MetadataConflict")
        {
            // A gateway that sends a request again gives the refusal of the second for the answer to the first.
            var present = await target.ExportAsync(cancellationToken).ConfigureAwait(false);
            if (present.ResourceVersion != Number(token) + 1 || !AreSame(write.After, present.Document))
            {
                throw;
            }

            return Done(present.ResourceVersion, present.Token, await target.ReadConsistencyAsync(cancellationToken).ConfigureAwait(false));
        }
        catch (HasuraServerException e) when (e.MayHaveRun)
        {
            return await ResolveAsync(write, token, e, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<MetadataReplaced> ResolveAsync(ServerWrite write, string token, HasuraServerException lost, CancellationToken cancellationToken)
    {
        try
        {
            return await (IsVersion2 ? ResolveByVersionAsync(write, Number(token), lost, cancellationToken) : ResolveByTextAsync(write, token, lost, cancellationToken)).ConfigureAwait(false);
        }
        catch (HasuraServerException e) when (e != lost && e.InnerException != lost && e.ErrorId != "ServerOutcomeUnknown")
        {
            throw Unknown(lost, $"and the server could not be queried: {e.Message.TrimEnd('.')}");
        }
    }

    private async Task<MetadataReplaced> ResolveByVersionAsync(ServerWrite write, long version, HasuraServerException lost, CancellationToken cancellationToken)
    {
        const string final = "The metadata was not written, and the pending request can no longer take effect.";
        MetadataDocument? old = null;
        for (var look = 0; look < MostLooks; look++)
        {
            var present = await target.ExportAsync(cancellationToken).ConfigureAwait(false);
            if (present.ResourceVersion != version)
            {
                // The one write since then left everything as it was: it was a reload.
                var isUnchanged = present.ResourceVersion == version + 1 && old is not null && AreSame(old, present.Document);
                return AreSame(write.After, present.Document) ? Done(present.ResourceVersion, present.Token, await target.ReadConsistencyAsync(cancellationToken).ConfigureAwait(false))
                    : isUnchanged ? throw NotWritten(lost, final)
                    : throw Unknown(lost, "and the metadata was changed since and differs from what was sent");
            }

            old = present.Document;
            if (await TryTakeVersionAsync(version, cancellationToken).ConfigureAwait(false))
            {
                throw NotWritten(lost, final);
            }
        }

        throw Unknown(lost, "and the server kept changing");
    }

    // Waits too for the write, if the server is still at it: it changes its metadata one request after another.
    private async Task<bool> TryTakeVersionAsync(long version, CancellationToken cancellationToken)
    {
        try
        {
            await client.CallAsync(new ServerCommand(ServerApi.Metadata, "reload_metadata", ServerMetadataTarget.Arguments(Nothing)) { ResourceVersion = version }, cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (HasuraServerException e) when (e.ErrorId == "MetadataConflict" || e.MayHaveRun)
        {
            return false;
        }
    }

    // Without a version, a request that still hangs in a gateway cannot be kept from arriving; a reload waits for one that arrived.
    private async Task<MetadataReplaced> ResolveByTextAsync(ServerWrite write, string token, HasuraServerException lost, CancellationToken cancellationToken)
    {
        await target.ReloadAsync(Nothing, cancellationToken).ConfigureAwait(false);
        var present = await target.ExportAsync(cancellationToken).ConfigureAwait(false);
        return AreSame(write.After, present.Document) ? Done(null, present.Token, new MetadataConsistency(true, []))
            : present.Token == token ? throw NotWritten(lost, "A later read shows that the metadata was not written.")
            : throw Unknown(lost, "and the metadata was changed since and differs from what was sent");
    }

    private static bool AreSame(MetadataDocument left, MetadataDocument right) => MetadataComparer.Compare(left, right).Count == 0;

    private static MetadataReplaced Done(long? version, string token, MetadataConsistency consistency) =>
        new(version, token, [], consistency.IsConsistent) { Inconsistencies = consistency.Inconsistencies };

    private static long Number(string token) => long.TryParse(token, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;

    private static HasuraServerException NotWritten(HasuraServerException lost, string proof) =>
        new(lost.ErrorId, $"{lost.Message} {proof}", lost.Target, lost) { Status = lost.Status };

    private static HasuraServerException Unknown(HasuraServerException lost, string why) =>
        new("ServerOutcomeUnknown", $"It is unknown whether the metadata was written: {lost.Message.TrimEnd('.')}, {why}.", lost.Target, lost) { Status = lost.Status, MayHaveRun = true };
}
