using System.Management.Automation;
using HasuraMigrations.Abstractions;
using HasuraMigrations.Completion;
using HasuraMigrations.Engine.Connections;
using HasuraMigrations.Engine.Impacts;
using HasuraMigrations.Engine.Metadata.Api;
using HasuraMigrations.Engine.Metadata.Api.Types;
using HasuraMigrations.Engine.Metadata.Files;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Metadata.Operations;
using HasuraMigrations.Engine.Projects;
using HasuraMigrations.Engine.Proofs;

namespace HasuraMigrations.Commands;

/// <summary>Tests which role can run the operations of clients and of the metadata, and which of them a change breaks.</summary>
/// <remarks>
/// <para>
/// Validates operations of GraphQL against the schema of a role: those in files of clients (-Path), and those that the metadata stores for its
/// allow list, its REST endpoints and in its collections. Without any of these parameters, all stored operations are tested.
/// </para>
/// <para>
/// The schemas are those of the target of the connection parameters, or of the project with -Sandbox, or those that -Schema names. With
/// -Pending, the schemas of a database before and after its pending migrations and the metadata of the project are compared in a throwaway
/// database; with -ReferenceSchema, the old schemas come from anywhere. An operation that stops working has the status Breaks.
/// </para>
/// <para>
/// Without -Role, an operation is tested for admin, who may do everything, and for each role that has all of its root fields; one that the
/// allow list permits to some roles only, for these. An operation that even admin cannot run is reported once.
/// </para>
/// <para>
/// All files of one call share their fragments, as client tools do: a fragment is looked for in the file of the operation, then in the nearest
/// directory. Fields with @client are not sent to a server, and are left out. In a directory, the files .graphql and .gql count; persisted
/// operations are JSON files that are named themselves.
/// </para>
/// <para>
/// What a server takes although GraphQL forbids it, such as a variable that is not used, is no reason for Invalid, and is reported as a problem
/// of severity Warning. Where a part of the schema is not known, such as a remote schema whose SDL was not given, what it may have is Unknown.
/// </para>
/// </remarks>
/// <input cref="string">Paths of files and directories.</input>
/// <input cref="FileInfo">Files.</input>
/// <output cref="HasuraOperation">One for each operation and role, of those that have a problem or another status than Valid; with -IncludeValid, of all.</output>
/// <notes>
/// Values of variables are not known, so they are not tested. A result is not an error without -FailOn. No operation in the files of -Path is
/// an error, so that a wrong path does not pass.
/// </notes>
/// <seealso cref="CompareHasuraApiSchemaCommand"/>
/// <seealso cref="ExportHasuraApiSchemaCommand"/>
/// <seealso cref="MeasureHasuraImpactCommand"/>
[Cmdlet(VerbsDiagnostic.Test, "HasuraOperation", HelpUri = HelpPages.Base + "Test-HasuraOperation.md")]
[OutputType(typeof(HasuraOperation))]
public sealed class TestHasuraOperationCommand : HasuraApiCmdlet
{
    private readonly List<string> _paths = [];
    private int _count;

    /// <summary>
    /// Files with operations, and directories, which are read with those below them. Wildcards are accepted. Files with the extension .json are
    /// persisted operations: a map of hashes and texts, or the manifest of Apollo.
    /// </summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("FullName")]
    [ValidateNotNullOrEmpty]
    public string[]? Path { get; set; }

    /// <summary>Tests the operations of the collections in the allow list.</summary>
    [Parameter]
    public SwitchParameter AllowList { get; set; }

    /// <summary>Tests the operations that REST endpoints run.</summary>
    [Parameter]
    public SwitchParameter RestEndpoint { get; set; }

    /// <summary>Tests the operations of the query collections with these names. Wildcards are accepted.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[]? QueryCollection { get; set; }

    /// <summary>The roles. Without it, those that fit each operation.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(RoleCompleter))]
    public string[]? Role { get; set; }

    /// <summary>
    /// The schemas: a file in SDL or of an introspection, a directory that Export-HasuraApiSchema wrote, a connection object, a connection
    /// string, or the URL of a server. Without it, the target of the connection parameters is used.
    /// </summary>
    [Parameter]
    [ValidateNotNull]
    public object? Schema { get; set; }

    /// <summary>The schemas before a change, in the same forms as -Schema. Operations that could be run with them have the status Breaks if they cannot any more.</summary>
    [Parameter]
    [ValidateNotNull]
    public object? ReferenceSchema { get; set; }

    /// <inheritdoc cref="ExportHasuraApiSchemaCommand.Sandbox"/>
    [Parameter]
    public SwitchParameter Sandbox { get; set; }

    /// <summary>
    /// Tests the schemas that the pending migrations of a database and the metadata of the project will make, against those of now. Both are
    /// computed with a copy of the schema of the database, made by pg_dump without rows.
    /// </summary>
    [Parameter]
    public SwitchParameter Pending { get; set; }

    /// <summary>With -Pending, name of the database with the migrations. It is required if the project has several databases.</summary>
    [Parameter]
    [Alias("DatabaseName")]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(DatabaseCompleter))]
    public string? Database { get; set; }

    /// <summary>Writes the operations without a problem, too.</summary>
    [Parameter]
    public SwitchParameter IncludeValid { get; set; }

    /// <summary>Makes operations of this status, and of worse ones, a terminating error after all are written: Breaks, Invalid or Unknown.</summary>
    [Parameter]
    public HasuraOperationLimit? FailOn { get; set; }

    private bool IsStored => AllowList || RestEndpoint || QueryCollection is not null || !MyInvocation.BoundParameters.ContainsKey(nameof(Path));

    private protected override void OnBegin()
    {
        var given = new[] { nameof(Schema), nameof(Sandbox), nameof(Pending) }.Where(n => MyInvocation.BoundParameters.TryGetValue(n, out var value) && value is not SwitchParameter { IsPresent: false }).ToList();
        if (Pending && ReferenceSchema is not null)
        {
            given.Add(nameof(ReferenceSchema));
        }

        if (given.Count > 1 && (Schema is not null || Pending))
        {
            throw new HasuraMigrationException("ConnectionAmbiguous", $"-{given[0]} and -{given[1]} exclude each other.");
        }
    }

    private protected override void OnRecord()
    {
        foreach (var path in Path ?? [])
        {
            var full = ResolvePath(path);
            _paths.AddRange(File.Exists(full) || Directory.Exists(full) || !WildcardPattern.ContainsWildcardCharacters(path) ? [full] : Matches(path));
        }
    }

    private protected override void OnEnd()
    {
        // An empty pipeline asks for nothing.
        if (MyInvocation.ExpectingInput && _paths.Count == 0)
        {
            WriteVerbose("No path came through the pipeline.");
            return;
        }

        var settings = ReadSettings();
        var files = _paths.Count == 0 ? [] : OperationFiles.Read(_paths, WriteVerbose);
        if (_paths.Count > 0 && files.Count == 0)
        {
            throw new HasuraMigrationException("OperationNotFound", $"There is no operation in '{string.Join("', '", _paths)}'.", _paths[0]) { File = _paths[0] };
        }

        var schemaFiles = Schema is null ? null : PlaceOf(Schema);
        var project = OpenProjectOrNone(isNeeded: Sandbox || Pending || (IsStored && schemaFiles is not null));
        IReadOnlyList<HasuraOperation> results = [];
        if (Pending)
        {
            results = TestPending(project, files, settings);
        }
        else
        {
            var document = Sandbox || (IsStored && schemaFiles is not null) ? DocumentOf(new MetadataInput(MetadataFiles.Read(project))) : null;
            var reference = ReferenceSchema is null ? null : PlaceOf(ReferenceSchema);
            var old = Places(project, ReferenceSchema, ReferenceSchema is not null && reference is null);
            var places = Places(project, Schema, schemaFiles is null && !Sandbox);
            RunAsync(async cancellationToken =>
            {
                var before = reference ?? (old is null ? null : await ReadAsync(old, project, settings, cancellationToken).ConfigureAwait(false));
                var now = schemaFiles ?? (places is null
                    ? await new ProjectApi(ReadProof(), Informed).ReadAsync(project, document!, settings, cancellationToken).ConfigureAwait(false)
                    : await ReadAsync(places, project, settings, cancellationToken).ConfigureAwait(false));
                var stored = !IsStored ? [] : Stored(document ?? await ExportAsync(places!, project, cancellationToken).ConfigureAwait(false));
                results = await TestAsync([.. files, .. stored], now, before, cancellationToken).ConfigureAwait(false);
            });
        }

        Write(results);
    }

    private IReadOnlyList<HasuraOperation> TestPending(HasuraProject project, IReadOnlyList<Operation> files, ApiSettings settings)
    {
        var database = DatabaseSelection.Select(project, Database is null ? null : [Database], isAllByDefault: false)[0];
        var document = DocumentOf(new MetadataInput(MetadataFiles.Read(project)));
        var connection = new ConnectionResolver(project, ReadRequest(), databaseCount: 1).Resolve(database);
        IReadOnlyList<HasuraOperation> results = [];
        RunAsync(async cancellationToken =>
        {
            var proof = ReadProof();
            var plan = await PendingChange.PlanAsync(project, database, connection, [], proof.Variables, cancellationToken).ConfigureAwait(false);
            var live = await LiveMetadata.ReadAsync(project, connection, cancellationToken).ConfigureAwait(false);
            var others = await OnPipelineAsync(() => ReadDatabases(project, document)).ConfigureAwait(false);
            var (before, after) = await new ImpactCopy(project, [(database, connection)], proof, Informed).UseAsync(
                live ?? document,
                document,
                others,
                async measurer =>
                {
                    await measurer.MeasureAsync(plan, cancellationToken).ConfigureAwait(false);
                    return measurer.ReadApi(settings);
                },
                cancellationToken).ConfigureAwait(false);
            results = await TestAsync([.. files, .. IsStored ? Stored(document) : []], after, before, cancellationToken).ConfigureAwait(false);
        });
        return results;
    }

    private async Task<IReadOnlyList<HasuraOperation>> TestAsync(IReadOnlyList<Operation> operations, IApiSchemas now, IApiSchemas? before, CancellationToken cancellationToken)
    {
        IReadOnlyList<IApiSchemas> sides = before is null ? [now] : [now, before];
        RequireRemoteSchemas(sides);
        // Where one side takes any role, none is unknown.
        RequireRoles(Role ?? [], sides.Any(s => s.NamedRoles.Count == 0) ? [] : [.. sides.SelectMany(s => s.NamedRoles).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)]);
        _count = operations.Count;
        await OnPipelineAsync(() => WarnOfInconsistencies(now)).ConfigureAwait(false);
        // A hole that all roles have is told once.
        var told = new HashSet<string>(StringComparer.Ordinal);
        void Told(RoleApiSchema schema)
        {
            foreach (var sentence in schema.Holes.Concat(schema.Faults).Where(told.Add))
            {
                PostToPipeline(() => WriteWarning(sentence));
            }
        }

        return await new OperationTest(operations, Role, Backend).RunAsync(now, before, Told, cancellationToken).ConfigureAwait(false);
    }

    private IReadOnlyList<Operation> Stored(MetadataDocument document)
    {
        var isAll = !AllowList && !RestEndpoint && QueryCollection is null;
        var patterns = QueryCollection?.Select(c => new WildcardPattern(c, WildcardOptions.None)).ToList() ?? [];
        return StoredOperations.Read(document, new StoredSelection(AllowList, RestEndpoint, name => isAll || patterns.Exists(p => p.IsMatch(name))));
    }

    private static async Task<MetadataDocument> ExportAsync(MetadataPlaces places, HasuraProject project, CancellationToken cancellationToken)
    {
        var target = MetadataTargets.Open(places, project);
        await using (target.ConfigureAwait(false))
        {
            return (await target.ExportAsync(cancellationToken).ConfigureAwait(false)).Document;
        }
    }

    private IEnumerable<string> Matches(string path)
    {
        var found = SessionState.Path.GetResolvedProviderPathFromPSPath(path, out _);
        return found.Count > 0 ? found : throw new HasuraMigrationException("FileUnreadable", $"No file or directory matches '{path}'.", path);
    }

    private void Write(IReadOnlyList<HasuraOperation> results)
    {
        if (results.Count == 0)
        {
            WriteWarning("There is no operation to test.");
            return;
        }

        foreach (var result in results.Where(r => IncludeValid || r.Status != HasuraOperationStatus.Valid || r.Problems.Count > 0))
        {
            WriteObject(result);
        }

        var roles = results.Select(r => r.Role).OfType<string>().Distinct(StringComparer.Ordinal).Count();
        var counts = results.GroupBy(r => r.Status).OrderBy(g => g.Key).Select(g => $"{g.Count()} {g.Key.ToString().ToLowerInvariant()}");
        WriteSummary($"Tested {Count(_count, "operation")} for {Count(roles, "role")}: {string.Join(", ", counts)}.");
        var failed = FailOn is not { } limit ? [] : results.Where(r => r.Status >= StatusOf(limit)).ToList();
        if (failed.Count > 0)
        {
            var first = failed.MaxBy(f => f.Status)!;
            throw new HasuraMigrationException("OperationInvalid", $"{Count(failed.Count, "operation")} of the status {FailOn}{(FailOn == HasuraOperationLimit.Breaks ? "" : " or worse")}. {first}", first.Name) { File = first.File, Line = first.Line, Column = first.Column };
        }
    }

    private static HasuraOperationStatus StatusOf(HasuraOperationLimit limit) => limit switch
    {
        HasuraOperationLimit.Breaks => HasuraOperationStatus.Breaks,
        HasuraOperationLimit.Invalid => HasuraOperationStatus.Invalid,
        _ => HasuraOperationStatus.Unknown,
    };

    private static string Count(int count, string noun) => $"{count} {noun}{(count == 1 ? "" : "s")}";
}
