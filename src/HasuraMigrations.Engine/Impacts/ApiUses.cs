using HasuraMigrations.Engine.Metadata.Api;
using HasuraMigrations.Engine.Metadata.Api.Types;

namespace HasuraMigrations.Engine.Impacts;

/// <summary>
/// Which types follow from which members: a type that nothing leads to any more is gone by what took the last use of it away, and one that is new
/// is there by what leads to it.
/// </summary>
internal sealed class ApiUses(ApiSchema before, ApiSchema after)
{
    /// <summary>Gives types without a cause that of a member that names them; and so on.</summary>
    /// <param name="changes">The changes.</param>
    /// <param name="causes">Causes by path.</param>
    internal void Spread(IReadOnlyList<HasuraApiChange> changes, Dictionary<string, ApiCause> causes)
    {
        var waiting = changes.Where(c => c.Criterion is ApiCriterion.TypeRemoved or ApiCriterion.TypeAdded && !causes.ContainsKey(c.Path)).ToDictionary(c => c.Path, StringComparer.Ordinal);
        var members = changes.Where(c => !waiting.ContainsKey(c.Path)).ToList();
        if (waiting.Count == 0)
        {
            return;
        }

        var work = new Queue<(string Path, ApiCause Cause)>(members.Where(m => causes.ContainsKey(m.Path)).Select(m => (m.Path, causes[m.Path])));
        while (work.TryDequeue(out var next) && waiting.Count > 0)
        {
            foreach (var type in TypesAt(before, next.Path).Concat(TypesAt(after, next.Path)).Where(waiting.ContainsKey).ToList())
            {
                if (waiting.Remove(type))
                {
                    causes[type] = next.Cause;
                    work.Enqueue((type, next.Cause));
                }
            }
        }
    }

    /// <summary>The types that stand at a path, of all members where it is a type.</summary>
    internal static IEnumerable<string> TypesAt(ApiSchema schema, string path)
    {
        var (name, member, argument) = ApiOwners.Split(path);
        if (schema.Find(name) is not { } type)
        {
            yield break;
        }

        foreach (var field in type.Fields.Where(f => member is null || f.Name == member))
        {
            if (argument is null)
            {
                yield return field.Type.Name;
            }

            foreach (var one in field.Arguments.Where(a => argument is null || a.Name == argument))
            {
                yield return one.Type.Name;
            }
        }

        foreach (var field in type.InputFields.Where(f => member is null || f.Name == member))
        {
            yield return field.Type.Name;
        }
    }
}
