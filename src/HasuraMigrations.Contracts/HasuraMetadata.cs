using System.Collections;

namespace HasuraMigrations;

/// <summary>The metadata of a target as an object that can be looked at, changed and imported again.</summary>
public sealed class HasuraMetadata
{
    /// <summary>Makes an object of metadata that was read.</summary>
    /// <param name="document">The document: ordered tables, lists, texts, numbers, booleans and null.</param>
    /// <param name="version">Metadata version.</param>
    public HasuraMetadata(IDictionary document, int version)
    {
        Document = document;
        Version = version;
    }

    /// <summary>Where it was read from, without secrets; null where unknown.</summary>
    public string? Origin { get; init; }

    /// <summary>Metadata version when it was read: 1, 2 or 3.</summary>
    public int Version { get; }

    /// <summary>Number that grows with every write; null where there is none.</summary>
    public long? ResourceVersion { get; init; }

    /// <summary>What a later import must find unchanged; null where it need not.</summary>
    public string? Token { get; init; }

    /// <summary>The document: ordered tables, lists, texts, numbers, booleans and null. It may be changed.</summary>
    public IDictionary Document { get; }

    /// <summary>Version, resource version and origin.</summary>
    public override string ToString() => $"metadata version {Version}{(ResourceVersion is null ? "" : $", resource version {ResourceVersion}")}{(Origin is null ? "" : $" of {Origin}")}";
}
