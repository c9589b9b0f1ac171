using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Records;
using HasuraMigrations.Engine.Sql;

namespace HasuraMigrations.Engine.Targets.Server;

/// <summary>A piece of a script: SQL, and where it comes from.</summary>
/// <param name="Sql">The text.</param>
/// <param name="Step">The step whose file it is; null for SQL of ours.</param>
/// <param name="Index">Index of the migration in the script.</param>
/// <param name="IsChecked">True to make the server compare its metadata with the tables afterwards.</param>
/// <param name="Action">The action of a YAML file in place of SQL; null for SQL.</param>
internal sealed record ScriptPart(string Sql, PlannedStep? Step = null, int Index = 0, bool IsChecked = false, StepAction? Action = null)
{
    /// <summary>The search path it runs with.</summary>
    internal ScriptPath Path { get; init; } = Step is null ? ScriptPath.Own : ScriptPath.OfUser;
}

/// <summary>The search path of a part of a script.</summary>
internal enum ScriptPath
{
    /// <summary>Ours (<see cref="OwnPath"/>).</summary>
    Own,

    /// <summary>That of the session, as the user's file may have changed it.</summary>
    OfUser,

    /// <summary>It begins with the user's and goes over to ours itself.</summary>
    FromUser,
}

/// <summary>
/// Sends SQL to a source. What only reads is repeated when a connection breaks. Several parts are one transaction: one text
/// for a server of version 2, one bulk for one of version 1.
/// </summary>
internal sealed class ServerSql(HasuraClient client, ServerSource source)
{
    private const string Joint = "\n;\n";

    internal ServerSource Source => source;

    /// <summary>Rows of a query of ours, without the names; null is the text <c>NULL</c>.</summary>
    /// <exception cref="HasuraMigrationException">The errors of <see cref="HasuraClient.CallAsync"/>.</exception>
    internal async Task<List<string[]>> QueryAsync(string sql, CancellationToken cancellationToken)
    {
        var command = new ServerCommand(source.Api, source.Command, Arguments(Own(sql), isChecked: false, isRead: true)) { IsRead = true };
        return Rows(await client.CallAsync(command, cancellationToken).ConfigureAwait(false));
    }

    /// <summary>Rows of a statement of ours that returns some.</summary>
    /// <exception cref="HasuraMigrationException">The errors of <see cref="HasuraClient.CallAsync"/>.</exception>
    internal async Task<List<string[]>> QueryAsync(OwnStatement statement, CancellationToken cancellationToken) => statement.NeedsPathOfSession
        ? await QueryFromUserPathAsync(statement.Inline(), cancellationToken).ConfigureAwait(false)
        : await QueryAsync(statement.Inline(), cancellationToken).ConfigureAwait(false);

    /// <summary>Rows of a query that begins with the path of the session.</summary>
    /// <exception cref="HasuraMigrationException">The errors of <see cref="HasuraClient.CallAsync"/>.</exception>
    internal async Task<List<string[]>> QueryFromUserPathAsync(string sql, CancellationToken cancellationToken) =>
        Rows(await client.CallAsync(new ServerCommand(source.Api, source.Command, Arguments(sql, isChecked: false, isRead: true)) { IsRead = true }, cancellationToken).ConfigureAwait(false));

    /// <summary>Runs a script once.</summary>
    /// <param name="parts">The script.</param>
    /// <param name="marker">What tells its session.</param>
    /// <param name="cancellationToken">Ends the wait for an answer.</param>
    /// <param name="isOwn">True for statements of ours, which the time limit of the connection holds for.</param>
    /// <returns>Rows of its last query.</returns>
    /// <exception cref="HasuraMigrationException">The errors of <see cref="HasuraClient.CallAsync"/>.</exception>
    internal async Task<List<string[]>> RunAsync(IReadOnlyList<ScriptPart> parts, string marker, CancellationToken cancellationToken, bool isOwn = false)
    {
        if (source.IsVersion2)
        {
            return Rows(await client.CallAsync(Command(marker + string.Join(Joint, Texts(parts)), parts.Any(p => p.IsChecked)) with { IsUnlimited = !isOwn }, cancellationToken).ConfigureAwait(false));
        }

        var items = parts.Zip(Texts(parts), (p, text) => p.Action?.Body.DeepClone() ?? new JsonObject { ["type"] = source.Command, ["args"] = Arguments(marker + text, p.IsChecked) });
        var answers = await client.CallAsync(new ServerCommand(source.Api, "bulk", new JsonArray([.. items])) { IsUnlimited = !isOwn }, cancellationToken).ConfigureAwait(false);
        return Rows((answers as JsonArray)?.LastOrDefault());
    }

    /// <summary>Runs several scripts in one request, each in a transaction of its own, up to the first that fails.</summary>
    /// <param name="scripts">The scripts.</param>
    /// <param name="marker">What tells their sessions.</param>
    /// <param name="cancellationToken">Ends the wait for an answer.</param>
    /// <returns>Rows of the last query of each.</returns>
    /// <exception cref="HasuraMigrationException">The errors of <see cref="HasuraClient.CallAsync"/>.</exception>
    internal async Task<List<string[]>> RunEachAsync(IReadOnlyList<IReadOnlyList<ScriptPart>> scripts, string marker, CancellationToken cancellationToken)
    {
        var items = scripts.Select(parts => new JsonObject { ["type"] = source.Command, ["args"] = Arguments(marker + string.Join(Joint, Texts(parts)), isChecked: false) });
        var answers = await client.CallAsync(new ServerCommand(source.Api, "bulk", new JsonArray([.. items])) { IsUnlimited = true }, cancellationToken).ConfigureAwait(false);
        return [.. ((answers as JsonArray) ?? []).SelectMany(Rows)];
    }

    // The path is set in the texts of ours that stand beside those of users: it lasts up to the end of the transaction.
    private static IEnumerable<string> Texts(IReadOnlyList<ScriptPart> parts)
    {
        for (var i = 0; i < parts.Count; i++)
        {
            var enters = parts[i].Path == ScriptPath.Own && (i == 0 || parts[i - 1].Path == ScriptPath.OfUser);
            var leaves = parts[i].Path != ScriptPath.OfUser && i + 1 < parts.Count && parts[i + 1].Path == ScriptPath.OfUser;
            yield return $"{(enters ? OwnPath.Local + Joint : "")}{parts[i].Sql}{(leaves ? Joint + OwnPath.LocalDefault : "")}";
        }
    }

    private static string Own(string sql) => OwnPath.Local + Joint + sql;

    /// <summary>Runs a text once; statement by statement where that is asked for.</summary>
    /// <param name="sql">The text.</param>
    /// <param name="isWithoutTransaction">True for statement by statement.</param>
    /// <param name="cancellationToken">Ends the wait for an answer.</param>
    /// <param name="isOwn">True for statements of ours, which the time limit of the connection holds for.</param>
    /// <exception cref="HasuraMigrationException">The errors of <see cref="HasuraClient.CallAsync"/>.</exception>
    internal async Task<List<string[]>> RunAloneAsync(string sql, bool isWithoutTransaction, CancellationToken cancellationToken, bool isOwn = false)
    {
        var command = Command(sql, isChecked: false) with { IsUnlimited = !isOwn };
        if (isWithoutTransaction)
        {
            command.Args!["no_transaction"] = true;
        }

        return Rows(await client.CallAsync(command, cancellationToken).ConfigureAwait(false));
    }

    /// <summary>The command that runs statements of ours in a transaction.</summary>
    internal ServerCommand Command(IEnumerable<OwnStatement> statements) => Command(Own(string.Join(Joint, statements.Select(s => s.Inline()))), isChecked: false);

    private ServerCommand Command(string sql, bool isChecked) => new(source.Api, source.Command, Arguments(sql, isChecked)) { IsUnlimited = true };

    /// <summary>The part that an error of a script points to; null where it points to none.</summary>
    internal static ScriptPart? PartOf(HasuraServerException error, IReadOnlyList<ScriptPart> parts) =>
        error.Path is { } path && path.StartsWith("$.args[", StringComparison.Ordinal)
        && int.TryParse(path.AsSpan(7, Math.Max(0, path.IndexOf(']') - 7)), out var index) && index < parts.Count ? parts[index] : null;

    private JsonObject Arguments(string sql, bool isChecked, bool isRead = false)
    {
        var arguments = new JsonObject { ["sql"] = sql };
        if (source.Name is { } name)
        {
            arguments["source"] = name;
        }

        // Servers of other databases than PostgreSQL do not know these.
        if (source.Traits.IsPostgresSql)
        {
            arguments["check_metadata_consistency"] = isChecked;
            if (isRead)
            {
                arguments["read_only"] = true;
            }
        }

        return arguments;
    }

    private static List<string[]> Rows(JsonNode? answer) => [.. ((answer.Get("result") as JsonArray)?.Skip(1) ?? [])
        .Select(row => (row as JsonArray)?.Select(v => v.AsText() ?? v.ToText()).ToArray() ?? [])];
}
