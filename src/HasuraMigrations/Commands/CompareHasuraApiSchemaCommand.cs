using System.Management.Automation;
using HasuraMigrations.Abstractions;
using HasuraMigrations.Engine.Metadata.Api;
using HasuraMigrations.Engine.Metadata.Files;

namespace HasuraMigrations.Commands;

/// <summary>Shows what a change of the GraphQL schemas does to the clients of each role.</summary>
/// <remarks>
/// <para>
/// Compares the schemas of two places: a database, a server, the project, or files in SDL or of introspections. Without parameters, the
/// schemas of the target are compared with those that the files of the project would have: its metadata, and its migrations applied in a throwaway
/// PostgreSQL. The result is what clients meet after the next release; against a running server of the same release it is the drift.
/// </para>
/// <para>
/// Each change has a class: Breaking if a valid operation becomes invalid, Dangerous if operations remain valid and may mean something
/// else, Safe for the rest.
/// </para>
/// </remarks>
/// <output cref="HasuraApiChange">One for each change of each role; none if nothing differs.</output>
/// <notes>A difference is not an error without -FailOn. Parts of a schema that are not known cause warnings.</notes>
/// <seealso cref="ExportHasuraApiSchemaCommand"/>
/// <seealso cref="MeasureHasuraImpactCommand"/>
[Cmdlet(VerbsData.Compare, "HasuraApiSchema", DefaultParameterSetName = "Role", HelpUri = HelpPages.Base + "Compare-HasuraApiSchema.md")]
[OutputType(typeof(HasuraApiChange))]
public sealed class CompareHasuraApiSchemaCommand : HasuraApiCmdlet
{
    private int _breaking;
    private int _dangerous;
    private HasuraApiChange? _worst;

    /// <summary>
    /// The old schemas: a file in SDL or of an introspection, a directory that Export-HasuraApiSchema wrote, a connection object, a connection
    /// string, or the URL of a server. Without it, the target of the connection parameters is used.
    /// </summary>
    [Parameter(Position = 0)]
    [ValidateNotNull]
    public object? ReferenceObject { get; set; }

    /// <summary>The new schemas, in the same forms as -ReferenceObject. Without it, the project is used.</summary>
    [Parameter(Position = 1)]
    [ValidateNotNull]
    public object? DifferenceObject { get; set; }

    /// <summary>The roles. The default is all roles that one of both places has.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[]? Role { get; set; }

    /// <summary>Makes changes of this class, and of worse ones, a terminating error after all changes are written: Breaking or Dangerous.</summary>
    [Parameter]
    public ApiChangeLimit? FailOn { get; set; }

    private protected override void OnRecord()
    {
        var settings = ReadSettings();
        var project = OpenProjectOrNone(isNeeded: DifferenceObject is null);
        var document = DifferenceObject is null ? DocumentOf(new MetadataInput(MetadataFiles.Read(project))) : null;
        var reference = PlaceOf(ReferenceObject);
        var difference = PlaceOf(DifferenceObject);
        var (places, others) = (Places(project, reference is null ? ReferenceObject : null, reference is null), Places(project, difference is null ? DifferenceObject : null, difference is null && document is null));
        RunAsync(async cancellationToken =>
        {
            var old = reference ?? await ReadAsync(places!, project, settings, cancellationToken).ConfigureAwait(false);
            var now = difference ?? (document is not null
                ? await ReadProjectAsync(project, document, settings, cancellationToken).ConfigureAwait(false)
                : await ReadAsync(others!, project, settings, cancellationToken).ConfigureAwait(false));
            await CompareAsync(old, now, cancellationToken).ConfigureAwait(false);
        });
        ThrowIfLimited();
    }

    private async Task CompareAsync(IApiSchemas old, IApiSchemas now, CancellationToken cancellationToken)
    {
        await OnPipelineAsync(() =>
        {
            WarnOfInconsistencies(old);
            WarnOfInconsistencies(now);
        }).ConfigureAwait(false);
        var roles = (Role ?? [.. old.Roles, .. now.Roles]).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();
        foreach (var role in roles.Count == 0 ? ["admin"] : roles)
        {
            var (before, after) = (await old.ReadAsync(role, Backend, cancellationToken).ConfigureAwait(false), await now.ReadAsync(role, Backend, cancellationToken).ConfigureAwait(false));
            var changes = ApiComparison.Compare(before, after);
            await OnPipelineAsync(() => Write(before, after, changes)).ConfigureAwait(false);
        }
    }

    private void Write(RoleApiSchema before, RoleApiSchema after, IReadOnlyList<HasuraApiChange> changes)
    {
        WarnOfHoles(before);
        WarnOfHoles(after);
        _breaking += changes.Count(c => c.Class == ApiChangeClass.Breaking);
        _dangerous += changes.Count(c => c.Class == ApiChangeClass.Dangerous);
        if (changes.MaxBy(c => c.Class) is { } worst && (_worst is null || worst.Class > _worst.Class))
        {
            _worst = worst;
        }

        WriteObject(changes, enumerateCollection: true);
    }

    private void ThrowIfLimited()
    {
        if (FailOn is { } limit && (_breaking > 0 || (limit == ApiChangeLimit.Dangerous && _dangerous > 0)))
        {
            throw new HasuraMigrationException("ApiSchemaBreaks", $"The API changes for clients: {_breaking} breaking and {_dangerous} dangerous change{(_breaking + _dangerous == 1 ? "" : "s")}. Role {_worst!.Role}: {_worst.Message}");
        }
    }
}
