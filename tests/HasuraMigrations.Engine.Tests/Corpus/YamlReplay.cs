using System.Text.RegularExpressions;
using HasuraMigrations.Engine.Migrations;
using YamlDotNet.Serialization;

namespace HasuraMigrations.Engine.Tests.Corpus;

/// <summary>
/// Which tables are tracked after the steps of migrations, by reading the files alone: what is tracked and untracked by
/// name, and what SQL renames or drops. A second opinion on the engine, so it shares nothing with it.
/// </summary>
internal sealed partial class YamlReplay
{
    private readonly HashSet<string> _tracked = [];

    public IEnumerable<string> Tracked => _tracked.Order(StringComparer.Ordinal);

    public void Play(SourceStep step)
    {
        var text = File.ReadAllText(step.Path!);
        if (step.Path!.EndsWith(".sql", StringComparison.Ordinal))
        {
            PlaySql(text);
        }
        else
        {
            PlayActions(new DeserializerBuilder().Build().Deserialize<object?>(text));
        }
    }

    private void PlayActions(object? actions)
    {
        foreach (var action in (actions as List<object> ?? []).OfType<Dictionary<object, object>>())
        {
            var args = action.GetValueOrDefault("args");
            switch (action["type"])
            {
                case "bulk":
                    PlayActions(args);
                    break;
                case "run_sql":
                    PlaySql(args is Dictionary<object, object> sql ? (string)sql["sql"] : (string)action["sql"]);
                    break;
                case "track_table" or "add_existing_table_or_view":
                    _tracked.Add(Name(args));
                    break;
                case "untrack_table":
                    _tracked.Remove(Name(((Dictionary<object, object>)args!)["table"]));
                    break;
                case "replace_metadata":
                    _tracked.Clear();
                    _tracked.UnionWith(((List<object>)((Dictionary<object, object>)args!)["tables"]).Cast<Dictionary<object, object>>().Select(t => Name(t["table"])));
                    break;
            }
        }
    }

    private void PlaySql(string sql)
    {
        foreach (Match match in Rename().Matches(sql))
        {
            if (_tracked.Remove(Name(match.Groups["old"].Value)))
            {
                _tracked.Add(Name(match.Groups["new"].Value));
            }
        }

        foreach (Match match in Drop().Matches(sql))
        {
            _tracked.Remove(Name(match.Groups["old"].Value));
        }
    }

    private static string Name(object? name) => name switch
    {
        string text => text.Replace("\"", "", StringComparison.Ordinal).Replace("public.", "", StringComparison.Ordinal).Trim(),
        Dictionary<object, object> { } parts => (string)parts["schema"] == "public" ? (string)parts["name"] : $"{parts["schema"]}.{parts["name"]}",
        _ => throw new FormatException($"{name} is no name."),
    };

    private const string Identifier = """((?:"[^"]+"|\w+)\.)?(?:"[^"]+"|\w+)""";

    [GeneratedRegex($"""\balter\s+(table|view)\s+(if\s+exists\s+)?(only\s+)?(?<old>{Identifier})\s+rename\s+to\s+(?<new>{Identifier})""", RegexOptions.IgnoreCase)]
    private static partial Regex Rename();

    [GeneratedRegex($"""\bdrop\s+(table|view)\s+(if\s+exists\s+)?(?<old>{Identifier})""", RegexOptions.IgnoreCase)]
    private static partial Regex Drop();
}
