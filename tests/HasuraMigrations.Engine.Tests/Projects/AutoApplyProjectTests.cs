using HasuraMigrations.Engine.Projects;
using HasuraMigrations.Engine.Seeds;
using HasuraMigrations.Engine.Tests.Support;

namespace HasuraMigrations.Engine.Tests.Projects;

/// <summary>The project that the directories and variables of Hasura's images make.</summary>
public sealed class AutoApplyProjectTests
{
    [Theory]
    [InlineData("metadata/databases/databases.yaml", 3)]
    [InlineData("metadata/tables.yaml", 2)]
    [InlineData("migrations/metadata.yaml", 1)]
    [InlineData("migrations/1_a/up.yaml", 1)]
    [InlineData("migrations/1_a.up.yaml", 1)]
    [InlineData("migrations/1_a/up.sql", 2)]
    [InlineData("migrations/1_a.up.sql", 2)]
    [InlineData("migrations/default/1_a/up.sql", 3)]
    [InlineData("nothing", 3)]
    public void The_layout_tells_the_config_version(string file, int expected)
    {
        using var files = new TestProject();
        files.Write(file, "");

        var (project, timeout) = Make(files);

        Assert.Equal(expected, project.ConfigVersion);
        Assert.Equal(Path.Combine(files.Directory, "migrations"), project.MigrationsDirectory);
        Assert.Equal(Path.Combine(files.Directory, "metadata"), project.MetadataDirectory);
        Assert.Equal(TimeSpan.FromSeconds(30), timeout);
    }

    [Fact]
    public void A_version_that_is_given_counts_and_not_the_layout()
    {
        using var files = new TestProject();
        files.Write("metadata/tables.yaml", "");

        Assert.Equal(1, new AutoApplyProject { ConfigVersion = 1 }.Make(Options(files)).Project.ConfigVersion);
    }

    [Theory]
    [InlineData(1, "MIGRATIONS_DATABASE_URL=own", "own")]
    [InlineData(2, "MIGRATIONS_DATABASE_URL=own", "own")]
    [InlineData(2, "MIGRATIONS_DATABASE_URL=own;MIGRATIONS_DATABASE_ENV_VAR=NAME;NAME=named", "named")]
    [InlineData(2, "MIGRATIONS_DATABASE_URL=", "server")]
    [InlineData(3, "MIGRATIONS_DATABASE_URL=own", "server")]
    [InlineData(3, "MIGRATIONS_DATABASE_ENV_VAR=NAME", "server")]
    public void The_database_is_that_of_migrations_before_that_of_the_server_in_the_images_that_have_one(int version, string variables, string expected)
    {
        using var files = new TestProject(version);
        (string, string)[] all = [("HASURA_GRAPHQL_DATABASE_URL", "server"), .. variables.Split(';').Select(v => v.Split('=')).Select(v => (v[0] == "NAME" ? v[0] : $"HASURA_GRAPHQL_{v[0]}", v[1]))];

        var (made, _) = new AutoApplyProject { ConfigVersion = version }.Make(Options(files, all));
        var (named, _) = new AutoApplyProject().Make(Options(files, all) with { IsExplicit = true });

        Assert.Equal((expected, expected), (made.Variables["HASURA_GRAPHQL_DATABASE_URL"], named.Variables["HASURA_GRAPHQL_DATABASE_URL"]));
    }

    [Fact]
    public void A_variable_that_names_one_that_is_not_set_and_a_time_that_is_none_are_errors()
    {
        using var files = new TestProject();
        files.Write("metadata/tables.yaml", "");

        Assert.Equal("ConnectionMissing", Assert.Throws<HasuraMigrationException>(() => Make(files, ("HASURA_GRAPHQL_MIGRATIONS_DATABASE_ENV_VAR", "NAME"))).ErrorId);
        Assert.Equal("AutoApplyTimeoutInvalid", Assert.Throws<HasuraMigrationException>(() => Make(files, ("HASURA_GRAPHQL_MIGRATIONS_SERVER_TIMEOUT", "soon"))).ErrorId);
        Assert.Equal(TimeSpan.FromSeconds(7), Make(files, ("HASURA_GRAPHQL_MIGRATIONS_SERVER_TIMEOUT", "7")).Timeout);
    }

    [Theory]
    [InlineData("seeds/rows.sql", "rows.sql")]
    [InlineData("seeds/default/rows.sql", "rows.sql")]
    public void Seed_files_are_those_of_the_database_default_or_have_a_directory_for_each(string file, string expected)
    {
        using var files = new TestProject();
        files.Write(file, "SELECT 1;");

        var (project, _) = Make(files, ("HASURA_GRAPHQL_SEEDS_DIR", Path.Combine(files.Directory, "seeds")));

        Assert.Equal([expected], SeedSource.Scan(project, project.Database("default")).Entries.Select(e => e.Path));
    }

    private static (HasuraProject Project, TimeSpan Timeout) Make(TestProject files, params (string, string)[] variables) => new AutoApplyProject().Make(Options(files, variables));

    private static ProjectOptions Options(TestProject files, params (string Name, string Value)[] variables) => new()
    {
        Path = files.Directory,
        Environment = variables.Append(("HASURA_GRAPHQL_MIGRATIONS_DIR", Path.Combine(files.Directory, "migrations"))).Append(("HASURA_GRAPHQL_METADATA_DIR", Path.Combine(files.Directory, "metadata"))).ToDictionary(v => v.Item1, v => v.Item2),
    };
}
