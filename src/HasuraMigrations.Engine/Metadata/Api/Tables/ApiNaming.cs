using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Json;

namespace HasuraMigrations.Engine.Metadata.Api.Tables;

/// <summary>How the names of a source are made: its naming convention, prefixes and suffixes.</summary>
internal sealed class ApiNaming
{
    private readonly string? _rootPrefix;
    private readonly string? _rootSuffix;
    private readonly string? _typePrefix;
    private readonly string? _typeSuffix;

    internal ApiNaming(ApiFeatures features, JsonNode? customization)
    {
        Features = features;
        if (features.IsVersion1)
        {
            return;
        }

        IsGraphQL = features.HasNaming && (customization.Get("naming_convention").AsText() ?? features.Settings.DefaultNamingConvention) == "graphql-default";
        var (roots, types) = (customization.Get("root_fields"), customization.Get("type_names"));
        (_rootPrefix, _rootSuffix, Namespace) = (Given(roots, "prefix"), Given(roots, "suffix"), Given(roots, "namespace"));
        (_typePrefix, _typeSuffix) = (Given(types, "prefix"), Given(types, "suffix"));
    }

    /// <summary>What the server has.</summary>
    internal ApiFeatures Features { get; }

    /// <summary>The convention is graphql-default.</summary>
    internal bool IsGraphQL { get; }

    /// <summary>The field that all root fields of the source move into; null for none.</summary>
    internal string? Namespace { get; }

    /// <summary>Scalars and arguments of functions follow graphql-default, too.</summary>
    internal bool IsGraphQLThroughout => IsGraphQL && Features.HasNamingOfSeptember2023;

    /// <summary>A type named after a table: its name, then words.</summary>
    internal string Type(ApiIdentifier name, string words = "") => Customized(BareType(name, words));

    /// <summary>The same without prefix and suffix.</summary>
    internal string BareType(ApiIdentifier name, string words) =>
        IsGraphQL ? Pascal(name) + Pascal(words) : $"{name.Text}{(words.Length > 0 ? "_" : "")}{words}";

    /// <summary>A type whose words an early server left as they are.</summary>
    /// <param name="name">The name.</param>
    /// <param name="words">What comes behind it.</param>
    /// <param name="isNamed">The server does not.</param>
    internal string Type(ApiIdentifier name, string words, bool isNamed) => Customized(BareType(name, words, isNamed));

    /// <summary>The same without prefix and suffix.</summary>
    internal string BareType(ApiIdentifier name, string words, bool isNamed) =>
        IsGraphQL && !isNamed ? $"{Pascal(name)}_{words}" : BareType(name, words);

    /// <summary>A type of the server's own, such as order_by, without prefix and suffix.</summary>
    internal string SharedType(string words) => IsGraphQL ? Pascal(words) : words;

    /// <summary>Puts prefix and suffix around the name of a type.</summary>
    internal string Customized(string type) => Around(type, _typePrefix, _typeSuffix);

    /// <summary>The field, argument or operator that a server names so.</summary>
    internal string Word(string words) => IsGraphQL ? Field(new ApiIdentifier(words)) : words;

    /// <summary>A name as a field.</summary>
    internal string Field(ApiIdentifier name) => !IsGraphQL || name.IsCustom ? name.Text : Lower(name.Pieces.First()) + string.Concat(name.Pieces.Skip(1).Select(Upper));

    /// <summary>A name with words before and behind it, as a field.</summary>
    internal string Field(string before, ApiIdentifier name, string behind)
    {
        if (!IsGraphQL)
        {
            return $"{before}{(before.Length > 0 ? "_" : "")}{name.Text}{(behind.Length > 0 ? "_" : "")}{behind}";
        }

        return (before.Length > 0 ? Field(new ApiIdentifier(before)) + string.Concat(name.Pieces.Select(Upper)) : Field(name)) + Pascal(behind);
    }

    /// <summary>Puts prefix and suffix around the name of a root field.</summary>
    internal string Root(string name) => Around(name, _rootPrefix, _rootSuffix);

    /// <summary>A name that the metadata gives stays as it is; all pieces of another one get a large first letter.</summary>
    internal static string Pascal(ApiIdentifier name) => name.IsCustom ? name.Text : string.Concat(name.Pieces.Select(Upper));

    /// <summary>Words with large first letters.</summary>
    internal static string Pascal(string words) => words.Length == 0 ? "" : string.Concat(ApiIdentifier.PiecesOf(words).Select(Upper));

    /// <summary>A text with a large first letter.</summary>
    internal static string Upper(string text) => text.Length > 0 && char.IsAsciiLetterLower(text[0]) ? char.ToUpperInvariant(text[0]) + text[1..] : text;

    /// <summary>A text with a small first letter.</summary>
    internal static string Lower(string text) => text.Length > 0 && char.IsAsciiLetterUpper(text[0]) ? char.ToLowerInvariant(text[0]) + text[1..] : text;

    private string Around(string name, string? prefix, string? suffix) =>
        IsGraphQL ? $"{prefix}{(prefix is null ? name : Upper(name))}{Upper(suffix ?? "")}"
        : prefix is null && suffix is null ? name
        : $"{prefix}{name}{suffix}";

    private static string? Given(JsonNode? node, string key) => node.Get(key).AsText() is { Length: > 0 } text ? text : null;
}
