using HasuraMigrations.Engine.Metadata.Comparing;
using HasuraMigrations.Engine.Metadata.Files;
using HasuraMigrations.Engine.Tests.Support;
using HasuraMigrations.Engine.Updating;

namespace HasuraMigrations.Engine.Tests.Targets.Server;

/// <summary>
/// What Hasura's own CLI did to projects that it updated, done with this engine: the same files go, the same files with the same content
/// come, and the same versions are recorded; or it differs on purpose.
/// </summary>
public sealed class UpdateTranscriptTests
{
    public static TheoryData<string> Names => [.. Transcript.All().Where(n => n == "absent" || Transcript.Read(n).Arguments is ["scripts", ..])];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task An_update_ends_as_with_the_CLI(string name)
    {
        var transcript = Transcript.Read(name);
        var to = transcript.ConfigVersion + 1;
        using var project = Project(transcript);
        var before = Updates.Files(project.Directory);
        var metadata = transcript.Requests.Last(r => r["request_body"]?["type"]?.ToString() == "export_metadata")["response_body"]!;

        var (plan, findings) = await Updates.UpdateAsync(project.Directory, new UpdateOptions(to), proof: null, TestStores.Document(metadata.ToJsonString()));

        var after = Updates.Files(project.Directory);
        Assert.Equal(transcript.FilesRemoved, before.Keys.Except(after.Keys).Order(StringComparer.Ordinal));
        var written = transcript.FilesWritten.Where(f => !f.Key.StartsWith("migrations_backup/", StringComparison.Ordinal)).ToDictionary(f => f.Key, f => f.Value);
        foreach (var (path, text) in written.Where(f => !f.Key.StartsWith("metadata/", StringComparison.Ordinal) && f.Key != "config.yaml"))
        {
            Assert.Equal(text, after[path]);
        }

        // The CLI writes every setting that is in force, and what it has for defaults; of its metadata files, some are new in its version.
        Assert.StartsWith($"version: {to}\n", after["config.yaml"]);
        Assert.Empty(written.Keys.Where(k => k.StartsWith("metadata/", StringComparison.Ordinal) && !after.ContainsKey(k)).Except(["metadata/network.yaml"]));
        using var theirs = new TestProject(to);
        written.Where(f => f.Key.StartsWith("metadata/", StringComparison.Ordinal)).ToList().ForEach(f => theirs.Write(f.Key, f.Value));
        Assert.Empty(MetadataComparer.Compare(MetadataFiles.Read(theirs.Open()).Document, MetadataFiles.Read(Updates.Open(project.Directory)).Document));
        Assert.Equal(transcript.EndVersions("default") is { Length: > 0 } recorded ? recorded : transcript.StartVersions("default"), string.Join(',', Updates.Scan(project.Directory).Migrations.Select(m => m.Version)));
        Assert.DoesNotContain(findings, f => f.Severity == FindingSeverity.Error);
        Assert.DoesNotContain(plan.Versions, v => v.New is null);
    }

    private static TestProject Project(Transcript transcript)
    {
        var project = new TestProject(transcript.ConfigVersion, transcript.ConfigVersion == 1 ? "endpoint: http://127.0.0.1:1\n" : null);
        foreach (var ((version, up, down), title) in Transcript.Steps.Zip(["create_authors", "create_articles", "add_title"]))
        {
            if (transcript.ConfigVersion == 1)
            {
                project.Write($"migrations/{version}_{title}.up.sql", up).Write($"migrations/{version}_{title}.down.sql", down);
            }
            else
            {
                project.Add(version, up, down, title);
            }
        }

        // What the CLI copied to its backup, or removed.
        foreach (var (path, text) in transcript.FilesWritten.Where(f => f.Key.StartsWith("migrations_backup/", StringComparison.Ordinal)))
        {
            project.Write(path.Replace("migrations_backup/", "migrations/", StringComparison.Ordinal), text);
        }

        foreach (var (path, text) in transcript.FilesWritten.Where(f => f.Key.StartsWith("seeds/default/", StringComparison.Ordinal)))
        {
            project.Write(path.Replace("seeds/default/", "seeds/", StringComparison.Ordinal), text);
        }

        return transcript.ConfigVersion == 1 ? project : project.Write("metadata/version.yaml", "version: 2\n").Write("metadata/tables.yaml", "- table:\n    schema: public\n    name: authors\n").Write("metadata/functions.yaml", "[]\n");
    }
}
