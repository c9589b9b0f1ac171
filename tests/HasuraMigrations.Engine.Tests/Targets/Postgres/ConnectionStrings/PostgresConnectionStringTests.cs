using HasuraMigrations.Engine.Targets.Postgres.ConnectionStrings;
using HasuraMigrations.Engine.Tests.Support;
using Npgsql;

namespace HasuraMigrations.Engine.Tests.Targets.Postgres.ConnectionStrings;

public sealed class PostgresConnectionStringTests
{
    [Theory]
    [Trait("Case", "6")]
    [InlineData("postgres://u:p@h:6000/d", "h", 6000, "d", "u", "p")]
    [InlineData("postgresql://u:p@h/d", "h", 5432, "d", "u", "p")]
    [InlineData("POSTGRES://u:p@h/d\n", "h", 5432, "d", "u", "p")]
    [InlineData("postgresql://u@h", "h", 5432, null, "u", null)]
    [InlineData("postgresql://h", "h", 5432, null, null, null)]
    [InlineData("postgresql://h:/d?", "h", 5432, "d", null, null)]
    [InlineData("postgresql://:p@h/d", "h", 5432, "d", null, "p")]
    [InlineData("postgresql://u:@h/", "h", 5432, null, "u", null)]
    [InlineData("postgresql://u:a:b?c&d@h/d", "h", 5432, "d", "u", "a:b?c&d")]
    [InlineData("postgresql://%75%20x:p%40%2F%3a%23@h/my%20db", "h", 5432, "my db", "u x", "p@/:#")]
    [InlineData("postgresql://u:a+b@h/d", "h", 5432, "d", "u", "a+b")]
    [InlineData("postgresql://u:%C3%A9@h/d", "h", 5432, "d", "u", "é")]
    [InlineData("postgres://u:p@[::1]:6000/d", "::1", 6000, "d", "u", "p")]
    [InlineData("postgres://[2001:db8::5]/d", "2001:db8::5", 5432, "d", null, null)]
    [InlineData("postgres://%2Fvar%2Frun%2Fpostgresql/d", "/var/run/postgresql", 5432, "d", null, null)]
    [InlineData("postgres:///d?host=/var/run/postgresql&port=6000", "/var/run/postgresql", 6000, "d", null, null)]
    [InlineData("postgres://u:p@h:1/d?host=h2&port=6000&user=v&password=q&dbname=e", "h2", 6000, "e", "v", "q")]
    [InlineData("host=127.0.0.1 port=1 user=u password=TopSecret123 dbname=x", "127.0.0.1", 1, "x", "u", "TopSecret123")]
    [InlineData(" host = h\tport= 6000 user =u\npassword = 'a b\\'c\\\\' dbname=x\\ y ", "h", 6000, "x y", "u", "a b'c\\")]
    [InlineData("host=h password=a;b user=u", "h", 5432, null, "u", "a;b")]
    [InlineData("host=h password='' user=u", "h", 5432, null, "u", null)]
    [InlineData("host=/var/run/postgresql dbname=d", "/var/run/postgresql", 5432, "d", null, null)]
    [InlineData("host=@abstract dbname=d", "@abstract", 5432, "d", null, null)]
    [InlineData("hostaddr=10.0.0.1 dbname=d", "10.0.0.1", 5432, "d", null, null)]
    [InlineData("host=h", "h", 5432, null, null, null)]
    [InlineData("Host=h;Port=6000;Database=d;Username=u;Password=p", "h", 6000, "d", "u", "p")]
    [InlineData("Server=h;DB=d;User Id=u@tenant;PWD=\"a;b\"", "h", 5432, "d", "u@tenant", "a;b")]
    [InlineData("Host=h:6000;Database='my db'", "h", 6000, "my db", null, null)]
    [InlineData("host=h;port=6000;dbname=d;user=u;password=p q", "h", 6000, "d", "u", "p q")]
    public void Each_form_is_read_as_its_own_tool_reads_it(string text, string host, int port, string? database, string? user, string? password)
    {
        var connection = PostgresConnectionString.Read(text);
        var settings = new NpgsqlConnectionStringBuilder(connection.RevealConnectionString());

        Assert.Equal((host, port, database ?? user, user), (connection.Host, connection.Port, connection.DatabaseName, connection.UserName));
        Assert.Equal((host, port, database, user, password), (settings.Host, settings.Port, settings.Database, settings.Username, settings.Password));
        Assert.Empty(connection.Findings);
    }

    [Theory]
    [Trait("Case", "6")]
    [InlineData("postgres://u:p@h1:5432,h2:5433/db", "h1:5432,h2:5433", "u@h1:5432,h2:5433/db")]
    [InlineData("postgres://u:p@h1,h2:5433,[::1]/db", "h1:5432,h2:5433,[::1]:5432", "u@h1:5432,h2:5433,[::1]:5432/db")]
    [InlineData("host=a,b port=1,2 user=u dbname=db", "a:1,b:2", "u@a:1,b:2/db")]
    [InlineData("host=a,b port=7 user=u dbname=db", "a:7,b:7", "u@a:7,b:7/db")]
    [InlineData("host=a,b hostaddr=10.0.0.1,10.0.0.2 user=u dbname=db", "10.0.0.1:5432,10.0.0.2:5432", "u@a:5432,b:5432/db")]
    [InlineData("host=/tmp,h user=u dbname=db", "/tmp:5432,h:5432", "u@/tmp:5432,h:5432/db")]
    [InlineData("Host=a:1,b;Port=2;Username=u;Database=db", "a:1,b:2", "u@a:1,b:2/db")]
    public void Several_hosts_are_kept_in_order(string text, string hosts, string shown)
    {
        var connection = PostgresConnectionString.Read(text);

        Assert.Equal(hosts, new NpgsqlConnectionStringBuilder(connection.RevealConnectionString()).Host);
        Assert.Equal(shown, connection.ToString());
        Assert.Equal(connection.RevealConnectionString(), PostgresConnectionString.Read(connection.RevealConnectionString()).RevealConnectionString());
    }

    [Theory]
    [Trait("Case", "6")]
    [InlineData("sslmode=require&channel_binding=require", "SSL Mode=Require;Channel Binding=Require")]
    [InlineData("sslmode=disable", "SSL Mode=Disable")]
    [InlineData("sslmode=allow", "SSL Mode=Allow")]
    [InlineData("sslmode=prefer", "SSL Mode=Prefer")]
    [InlineData("sslmode=verify-ca", "SSL Mode=VerifyCA")]
    [InlineData("sslmode=verify-full&sslrootcert=/ca.pem", "SSL Mode=VerifyFull;Root Certificate=/ca.pem")]
    [InlineData("sslmode=require&sslrootcert=/ca.pem", "SSL Mode=VerifyCA;Root Certificate=/ca.pem")]
    [InlineData("sslrootcert=system", "SSL Mode=VerifyFull")]
    [InlineData("ssl=true", "SSL Mode=Require")]
    [InlineData("sslmode=require&sslnegotiation=direct", "SSL Mode=Require;SSL Negotiation=Direct")]
    [InlineData("sslcert=/c&sslkey=/k&sslpassword=x", "SSL Certificate=/c;SSL Key=/k;SSL Password=x")]
    [InlineData("connect_timeout=7", "Timeout=7")]
    [InlineData("connect_timeout=1", "Timeout=2")]
    [InlineData("connect_timeout=-1", "Timeout=0")]
    [InlineData("connect_timeout=100000", "Timeout=1024")]
    [InlineData("keepalives=1&keepalives_idle=30&keepalives_interval=5", "TCP Keepalive=True;TCP Keepalive Time=30;TCP Keepalive Interval=5")]
    [InlineData("keepalives_interval=5", "TCP Keepalive Time=7200;TCP Keepalive Interval=5")]
    [InlineData("keepalives=0&keepalives_idle=30", "TCP Keepalive=False")]
    [InlineData("application_name=a&fallback_application_name=b", "Application Name=a")]
    [InlineData("fallback_application_name=b", "Application Name=b")]
    [InlineData("options=-c%20search_path%3Dapp", "Options=\"-c search_path=app\"")]
    [InlineData("target_session_attrs=read-write", "Target Session Attributes=read-write")]
    [InlineData("target_session_attrs=prefer-standby", "Target Session Attributes=prefer-standby")]
    [InlineData("require_auth=scram-sha-256,md5", "Require Auth=\"ScramSHA256,MD5\"")]
    [InlineData("require_auth=!password,!none", "Require Auth=\"!Password,!None\"")]
    [InlineData("gssencmode=disable&krbsrvname=pg", "GSS Encryption Mode=Disable;Kerberos Service Name=pg")]
    [InlineData("passfile=/p", "Passfile=/p")]
    [InlineData("ssl_min_protocol_version=TLSv1.3", "ssl_min_protocol_version=tlsv1.3")]
    [InlineData("replication=false&sslsni=1&sslcompression=0&gssdelegation=0&client_encoding=auto&load_balance_hosts=disable", "")]
    [InlineData("connect_timeout=&options=", "")]
    public void Parameters_of_libpq_have_their_effect(string parameters, string expected)
    {
        var connection = PostgresConnectionString.Read($"postgres://u@h/d?{parameters}");

        Assert.Equal(Sorted($"Host=h;Port=5432;Username=u;Database=d;{expected}"), Sorted(connection.RevealConnectionString()));
        Assert.Empty(connection.Findings);
        Assert.Equal(Sorted(connection.RevealConnectionString()), Sorted(PostgresConnectionString.Read(connection.RevealConnectionString()).RevealConnectionString()));
    }

    [Fact]
    public void The_mode_of_TLS_is_passed_over_on_sockets_as_in_libpq() =>
        Assert.Contains("SSL Mode=Disable", PostgresConnectionString.Read("host=/tmp sslmode=require").RevealConnectionString());

    [Theory]
    [Trait("Case", "6")]
    [InlineData("pgbouncer=true")]
    [InlineData("schema=public")]
    [InlineData("connection_limit=1")]
    [InlineData("pool_timeout=0")]
    [InlineData("statement_cache_size=0")]
    [InlineData("sslaccept=accept_invalid_certs&pgbouncer=true", "pgbouncer")]
    [InlineData("tcp_user_timeout=1000")]
    [InlineData("keepalives_count=3")]
    [InlineData("load_balance_hosts=random")]
    [InlineData("client_encoding=LATIN1")]
    [InlineData("serverVersion=16&charset=utf8", "serverVersion")]
    public void A_parameter_without_effect_is_warned_of_by_name(string parameters, string? name = null)
    {
        var finding = Assert.Single(PostgresConnectionString.Read($"postgres://u:p@h/d?{parameters}").Findings);

        Assert.Equal(("ConnectionParameterIgnored", FindingSeverity.Warning), (finding.Id, finding.Severity));
        Assert.Contains($"'{name ?? parameters.Split('=')[0]}'", finding.Message);
    }

    [Theory]
    [Trait("Case", "6")]
    [InlineData("postgres://u:p@h/d?service=s", "'service'")]
    [InlineData("postgres://u:p@h/d?replication=database", "'replication'")]
    [InlineData("postgres://u:p@h/d?sslcrl=/x", "'sslcrl'")]
    [InlineData("postgres://u:p@h/d?requirepeer=postgres", "'requirepeer'")]
    [InlineData("postgres://u:p@h/d?sslaccept=strict", "'sslaccept'")]
    [InlineData("postgres://u:p@h/d?statement_timeout=5", "options=-c")]
    [InlineData("postgres://u:p@h/d?sslmodes=require", "'sslmodes'")]
    [InlineData("postgres://u:p@h/d?sslmode=sometimes", "'sslmode'")]
    [InlineData("postgres://u:p@h/d?connect_timeout=soon", "'connect_timeout'")]
    [InlineData("postgres://u:p@h/d?sslmode=require&sslrootcert=system", "verify-full")]
    [InlineData("postgres://u:p@h/d?hostaddr=10.0.0.1&sslmode=verify-full", "'hostaddr'")]
    [InlineData("postgres://u:p@h/d?sslnegotiation=direct", "sslmode=require")]
    [InlineData("postgres://u:p@h/d?require_auth=none,!md5", "'require_auth'")]
    [InlineData("postgres://u:p@h/d?a", "name=value")]
    [InlineData("postgres://u:p@h/d?a=b=c", "name=value")]
    [InlineData("postgres://u:p%zz@h/d", "%25")]
    [InlineData("postgres://u:p@[::1/d", "brackets")]
    [InlineData("postgres://u:p@/d", "names no host")]
    [InlineData("postgresql://", "names no host")]
    [InlineData("host=h user=u flavour=sweet", "'flavour'")]
    [InlineData("Host=h;Username=u;Flavour=sweet", "'flavour'")]
    [InlineData("Host=h;Timeout=soon", "'timeout'")]
    [InlineData("host=a,b port=1,2,3", "'port'")]
    [InlineData("host=a,b hostaddr=10.0.0.1", "'hostaddr'")]
    [InlineData("host=h password='x", "not closed")]
    [InlineData("host=h dbname", "no '='")]
    [InlineData("", "names no host")]
    public void What_cannot_be_obeyed_is_refused_with_the_reason(string text, string expected)
    {
        var error = Assert.Throws<HasuraMigrationException>(() => PostgresConnectionString.Read(text, "DB_URL"));

        Assert.Equal("ConnectionStringInvalid", error.ErrorId);
        Assert.Contains(expected, error.Message);
        Assert.Contains("DB_URL", error.Message);
    }

    [Theory]
    [Trait("Case", "6")]
    [InlineData("Host=127.0.0.1,Port=54320,Password=TopSecret123")]
    [InlineData("postgres://app:83/kTopSecret@127.0.0.1/db")]
    [InlineData("postgres://u:12#TopSecret@h/db")]
    [InlineData("postgres://u:TopSecret/x@h:5432/db")]
    [InlineData("postgres://u:TopSecret?x#y@h/db")]
    [InlineData("postgres://u:Top@Secret@h/db")]
    [InlineData("postgres://u:5/x?TopSecret=@h/db")]
    [InlineData("host=h password=x TopSecret=y")]
    [InlineData("Host=h;Password=x;TopSecret=y")]
    [InlineData("Host=h;TopSecret=password")]
    [InlineData("Host=h;Username=u Password=TopSecret")]
    [InlineData("Host=h;Username=u,Password,TopSecret")]
    [InlineData("Host=h:TopSecret")]
    [InlineData("host=h port=TopSecret")]
    [InlineData("host=postgres://u:TopSecret@h/d")]
    [InlineData("host=h dbname=postgres://u:TopSecret@h/d")]
    [InlineData("TopSecret")]
    public void Text_that_may_be_a_secret_is_not_repeated(string text)
    {
        var error = Assert.Throws<HasuraMigrationException>(() => PostgresConnectionString.Read(text));

        Assert.Equal("ConnectionStringInvalid", error.ErrorId);
        Assert.DoesNotContain("Secret", SeenText.Of(error), StringComparison.OrdinalIgnoreCase);
    }

    private static string Sorted(string text) => string.Join(';', new NpgsqlConnectionStringBuilderText(text).Parts);

    /// <summary>The parts of a string in the form of .NET, by name.</summary>
    private sealed class NpgsqlConnectionStringBuilderText(string text)
    {
        internal IEnumerable<string> Parts
        {
            get
            {
                var builder = new System.Data.Common.DbConnectionStringBuilder { ConnectionString = text };
                return builder.Keys.Cast<string>().Order(StringComparer.Ordinal).Select(k => $"{k}={builder[k]}");
            }
        }
    }
}
