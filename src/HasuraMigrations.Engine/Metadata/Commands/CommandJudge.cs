using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Metadata.Schema;

namespace HasuraMigrations.Engine.Metadata.Commands;

/// <summary>Judges what a command left inconsistent.</summary>
internal static class CommandJudge
{
    /// <summary>Judges as the command wants it.</summary>
    /// <exception cref="MetadataCommandException">The state after it is refused.</exception>
    internal static void Judge(CommandContext context, MetadataState before, MetadataState after)
    {
        switch (context.Judgement)
        {
            case Judgement.Object:
                JudgeObject(context, before.Cache, after.Cache);
                break;
            case Judgement.Strict:
                RequireBuilt(null, after.Cache);
                if (after.Cache.Inconsistencies.Found.Count > 0)
                {
                    throw new MetadataCommandException("unexpected", "cannot continue due to inconsistent metadata", details: after.Cache.InconsistentObjects());
                }

                break;
            case Judgement.New:
                RequireNothingNew(before.Cache, after.Cache);
                break;
            case Judgement.Rest:
                RequireBuilt(before.Cache, after.Cache);
                if (after.Cache.Inconsistencies.Found.Where(i => !i.Id.IsInheritance).ToList() is { Count: > 0 } rest)
                {
                    throw NewlyInconsistent(rest);
                }

                break;
        }
    }

    /// <summary>Refuses inconsistencies that were not there before.</summary>
    /// <exception cref="MetadataCommandException">unexpected.</exception>
    internal static void RequireNothingNew(SchemaCache before, SchemaCache after)
    {
        RequireBuilt(before, after);
        if (after.NewSince(before) is { Count: > 0 } found)
        {
            throw new MetadataCommandException("unexpected", "cannot continue due to newly found inconsistent metadata", status: 500, details: InconsistencyList.ToJson(found));
        }
    }

    /// <summary>Refuses a schema that cannot be built at all; one that could not be built before, for the same reason, is left.</summary>
    /// <exception cref="MetadataCommandException">The error of the build.</exception>
    internal static void RequireBuilt(SchemaCache? before, SchemaCache after)
    {
        if (after.HardError is { } error && before?.HardError?.Message != error.Message)
        {
            throw error;
        }
    }

    private static void JudgeObject(CommandContext context, SchemaCache before, SchemaCache after)
    {
        RequireBuilt(before, after);
        var own = after.Inconsistencies.Found.Where(i => i.Id == context.Built).ToList();
        if (own.Count > 0)
        {
            throw new MetadataCommandException(context.Era.IsVersion1 ? "constraint-violation" : "invalid-configuration", string.Join(", ", own.Select(i => i.Reason)), details: InconsistencyList.ToJson(own));
        }

        if (after.NewSince(before) is { Count: > 0 } others)
        {
            throw NewlyInconsistent(others);
        }
    }

    private static MetadataCommandException NewlyInconsistent(IEnumerable<Inconsistency> found) =>
        new("unexpected", "cannot continue due to new inconsistent metadata", details: InconsistencyList.ToJson(found));
}
