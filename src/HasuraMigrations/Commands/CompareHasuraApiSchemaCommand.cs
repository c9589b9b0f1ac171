using System.Management.Automation;
using HasuraMigrations.Abstractions;
using HasuraMigrations.Completion;
using HasuraMigrations.Engine.Metadata.Api;
using HasuraMigrations.Engine.Metadata.Api.Changes;
using HasuraMigrations.Engine.Metadata.Api.Types;
using HasuraMigrations.Engine.Metadata.Files;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Projects;
using HasuraMigrations.Engine.Proofs;

namespace HasuraMigrations.Commands;

/// <summary>Shows what a change of the GraphQL schemas does to the clients of each role.</summary>
/// <remarks>
/// <para>
/// Compares the schemas of two places: a database, a server, the project, the project in a git revision, or files in SDL or of introspections. Without parameters, the
/// schemas of the target are compared with those that the files of the project would have: its metadata, and its migrations applied in a throwaway
/// PostgreSQL. The result is what clients meet after the next release; against a running server of the same release it is the drift.
/// </para>
/// <para>
/// Each change has a class: Breaking if a valid operation becomes invalid, Dangerous if operations remain valid and may mean something
/// else, Safe for the rest.
/// </para>
/// <para>
/// Each change of the project has its cause: the statement of the migration, with its file and line, or the change of the metadata, with file
/// and line. What no statement and no object is known to cause has none, such as what is in a database, but in no migration.
/// </para>
/// </remarks>
/// <output cref="HasuraApiChange">One for each change of each role; none if nothing differs.</output>
/// <notes>
/// A difference is not an error without -FailOn. Parts of a schema that are not known cause warnings. A role that only one side has may do
/// nothing on the other.
/// </notes>
/// <seealso cref="ExportHasuraApiSchemaCommand"/>
/// <seealso cref="ExportHasuraReportCommand"/>
/// <seealso cref="MeasureHasuraImpactCommand"/>
[Cmdlet(VerbsData.Compare, "HasuraApiSchema", DefaultParameterSetName = "Objects", HelpUri = HelpPages.Base + "Compare-HasuraApiSchema.md")]
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
    [Parameter(Position = 0, ParameterSetName = "Objects")]
    [ValidateNotNull]
    public object? ReferenceObject { get; set; }

    /// <summary>The new schemas, in the same forms as -ReferenceObject. Without it, the project is used.</summary>
    [Parameter(Position = 1)]
    [ValidateNotNull]
    public object? DifferenceObject { get; set; }

    /// <summary>
    /// A commit, branch or tag of the git repository that contains the project: the old schemas are those of the project in that revision, with
    /// its migrations applied in a throwaway PostgreSQL. No database is connected to. The program git must be installed.
    /// </summary>
    [Parameter(Mandatory = true, ParameterSetName = "Revision", HelpMessage = "A commit, branch or tag of the git repository that contains the project: the old schemas are those of the project in that revision, with its migrations applied in a throwaway PostgreSQL.")]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(RevisionCompleter))]
    public string Revision { get; set; } = "";

    /// <summary>The roles. The default is all roles that one of both places has.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(RoleCompleter))]
    public string[]? Role { get; set; }

    /// <summary>Makes changes of this class, and of worse ones, a terminating error after all changes are written: Breaking or Dangerous.</summary>
    [Parameter]
    public ApiChangeLimit? FailOn { get; set; }

    private protected override void OnRecord()
    {
        var settings = ReadSettings();
        var project = OpenProjectOrNone(isNeeded: DifferenceObject is null || ParameterSetName == "Revision");
        var document = DifferenceObject is null ? DocumentOf(new MetadataInput(MetadataFiles.Read(project))) : null;
        var (oldFiles, newFiles) = (PlaceOf(ReferenceObject), PlaceOf(DifferenceObject));
        using var revision = ParameterSetName == "Revision" ? CheckOut(project) : null;
        var earlier = revision is null ? null : DocumentOf(RevisionMetadata.Read(revision));
        var oldPlaces = Places(project, oldFiles is null ? ReferenceObject : null, oldFiles is null && revision is null);
        var newPlaces = Places(project, DifferenceObject, newFiles is null && document is null);
        var proof = ReadProof();
        RunAsync(async cancellationToken =>
        {
            var old = oldFiles ?? (oldPlaces is null ? null : await ReadAsync(oldPlaces, project, settings, cancellationToken).ConfigureAwait(false));
            ApiSides sides;
            if (document is null)
            {
                old ??= await ReadRevisionAsync(revision!, earlier!, proof, settings, cancellationToken).ConfigureAwait(false);
                sides = new ApiSides(old, newFiles ?? await ReadAsync(newPlaces!, project, settings, cancellationToken).ConfigureAwait(false), null);
            }
            else
            {
                var reference = new ApiReference(project, document, proof, settings, Informed);
                sides = await (oldPlaces is not null ? reference.BesideAsync(old!, oldPlaces, cancellationToken)
                    : revision is not null ? reference.BesideAsync(revision, earlier!, cancellationToken)
                    : reference.BesideAsync(old!, cancellationToken)).ConfigureAwait(false);
            }

            await CompareAsync(sides, revision, cancellationToken).ConfigureAwait(false);
        });
        ThrowIfLimited();
    }

    private ProjectRevision CheckOut(HasuraProject project)
    {
        ProjectRevision? revision = null;
        RunAsync(async cancellationToken => revision = await RevisionMetadata.CheckOutWholeAsync(project, Revision, cancellationToken).ConfigureAwait(false));
        return revision!;
    }

    private async Task<IApiSchemas> ReadRevisionAsync(ProjectRevision revision, MetadataDocument document, ProofOptions proof, ApiSettings settings, CancellationToken cancellationToken)
    {
        try
        {
            return await new ProjectApi(proof, Informed).ReadAsync(RevisionMetadata.Open(revision), document, settings, cancellationToken).ConfigureAwait(false);
        }
        catch (HasuraMigrationException e)
        {
            throw revision.Describe(e);
        }
    }

    private async Task CompareAsync(ApiSides sides, ProjectRevision? revision, CancellationToken cancellationToken)
    {
        var (old, now) = (sides.Old, sides.New);
        RequireRemoteSchemas(old, now);
        RequireRoles(Role ?? [], [.. old.NamedRoles.Union(now.NamedRoles).Order(StringComparer.Ordinal)]);
        await OnPipelineAsync(() =>
        {
            WarnOfInconsistencies(old);
            WarnOfInconsistencies(now);
        }).ConfigureAwait(false);
        var roles = (Role ?? [.. old.Roles, .. now.Roles]).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();
        if (roles.Count == 0)
        {
            roles = ["admin"];
        }

        var (olds, news) = (await ReadAsync(old, roles, cancellationToken).ConfigureAwait(false), await ReadAsync(now, roles, cancellationToken).ConfigureAwait(false));
        var comparison = new ApiComparison();
        foreach (var role in roles)
        {
            var (before, after) = (olds.GetValueOrDefault(role), news.GetValueOrDefault(role));
            // A role that one side does not have may do nothing there.
            before ??= RoleApiSchema.OfNothing(after!);
            after ??= RoleApiSchema.OfNothing(before);
            var changes = sides.Difference?.Compare(before, after) ?? comparison.Compare(before, after);
            await OnPipelineAsync(() => Write(before, after, [.. changes.Select(c => c.File is null || revision is null ? c : c with { File = revision.Describe(c.File) })])).ConfigureAwait(false);
        }
    }

    private async Task<Dictionary<string, RoleApiSchema>> ReadAsync(IApiSchemas schemas, List<string> roles, CancellationToken cancellationToken)
    {
        var known = roles.FindAll(r => schemas.Roles.Count == 0 || schemas.Roles.Contains(r) || schemas is ComputedApiSchemas);
        var read = await schemas.ReadAsync(known, Backend, cancellationToken).ConfigureAwait(false);
        return known.Zip(read).ToDictionary(p => p.First, p => p.Second, StringComparer.Ordinal);
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
