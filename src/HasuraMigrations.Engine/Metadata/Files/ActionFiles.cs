using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Json;

namespace HasuraMigrations.Engine.Metadata.Files;

/// <summary>
/// Actions and custom types as two files: <c>actions.graphql</c> holds their signatures, <c>actions.yaml</c> the rest. Hasura's
/// CLI finds its own text in both; what it would lose stands in <c>actions.yaml</c> where it does not look.
/// </summary>
internal static class ActionFiles
{
    private const int MaximumReported = 20;

    /// <summary>Joins the two files, in the order of the SDL. What a later export would lose or change is a finding.</summary>
    /// <param name="sdl">Text of <c>actions.graphql</c>; null where it is missing.</param>
    /// <param name="sdlFile">Its path.</param>
    /// <param name="yaml">Content of <c>actions.yaml</c>, which is taken apart; null where it is missing or empty.</param>
    /// <param name="yamlFile">Its path.</param>
    /// <param name="positions">Knows the nodes of <paramref name="yaml"/>, and learns the new ones.</param>
    /// <param name="findings">Takes warnings.</param>
    /// <returns>The values of the keys <c>actions</c> and <c>custom_types</c>; null where there are none.</returns>
    /// <exception cref="HasuraMigrationException">SdlInvalid, SdlNotSupported, ActionNotInSdl, ActionTypeNotInSdl,
    /// ActionsFileInvalid; all of them are its findings.</exception>
    internal static (JsonArray? Actions, JsonObject? CustomTypes) Read(string? sdl, string sdlFile, JsonNode? yaml, string yamlFile, MetadataPositions positions, List<Finding> findings)
    {
        var found = new List<Finding>();
        var declared = new SdlReader(new SdlText(sdl ?? "", sdlFile), positions, found).Read();
        // Entries would all be missing from SDL that could not be read.
        var result = found.Exists(f => f.Id == "SdlInvalid") ? default : new ActionsYamlReader(declared, yamlFile, positions, found).Join(yaml);
        findings.AddRange(found.Where(f => f.Severity != FindingSeverity.Error));
        var errors = found.Where(f => f.Severity == FindingSeverity.Error).ToList();
        return errors.Count == 0 ? result : throw Refused(errors);
    }

    /// <summary>The two files of actions and custom types.</summary>
    /// <param name="actions">Value of the key <c>actions</c>; null for none.</param>
    /// <param name="customTypes">Value of the key <c>custom_types</c>; null for none.</param>
    /// <param name="style">Layout of the SDL.</param>
    /// <exception cref="HasuraMigrationException">ActionsNotWritable: something has no place in the two files.</exception>
    internal static (string Sdl, JsonObject Yaml) Write(JsonNode? actions, JsonNode? customTypes, SdlStyle style)
    {
        if (customTypes is not (null or JsonObject))
        {
            throw ActionNodes.NotWritable("'custom_types' is not a map");
        }

        var list = ActionNodes.Objects(actions, "actions").ToList();
        var types = customTypes as JsonObject;
        var text = new SdlWriter(style).Write(list, types);
        var found = new List<Finding>();
        new SdlReader(new SdlText(text, "actions.graphql"), new MetadataPositions(), found).Read();
        return found.Find(f => f.Severity == FindingSeverity.Error) is { } error
            ? throw ActionNodes.NotWritable($"the result would not be valid at line {error.Line}: {error.Message.TrimEnd('.')}")
            : (text, ActionsYamlWriter.Write(list, types));
    }

    private static HasuraMigrationException Refused(List<Finding> errors) =>
        new(errors[0].Id, Describe(errors[0]), errors[0].File, lines: [.. errors.Take(MaximumReported).Skip(1).Select(Describe), .. errors.Count > MaximumReported ? [$"and {errors.Count - MaximumReported} more"] : Array.Empty<string>()])
        {
            File = errors[0].File,
            Line = errors[0].Line,
            Column = errors[0].Column,
            Findings = errors,
        };

    private static string Describe(Finding error) =>
        $"The file '{error.File}' is not valid: {(error.Line is { } line ? $"line {line}{(error.Column is { } column ? $", column {column}" : "")}: " : "")}{error.Message}";
}
