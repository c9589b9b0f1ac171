using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Metadata.Checking;
using HasuraMigrations.Engine.Metadata.Commands;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Tests.Support;

namespace HasuraMigrations.Engine.Tests.Metadata.Commands;

/// <summary>Whatever is given to a command, it is carried out or refused as Hasura refuses, and never half.</summary>
public sealed class WrongArgumentTests(CommandExamples examples) : IClassFixture<CommandExamples>
{
    private static readonly string[] Unreadable = ["MetadataKeyUnknown", "MetadataKeyMissing", "MetadataValueInvalid", "MetadataDuplicate"];

    private static readonly HashSet<string> Codes =
    [
        "access-denied", "already-exists", "already-tracked", "already-untracked", "bad-request", "constraint-error", "constraint-violation", "cyclic-dependency", "data-connector-error",
        "dependency-error", "invalid-configuration", "invalid-custom-types", "invalid-headers", "invalid-params", "metadata-warnings", "not-exists", "not-found", "not-supported",
        "parse-failed", "permission-denied", "remote-schema-conflicts", "remote-schema-error", "template-resolution-failed", "unexpected", "unexpected-payload", "validation-failed",
    ];

    private static readonly string[] Junk = ["null", "5", "-1.5", "true", "\"\"", "\"text\"", "[]", "[5]", "[null]", "{}", """{"name":5}""", """{"x":{"y":[]}}""", """{"table":{"schema":"public","name":"nowhere"}}"""];

    public static TheoryData<string> Commands => [.. MetadataCommands.Names];

    [Theory]
    [MemberData(nameof(Commands))]
    public void A_command_is_carried_out_with_what_it_needs(string name)
    {
        var state = examples.State(MetadataEra.Version2);
        var args = JsonNode.Parse(CommandExamples.Arguments[name]);

        Assert.NotNull(MetadataCommands.Run(state, MetadataCommands.Find(state.Era, name, VersionOf(name))!, args).Answer);
    }

    [Theory]
    [MemberData(nameof(Commands))]
    public void Anything_else_is_refused_in_the_form_of_Hasura_or_does_no_harm(string name)
    {
        var flaws = new List<string>();
        foreach (var era in new[] { MetadataEra.Version1, MetadataEra.EarlyVersion2, MetadataEra.Version2 }.Where(e => CommandVersions.IsKnown(e, name)))
        {
            foreach (var args in LongForm.Of(Variants(JsonNode.Parse(CommandExamples.Arguments[name])), 3))
            {
                flaws.AddRange(Try(name, era, args).Select(f => $"{f} (version 1: {era.IsVersion1}) {args.ToText()}"));
            }
        }

        Assert.True(flaws.Count == 0, $"{flaws.Count} flaws: {string.Join(Environment.NewLine, flaws.Take(12))}");
    }

    // The examples whose arguments are those of version 2.
    private static int VersionOf(string name) => name is "track_function" or "set_table_custom_fields" ? 2 : 1;

    private IEnumerable<string> Try(string name, MetadataEra era, JsonNode? args)
    {
        var state = examples.State(era);
        var before = state.Root.DeepClone();
        var given = args?.DeepClone();
        var flaws = new List<string>();
        try
        {
            var outcome = MetadataCommands.Run(state, MetadataCommands.Find(state.Era, name, VersionOf(name))!, args);
            // A server does not start over a document that it cannot read.
            flaws.AddRange(MetadataInspector.Inspect(new MetadataDocument(outcome.State.Root)).Where(f => f.Severity == FindingSeverity.Error && Unreadable.Contains(f.Id)).Select(f => f.ToString()));
            if (outcome.State.Cache.HardError is { } error && state.Cache.HardError is null)
            {
                flaws.Add($"leaves a document that cannot be built: {error.Message}");
            }
        }
        catch (MetadataCommandException e)
        {
            if (!Codes.Contains(e.Code) || e.Message.Length == 0 || !e.Path.StartsWith('$'))
            {
                flaws.Add($"{e.Code} at {e.Path}: {e.Message}");
            }
        }
        catch (Exception e)
        {
            flaws.Add($"{e.GetType().Name}: {e.Message} {e.StackTrace!.Split('\n')[0].Trim()}");
        }

        if (!state.Root.SameAs(before))
        {
            flaws.Add("changed the document that was there");
        }

        if (!args.SameAs(given))
        {
            flaws.Add("changed its arguments");
        }

        return flaws;
    }

    // The arguments themselves replaced, each part of them left out, and each replaced.
    private static IEnumerable<JsonNode?> Variants(JsonNode? whole)
    {
        foreach (var junk in Junk)
        {
            yield return JsonNode.Parse(junk);
        }

        foreach (var path in Paths(whole, []))
        {
            yield return With(whole, path, null);
            foreach (var junk in Junk)
            {
                yield return With(whole, path, junk);
            }
        }
    }

    private static IEnumerable<object[]> Paths(JsonNode? node, object[] at)
    {
        var children = node switch
        {
            JsonObject map => map.Select(m => ((object)m.Key, m.Value)),
            JsonArray list => list.Select((item, index) => ((object)index, item)),
            _ => [],
        };
        foreach (var (key, value) in children)
        {
            yield return [.. at, key];
            foreach (var below in Paths(value, [.. at, key]))
            {
                yield return below;
            }
        }
    }

    private static JsonNode With(JsonNode? whole, object[] path, string? junk)
    {
        var copy = whole!.DeepClone();
        var parent = copy;
        foreach (var key in path[..^1])
        {
            parent = key is int index ? parent![index] : parent![(string)key];
        }

        switch (path[^1])
        {
            case string key when junk is null:
                parent!.AsObject().Remove(key);
                break;
            case string key:
                parent![key] = JsonNode.Parse(junk);
                break;
            case int index when junk is null:
                parent!.AsArray().RemoveAt(index);
                break;
            case int index:
                parent![index] = JsonNode.Parse(junk);
                break;
        }

        return copy;
    }
}
