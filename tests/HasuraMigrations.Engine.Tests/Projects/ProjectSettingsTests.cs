using HasuraMigrations.Engine.Tests.Support;

namespace HasuraMigrations.Engine.Tests.Projects;

public sealed class ProjectSettingsTests
{
    /// <summary>Key, default, and a value other than the default that is valid for it.</summary>
    public static TheoryData<string, string, string> Keys => new()
    {
        { "version", "1", "2" },
        { "endpoint", "http://localhost:8080", "https://hasura.example.com/base" },
        { "admin_secret", "", "s" },
        { "access_key", "", "k" },
        { "admin_secrets", "", "[\"a\",\"b\"]" },
        { "insecure_skip_tls_verify", "false", "true" },
        { "certificate_authority", "", "ca.pem" },
        { "api_paths.query", "v1/query", "q" },
        { "api_paths.v2_query", "v2/query", "q2" },
        { "api_paths.v1_metadata", "v1/metadata", "m" },
        { "api_paths.graphql", "v1/graphql", "g" },
        { "api_paths.config", "v1alpha1/config", "c" },
        { "api_paths.pg_dump", "v1alpha1/pg_dump", "p" },
        { "api_paths.version", "v1/version", "v" },
        { "metadata_directory", "metadata", "meta" },
        { "metadata_file", "", "metadata.json" },
        { "migrations_directory", "migrations", "migs" },
        { "seeds_directory", "seeds", "seed" },
        { "disable_interactive", "false", "true" },
        { "actions.kind", "synchronous", "asynchronous" },
        { "actions.handler_webhook_baseurl", "http://localhost:3000", "http://actions" },
        { "actions.codegen.framework", "", "nodejs" },
        { "actions.codegen.output_dir", "", "out" },
        { "actions.codegen.uri", "", "http://codegen" },
    };

    [Theory]
    [MemberData(nameof(Keys))]
    public void Given_every_source_the_strongest_wins(string key, string byDefault, string value)
    {
        var variable = Variable(key);
        using var bare = new TestProject(config: "");
        using var fromFile = new TestProject(config: Yaml(key, value));
        using var fromEnvFile = new TestProject(config: Yaml(key, byDefault)).Write(".env", $"{variable}={value}\n");

        Assert.Equal((byDefault, SettingSource.Default), Setting(bare, key));
        Assert.Equal((value, SettingSource.ConfigFile), Setting(fromFile, key));
        Assert.Equal((value, SettingSource.EnvFile), Setting(fromEnvFile, key));
        Assert.Equal((value, SettingSource.Environment), Setting(bare, key, (variable, value)));

        fromFile.Write(".env", $"{variable}={value}\n");
        if (byDefault.Length > 0)
        {
            Assert.Equal((byDefault, SettingSource.Environment), Setting(fromFile, key, (variable, byDefault)));
        }

        Assert.Equal((value, SettingSource.EnvFile), Setting(fromFile, key, (variable, "")));
    }

    [Theory]
    [MemberData(nameof(Keys))]
    public void Given_a_key_in_upper_case_it_is_read(string key, string byDefault, string value)
    {
        using var project = new TestProject(config: Yaml(key.ToUpperInvariant(), value));

        Assert.Equal((value, SettingSource.ConfigFile), Setting(project, key));
        Assert.Empty(project.Open().Findings);
        Assert.NotEqual(byDefault, value);
    }

    [Fact]
    public void Given_all_keys_the_table_of_this_test_is_complete()
    {
        using var project = new TestProject(config: "");

        Assert.Equal(
            Keys.Select(row => row.Data.Item1).Order(StringComparer.Ordinal),
            project.Open().ToInfo().Settings.Select(s => s.Key).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("admin_secret: from-file\n", "HASURA_GRAPHQL_ADMIN_SECRET=\n", SettingSource.ConfigFile, "from-file")]
    [InlineData("admin_secret: ''\n", "", SettingSource.Default, "")]
    [InlineData("admin_secret: ~\n", "", SettingSource.Default, "")]
    [InlineData("admin_secret:\n", "", SettingSource.Default, "")]
    public void Given_an_empty_value_the_next_source_counts(string config, string envFile, SettingSource source, string value)
    {
        using var project = new TestProject(config: config).Write(".env", envFile);

        Assert.Equal((value, source), Setting(project, "admin_secret", ("HASURA_GRAPHQL_ADMIN_SECRET", "")));
    }

    [Theory]
    [InlineData("version: 1", 1)]
    [InlineData("version: 2", 2)]
    [InlineData("version: '3'", 3)]
    [InlineData("Version: 3 # newest", 3)]
    [InlineData("", 1)]
    public void Given_a_config_version_it_is_read(string config, int version)
    {
        using var project = new TestProject(config: config);

        Assert.Equal(version, project.Open().ConfigVersion);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("4")]
    [InlineData("-1")]
    [InlineData("2.0")]
    [InlineData("three")]
    [InlineData("99999999999999999999")]
    public void Given_a_bad_config_version_it_is_refused_wherever_it_stands(string version)
    {
        using var fromFile = new TestProject(config: $"version: {version}\n");
        using var bare = new TestProject(config: "");

        var inFile = Assert.Throws<HasuraMigrationException>(() => fromFile.Open());
        var inEnvironment = Assert.Throws<HasuraMigrationException>(() => bare.Open(("HASURA_GRAPHQL_VERSION", version)));

        Assert.Equal("ProjectConfigVersionUnsupported", inFile.ErrorId);
        Assert.Contains(version, inFile.Message, StringComparison.Ordinal);
        Assert.Equal("ProjectConfigVersionUnsupported", inEnvironment.ErrorId);
        Assert.Contains("HASURA_GRAPHQL_VERSION", inEnvironment.Message, StringComparison.Ordinal);
        Assert.Equal(("Correct 'version' in config.yaml.", true), (inFile.RecommendedAction, inFile.File is not null));
        Assert.Equal(("Correct the environment variable HASURA_GRAPHQL_VERSION, or remove it.", null), (inEnvironment.RecommendedAction, inEnvironment.File));
    }

    [Theory]
    [InlineData("endpoint: localhost:8080")]
    [InlineData("endpoint: /v1/graphql")]
    [InlineData("endpoint: ftp://host")]
    [InlineData("insecure_skip_tls_verify: maybe")]
    [InlineData("disable_interactive: 2")]
    [InlineData("metadata_file: metadata.yml")]
    [InlineData("metadata_file: metadata")]
    [InlineData("endpoint: [a]")]
    [InlineData("endpoint: {a: b}")]
    [InlineData("admin_secrets: [a, b]")]
    [InlineData("migrations_directory: \"a\\0b\"")]
    public void Given_a_value_of_the_wrong_kind_the_key_is_named(string config)
    {
        using var project = new TestProject(config: config);

        var error = Assert.Throws<HasuraMigrationException>(() => project.Open());

        Assert.Equal("ProjectConfigInvalid", error.ErrorId);
        Assert.Contains($"'{config.Split(':')[0]}'", error.Message, StringComparison.Ordinal);
        Assert.Equal(Path.Combine(project.Directory, "config.yaml"), error.File);
    }

    [Theory]
    [InlineData("", null)]
    [InlineData("admin_secret: a", "a")]
    [InlineData("access_key: k", "k")]
    [InlineData("admin_secret: a\naccess_key: k", "a")]
    [InlineData("admin_secret: a\nadmin_secrets: '[\"first\",\"second\"]'", "first")]
    [InlineData("admin_secret: a\nadmin_secrets: '[]'", "a")]
    [InlineData("access_key: k\nadmin_secrets: 'null'", "k")]
    [InlineData("admin_secret: 007", "007")]
    public void Given_secrets_the_right_one_is_used(string config, string? secret)
    {
        using var project = new TestProject(config: config);

        Assert.Equal(secret, project.Open().Settings.AdminSecret);
        Assert.Equal(secret is not null, project.Open().ToInfo().HasAdminSecret);
    }

    [Theory]
    [InlineData("'[\"s3cret\"'")]
    [InlineData("'s3cret'")]
    [InlineData("'{\"a\": \"s3cret\"}'")]
    [InlineData("'[1, \"s3cret\"]'")]
    [InlineData("'[null, \"s3cret\"]'")]
    public void Given_malformed_admin_secrets_the_error_does_not_show_them(string yaml)
    {
        using var project = new TestProject(config: $"admin_secrets: {yaml}\n");

        var error = Assert.Throws<HasuraMigrationException>(() => project.Open());

        Assert.Equal("ProjectConfigInvalid", error.ErrorId);
        Assert.DoesNotContain("s3cret", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Given_secrets_none_is_displayed()
    {
        using var project = new TestProject(config: "admin_secret: s3cret1\naccess_key: s3cret2\nadmin_secrets: '[\"s3cret3\"]'\n");

        var shown = project.Open().ToInfo().Settings.Where(s => s.Key is "admin_secret" or "access_key" or "admin_secrets").ToList();

        Assert.Equal(["********", "********", "********"], shown.Select(s => s.Value));
    }

    [Theory]
    [InlineData("api_paths: {v1_query: custom}", "custom")]
    [InlineData("api_paths: {query: right, v1_query: alias}", "right")]
    [InlineData("API_Paths: {V1_Query: custom}", "custom")]
    public void Given_the_key_that_the_cli_writes_for_the_query_path_it_is_read(string config, string path)
    {
        using var project = new TestProject(config: config);

        Assert.Equal((path, SettingSource.ConfigFile), Setting(project, "api_paths.query"));
        Assert.Empty(project.Open().Findings);
    }

    private static string Variable(string key) => "HASURA_GRAPHQL_" + key.ToUpperInvariant().Replace('.', '_');

    private static (string Value, SettingSource Source) Setting(TestProject project, string key, params (string, string)[] environment)
    {
        var settings = project.Open(environment).Settings;
        return (settings[key], settings.SourceOf(key));
    }

    private static string Yaml(string key, string value)
    {
        var parts = key.Split('.');
        var lines = parts.Select((part, depth) => $"{new string(' ', depth * 2)}{part}:");
        return $"{string.Join('\n', lines)} '{value}'\n";
    }
}
