using System.Diagnostics;
using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Metadata.Api.Changes;
using HasuraMigrations.Engine.Processes;

namespace HasuraMigrations.Engine.Tests.Metadata.Api;

/// <summary>
/// graphql-js, which tells breaking and dangerous changes of two schemas. It is installed by npm into a temporary directory, and runs in a
/// process of its own that answers line by line.
/// </summary>
internal sealed class GraphqlJs : IDisposable
{
    private const string Package = "graphql@16";

    private const string Script = """
        const { buildClientSchema, findBreakingChanges, findDangerousChanges } = require('graphql');
        const known = new Map();
        const paths = {
          TYPE_REMOVED: [/^(?:Standard scalar )?(\w+) was removed/, m => m[1]],
          TYPE_CHANGED_KIND: [/^(\w+) changed from/, m => m[1]],
          TYPE_REMOVED_FROM_UNION: [/^(\w+) was removed from union type (\w+)\.$/, m => `${m[2]}.${m[1]}`],
          VALUE_REMOVED_FROM_ENUM: [/^(\w+) was removed from enum type (\w+)\.$/, m => `${m[2]}.${m[1]}`],
          REQUIRED_INPUT_FIELD_ADDED: [/^A required field (\w+) on input type (\w+) was added\.$/, m => `${m[2]}.${m[1]}`],
          IMPLEMENTED_INTERFACE_REMOVED: [/^(\w+) no longer implements interface (\w+)\.$/, m => `${m[1]}.${m[2]}`],
          FIELD_REMOVED: [/^(\w+\.\w+) was removed\.$/, m => m[1]],
          FIELD_CHANGED_KIND: [/^(\w+\.\w+) changed type from/, m => m[1]],
          REQUIRED_ARG_ADDED: [/^A required arg (\w+) on (\w+\.\w+) was added\.$/, m => `${m[2]}(${m[1]})`],
          ARG_REMOVED: [/^(\w+\.\w+) arg (\w+) was removed\.$/, m => `${m[1]}(${m[2]})`],
          ARG_CHANGED_KIND: [/^(\w+\.\w+) arg (\w+) has changed type/, m => `${m[1]}(${m[2]})`],
          DIRECTIVE_REMOVED: [/^(\w+) was removed\.$/, m => `@${m[1]}`],
          DIRECTIVE_ARG_REMOVED: [/^(\w+) was removed from (\w+)\.$/, m => `@${m[2]}(${m[1]})`],
          REQUIRED_DIRECTIVE_ARG_ADDED: [/^A required arg (\w+) on directive (\w+) was added\.$/, m => `@${m[2]}(${m[1]})`],
          DIRECTIVE_REPEATABLE_REMOVED: [/^Repeatable flag was removed from (\w+)\.$/, m => `@${m[1]}`],
          DIRECTIVE_LOCATION_REMOVED: [/^(\w+) was removed from (\w+)\.$/, m => `@${m[2]}`],
          VALUE_ADDED_TO_ENUM: [/^(\w+) was added to enum type (\w+)\.$/, m => `${m[2]}.${m[1]}`],
          TYPE_ADDED_TO_UNION: [/^(\w+) was added to union type (\w+)\.$/, m => `${m[2]}.${m[1]}`],
          OPTIONAL_INPUT_FIELD_ADDED: [/^An optional field (\w+) on input type (\w+) was added\.$/, m => `${m[2]}.${m[1]}`],
          OPTIONAL_ARG_ADDED: [/^An optional arg (\w+) on (\w+\.\w+) was added\.$/, m => `${m[2]}(${m[1]})`],
          IMPLEMENTED_INTERFACE_ADDED: [/^(\w+) added to interfaces implemented by (\w+)\.$/, m => `${m[2]}.${m[1]}`],
          ARG_DEFAULT_VALUE_CHANGE: [/^(\w+\.\w+) arg (\w+) (?:has changed defaultValue|defaultValue was removed)/, m => `${m[1]}(${m[2]})`],
        };
        const read = node => buildClientSchema(node.data, { assumeValid: true });
        const text = (change, level) => {
          const [pattern, path] = paths[change.type];
          const match = pattern.exec(change.description);
          return `${match ? path(match) : change.description} ${change.type} ${level}`;
        };
        require('readline').createInterface({ input: process.stdin }).on('line', line => {
          let answer;
          try {
            const asked = JSON.parse(line);
            if (asked.before) {
              known.set(asked.key, read(asked.before));
            }
            const before = known.get(asked.key);
            const after = read(asked.after);
            answer = { changes: [...findBreakingChanges(before, after).map(c => text(c, 'Breaking')), ...findDangerousChanges(before, after).map(c => text(c, 'Dangerous'))] };
          } catch (e) {
            answer = { error: String(e) };
          }
          process.stdout.write(JSON.stringify(answer) + '\n');
        });
        """;

    private readonly string _directory;
    private readonly Process _process;
    private readonly HashSet<string> _known = [];

    private GraphqlJs(string directory, Process process) => (_directory, _process) = (directory, process);

    /// <summary>Installs and starts it; null with the reason where that cannot be done.</summary>
    public static async Task<(GraphqlJs? Program, string? Reason)> StartAsync()
    {
        var directory = Directory.CreateTempSubdirectory("hasura-graphql-js-").FullName;
        await File.WriteAllTextAsync(Path.Combine(directory, "changes.js"), Script);
        var install = await ProgramRun.RunAsync(ProgramRun.Prepare(OperatingSystem.IsWindows() ? "npm.cmd" : "npm", "install", "--prefix", directory, "--no-audit", "--no-fund", "--ignore-scripts", Package), CancellationToken.None);
        if (!install.Succeeded)
        {
            Directory.Delete(directory, recursive: true);
            return (null, $"npm could not install {Package}: {install.Text}");
        }

        var start = ProgramRun.Prepare("node", Path.Combine(directory, "changes.js"));
        start.RedirectStandardError = false;
        start.StandardErrorEncoding = null;
        return (new GraphqlJs(directory, Process.Start(start)!), null);
    }

    /// <summary>Path, type and class of each change.</summary>
    /// <param name="key">Names the old schema, which is sent once.</param>
    /// <param name="before">The introspection of the old schema.</param>
    /// <param name="after">That of the new one.</param>
    public async Task<HashSet<string>> ChangesAsync(string key, JsonNode before, JsonNode after)
    {
        var asked = new JsonObject { ["key"] = key, ["after"] = after.DeepClone() };
        if (_known.Add(key))
        {
            asked["before"] = before.DeepClone();
        }

        await _process.StandardInput.WriteLineAsync(asked.ToJsonString());
        await _process.StandardInput.FlushAsync();
        var answer = JsonNode.Parse(await _process.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException("node has ended."))!;
        return answer["error"] is { } error
            ? throw new InvalidOperationException($"graphql-js: {error}")
            : answer["changes"]!.AsArray().Select(c => c!.GetValue<string>()).ToHashSet();
    }

    /// <summary>
    /// What graphql-js must say of changes that are reported; null for a change that it does not know. Each line that departs from its own
    /// rules has the reason.
    /// </summary>
    public static HashSet<string> Expected(IReadOnlyList<ApiChange> changes)
    {
        var retyped = changes.Where(c => c.Criterion is ApiCriterion.ArgumentTypeChanged).Select(c => c.Path).ToHashSet();
        return [.. changes.Select(c => TypeOf(c, retyped)).OfType<string>()];
    }

    /// <summary>What graphql-js says, without what it must not be compared in.</summary>
    public static HashSet<string> Comparable(HashSet<string> said) =>
    [
        // The scalars of the language are in every schema, whether it names them or not (specification, built-in scalars).
        .. said.Where(s => s.Split(' ') is not [("Int" or "Float" or "String" or "Boolean" or "ID"), "TYPE_REMOVED", _]),
    ];

    private static string? TypeOf(ApiChange change, HashSet<string> retyped)
    {
        var type = change.Criterion switch
        {
            ApiCriterion.TypeRemoved => "TYPE_REMOVED Breaking",
            ApiCriterion.TypeKindChanged => "TYPE_CHANGED_KIND Breaking",
            ApiCriterion.FieldRemoved or ApiCriterion.InputFieldRemoved => "FIELD_REMOVED Breaking",
            ApiCriterion.FieldTypeChanged or ApiCriterion.InputFieldTypeChanged => "FIELD_CHANGED_KIND Breaking",
            ApiCriterion.ArgumentRemoved => "ARG_REMOVED Breaking",
            ApiCriterion.ArgumentTypeChanged => "ARG_CHANGED_KIND Breaking",
            ApiCriterion.RequiredArgumentAdded => "REQUIRED_ARG_ADDED Breaking",
            ApiCriterion.OptionalArgumentAdded => "OPTIONAL_ARG_ADDED Dangerous",
            ApiCriterion.RequiredInputFieldAdded => "REQUIRED_INPUT_FIELD_ADDED Breaking",
            ApiCriterion.InputFieldWithDefaultAdded => "OPTIONAL_INPUT_FIELD_ADDED Dangerous",
            // No valid operation breaks, and every new column adds many: safe here, dangerous there.
            ApiCriterion.OptionalInputFieldAdded => "OPTIONAL_INPUT_FIELD_ADDED Dangerous",
            ApiCriterion.EnumValueRemoved => "VALUE_REMOVED_FROM_ENUM Breaking",
            // Nobody reads the values of some enums, such as columns: safe here, dangerous there.
            ApiCriterion.EnumValueAdded => "VALUE_ADDED_TO_ENUM Dangerous",
            ApiCriterion.UnionMemberRemoved => "TYPE_REMOVED_FROM_UNION Breaking",
            ApiCriterion.UnionMemberAdded => "TYPE_ADDED_TO_UNION Dangerous",
            ApiCriterion.InterfaceRemoved => "IMPLEMENTED_INTERFACE_REMOVED Breaking",
            ApiCriterion.InterfaceAdded => "IMPLEMENTED_INTERFACE_ADDED Dangerous",
            ApiCriterion.DirectiveRemoved => "DIRECTIVE_REMOVED Breaking",
            ApiCriterion.DirectiveArgumentRemoved => "DIRECTIVE_ARG_REMOVED Breaking",
            ApiCriterion.RequiredDirectiveArgumentAdded => "REQUIRED_DIRECTIVE_ARG_ADDED Breaking",
            ApiCriterion.DirectiveLocationRemoved => "DIRECTIVE_LOCATION_REMOVED Breaking",
            ApiCriterion.DirectiveRepeatableRemoved => "DIRECTIVE_REPEATABLE_REMOVED Breaking",
            // It tells a default only where there was one and the type remains one that accepts what it accepted. A new default is
            // dangerous here, as GraphQL Inspector has it.
            ApiCriterion.ArgumentDefaultChanged => change.Sentence.Contains("from none to", StringComparison.Ordinal) || retyped.Contains(change.Path) ? null : "ARG_DEFAULT_VALUE_CHANGE Dangerous",
            // It looks at the default alone: a call that leaves the argument out becomes invalid, which is breaking here.
            ApiCriterion.ArgumentBecameRequired => "ARG_DEFAULT_VALUE_CHANGE Dangerous",
            // It does not look at defaults of input fields.
            ApiCriterion.InputFieldDefaultChanged or ApiCriterion.InputFieldBecameRequired => null,
            // What is safe, it does not tell.
            ApiCriterion.TypeAdded or ApiCriterion.FieldAdded or ApiCriterion.FieldTypeTightened or ApiCriterion.ArgumentTypeLoosened or ApiCriterion.InputFieldTypeLoosened
                or ApiCriterion.DirectiveAdded or ApiCriterion.DescriptionChanged => null,
            _ => throw new InvalidOperationException($"{change.Criterion} is not in the table."),
        };
        var isSame = type is null ? change.Class == ApiChangeClass.Safe || IsUnseen(change.Criterion) : type.EndsWith($"{change.Class}", StringComparison.Ordinal) || IsOtherClass(change.Criterion);
        return !isSame ? $"{change.Path} {change.Criterion} has the class {change.Class}" : type is null ? null : $"{change.Path} {type}";
    }

    private static bool IsUnseen(ApiCriterion criterion) => criterion is ApiCriterion.ArgumentDefaultChanged or ApiCriterion.InputFieldDefaultChanged or ApiCriterion.InputFieldBecameRequired;

    private static bool IsOtherClass(ApiCriterion criterion) => criterion is ApiCriterion.OptionalInputFieldAdded or ApiCriterion.EnumValueAdded or ApiCriterion.ArgumentBecameRequired;

    public void Dispose()
    {
        _process.StandardInput.Close();
        if (!_process.WaitForExit(TimeSpan.FromSeconds(10)))
        {
            _process.Kill();
        }

        _process.Dispose();
        Directory.Delete(_directory, recursive: true);
    }
}
