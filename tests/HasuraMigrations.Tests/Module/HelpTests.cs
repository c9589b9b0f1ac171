using System.Collections.Concurrent;
using System.Management.Automation;
using System.Management.Automation.Language;
using HasuraMigrations.Tests.Support;

namespace HasuraMigrations.Tests.Module;

public sealed class HelpTests(HostedShell shell) : IClassFixture<HostedShell>
{
    private static readonly HashSet<string> OfTheShell = [.. Cmdlet.CommonParameters];
    private static readonly ConcurrentDictionary<string, PSObject> Read = new();

    public static TheoryData<string> Cmdlets =>
    [
        "Clear-HasuraMetadata", "Compare-HasuraApiSchema", "Compare-HasuraMetadata", "Connect-HasuraServer", "ConvertTo-HasuraMetadata",
        "Disconnect-HasuraServer", "Export-HasuraApiSchema", "Export-HasuraMetadata", "Export-HasuraMigrationState", "Export-HasuraReport", "Get-HasuraConnection", "Get-HasuraDependency", "Get-HasuraMetadataInconsistency",
        "Get-HasuraMigration", "Get-HasuraMigrationLog", "Get-HasuraMigrationSetting", "Get-HasuraMigrationState", "Get-HasuraProject", "Import-HasuraMetadata", "Import-HasuraMigrationState", "Invoke-HasuraMetadataApi",
        "Initialize-HasuraProject", "Invoke-HasuraMigration", "Invoke-HasuraSeed", "Measure-HasuraImpact", "Merge-HasuraMetadata", "Merge-HasuraMigration", "New-HasuraMigration", "New-HasuraSeed",
        "Publish-HasuraProject",
        "Remove-HasuraMetadataInconsistency", "Remove-HasuraMigration", "Repair-HasuraMigration",
        "Set-HasuraMigrationSetting", "Show-HasuraSchema", "Start-HasuraSandbox", "Stop-HasuraSandbox", "Test-HasuraMetadata", "Test-HasuraMigration", "Test-HasuraOperation", "Test-HasuraProject",
        "Test-HasuraServer", "Undo-HasuraMigration", "Update-HasuraMetadata", "Update-HasuraProject", "Wait-HasuraServer",
    ];

    [Fact]
    public void Every_cmdlet_is_looked_at_here() =>
        Assert.Equal(shell.Run("Get-Command -Module HasuraMigrations").Well().Values("Name").Order(), Cmdlets.Select(c => c.Data).Order());

    [Theory]
    [MemberData(nameof(Cmdlets))]
    public void Help_is_complete(string name)
    {
        var help = Help(name);

        var synopsis = $"{help.Properties["Synopsis"].Value}".Trim();
        Assert.EndsWith(".", synopsis);
        Assert.DoesNotContain(name, synopsis);
        Assert.NotEmpty(Texts(help, "description"));
        Assert.NotEmpty(Texts(Part(help, "alertSet"), "alert"));
        Assert.NotEmpty(Parts(help, "inputTypes", "inputType"));
        Assert.NotEmpty(Parts(help, "returnValues", "returnValue"));
        Assert.NotEmpty(Parts(help, "relatedLinks", "navigationLink"));
    }

    [Theory]
    [MemberData(nameof(Cmdlets))]
    public void Each_parameter_is_described_as_it_is(string name)
    {
        var command = Command(name);
        var described = Parts(Help(name), "parameters", "parameter").ToDictionary(p => $"{p.Properties["name"].Value}");
        var own = command.Parameters.Values.Where(p => !OfTheShell.Contains(p.Name)).ToList();

        Assert.Equal(own.Select(p => p.Name).Order(), described.Keys.Order());
        foreach (var parameter in own)
        {
            var help = described[parameter.Name];
            Assert.NotEmpty(Texts(help, "description"));
            Assert.Equal(parameter.Attributes.OfType<SupportsWildcardsAttribute>().Any() ? "true" : "false", $"{help.Properties["globbing"].Value}");
            Assert.Equal(parameter.Aliases.Count == 0 ? "none" : string.Join(",", parameter.Aliases), $"{help.Properties["aliases"].Value}");
            Assert.StartsWith(TakesPipeline(parameter) ? "true" : "false", $"{help.Properties["pipelineInput"].Value}");
        }
    }

    [Theory]
    [MemberData(nameof(Cmdlets))]
    public void The_message_at_the_prompt_for_a_mandatory_parameter_is_the_beginning_of_its_help(string name)
    {
        var described = Parts(Help(name), "parameters", "parameter").ToDictionary(p => $"{p.Properties["name"].Value}", p => string.Join(' ', Texts(p, "description")));

        foreach (var parameter in Command(name).Parameters.Values.Where(p => !OfTheShell.Contains(p.Name)))
        {
            foreach (var attribute in parameter.Attributes.OfType<ParameterAttribute>())
            {
                Assert.Equal(attribute.Mandatory, !string.IsNullOrEmpty(attribute.HelpMessage));
                Assert.StartsWith(attribute.HelpMessage ?? "", described[parameter.Name]);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Cmdlets))]
    public void The_default_value_is_that_of_the_class(string name)
    {
        var type = Command(name).ImplementingType;
        var instance = Activator.CreateInstance(type)!;
        var optional = Parts(Help(name), "parameters", "parameter").Where(p => $"{p.Properties["required"].Value}" == "false");

        foreach (var parameter in optional)
        {
            if (type.GetProperty($"{parameter.Properties["name"].Value}") is { } property)
            {
                Assert.Equal(property.GetValue(instance) is { } value and not ("" or 0) ? $"{value}" : "None", $"{parameter.Properties["defaultValue"].Value}");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Cmdlets))]
    public void The_online_page_of_a_command_is_in_the_repository(string name)
    {
        var project = $"{shell.Run("(Get-Module HasuraMigrations).ProjectUri").Well().Output[0]}";
        var uri = $"{shell.Run($"(Get-Command {name}).HelpUri").Well().Output[0]}";

        Assert.Equal($"{project.TrimEnd('/')}/docs/cmdlets/{name}.md", uri);
        Assert.True(File.Exists(Path.Combine(Repository.Root, "docs", "cmdlets", $"{name}.md")));
        Assert.Equal(uri, $"{Parts(Help(name), "relatedLinks", "navigationLink")[0].Properties["uri"].Value}");
    }

    [Theory]
    [MemberData(nameof(Cmdlets))]
    public void Links_lead_to_commands_and_topics_that_exist(string name)
    {
        var links = Parts(Help(name), "relatedLinks", "navigationLink").Skip(1).Select(l => $"{l.Properties["linkText"].Value}").ToList();

        Assert.NotEmpty(links);
        Assert.All(links, l => Assert.True(Cmdlets.Any(c => c.Data == l) || File.Exists(Path.Combine(Repository.Module, "en-US", $"{l}.help.txt")), l));
    }

    [Theory]
    [MemberData(nameof(Cmdlets))]
    public void Syntax_names_the_parameters_of_each_set(string name)
    {
        var expected = Command(name).ParameterSets.Select(s => string.Join(",", s.Parameters.Select(p => p.Name).Where(p => !OfTheShell.Contains(p)).Order())).Order();
        var actual = Parts(Help(name), "syntax", "syntaxItem").Select(i => string.Join(",", Values(i, "parameter").Select(p => $"{p.Properties["name"].Value}").Order())).Order();

        Assert.Equal(expected, actual);
    }

    [Theory]
    [MemberData(nameof(Cmdlets))]
    public void Examples_parse_and_bind(string name)
    {
        var examples = Parts(Help(name), "examples", "example");
        Assert.True(examples.Count >= 3);
        foreach (var example in examples)
        {
            var code = $"{example.Properties["code"].Value}";
            var ast = Parser.ParseInput(code, out _, out var errors);
            Assert.True(errors.Length == 0, code);
            Assert.Contains(name, code);
            Assert.NotEmpty(Texts(example, "remarks"));
            foreach (var call in ast.FindAll(a => a is CommandAst, searchNestedScriptBlocks: true).Cast<CommandAst>())
            {
                CheckCall(call, code);
            }
        }
    }

    [Theory]
    [InlineData("about_HasuraMigrations")]
    [InlineData("about_HasuraMigrations_Projects")]
    [InlineData("about_HasuraMigrations_Connections")]
    [InlineData("about_HasuraMigrations_Pipelines")]
    [InlineData("about_HasuraMigrations_Errors")]
    public void A_topic_is_found(string name)
    {
        var topic = Assert.Single(shell.Run($"Get-Help {name}").Well().Output);

        Assert.Contains(name, topic.ToString());
        Assert.All(topic.ToString().Split('\n'), line => Assert.True(line.TrimEnd().Length <= 80, line));
    }

    private void CheckCall(CommandAst call, string code)
    {
        var command = shell.Run("Get-Command $n", ("n", call.GetCommandName())).Well().Output[0].BaseObject;
        if (command is CmdletInfo { ModuleName: "HasuraMigrations" } ours)
        {
            Assert.All(call.CommandElements.OfType<CommandParameterAst>(), p => Assert.True(ours.Parameters.ContainsKey(p.ParameterName), $"{p.ParameterName} in {code}"));
        }
    }

    private static bool TakesPipeline(ParameterMetadata parameter) =>
        parameter.ParameterSets.Values.Any(s => s.ValueFromPipeline || s.ValueFromPipelineByPropertyName);

    private CmdletInfo Command(string name) => (CmdletInfo)shell.Run($"Get-Command {name}").Well().Output[0].BaseObject;

    private PSObject Help(string name) => Read.GetOrAdd(name, n => shell.Run($"Get-Help {n} -Full").Well().Output[0]);

    private static PSObject Part(PSObject value, string property) => PSObject.AsPSObject(value.Properties[property].Value);

    private static List<PSObject> Parts(PSObject help, string group, string item) => Values(Part(help, group), item);

    private static List<PSObject> Values(PSObject value, string property) => value.Properties[property]?.Value switch
    {
        null => [],
        object[] many => [.. many.Select(PSObject.AsPSObject)],
        var one => [PSObject.AsPSObject(one)],
    };

    private static List<string> Texts(PSObject value, string property) =>
        [.. Values(value, property).Select(v => $"{v.Properties["Text"]?.Value ?? v}".Trim()).Where(t => t.Length > 0)];
}
