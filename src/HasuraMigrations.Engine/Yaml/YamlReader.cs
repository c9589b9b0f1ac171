using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace HasuraMigrations.Engine.Yaml;

/// <summary>Reads one YAML document into nodes that know their lines, within limits.</summary>
internal static class YamlReader
{
    /// <summary>The root node; null for an empty document.</summary>
    /// <param name="text">YAML text.</param>
    /// <param name="file">Full path, for errors.</param>
    /// <param name="errorId">Id of the error for text that is not valid YAML or beyond the limits.</param>
    internal static YamlNode? Read(string text, string file, string errorId)
    {
        try
        {
            return Load(text);
        }
        catch (YamlException e)
        {
            if (YamlIndentation.Repair(text, e) is { } repaired)
            {
                return Read(repaired, file, errorId);
            }

            throw new HasuraMigrationException(errorId, $"The file '{file}' is not valid YAML: line {e.Start.Line}, column {e.Start.Column}: {e.Message}", file, e)
            {
                File = file,
                Line = (int)e.Start.Line,
                Column = (int)e.Start.Column,
            };
        }
    }

    private static YamlNode? Load(string text)
    {
        YamlLimits.Check(text);
        var stream = new YamlStream();
        stream.Load(new StringReader(text));
        var root = stream.Documents.Count == 0 ? null : stream.Documents[0].RootNode;
        return root is YamlScalarNode { Style: ScalarStyle.Plain, Value: null or "" or "~" or "null" } ? null : root;
    }

    /// <summary>True where a YAML migration file holds no action: empty, null, or an empty list.</summary>
    internal static bool IsEmptyList(string text, string file) =>
        Read(text, file, "MigrationYamlInvalid") switch
        {
            null => true,
            YamlSequenceNode list => list.Children.Count == 0,
            var node => throw new HasuraMigrationException("MigrationYamlInvalid", $"The file '{file}' must hold a list of actions.", file)
            {
                File = file,
                Line = (int)node.Start.Line,
                Column = (int)node.Start.Column,
            },
        };
}
