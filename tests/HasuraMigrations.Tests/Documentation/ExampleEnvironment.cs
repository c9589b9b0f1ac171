using System.Management.Automation;
using System.Security;
using System.Text.RegularExpressions;
using HasuraMigrations.Tests.Support;
using Npgsql;

namespace HasuraMigrations.Tests.Documentation;

/// <summary>
/// The environment in which examples of the documentation run: the sample project as the current location, a second project,
/// databases, a Hasura server, and the variables that examples use. Each example has its own copy of the files, of the databases whose
/// variables it names, and of the server if it names one, so that the order of the examples does not matter.
/// </summary>
public sealed partial class ExampleEnvironment : IDisposable
{
    // Examples that only read share a database.
    private const string Reader = ", read only";
    private const string VersionInDocuments = "-Version 16 ";
    private const string DatabaseInDocuments = "postgres://app@db.example:5432/blog?sslmode=require";

    // Get-Secret is a command of another module. The others prepare the server for examples.
    private const string Functions = """
        function Get-Secret { ConvertTo-SecureString $url -AsPlainText }
        function Add-Table([string] $Endpoint, [string[]] $Names) {
            Invoke-HasuraMetadataApi run_sql @{ sql = "DROP TABLE IF EXISTS $($Names -join ', ')"; cascade = $true } -Endpoint $Endpoint
            Invoke-HasuraMetadataApi run_sql @{ sql = -join ($Names | ForEach-Object { "CREATE TABLE $_ (id int PRIMARY KEY);" }) } -Endpoint $Endpoint
        }
        function Add-InconsistentTable([string] $Endpoint) {
            Invoke-HasuraMetadataApi run_sql @{ sql = 'CREATE TABLE IF NOT EXISTS tag (id int PRIMARY KEY)' } -Endpoint $Endpoint
            Invoke-HasuraMetadataApi bulk_keep_going @(@{ type = 'pg_track_table'; args = @{ table = 'tag' } }) -Endpoint $Endpoint
            Invoke-HasuraMetadataApi run_sql @{ sql = 'DROP TABLE tag'; check_metadata_consistency = $false } -Endpoint $Endpoint
        }
        """;

    private static readonly (string Name, string State)[] VariablesOfDatabases = [("staging", "complete"), ("production", "edited"), ("orders", "new"), ("customers", "new")];
    private static readonly string[] EndpointsInDocuments = ["https://hasura.example", "https://staging.example", "http://localhost:8080"];

    private readonly ModuleServer _server;
    private readonly HostedShell _shell = new();
    private readonly string _root = Directory.CreateTempSubdirectory("hasura-examples-").FullName;
    private readonly string _templates = Directory.CreateTempSubdirectory("hasura-example-templates-").FullName;
    private readonly Dictionary<string, ModuleDatabase> _databases = [];

    // What belongs to the example that runs.
    private readonly Stack<IDisposable> _own = [];
    private HasuraServer? _hasura;

    public ExampleEnvironment(ModuleServer server)
    {
        _server = server;
        _shell.Host.Answer = 0;
        _shell.Run(Functions).Well();
    }

    /// <summary>Runs an example.</summary>
    /// <returns>Its output, with the names that the documentation uses, and its errors.</returns>
    internal (string Text, IReadOnlyList<ErrorRecord> Errors) Run(DocumentExample example)
    {
        var state = example.Mark("database") ?? "new";
        try
        {
            var url = state switch
            {
                "none" => "postgres://nobody@127.0.0.1:1/none",
                _ when state.EndsWith(Reader, StringComparison.Ordinal) => Url(Find($"read {state}", () => Copy(state[..^Reader.Length]))),
                _ => Url(Own(state)),
            };
            WriteFiles(url);
            if (example.Mark("revision") is { } tag)
            {
                Git.Commit(Path.Combine(_root, "blog"), tag);
            }

            SetVariables(url, string.Join('\n', [example.Code, .. example.Marks("before")]));
            _shell.Run("Set-Location $location", ("location", Path.Combine(_root, "blog"))).Well();
            foreach (var script in example.Marks("before"))
            {
                _shell.Run($"$null = . {{ {ToActual(script, url)}\n}}").Well();
            }

            var before = _shell.Host.Text.Length;
            var run = _shell.Run($"& {{ {ToActual(example.Code, url)}\n}} | Out-Default");
            return (ToDocumented(_shell.Host.Text[before..], example.Code), run.Errors);
        }
        finally
        {
            _shell.Run("Remove-Item Function:*-HasuraSandbox; Disconnect-HasuraServer; Stop-HasuraSandbox; Set-Location $location", ("location", AppContext.BaseDirectory));
            _hasura = null;
            while (_own.TryPop(out var own))
            {
                own.Dispose();
            }
        }
    }

    public void Dispose()
    {
        foreach (var database in _databases.Values)
        {
            database.Dispose();
        }

        _shell.Dispose();
        Directory.Delete(_root, recursive: true);
        Directory.Delete(_templates, recursive: true);
    }

    private void SetVariables(string url, string code)
    {
        _shell.Set("url", url);
        _shell.Set("secret", Secure("s3cret"));
        _shell.Set("s", Secure("s3cret"));
        foreach (var (name, state) in VariablesOfDatabases.Where(v => code.Contains($"${v.Name}", StringComparison.Ordinal)))
        {
            _shell.Set(name, Url(Own(state)));
        }

        if (code.Contains("$metadataUrl", StringComparison.Ordinal) || EndpointsInDocuments.Any(e => code.Contains(e, StringComparison.Ordinal)))
        {
            var database = Own("complete");
            _shell.Set("metadataUrl", Url(database));
            _own.Push(_hasura = HasuraServer.Start(database));
        }
    }

    // Replaces hosts and versions that the documentation names by those of this machine.
    private string ToActual(string code, string url)
    {
        code = code.Replace(DatabaseInDocuments, url, StringComparison.Ordinal);
        if (code.Contains(VersionInDocuments, StringComparison.Ordinal))
        {
            code = code.Replace(VersionInDocuments, $"-Version {_server.MajorVersion} ", StringComparison.Ordinal);
        }

        return EndpointsInDocuments.Aggregate(code, (c, e) => c.Contains(e, StringComparison.Ordinal) ? c.Replace(e, _hasura!.Endpoint, StringComparison.Ordinal) : c);
    }

    // The reverse, for output.
    private string ToDocumented(string text, string code)
    {
        text = text.Replace(_root, "/srv", StringComparison.Ordinal);
        if (_hasura is not null)
        {
            var endpoint = EndpointsInDocuments.FirstOrDefault(e => code.Contains(e, StringComparison.Ordinal)) ?? EndpointsInDocuments[0];
            text = text.Replace(_hasura.Endpoint, endpoint, StringComparison.Ordinal);
        }

        return DatabaseHere().Replace(text, "app@db.example:5432/blog");
    }

    private void WriteFiles(string url)
    {
        foreach (var old in Directory.EnumerateDirectories(_root))
        {
            Directory.Delete(old, recursive: true);
        }

        WriteSample("blog", url);
        Write("shop/config.yaml", "version: 3\nmetadata_directory: metadata\n");
        Write("shop/prod.env", "ORDERS_URL=postgres://orders.example/orders\nCUSTOMERS_URL=postgres://customers.example/customers\n");
        Write("shop/metadata/version.yaml", "version: 3\n");
        Write("shop/metadata/databases/databases.yaml", string.Concat(new[] { "orders", "customers" }.Select(n => $"- name: {n}\n  kind: postgres\n  configuration:\n    connection_info:\n      database_url:\n        from_env: {n.ToUpperInvariant()}_URL\n  tables: []\n")));
        Write("shop/migrations/orders/1700000000001_create_order/up.sql", "CREATE TABLE \"order\" (id int);\n");
        Write("shop/migrations/customers/1700000000001_create_customer/up.sql", "CREATE TABLE customer (id int);\n");
    }

    private void WriteSample(string directory, string url)
    {
        var sample = Path.Combine(Repository.Root, "samples", "blog");
        foreach (var file in Directory.EnumerateFiles(sample, "*", SearchOption.AllDirectories))
        {
            Write(Path.Combine(directory, Path.GetRelativePath(sample, file)), File.ReadAllText(file));
        }

        Write(Path.Combine(directory, "config.yaml"), "version: 3\nmetadata_directory: metadata\n");
        Write(Path.Combine(directory, ".env"), $"HASURA_GRAPHQL_DATABASE_URL={url}\n");
    }

    private void Write(string path, string text)
    {
        var full = Path.Combine(_root, path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        File.WriteAllText(full, text);
    }

    private ModuleDatabase Own(string state)
    {
        var database = Copy(state);
        _own.Push(database);
        return database;
    }

    private ModuleDatabase Copy(string state) => _server.CreateDatabase(state == "empty" ? null : Template(state).Name);

    // Created once, with the module itself, from files of its own: what an example writes must not reach the databases of others.
    private ModuleDatabase Template(string state) => Find($"template {state}", () =>
    {
        var database = state == "new" ? _server.CreateDatabase() : Copy(state == "edited" ? "complete" : state == "complete" ? "migrated" : "new");
        var files = Path.Combine(_templates, state);
        WriteSample(files, Url(database));
        var script = state switch
        {
            "new" => """'{"version":3,"sources":[]}' | Import-HasuraMetadata -CreateStateStore""",
            "migrated" => "Invoke-HasuraMigration",
            "partly" => "Invoke-HasuraMigration -Count 4; Set-Content migrations/default/1700000000005_index_published_posts/up.sql 'CREATE INDEX ON posts (published_at);'; try { Invoke-HasuraMigration } catch [HasuraMigrations.MigrationFailedException] { }",
            "complete" => "Import-HasuraMetadata",
            "edited" => "Invoke-HasuraMetadataApi pg_drop_relationship @{ table = 'post'; relationship = 'author' }",
            _ => throw new ArgumentException($"An example asks for the database '{state}'."),
        };
        _shell.Run($"Set-Location $location; $null = & {{ {script} }}", ("location", files)).Well();
        return database;
    });

    private ModuleDatabase Find(string key, Func<ModuleDatabase> make)
    {
        if (!_databases.TryGetValue(key, out var found))
        {
            _databases.Add(key, found = make());
        }

        return found;
    }

    private static string Url(ModuleDatabase database)
    {
        var builder = new NpgsqlConnectionStringBuilder(database.ConnectionString);
        return $"postgres://{Uri.EscapeDataString(builder.Username!)}:{Uri.EscapeDataString(builder.Password ?? "")}@{builder.Host}:{builder.Port}/{builder.Database}";
    }

    private static SecureString Secure(string text)
    {
        var secure = new SecureString();
        foreach (var character in text)
        {
            secure.AppendChar(character);
        }

        return secure;
    }

    [GeneratedRegex(@"\w+@[\w.]+:\d+/module_\w+")]
    private static partial Regex DatabaseHere();
}
