using HasuraMigrations.Engine.Metadata.Model;

namespace HasuraMigrations.Engine.Metadata.Commands;

/// <summary>How commands are named: servers of version 2 put a prefix before those that work on a source.</summary>
internal static class CommandNames
{
    private const string LongPrefix = "postgres_";
    private static readonly string[] Prefixes = ["pg_", LongPrefix];
    private static readonly Version LongPrefixSince = new(2, 1);

    /// <summary>A name without the prefix of Postgres; null where it has none.</summary>
    internal static string? WithoutPrefix(string name) =>
        Prefixes.FirstOrDefault(p => name.StartsWith(p, StringComparison.Ordinal)) is { } prefix ? name[prefix.Length..] : null;

    /// <summary>What a name stands for on <c>/v1/query</c>, which takes all names; null for nothing.</summary>
    /// <param name="all">What there is, by name without prefix.</param>
    /// <param name="era">The line of servers that is spoken for.</param>
    /// <param name="name">The name.</param>
    /// <param name="isOfSource">True for what works on a source.</param>
    internal static T? Find<T>(IReadOnlyDictionary<string, T> all, MetadataEra era, string name, Func<T, bool> isOfSource)
        where T : class => all.GetValueOrDefault(name) is { } plain ? Known(plain, era, name) : FindPrefixed(all, era, name, isOfSource);

    /// <summary>What a name stands for on <c>/v1/metadata</c>, which wants the prefix where there is a source; null for nothing.</summary>
    /// <param name="all">What there is, by name without prefix.</param>
    /// <param name="era">The line of servers that is spoken for.</param>
    /// <param name="name">The name.</param>
    /// <param name="isOfSource">True for what works on a source.</param>
    internal static T? FindOfMetadata<T>(IReadOnlyDictionary<string, T> all, MetadataEra era, string name, Func<T, bool> isOfSource)
        where T : class => all.GetValueOrDefault(name) is { } plain && !isOfSource(plain) ? Known(plain, era, name) : FindPrefixed(all, era, name, isOfSource);

    private static T? FindPrefixed<T>(IReadOnlyDictionary<string, T> all, MetadataEra era, string name, Func<T, bool> isOfSource)
        where T : class => WithoutPrefix(name) is { } bare && (era.Version >= LongPrefixSince || !name.StartsWith(LongPrefix, StringComparison.Ordinal)) && CommandVersions.HasPrefix(era, bare) && all.GetValueOrDefault(bare) is { } found && isOfSource(found) ? Known(found, era, bare) : null;

    private static T? Known<T>(T found, MetadataEra era, string name)
        where T : class => CommandVersions.IsKnown(era, name) ? found : null;
}
