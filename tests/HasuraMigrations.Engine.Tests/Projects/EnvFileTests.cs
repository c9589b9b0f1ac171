using HasuraMigrations.Engine.Projects;
using HasuraMigrations.Engine.Tests.Support;

namespace HasuraMigrations.Engine.Tests.Projects;

public sealed class EnvFileTests
{
    [Theory]
    [InlineData("A=b", "b")]
    [InlineData("A = b", "b")]
    [InlineData("A=\"b c\"", "b c")]
    [InlineData("A='b c'", "b c")]
    [InlineData("export A=b", "b")]
    [InlineData("# comment\n\nA=b\n", "b")]
    [InlineData("A=b\r\nB=c\r\n", "b")]
    [InlineData("\uFEFFA=b", "b")]
    [InlineData("A=b=c", "b=c")]
    [InlineData("A=postgres://u:p@host:5432/db?sslmode=require", "postgres://u:p@host:5432/db?sslmode=require")]
    [InlineData("A='b#c'", "b#c")]
    [InlineData("A=b#c", "b#c")]
    [InlineData("A=b # comment", "b")]
    [InlineData("A=\"b\nc\"\nB=d\n", "b\nc")]
    [InlineData("A=ü", "ü")]
    [InlineData("A=b\nA=c", "c")]
    [InlineData("A='$HOME ${HOME}'", "$HOME ${HOME}")]
    public void Given_a_line_its_value_is_read(string text, string value)
    {
        using var project = new TestProject().Write(".env", text);

        var opened = project.Open();

        Assert.Empty(opened.Findings);
        Assert.Equal(value, opened.Variables["A"]);
    }

    [Fact]
    public void Given_a_variable_of_the_environment_the_file_does_not_override_it()
    {
        using var project = new TestProject().Write(".env", "A=file\nB=file\n");

        var variables = project.Open(("A", "process"), ("B", "")).Variables;

        Assert.Equal("process", variables["A"]);
        Assert.Equal("file", variables["B"]);
    }

    [Fact]
    public void Given_no_file_nothing_is_told()
    {
        using var project = new TestProject();

        Assert.Empty(project.Open().Findings);
    }

    [Fact]
    public void Given_an_empty_file_nothing_is_told()
    {
        using var project = new TestProject().Write(".env", "");

        Assert.Empty(project.Open().Findings);
    }

    public static TheoryData<byte[]> Broken => new()
    {
        "s3cret without a name"u8.ToArray(),
        "A=1\ns3cret\n"u8.ToArray(),
        new byte[] { (byte)'A', (byte)'=', 0xFF },
    };

    [Theory]
    [MemberData(nameof(Broken))]
    public void Given_a_broken_default_file_there_is_a_warning_and_it_is_ignored(byte[] bytes)
    {
        using var project = Project(".env", bytes);

        var opened = project.Open();
        var finding = Assert.Single(opened.Findings);

        Assert.Equal(("EnvFileIgnored", FindingSeverity.Warning), (finding.Id, finding.Severity));
        Assert.Equal(Path.Combine(project.Directory, ".env"), finding.File);
        Assert.DoesNotContain("s3cret", finding.ToString(), StringComparison.Ordinal);
        Assert.Empty(opened.Variables);
    }

    [Theory]
    [MemberData(nameof(Broken))]
    public void Given_a_broken_file_by_name_it_is_an_error(byte[] bytes)
    {
        using var project = Project("prod.env", bytes);

        var error = Assert.Throws<HasuraMigrationException>(() => Open(project, "prod.env"));

        Assert.Equal("EnvFileInvalid", error.ErrorId);
        Assert.DoesNotContain("s3cret", error.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("missing.env")]
    [InlineData(".env")]
    [InlineData("migrations")]
    public void Given_a_named_file_that_cannot_be_read_it_is_an_error(string name)
    {
        using var project = new TestProject();
        Directory.CreateDirectory(Path.Combine(project.Directory, "migrations"));

        Assert.Equal("EnvFileInvalid", Assert.Throws<HasuraMigrationException>(() => Open(project, name)).ErrorId);
    }

    [Fact]
    public void Given_a_name_it_is_relative_to_the_project_and_replaces_the_default()
    {
        using var project = new TestProject().Write(".env", "A=default\nB=b\n").Write("env/prod.env", "A=prod\n");

        var variables = Open(project, "env/prod.env").Variables;

        Assert.Equal("prod", variables["A"]);
        Assert.False(variables.ContainsKey("B"));
    }

    [Fact]
    public void Given_a_rooted_name_it_is_honoured()
    {
        using var project = new TestProject();
        using var elsewhere = new TestProject().Write("outside.env", "A=outside\n");

        Assert.Equal("outside", Open(project, Path.Combine(elsewhere.Directory, "outside.env")).Variables["A"]);
    }

    private static TestProject Project(string file, byte[] bytes)
    {
        var project = new TestProject();
        File.WriteAllBytes(Path.Combine(project.Directory, file), bytes);
        return project;
    }

    private static HasuraProject Open(TestProject project, string envFile) => HasuraProject.Open(new ProjectOptions
    {
        Path = project.Directory,
        IsExplicit = true,
        EnvFile = envFile,
        Environment = new Dictionary<string, string>(),
    });
}
