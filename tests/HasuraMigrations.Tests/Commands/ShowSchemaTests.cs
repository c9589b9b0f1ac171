using HasuraMigrations.Tests.Support;

namespace HasuraMigrations.Tests.Commands;

public sealed class ShowSchemaTests(ModuleServer server, HostedShell shell) : IClassFixture<HostedShell>
{
    private const string Metadata = """{"version":3,"sources":[{"name":"default","kind":"postgres","configuration":{"connection_info":{"database_url":{"from_env":"NOWHERE"}}},"tables":[{"table":"post","object_relationships":[{"name":"author","using":{"foreign_key_constraint_on":"author_id"}}],"select_permissions":[{"role":"user","permission":{"columns":["id"],"filter":{}}}]},{"table":"author"},{"table":"tag"}]}]}""";

    [Fact]
    public void With_a_database_relationships_have_targets_and_columns_have_types()
    {
        using var database = server.CreateDatabase();
        using var project = new TestProject(3).With(1, "tables", "CREATE TABLE author (id int PRIMARY KEY, parent int REFERENCES author); CREATE TABLE tag (id int); CREATE TABLE post (id int PRIMARY KEY, author_id int NOT NULL REFERENCES author);", database: "default");
        shell.Run("Invoke-HasuraMigration -Project $d -Database default -ConnectionString $c", ("d", project.Path), ("c", database.ConnectionString)).Well();
        const string show = """
            $s.IsComplete
            $s.Relationships | ForEach-Object { "$($_.Table) $($_.Name) $($_.Kind) $($_.Target)" }
            ($s.Tables | Where-Object Name -eq public.post).Columns | ForEach-Object { "$_ $($_.IsNullable) $($_.IsPrimaryKey) $($_.IsForeignKey) $($_.Dependents.Count)" }
            """;

        var alone = shell.Run("$s = $m | Show-HasuraSchema; " + show, ("m", Metadata)).Well();
        var complete = shell.Run("$s = $m | Show-HasuraSchema -Project $d -ConnectionString $c; " + show, ("m", Metadata), ("d", project.Path), ("c", database.ConnectionString)).Well();
        var one = shell.Run("(Show-HasuraSchema -InputObject $m -FromDatabase -Table 'public.[pt]*' -Project $d -ConnectionString $c).Tables.Name", ("m", Metadata), ("d", project.Path), ("c", database.ConnectionString)).Well();

        Assert.Equal(["False", "public.post author Object ", "author_id  False True 1", "id  False False 1"], alone.Output.Select(o => $"{o}"));
        Assert.Equal(
            ["True", "public.post author Object public.author", "public.author author_parent_fkey ForeignKey public.author", "id int4 False True False 1", "author_id int4 False False True 2"],
            complete.Output.Select(o => $"{o}"));
        Assert.Equal(["public.post", "public.tag"], one.Output.Select(o => $"{o}"));
    }

    [Fact]
    public void Files_are_written_in_each_format_and_reports_take_the_object()
    {
        using var project = new TestProject(3);

        var run = shell.Run("""
            Set-Location $d
            foreach ($name in 'a.html', 'sub/a.md', 'a.mmd') { ($m | Show-HasuraSchema $name -Title '<T>' -PassThru).Name }
            $schema = $m | Show-HasuraSchema
            $schema | Export-HasuraReport b.html -Kind Schema -Title '<T>'
            $schema | Export-HasuraReport b.md
            $m | Show-HasuraSchema a.mmd -Force -WhatIf
            """, ("d", project.Path), ("m", Metadata)).Well();
        string Read(string name) => File.ReadAllText(Path.Combine(project.Path, name));

        Assert.Equal(["a.html", "a.md", "a.mmd"], run.Output.Select(o => $"{o}"));
        Assert.Contains("<h1>&lt;T&gt;</h1>", Read("a.html"));
        Assert.Contains("<h1>&lt;T&gt;</h1>", Read("b.html"));
        Assert.StartsWith("erDiagram\n", Read("a.mmd"));
        Assert.Contains("```mermaid\nerDiagram\n", Read("sub/a.md"));
        Assert.Contains("```mermaid\nerDiagram\n", Read("b.md"));
    }

    [Theory]
    [InlineData("$m | Show-HasuraSchema a.pdf", "ReportFormatUnknown")]
    [InlineData("Set-Content a.html x; $m | Show-HasuraSchema a.html", "ReportExists")]
    [InlineData("$m | Show-HasuraSchema -ConnectionString $c", "DatabaseUnreachable")]
    [InlineData("$m | Show-HasuraSchema -Endpoint http://127.0.0.1:1 -FromDatabase", "ServerUnreachable")]
    [InlineData("$m | Show-HasuraSchema -AllowDownload", "SandboxRequired")]
    [InlineData("$m | Show-HasuraSchema | Export-HasuraReport a.xml", "ReportFormatUnknown")]
    [InlineData("$null | Export-HasuraReport a.html -Kind Schema", "ReportInputInvalid")]
    [InlineData("Get-HasuraProject | Export-HasuraReport a.html -Kind Schema", "ReportInputInvalid")]
    [InlineData("$m | Show-HasuraSchema | Export-HasuraReport a.html -Kind Results", "ReportInputInvalid")]
    [InlineData("(Get-HasuraProject), ($m | Show-HasuraSchema) | Export-HasuraReport a.html", "ReportInputInvalid")]
    public void What_cannot_be_shown_is_refused(string script, string id)
    {
        using var project = new TestProject(3);

        var run = shell.Run($"Set-Location $d; {script}", ("d", project.Path), ("m", Metadata), ("c", "postgres://u:geheim@127.0.0.1:1/d?connect_timeout=2"));

        Assert.StartsWith($"{id},", Assert.Single(run.Errors).FullyQualifiedErrorId);
        // The formats of other reports are no help.
        Assert.DoesNotContain("sarif", run.Errors[0].ErrorDetails.RecommendedAction, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_a_database_one_is_made_of_the_migrations()
    {
        server.Require();
        using var project = new TestProject(3).With(1, "tables", "CREATE TABLE author (id int PRIMARY KEY, at of_setup); CREATE TABLE post (id int PRIMARY KEY, author_id int NOT NULL REFERENCES author); CREATE VIEW ids AS SELECT id FROM post;", database: "default");
        project.Write("setup.sql", "CREATE DOMAIN of_setup AS int;");

        var run = shell.Run("($m | Show-HasuraSchema -Project $d -Sandbox -SetupPath \"$d/setup.sql\" -PostgresVersion $v -Table public.post).Tables.Columns | ForEach-Object { \"$($_.Name): $($_.Dependents.Name)\" }; $m | Show-HasuraSchema -Table nothing -WarningAction SilentlyContinue -WarningVariable w | Out-Null; \"$w\"", ("m", Metadata), ("d", project.Path), ("v", server.MajorVersion)).Well();

        Assert.Equal(["id: table public.ids select permission user of public.post", "author_id: foreign key post_author_id_fkey of public.post object relationship author of public.post", "No table of the metadata matches 'nothing'."], run.Output.Select(o => $"{o}"));
    }

    [Fact]
    public void What_if_neither_writes_nor_opens()
    {
        using var project = new TestProject(3);

        var run = shell.Run("$m | Show-HasuraSchema (Join-Path $d a.html) -Open -WarningAction Ignore -WhatIf; Test-Path (Join-Path $d a.html)", ("d", project.Path), ("m", Metadata)).Well();

        Assert.Equal("False", $"{Assert.Single(run.Output)}");
    }
}
