using HasuraMigrations.Engine.Processes;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace HasuraMigrations.Engine.Yaml;

/// <summary>Bounds of YAML, so that text that nests too deep or whose aliases multiply cannot exhaust stack or memory.</summary>
internal static class YamlLimits
{
    internal const int MaximumDepth = 64;
    internal const long MaximumAliasedNodes = 100_000;
    internal const string UnknownAlias = "The alias is not defined before this place. Quote a value that begins with *.";

    /// <summary>Refuses aliases that stand for too much text.</summary>
    /// <exception cref="YamlException">They do.</exception>
    internal static void RequireFew(long characters, ParsingEvent at)
    {
        if (characters > Limit.AliasedCharacters.Value)
        {
            throw YamlMistakes.Refuse(at, $"Aliases stand for more than {Limit.AliasedCharacters.Value} characters, the limit of the environment variable {Limit.AliasedCharacters.Variable}.");
        }
    }
}
