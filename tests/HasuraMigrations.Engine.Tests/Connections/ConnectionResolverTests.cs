using HasuraMigrations.Engine.Connections;
using HasuraMigrations.Engine.Projects;

namespace HasuraMigrations.Engine.Tests.Connections;

public sealed class ConnectionResolverTests : IDisposable
{
    private const string Given = "Host=given;Database=app;Username=u;Password=secret";
    private readonly string _directory = Directory.CreateTempSubdirectory("hasura-resolver-").FullName;

    [Fact]
    public void What_is_named_goes_before_the_environment()
    {
        var project = Single(("HASURA_GRAPHQL_DATABASE_URL", "postgres://e@env/db"), ("HASURA_GRAPHQL_ENDPOINT", "http://server"), ("HASURA_GRAPHQL_METADATA_DATABASE_URL", "postgres://m@meta/db"));

        var resolved = Resolve(project, new ConnectionRequest { ConnectionString = Given });

        Assert.Equal("given", resolved.Connection.Host);
        Assert.Null(resolved.MetadataConnection);
    }

    [Fact]
    public void A_connection_object_is_used_as_it_is()
    {
        var connection = new HasuraConnection(Given, "given", 5432, "app", "u");

        Assert.Same(connection, Resolve(Single(), new ConnectionRequest { Connection = connection }).Connection);
    }

    [Fact]
    public void The_environment_names_database_and_metadata_database()
    {
        var resolved = Resolve(Single(("HASURA_GRAPHQL_DATABASE_URL", "postgres://e@env/db"), ("HASURA_GRAPHQL_METADATA_DATABASE_URL", "postgres://m@meta/db")), new ConnectionRequest());

        Assert.Equal("env", resolved.Connection.Host);
        Assert.Equal("meta", resolved.MetadataConnection?.Host);
    }

    [Fact]
    public void The_same_database_named_twice_is_no_metadata_database_of_its_own()
    {
        var resolved = Resolve(Single(), new ConnectionRequest { ConnectionString = Given, MetadataConnectionString = Given });

        Assert.Null(resolved.MetadataConnection);
    }

    [Theory]
    [InlineData(false, false, null, "ConnectionMissing")]
    [InlineData(false, true, null, "Server")]
    [InlineData(true, true, null, "TargetAmbiguous")]
    [InlineData(true, true, HasuraTargetKind.Server, "Server")]
    [InlineData(false, true, HasuraTargetKind.Postgres, "ConnectionMissing")]
    [InlineData(true, true, HasuraTargetKind.Postgres, "Postgres")]
    [InlineData(true, false, null, "Postgres")]
    public void Exactly_one_of_database_and_endpoint_decides(bool hasUrl, bool hasEndpoint, HasuraTargetKind? target, string expected)
    {
        var variables = new List<(string, string)>();
        if (hasUrl)
        {
            variables.Add(("HASURA_GRAPHQL_DATABASE_URL", "postgres://e@env/db"));
        }

        if (hasEndpoint)
        {
            variables.Add(("HASURA_GRAPHQL_ENDPOINT", "http://server"));
        }

        var kind = "";
        var error = ErrorOf(() => kind = Resolve(Single([.. variables]), new ConnectionRequest { Target = target }).Connection.Kind.ToString());
        Assert.Equal(expected, kind + error);
    }

    [Fact]
    public void Databases_not_in_the_table_come_from_their_variable_in_the_metadata()
    {
        var project = Several(("TWO_URL", "postgres://t@two/db"));
        var resolver = new ConnectionResolver(project, new ConnectionRequest { ConnectionStrings = new Dictionary<string, string> { ["ONE"] = Given } }, 2);

        Assert.Equal("given", resolver.Resolve(project.Database("one")).Connection.Host);
        Assert.Equal("two", resolver.Resolve(project.Database("two")).Connection.Host);
        Assert.Equal("ConnectionMissing", ErrorOf(() => resolver.Resolve(project.Database("three"))));
    }

    [Fact]
    public void Without_parameters_each_of_several_databases_has_its_variable()
    {
        var project = Several(("ONE_URL", "postgres://o@one/db"), ("HASURA_GRAPHQL_DATABASE_URL", "postgres://e@env/db"));
        var resolver = new ConnectionResolver(project, new ConnectionRequest(), 2);

        Assert.Equal("one", resolver.Resolve(project.Database("one")).Connection.Host);
        Assert.Equal("ConnectionMissing", ErrorOf(() => resolver.Resolve(project.Database("two"))));
    }

    [Theory]
    [InlineData("two", "TWO_URL is not set", "Set TWO_URL,")]
    [InlineData("logs", "of the kind 'mssql'", "-Endpoint")]
    public void What_to_give_for_one_of_several_databases_is_recommended(string database, string message, string action)
    {
        var project = Several(("ONE_URL", "postgres://o@one/db"));

        var error = Assert.Throws<HasuraMigrationException>(() => new ConnectionResolver(project, new ConnectionRequest(), 2).Resolve(project.Database(database)));

        Assert.Equal("ConnectionMissing", error.ErrorId);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Assert.Contains(action, error.RecommendedAction, StringComparison.Ordinal);
        Assert.DoesNotContain("HASURA_GRAPHQL_DATABASE_URL", error.RecommendedAction, StringComparison.Ordinal);
    }

    [Fact]
    public void One_string_for_several_databases_is_refused()
    {
        var project = Several();

        Assert.Equal("ConnectionAmbiguous", ErrorOf(() => _ = new ConnectionResolver(project, new ConnectionRequest { ConnectionString = Given }, 2)));
        Assert.Equal("given", new ConnectionResolver(project, new ConnectionRequest { ConnectionString = Given }, 1).Resolve(project.Database("two")).Connection.Host);
    }

    [Fact]
    public void A_table_with_a_name_the_project_lacks_is_refused() =>
        Assert.Equal("DatabaseNotFound", ErrorOf(() => _ = new ConnectionResolver(Several(), new ConnectionRequest { ConnectionStrings = new Dictionary<string, string> { ["four"] = Given } }, 1)));

    [Fact]
    public void Two_ways_at_once_are_refused()
    {
        Assert.Equal("ConnectionAmbiguous", ErrorOf(() => Resolve(Single(), new ConnectionRequest { ConnectionString = Given, Endpoint = "http://server" })));
        Assert.Equal("ConnectionAmbiguous", ErrorOf(() => Resolve(Single(), new ConnectionRequest { ConnectionString = Given, AdminSecret = "s" })));
        Assert.Equal("ConnectionAmbiguous", ErrorOf(() => Resolve(Single(), new ConnectionRequest { Endpoint = "http://server", Target = HasuraTargetKind.Postgres })));
    }

    [Fact]
    public void Metadata_is_reached_through_a_server_or_a_database()
    {
        HasuraConnection Metadata(ConnectionRequest request, params (string, string)[] variables) => new ConnectionResolver(Single(variables), request, 1).ResolveMetadata();

        Assert.Equal("http://server", Metadata(new ConnectionRequest { Endpoint = "http://server", AdminSecret = "s" }).Server!.ToString());
        Assert.Equal("s", Metadata(new ConnectionRequest { Endpoint = "http://server", AdminSecret = "s" }).Server!.RevealAdminSecret());
        Assert.Equal("http://set", Metadata(new ConnectionRequest(), ("HASURA_GRAPHQL_ENDPOINT", "http://set")).Server!.ToString());
        Assert.Equal("env", Metadata(new ConnectionRequest(), ("HASURA_GRAPHQL_DATABASE_URL", "postgres://e@env/db")).Host);
        Assert.Equal("meta", Metadata(new ConnectionRequest(), ("HASURA_GRAPHQL_DATABASE_URL", "postgres://e@env/db"), ("HASURA_GRAPHQL_METADATA_DATABASE_URL", "postgres://e@meta/db")).Host);
        Assert.Equal("given", Metadata(new ConnectionRequest { ConnectionString = Given }, ("HASURA_GRAPHQL_METADATA_DATABASE_URL", "postgres://e@meta/db")).Host);
        Assert.Equal("TargetAmbiguous", ErrorOf(() => Metadata(new ConnectionRequest(), ("HASURA_GRAPHQL_ENDPOINT", "http://set"), ("HASURA_GRAPHQL_DATABASE_URL", "postgres://e@env/db"))));
        Assert.Equal("http://set", Metadata(new ConnectionRequest { Target = HasuraTargetKind.Server }, ("HASURA_GRAPHQL_ENDPOINT", "http://set"), ("HASURA_GRAPHQL_DATABASE_URL", "postgres://e@env/db")).Server!.ToString());
        Assert.Equal("ConnectionMissing", ErrorOf(() => Metadata(new ConnectionRequest())));
    }

    [Fact]
    public void A_secret_of_the_project_goes_to_no_other_server()
    {
        var project = Single(("HASURA_GRAPHQL_ADMIN_SECRET", "from-environment"));

        Assert.Equal("from-environment", ServerConnections.Make(project, "http://other", null).RevealAdminSecret());
        var own = Open("version: 2\nendpoint: http://own:8080\nadmin_secret: from-file\n", []);
        Assert.Null(ServerConnections.Make(own, "http://other", null).RevealAdminSecret());
        Assert.Equal("from-file", ServerConnections.Make(own, "http://own:8080/", null).RevealAdminSecret());
    }

    [Fact]
    public void A_database_of_another_kind_is_not_reached()
    {
        var project = Several();

        Assert.Equal("TargetNotSupported", ErrorOf(() => new ConnectionResolver(project, new ConnectionRequest { ConnectionString = Given }, 1).Resolve(project.Database("logs"))));
    }

    [Fact]
    public void No_message_repeats_a_secret()
    {
        var error = Assert.Throws<HasuraMigrationException>(() => Resolve(Single(), new ConnectionRequest { ConnectionString = "Hozt=swordfish" }));

        Assert.Equal("ConnectionStringInvalid", error.ErrorId);
        Assert.DoesNotContain("swordfish", error.ToString());
    }

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    private static ResolvedConnection Resolve(HasuraProject project, ConnectionRequest request) =>
        new ConnectionResolver(project, request, 1).Resolve(project.Databases[0]);

    private static string ErrorOf(Action action) => Record.Exception(action) is HasuraMigrationException e ? e.ErrorId : "";

    private HasuraProject Single(params (string Name, string Value)[] variables) => Open("version: 2\n", variables);

    private HasuraProject Several(params (string Name, string Value)[] variables)
    {
        var databases = Directory.CreateDirectory(Path.Combine(_directory, "metadata", "databases")).FullName;
        File.WriteAllText(Path.Combine(databases, "databases.yaml"), string.Concat(new[] { "one", "two", "three" }.Select(n => $"""
            - name: {n}
              kind: postgres
              configuration:
                connection_info:
                  database_url:
                    from_env: {n.ToUpperInvariant()}_URL

            """)) + "- name: logs\n  kind: mssql\n");
        return Open("version: 3\n", variables);
    }

    private HasuraProject Open(string config, (string Name, string Value)[] variables)
    {
        File.WriteAllText(Path.Combine(_directory, "config.yaml"), config);
        return HasuraProject.Open(new ProjectOptions { Path = _directory, IsExplicit = true, Environment = variables.ToDictionary(v => v.Name, v => v.Value) });
    }
}
