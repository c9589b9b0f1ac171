using HasuraMigrations.Tests.Support;

namespace HasuraMigrations.Tests.Commands;

public sealed class InitializeTests(HostedShell shell, ModuleServer server) : IClassFixture<HostedShell>, IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("hasura-init-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Theory]
    [InlineData(3, "version: 3\nmetadata_directory: metadata\nactions:\n  kind: synchronous\n  handler_webhook_baseurl: http://localhost:3000\n", "databases/databases.yaml", "[]\n")]
    [InlineData(2, "version: 2\nmetadata_directory: metadata\nactions:\n  kind: synchronous\n  handler_webhook_baseurl: http://localhost:3000\n", "tables.yaml", "[]\n")]
    public void An_empty_project_has_the_files_of_empty_metadata(int version, string config, string file, string text)
    {
        var run = Run($"Initialize-HasuraProject -Path $d/new -ConfigVersion {version}").Well();

        Assert.Equal([$"{version}"], run.Values("ConfigVersion"));
        Assert.Equal(config, Read("config.yaml"));
        Assert.Equal(text, Read("metadata/" + file));
        Assert.Equal($"version: {version}\n", Read("metadata/version.yaml"));
        Assert.Equal("", Read("metadata/actions.graphql"));
        Assert.True(Directory.Exists(Path.Combine(_root, "new", "migrations")) && Directory.Exists(Path.Combine(_root, "new", "seeds")));
        Assert.Equal(["True"], Run("Test-HasuraMetadata -Project $d/new").Well().Output.Select(o => $"{o}"));
        Assert.Equal(["True"], Run("Test-HasuraProject -Project $d/new").Well().Output.Select(o => $"{o}"));
        Assert.Empty(Run("Test-HasuraProject -Project $d/new -Detailed").Well().Output);
    }

    [Fact]
    public void The_admin_secret_is_written_only_on_request()
    {
        Run("Initialize-HasuraProject $d/new -ConfigVersion 1 -Endpoint https://h.example -AdminSecret (ConvertTo-SecureString \"it's: #x\" -AsPlainText -Force)").Well();
        Assert.Equal("endpoint: https://h.example\n", Read("config.yaml"));

        Directory.Delete(Path.Combine(_root, "new"), recursive: true);
        Run("Initialize-HasuraProject $d/new -ConfigVersion 1 -Endpoint https://h.example -SaveAdminSecret -AdminSecret (ConvertTo-SecureString \"it's: #x\" -AsPlainText -Force)").Well();
        Assert.Equal("endpoint: https://h.example\nadmin_secret: 'it''s: #x'\n", Read("config.yaml"));
    }

    [Theory]
    [InlineData("$d/new -WhatIf", "")]
    [InlineData("$d/new -Endpoint localhost:8080", "ServerEndpointInvalid")]
    [InlineData("$d/new -SaveAdminSecret", "ServerHeaderInvalid")]
    [InlineData("/", "FileUnwritable")]
    [InlineData("$d/new -FromConnection 'Host=127.0.0.1;Port=1;Username=a;Password=s3cret;Database=b'", "DatabaseUnreachable")]
    [InlineData("$d/new -FromConnection http://127.0.0.1:1", "ServerUnreachable")]
    [InlineData("$d/new -FromConnection http://hasura.example", "ServerInsecure")]
    public void Nothing_is_left_where_nothing_can_be_made(string arguments, string errorId)
    {
        Assert.Equal(errorId, Run($"Initialize-HasuraProject {arguments}").ErrorId);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_root));
    }

    [Fact]
    public void An_existing_project_is_refused_and_other_files_stay()
    {
        Directory.CreateDirectory(Path.Combine(_root, "new"));
        File.WriteAllText(Path.Combine(_root, "new", "README.md"), "mine");
        Run("Initialize-HasuraProject $d/new").Well();

        Assert.Equal("ProjectExists", Run("Initialize-HasuraProject $d/new -ConfigVersion 2").ErrorId);
        Assert.Equal("mine", Read("README.md"));
        Assert.StartsWith("version: 3\n", Read("config.yaml"));
    }

    [Fact]
    public void A_database_becomes_a_project_with_its_metadata_and_a_migration_that_is_applied()
    {
        using var database = server.CreateDatabase();
        using var blog = new TestProject(3);
        database.Execute("CREATE TABLE author (id int PRIMARY KEY, name text);");
        shell.Run("$m = @{ version = 3; sources = @(@{ name = 'default'; kind = 'postgres'; tables = @(@{ table = @{ schema = 'public'; name = 'author' } }); configuration = @{ connection_info = @{ database_url = @{ from_env = 'HASURA_GRAPHQL_DATABASE_URL' } } } }) }; Import-HasuraMetadata -InputObject $m -ConnectionString $c -Project $b -CreateStateStore", ("c", database.ConnectionString), ("b", blog.Path)).Well();

        var run = shell.Run("Initialize-HasuraProject $d/new -FromConnection $c", ("d", _root), ("c", database.ConnectionString)).Well();

        Assert.Equal(["", "Applied"], run.Values("Status"));
        Assert.Contains("author", Read("metadata/databases/default/tables/public_author.yaml"));
        Assert.DoesNotContain(database.Name, string.Concat(Directory.EnumerateFiles(_root, "*", SearchOption.AllDirectories).Select(File.ReadAllText)));
        var up = Assert.Single(Directory.EnumerateFiles(_root, "up.sql", SearchOption.AllDirectories));
        Assert.Contains("\nCREATE TABLE public.author (", File.ReadAllText(up));
        Assert.Empty(shell.Run("Compare-HasuraMetadata -Project $d/new -ConnectionString $c", ("d", _root), ("c", database.ConnectionString)).Well().Output);
    }

    [Fact]
    public void Schemas_can_be_selected_and_the_record_and_the_proof_left_out()
    {
        using var database = server.CreateDatabase();
        using var metadata = server.CreateDatabase();
        database.Execute("CREATE TABLE a (id int); CREATE SCHEMA s; CREATE TABLE s.b (id int); CREATE SCHEMA t; CREATE TABLE t.c (id int);");
        var before = database.Objects();

        var run = shell.Run("Initialize-HasuraProject $d/new -FromConnection $c -MetadataConnectionString $m -Schema public, s -ExcludeSchema s -NoRecord -SkipProof -AllowDownload", ("d", _root), ("c", database.ConnectionString), ("m", metadata.ConnectionString)).Well();

        Assert.Equal(["", "Pending"], run.Values("Status"));
        var text = File.ReadAllText(Assert.Single(Directory.EnumerateFiles(_root, "up.sql", SearchOption.AllDirectories)));
        Assert.Contains("public.a", text);
        Assert.DoesNotContain("s.b", text);
        Assert.DoesNotContain("t.c", text);
        Assert.Equal(before, database.Objects());
    }

    private string Read(string file) => File.ReadAllText(Path.Combine(_root, "new", file));

    private ShellOutput Run(string script) => shell.Run(script, ("d", _root));
}
