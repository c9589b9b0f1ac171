using System.Management.Automation;
using System.Text.Json.Nodes;
using HasuraMigrations.Abstractions;

namespace HasuraMigrations.Commands;

/// <summary>Sends commands of Hasura's metadata and query API to a server, or runs them on a database.</summary>
/// <remarks>
/// <para>
/// Sends a command, as described in Hasura's documentation, to the API of the server that accepts it: run_sql and data commands to
/// the query API, all other commands to the metadata API; servers of version 1 have one API for both. The response of the server is
/// written as an object, a list of answers one by one. If the server refuses a command, the error contains its message, code and
/// path.
/// </para>
/// <para>
/// Directly on a database, the command runs by the rules of a server: of version 2 if the catalog contains a document, else of
/// version 1. It is refused with Hasura's message if it would leave inconsistent objects (MetadataCommandRefused). A bulk is one
/// transaction, including its SQL; bulk_keep_going undoes only the commands that fail. Commands on events, on scheduled events and
/// on the catalog state are supported too. Remote schemas are not queried, events are not delivered, and commands that require a
/// running server are refused with the reason.
/// </para>
/// <para>Commands are never sent again automatically, because after a lost response it is unknown whether they were run.</para>
/// </remarks>
/// <input cref="object">Whole commands.</input>
/// <output cref="System.Collections.Specialized.OrderedDictionary">The response to each command.</output>
/// <notes>A database without Hasura's catalog contains no metadata: the command fails with MetadataStoreMissing.</notes>
/// <seealso cref="ConnectHasuraServerCommand"/>
/// <seealso cref="ImportHasuraMetadataCommand"/>
[Cmdlet(VerbsLifecycle.Invoke, "HasuraMetadataApi", SupportsShouldProcess = true, DefaultParameterSetName = "Type", HelpUri = HelpPages.Base + "Invoke-HasuraMetadataApi.md")]
[OutputType(typeof(System.Collections.Specialized.OrderedDictionary))]
public sealed class InvokeHasuraMetadataApiCommand : HasuraMetadataCmdlet
{
    private readonly List<JsonObject> _commands = [];

    /// <summary>Name of the command, such as pg_track_table, export_metadata or run_sql.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = "Type", HelpMessage = "Name of the command, such as pg_track_table, export_metadata or run_sql.")]
    [ValidateNotNullOrEmpty]
    public string Type { get; set; } = "";

    /// <summary>The arguments of the command: a hashtable, an object, or JSON text.</summary>
    [Parameter(Position = 1, ParameterSetName = "Type")]
    public object? Arguments { get; set; }

    /// <summary>
    /// Whole commands with the keys type and args, and version and resource_version if required. Hashtables, objects and JSON text
    /// are accepted; a JSON list contains several commands.
    /// </summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = "InputObject", HelpMessage = "Whole commands with the keys type and args, and version and resource_version if required.")]
    [ValidateNotNull]
    public object InputObject { get; set; } = "";

    /// <summary>Sends all commands of the pipeline as one bulk, so that they run together.</summary>
    [Parameter(ParameterSetName = "InputObject")]
    public SwitchParameter Bulk { get; set; }

    private protected override void OnRecord() => _commands.AddRange(ParameterSetName == "Type" ? [Single()] : MetadataObjects.ToCommands(InputObject));

    private protected override void OnEnd()
    {
        if (_commands.Count == 0)
        {
            return;
        }

        IReadOnlyList<JsonObject> sent = Bulk
            ? [new JsonObject { ["type"] = "bulk", ["args"] = new JsonArray([.. _commands]) }]
            : _commands;
        WithTarget(OpenProjectOrNone(isNeeded: false), async (target, cancellationToken) =>
        {
            foreach (var body in sent)
            {
                if (!await OnPipelineAsync(() => Confirmed(target.Description, $"Send the command {body["type"]}")).ConfigureAwait(false))
                {
                    continue;
                }

                var answer = await target.ExecuteAsync(body, cancellationToken).ConfigureAwait(false);
                await OnPipelineAsync(() => WriteObject(MetadataObjects.ToObject(answer), enumerateCollection: true)).ConfigureAwait(false);
            }
        });
    }

    private JsonObject Single()
    {
        var body = new JsonObject { ["type"] = Type };
        if (Arguments is not null)
        {
            body["args"] = MetadataObjects.ToNode(Arguments);
        }

        return body;
    }
}
