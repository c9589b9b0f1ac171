using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Json;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace HasuraMigrations.Engine.Yaml;

/// <summary>A place of a YAML file where another file is named: <c>!include x.yaml</c> as a tag or at the start of quoted text.</summary>
/// <param name="Node">Stands for the file in the tree until it is replaced by the content.</param>
/// <param name="Path">The path as written, relative to the directory of the file that names it.</param>
/// <param name="Position">Where it stands.</param>
internal sealed record YamlInclude(JsonValue Node, string Path, SourcePosition Position)
{
    /// <summary>What text begins with where it names a file.</summary>
    internal const string Prefix = $"{Tag} ";

    /// <summary>The tag of a scalar that names a file.</summary>
    internal const string Tag = "!include";

    /// <summary>True for quoted text that names a file.</summary>
    /// <param name="scalar">The scalar.</param>
    /// <param name="text">The text it was read from.</param>
    internal static bool IsText(Scalar scalar, string text)
    {
        if (scalar.Style is not (ScalarStyle.SingleQuoted or ScalarStyle.DoubleQuoted)
            || !scalar.Value.StartsWith(Prefix, StringComparison.Ordinal)
            || scalar.Value.Contains('\n', StringComparison.Ordinal))
        {
            return false;
        }

        // Only text that begins so in the file: a server's own text of that kind is written as "\x21include x". The blank behind it may be a
        // line break in the file.
        var quote = text.IndexOf(scalar.Style == ScalarStyle.SingleQuoted ? '\'' : '"', (int)scalar.Start.Index);
        return quote >= 0 && string.CompareOrdinal(text, quote + 1, Tag, 0, Tag.Length) == 0;
    }

    /// <summary>Removes those that were found behind a number of others.</summary>
    internal static void RemoveFrom(ICollection<YamlInclude> includes, int count)
    {
        foreach (var include in includes.Skip(count).ToList())
        {
            includes.Remove(include);
        }
    }
}
