using HasuraMigrations.Engine.Metadata.Api;
using HasuraMigrations.Engine.Metadata.Api.Types;
using HasuraMigrations.Engine.Metadata.Operations;
using HasuraMigrations.Engine.Metadata.Schema;

namespace HasuraMigrations.Engine.Impacts;

/// <summary>Whether a role can run a stored query.</summary>
/// <param name="Query">The query.</param>
/// <param name="Role">The role.</param>
/// <param name="Endpoints">The REST endpoints that run it.</param>
/// <param name="HasRoots">The role has every root field of it.</param>
/// <param name="Problem">Why the role cannot, in sentences; null where it can.</param>
internal sealed record StoredQueryCheck(ObjectId Query, string Role, IReadOnlyList<string> Endpoints, bool HasRoots, string? Problem);

/// <summary>The queries of collections and of REST endpoints, looked at with the schema of each role.</summary>
internal static class StoredQueries
{
    /// <summary>Which role can run which query; what a part of a schema that is not known may have is no problem.</summary>
    /// <param name="state">The document and its databases.</param>
    /// <param name="roles">The roles; null for those of the document.</param>
    internal static IReadOnlyList<StoredQueryCheck> Check(MetadataState state, IEnumerable<string>? roles = null)
    {
        var queries = StoredOperations.Read(state.Readable).Where(o => o.IsReadable).ToList();
        if (queries.Count == 0 || state.Cache.HardError is not null)
        {
            return [];
        }

        var builder = new ApiSchemaBuilder(state, new ApiSettings { Era = state.Era });
        var found = new List<StoredQueryCheck>();
        foreach (var role in roles ?? builder.Roles)
        {
            var validator = new OperationValidator(builder.Build(role), queries);
            found.AddRange(from query in queries
                           group query by (query.Source.Collection, query.Source.Key) into one
                           let problems = one.SelectMany(validator.Problems).Where(p => !p.IsTolerated && p.Hole is null).Select(p => p.Message).Distinct().ToList()
                           select new StoredQueryCheck(ObjectId.OfGlobal(ObjectKind.CollectionQuery, one.Key.Collection ?? "", one.Key.Key ?? ""), role, one.First().Source.Endpoints, one.All(validator.HasRoots), problems.Count == 0 ? null : string.Join(" ", problems)));
        }

        return found;
    }
}
