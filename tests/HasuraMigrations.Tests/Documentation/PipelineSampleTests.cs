using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Xml.Linq;
using HasuraMigrations.Tests.Support;
using YamlDotNet.RepresentationModel;

namespace HasuraMigrations.Tests.Documentation;

/// <summary>The scripts of the sample pipelines as they stand, one after the other in one pwsh, each pipeline with a database of its own.</summary>
public sealed class PipelineSampleTests(ModuleServer server)
{
    [Fact]
    public async Task The_scripts_of_the_samples_run_as_they_stand()
    {
        using var azure = Prepare(out var azureFiles);
        using var gitHub = Prepare(out var gitHubFiles);
        using var served = Prepare(out var servedFiles);
        using var hasura = HasuraServer.Start(served);
        using var files = azureFiles;
        using var others = gitHubFiles;
        using var ofServer = servedFiles;
        var azureSteps = Steps("azure-pipelines.yml", "pwsh");
        var gitHubSteps = Steps("github-actions.yml", "run");
        Assert.Equal((3, 3), (azureSteps.Count, gitHubSteps.Count));
        // As the agents call them.
        var script = new StringBuilder("$ErrorActionPreference = 'Stop'\n")
            .AppendLine(CultureInfo.InvariantCulture, $"$env:PSModulePath = '{Path.GetDirectoryName(Repository.Module)}' + [IO.Path]::PathSeparator + $env:PSModulePath");
        Append(script, "TF_BUILD", azure, files, azureSteps);
        Append(script, "TF_BUILD", served, ofServer, azureSteps, hasura.Endpoint);
        script.AppendLine("$env:TF_BUILD = $env:HASURA_GRAPHQL_ENDPOINT = $null; $env:GITHUB_STEP_SUMMARY = 'step.md'");
        Append(script, "GITHUB_ACTIONS", gitHub, others, gitHubSteps);
        var path = files.Write("all.ps1", script.ToString());

        var run = await Pwsh.RunAsync(["-NonInteractive", "-File", path]);

        Assert.True(run.ExitCode == 0, $"{run.Error}\n{run.Output}");
        var ofAzure = AgentReader.Azure(run.Output);
        var ofGitHub = AgentReader.GitHub(run.Output);
        Assert.Equal(4, ofAzure.Count(c => c.Name == "task.uploadsummary" && File.Exists(c.Text)));
        Assert.Contains(ofAzure, c => c.Name == "task.setprogress" && c.Properties["value"] == "100");
        Assert.Contains(ofAzure, c => c.Name == "group" && c.Text == "Release: Migrations" && c.Line.StartsWith("##[", StringComparison.Ordinal));
        Assert.Contains(ofGitHub, c => c.Name == "group" && c.Text == "Release: Migrations" && c.Line.StartsWith("::", StringComparison.Ordinal));
        Assert.Equal(3, run.Output.Split('\n').Count(l => l.StartsWith("Published 5 migrations, 8 metadata changes, 1 database, ", StringComparison.Ordinal) && l.EndsWith(", 0 pending.", StringComparison.Ordinal)));
        foreach (var project in new[] { files, others, ofServer })
        {
            var suites = XDocument.Load(Path.Combine(project.Path, "results", "apply.xml")).Root!;
            Assert.Equal("0", suites.Attribute("failures")!.Value);
            Assert.Equal(5, suites.Elements("testsuite").First().Elements("testcase").Count());
            Assert.Contains("To apply", File.ReadAllText(Path.Combine(project.Path, "results", "plan.md")));
            Assert.All(new[] { "plan.html", "apply.html", "apply.md" }, f => Assert.True(File.Exists(Path.Combine(project.Path, "results", f)), f));
        }

        Assert.Contains("# Plan", File.ReadAllText(Path.Combine(others.Path, "step.md")));
    }

    [Fact]
    public async Task The_scripts_for_many_databases_run_as_they_stand()
    {
        using var one = server.CreateDatabase();
        using var two = server.CreateDatabase();
        using var project = new TestProject(3);
        foreach (var database in new[] { "sales", "stock" })
        {
            project.With(1, "a", "CREATE TABLE a (i int);", database: database).With(2, "b", "SELECT 1;", database: database);
        }

        var connections = project.Write("connections.json", JsonSerializer.Serialize(new Dictionary<string, string> { ["sales"] = one.ConnectionString, ["stock"] = two.ConnectionString }));
        var azure = Assert.Single(Steps("azure-pipelines-databases.yml", "pwsh"));
        var kubernetes = Yaml("kubernetes-job.yml").AllNodes.OfType<YamlScalarNode>().Single(n => n.Value!.Contains("Invoke-HasuraMigration", StringComparison.Ordinal)).Value!;
        var script = new StringBuilder("$ErrorActionPreference = 'Stop'\n")
            .AppendLine(CultureInfo.InvariantCulture, $"$env:PSModulePath = '{Path.GetDirectoryName(Repository.Module)}' + [IO.Path]::PathSeparator + $env:PSModulePath")
            .AppendLine(CultureInfo.InvariantCulture, $"$env:CONNECTIONS_FILE = '{connections}'; $env:METADATA_URL = '{one.ConnectionString.Replace("'", "''", StringComparison.Ordinal)}'; Set-Location '{project.Path}'; $env:JOB_COUNT = $env:PARTS = 2");
        for (var part = 1; part <= 2; part++)
        {
            script.AppendLine(CultureInfo.InvariantCulture, $"$env:JOB_NUMBER = {part}; $env:JOB_COMPLETION_INDEX = {part - 1}").Append("& {\n").Append(azure).Append("}\n").Append("& {\n").Append(kubernetes).Append("}\n");
        }

        var run = await Pwsh.RunAsync(["-NonInteractive", "-File", project.Write("all.ps1", script.ToString())]);

        Assert.True(run.ExitCode == 0, $"{run.Error}\n{run.Output}");
        foreach (var database in new[] { "sales", "stock" })
        {
            Assert.Single(run.Output.Split('\n'), l => l.StartsWith($"Applied 2 migrations: database '{database}' on ", StringComparison.Ordinal));
        }

        Assert.All([1, 2], n => Assert.Equal("0", XDocument.Load(Path.Combine(project.Path, "results", $"databases-{n}.xml")).Root!.Attribute("failures")!.Value));
    }

    [Fact]
    public async Task The_scripts_for_pull_requests_run_as_they_stand()
    {
        server.Require();
        using var project = new TestProject(3);
        CopySample(project);
        Git.Commit(project.Path, "origin/main");
        project.With(1700000000006, "drop_slug", "ALTER TABLE post DROP COLUMN slug;", "SELECT 1;", "default");
        var script = new StringBuilder("$ErrorActionPreference = 'Stop'\n")
            .AppendLine(CultureInfo.InvariantCulture, $"$env:PSModulePath = '{Path.GetDirectoryName(Repository.Module)}' + [IO.Path]::PathSeparator + $env:PSModulePath; Set-Location '{project.Path}'")
            // The services that take the comments.
            .AppendLine("$calls = [Collections.Generic.List[string]]::new(); $existing = @(); function gh { $calls.Add(\"gh $args\") }")
            .AppendLine("function Invoke-RestMethod($Uri, $Headers, $ContentType, $Method = 'Get', $Body) { $calls.Add(\"$Method $Uri $($Body.Length -gt 100)\"); if ($Method -eq 'Get') { @{ value = $existing } } }")
            .AppendLine("$env:SYSTEM_PULLREQUEST_TARGETBRANCH = 'refs/heads/main'; $env:GITHUB_BASE_REF = 'main'; $env:GITHUB_STEP_SUMMARY = 'step.md'; $env:PULL_REQUEST = 7; $env:SYSTEM_COLLECTIONURI = 'https://a/'; $env:SYSTEM_TEAMPROJECTID = 'p'; $env:BUILD_REPOSITORY_ID = 'r'; $env:SYSTEM_PULLREQUEST_PULLREQUESTID = 8");
        var azure = Steps("azure-pipelines-pull-request.yml", "pwsh");
        var gitHub = Steps("github-actions-pull-request.yml", "run");
        Assert.Equal((2, 2), (azure.Count, gitHub.Count));
        foreach (var step in azure.Concat(["$existing = @(@{ id = 3; comments = @(@{ id = 1; content = '# Changes of the API' }) })", azure[1]]).Concat(gitHub))
        {
            // In the scope of the services.
            script.Append(". {\n").Append(step).Append("\n}\n");
        }

        script.Append("$calls\n");
        var run = await Pwsh.RunAsync(["-NonInteractive", "-File", project.Write("all.ps1", script.ToString())]);

        Assert.True(run.ExitCode == 0, $"{run.Error}\n{run.Output}");
        var threads = "https://a/p/_apis/git/repositories/r/pullRequests/8/threads";
        string[] expected = [$"Get {threads}?api-version=7.1 False", $"Post {threads}?api-version=7.1 True", $"Get {threads}?api-version=7.1 False", $"Patch {threads}/3/comments/1?api-version=7.1 True", "gh pr comment 7 --edit-last --create-if-none --body-file results/api.md"];
        Assert.Equal(expected, run.Output.Split('\n', StringSplitOptions.TrimEntries).Where(l => l.Contains(threads, StringComparison.Ordinal) || l.StartsWith("gh ", StringComparison.Ordinal)));
        Assert.Contains("The field post.slug was removed, and 8 more with it.", File.ReadAllText(Path.Combine(project.Path, "step.md")));
    }

    private static void Append(StringBuilder script, string agent, ModuleDatabase database, TestProject project, List<string> steps, string? endpoint = null)
    {
        var way = endpoint is null ? $"$env:HASURA_GRAPHQL_DATABASE_URL = '{database.ConnectionString.Replace("'", "''", StringComparison.Ordinal)}'" : $"$env:HASURA_GRAPHQL_DATABASE_URL = $null; $env:HASURA_GRAPHQL_ENDPOINT = '{endpoint}'";
        script.AppendLine(CultureInfo.InvariantCulture, $"$env:{agent} = 'true'; {way}; Set-Location '{project.Path}'");
        foreach (var step in steps)
        {
            script.Append("& {\n").Append(step).Append("}\n");
        }
    }

    // The sample project, and a database with Hasura's catalog, as a server has made it.
    private ModuleDatabase Prepare(out TestProject project)
    {
        project = new TestProject(3);
        CopySample(project);
        var database = server.CreateDatabase();
        using var shell = new HostedShell();
        shell.Run("""'{"version":3,"sources":[{"name":"default","kind":"postgres","tables":[],"configuration":{"connection_info":{"database_url":{"from_env":"HASURA_GRAPHQL_DATABASE_URL"}}}}]}' | Import-HasuraMetadata -Project $d -ConnectionString $c -CreateStateStore""", ("d", project.Path), ("c", database.ConnectionString)).Well();
        return database;
    }

    private static void CopySample(TestProject project)
    {
        var sample = Path.Combine(Repository.Root, "samples", "blog");
        foreach (var file in Directory.EnumerateFiles(sample, "*", SearchOption.AllDirectories))
        {
            project.Write(Path.GetRelativePath(sample, file), File.ReadAllText(file));
        }

        project.Write("config.yaml", "version: 3\nmetadata_directory: metadata\n");
    }

    private static YamlDocument Yaml(string sample)
    {
        var yaml = new YamlStream();
        using var reader = new StreamReader(Path.Combine(Repository.Root, "samples", sample));
        yaml.Load(reader);
        return yaml.Documents[0];
    }

    private static List<string> Steps(string sample, string key) =>
        [
            .. Yaml(sample).AllNodes.OfType<YamlSequenceNode>()
                .SelectMany(s => s.Children).OfType<YamlMappingNode>()
                .Select(m => m.Children.TryGetValue(new YamlScalarNode(key), out var script) ? script as YamlScalarNode : null)
                .OfType<YamlScalarNode>()
                .Select(s => s.Value!),
        ];
}
