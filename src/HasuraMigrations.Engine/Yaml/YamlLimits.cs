using HasuraMigrations.Engine.Processes;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace HasuraMigrations.Engine.Yaml;

/// <summary>
/// Refuses YAML that nests too deeply or whose aliases multiply. Readers of nodes recurse and walk into aliases; the
/// reader of events used here does neither, so it looks first.
/// </summary>
internal sealed class YamlLimits
{
    internal const int MaximumDepth = 64;
    internal const long MaximumAliasedNodes = 100_000;
    internal const string UnknownAlias = "The alias is not defined before this place. Quote a value that begins with *.";

    private readonly Dictionary<AnchorName, Size> _sizes = [];
    private readonly Stack<(AnchorName Anchor, Size Before)> _open = [];
    private Size _read;
    private Size _aliased;

    /// <exception cref="YamlException">The text is not valid YAML or beyond the limits.</exception>
    internal static void Check(string text)
    {
        var limits = new YamlLimits();
        for (var parser = new Parser(new StringReader(text)); parser.MoveNext();)
        {
            limits.Take(parser.Current!);
        }
    }

    /// <summary>Refuses aliases that stand for too much text.</summary>
    /// <exception cref="YamlException">They do.</exception>
    internal static void RequireFew(long characters, ParsingEvent at) =>
        Require(characters <= Limit.AliasedCharacters.Value, at, $"Aliases stand for more than {Limit.AliasedCharacters.Value} characters, the limit of the environment variable {Limit.AliasedCharacters.Variable}.");

    private void Take(ParsingEvent current)
    {
        switch (current)
        {
            case MappingStart or SequenceStart:
                _open.Push((((NodeEvent)current).Anchor, _read));
                _read += new Size(1, 0);
                Require(_open.Count <= MaximumDepth, current, $"Nesting is deeper than {MaximumDepth} levels.");
                break;
            case MappingEnd or SequenceEnd:
                var (anchor, before) = _open.Pop();
                Remember(anchor, _read - before);
                break;
            case AnchorAlias alias:
                // A node that is still open has no size yet, so an alias to it is refused too. The name is not told: it
                // may be a secret that begins with an asterisk and is not in quotes.
                Require(_sizes.TryGetValue(alias.Value, out var size), current, UnknownAlias);
                _read += size;
                _aliased += size;
                Require(_aliased.Nodes <= MaximumAliasedNodes, current, $"Aliases stand for more than {MaximumAliasedNodes} nodes.");
                RequireFew(_aliased.Characters, current);
                break;
            case Scalar scalar:
                var one = new Size(1, scalar.Value.Length);
                _read += one;
                Remember(scalar.Anchor, one);
                break;
        }
    }

    private void Remember(AnchorName anchor, Size size)
    {
        if (!anchor.IsEmpty)
        {
            _sizes[anchor] = size;
        }
    }

    private static void Require(bool isMet, ParsingEvent current, string message)
    {
        if (!isMet)
        {
            throw new YamlException(current.Start, current.End, message);
        }
    }

    private readonly record struct Size(long Nodes, long Characters)
    {
        public static Size operator +(Size a, Size b) => new(a.Nodes + b.Nodes, a.Characters + b.Characters);

        public static Size operator -(Size a, Size b) => new(a.Nodes - b.Nodes, a.Characters - b.Characters);
    }
}
