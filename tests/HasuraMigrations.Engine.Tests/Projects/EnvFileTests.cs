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
    [InlineData("A=b#c", "b")]
    [InlineData("A: b", "b")]
    [InlineData("A:\tb # comment", "b")]
    [InlineData("  export  A: 'b'", "b")]
    [InlineData("A='b' # c", "b")]
    [InlineData("A='b' # 'c'", "b' # 'c")]
    [InlineData("A=\"b\" # say c", "b")]
    [InlineData("A=\"b#c\"", "b#c")]
    [InlineData("A=\"b\\nc\\td\\\"e\\\\f\"", "b\nctd\"e\\f")]
    [InlineData("A='b\\nc'", "b\\nc")]
    [InlineData("A=it's", "it's")]
    [InlineData("A='b\nc'\nB=d", "b\nc")]
    [InlineData("A=\"b \\\"\nc\"", "b \"\nc")]
    [InlineData("A=b\rB=c", "b")]
    [InlineData("X=1\nA=$X${X}", "11")]
    [InlineData("X=1\nA=\"$X ${X}\"", "1 1")]
    [InlineData("X=1\nA='$X'", "$X")]
    [InlineData("X=1\nA=\\$X\\${X}", "$X${X}")]
    [InlineData("X=1\nA=\"\\$X\"", "$X")]
    [InlineData("A=a$NONE.b", "a.b")]
    [InlineData("x=1\nA=$x$", "$x$")]
    [InlineData("A=${}b", "${}b")]
    [InlineData("A=$FROM_ENVIRONMENT", "environment")]
    [InlineData("FROM_ENVIRONMENT=file\nA=$FROM_ENVIRONMENT", "file")]
    [InlineData("A=$B\nB=1", null)]
    [InlineData("PW=s3cret\nA=postgres://u:${PW}@h/db", "postgres://u:s3cret@h/db")]
    [InlineData("a.b_C1=1\nA=1", "1")]
    [InlineData("A=b # comment", "b")]
    [InlineData("A=\"b\nc\"\nB=d\n", "b\nc")]
    [InlineData("A=ü", "ü")]
    [InlineData("A=b\nA=c", "c")]
    [InlineData("A='$HOME ${HOME}'", "$HOME ${HOME}")]
    [Trait("Case", "7")]
    public void Given_a_line_its_value_is_read(string text, string? value)
    {
        using var project = new TestProject().Write(".env", text);

        var opened = project.Open(("FROM_ENVIRONMENT", "environment"));

        Assert.Empty(opened.Findings);
        Assert.Equal(value, opened.Variables.GetValueOrDefault("A"));
    }

    [Theory]
    [Trait("Case", "7")]
    [InlineData("A=1\ns3cret\nB=2\n", "line 2", 2)]
    [InlineData("A=1\n\ns3cret-a=1\nB=2\ns3cret", "lines 3, 5", 3)]
    [InlineData("A=\"s3cret\nB=2\n", "line 1", 1)]
    [InlineData("A:s3cret", "line 1", 1)]
    [InlineData("export A", "line 1", 1)]
    public void Given_a_bad_line_it_is_named_by_its_number(string text, string named, int line)
    {
        using var project = new TestProject().Write(".env", text);

        var finding = Assert.Single(project.Open().Findings);

        Assert.Equal(("EnvFileIgnored", line), (finding.Id, finding.Line));
        Assert.Contains(named, finding.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", finding.ToString(), StringComparison.Ordinal);
        Assert.Equal(line, Assert.Throws<HasuraMigrationException>(() => Open(project, ".env")).Line);
    }

    [Theory]
    [Trait("Case", "17")]
    [InlineData(true, "process", "process")]
    [InlineData(false, "process", "file")]
    public void Given_names_that_differ_by_case_the_rule_of_the_system_counts(bool ignoreCase, string upper, string lower)
    {
        using var project = new TestProject().Write(".env", "db_url=file\n");

        var variables = HasuraProject.Open(new ProjectOptions
        {
            Path = project.Directory,
            IsExplicit = true,
            IgnoreVariableCase = ignoreCase,
            Environment = new Dictionary<string, string> { ["Path"] = "a", ["PATH"] = "b", ["DB_URL"] = "process" },
        }).Variables;

        Assert.Equal((upper, lower), (variables["DB_URL"], variables["db_url"]));
        Assert.Equal(ignoreCase ? ("b", "b") : ("b", "a"), (variables["PATH"], variables["Path"]));
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
