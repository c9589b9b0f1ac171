using HasuraMigrations.Engine.Metadata.Api;

namespace HasuraMigrations.Engine.Metadata.Operations;

/// <summary>
/// Tests which role can run which operation. Without roles that are asked for, an operation is tested for the roles that the metadata
/// allows it to, else for admin, who may do everything, and for each role that has all of its root fields: who lacks one was never
/// meant to run it.
/// </summary>
/// <param name="operations">The operations.</param>
/// <param name="roles">The roles; null for those that fit each operation.</param>
/// <param name="isBackend">Requests come from a backend.</param>
public sealed class OperationTest(IReadOnlyList<Operation> operations, IReadOnlyList<string>? roles, bool isBackend)
{
    private const string Admin = "admin";

    /// <summary>Tests them; results come in the order of operations and roles.</summary>
    /// <param name="now">The schemas that count.</param>
    /// <param name="before">The schemas before a change; null for none.</param>
    /// <param name="inform">Is told of each schema.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="HasuraMigrationException">The errors of reading schemas.</exception>
    public async Task<IReadOnlyList<HasuraOperation>> RunAsync(IApiSchemas now, IApiSchemas? before, Action<RoleApiSchema> inform, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(now);
        ArgumentNullException.ThrowIfNull(inform);
        var readable = operations.Where(o => o.IsReadable).ToList();
        var results = new Dictionary<(Operation Operation, string Role), (HasuraOperation Result, bool HasRoots)>();
        var admins = new Dictionary<IApiSchemas, RoleApiSchema>(ReferenceEqualityComparer.Instance);
        var all = RolesOf(now, before);
        foreach (var role in readable.Count == 0 ? [] : all)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var after = await ValidatorAsync(now, role).ConfigureAwait(false);
            // A role that is new could do nothing before.
            var old = before is not null && (before.Roles.Count == 0 || before.Roles.Contains(role)) ? await ValidatorAsync(before, role).ConfigureAwait(false) : null;
            foreach (var operation in readable)
            {
                var result = Result(operation, role, after.Problems(operation), old?.Problems(operation));
                results[(operation, role)] = (result, after.HasRoots(operation) || old?.HasRoots(operation) == true);
            }
        }

        return [.. operations.SelectMany(o => o.IsReadable ? Meant(o, all, results) : [Result(o, null, o.Problems, null)])];

        async Task<OperationValidator> ValidatorAsync(IApiSchemas schemas, string role)
        {
            var schema = await schemas.ReadAsync(role, isBackend, cancellationToken).ConfigureAwait(false);
            inform(schema);
            // What admin has of another place is not in a part that is not known: names of root fields are there once.
            if (schema.Holes.Count > 0 && schemas.Roles.Contains(Admin) && !admins.ContainsKey(schemas))
            {
                admins[schemas] = role == Admin ? schema : await schemas.ReadAsync(Admin, isBackend, cancellationToken).ConfigureAwait(false);
            }

            return new OperationValidator(schema, readable, admins.GetValueOrDefault(schemas));
        }
    }

    private List<string> RolesOf(IApiSchemas now, IApiSchemas? before)
    {
        var all = roles ?? [.. now.Roles.Concat(before?.Roles ?? []).Concat(operations.SelectMany(o => o.Source.Roles ?? []))];
        // One schema of a file is that of whatever role is asked for.
        return all.Count == 0 ? [Admin] : [.. all.Distinct(StringComparer.Ordinal).OrderBy(r => r != Admin).ThenBy(r => r, StringComparer.Ordinal)];
    }

    private IEnumerable<HasuraOperation> Meant(Operation operation, List<string> all, Dictionary<(Operation Operation, string Role), (HasuraOperation Result, bool HasRoots)> results)
    {
        var named = roles ?? operation.Source.Roles;
        if (named is not null)
        {
            return all.Where(named.Contains).Select(r => results[(operation, r)].Result);
        }

        // What admin never could run, nobody can.
        var admin = all[0] == Admin ? results[(operation, Admin)].Result : null;
        if (admin?.Status is HasuraOperationStatus.Invalid or HasuraOperationStatus.Unknown)
        {
            return [admin];
        }

        var meant = all.Where(r => r == Admin || results[(operation, r)].HasRoots).ToList();
        return (meant.Count == 0 ? all : meant).Select(r => results[(operation, r)].Result);
    }

    private static HasuraOperation Result(Operation operation, string? role, IReadOnlyList<OperationProblem> problems, IReadOnlyList<OperationProblem>? before)
    {
        var place = problems.Count > 0 ? problems[0].Place : operation.Place;
        return new HasuraOperation
        {
            Name = operation.Name ?? operation.Source.Key,
            Kind = operation.Kind,
            Role = role,
            Status = (StatusOf(problems), before is null ? (HasuraOperationStatus?)null : StatusOf(before)) switch
            {
                (HasuraOperationStatus.Invalid, HasuraOperationStatus.Valid) => HasuraOperationStatus.Breaks,
                (HasuraOperationStatus.Valid, HasuraOperationStatus.Invalid) => HasuraOperationStatus.Mended,
                var (status, _) => status,
            },
            File = place.File,
            Line = place.Line,
            Column = place.Column,
            Collection = operation.Source.Collection,
            Endpoints = operation.Source.Endpoints,
            Problems = [.. problems.Select(p => new HasuraOperationProblem(p.Rule, p.IsTolerated ? FindingSeverity.Warning : FindingSeverity.Error, p.Place.File, p.Place.Line, p.Place.Column) { Message = p.Message, Hole = p.Hole })],
        };
    }

    private static HasuraOperationStatus StatusOf(IReadOnlyList<OperationProblem> problems) =>
        problems.All(p => p.IsTolerated) ? HasuraOperationStatus.Valid
        : problems.Any(p => !p.IsTolerated && p.Hole is null) ? HasuraOperationStatus.Invalid
        : HasuraOperationStatus.Unknown;
}
