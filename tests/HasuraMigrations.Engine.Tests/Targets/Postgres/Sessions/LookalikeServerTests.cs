using HasuraMigrations.Engine.Records;
using HasuraMigrations.Engine.Tests.Support;

namespace HasuraMigrations.Engine.Tests.Targets.Postgres.Sessions;

/// <summary>Servers that only look like PostgreSQL are called by their names, and nothing is done to them.</summary>
public sealed class LookalikeServerTests
{
    [Theory]
    [Trait("Case", "15")]
    [InlineData("CockroachDB CCL v23.2.1 (x86_64-pc-linux-gnu, built 2024/01/29, go1.21.5)", "CockroachDB")]
    [InlineData("PostgreSQL 11.2-YB-2.20.1.0-b0 on x86_64-pc-linux-gnu, compiled by clang version 16.0.6, 64-bit", "YugabyteDB")]
    [InlineData("PostgreSQL 15.2-YB-2025.1.0.0-b1 on aarch64-unknown-linux-gnu, compiled by clang, 64-bit", "YugabyteDB")]
    [InlineData("PostgreSQL 8.0.2 on i686-pc-linux-gnu, compiled by GCC gcc (GCC) 3.4.2 20041017 (Red Hat 3.4.2-6.fc3), Redshift 1.0.61687", "Amazon Redshift")]
    [InlineData("PostgreSQL 9.5 on x86_64-unknown-linux-gnu (Materialize v0.100.0)", "Materialize")]
    [InlineData("PostgreSQL 13.14.0-RisingWave-2.0.1 (abcdef)", "RisingWave")]
    [InlineData("CrateDB 5.7.0 (built abc/NA, Linux 5.10 amd64, OpenJDK 64-Bit Server VM 22)", "CrateDB")]
    [InlineData("PostgreSQL 12.3, compiled by Visual C++ build 1914, 64-bit, QuestDB", "QuestDB")]
    [InlineData("PostgreSQL 16.3 compatible CedarDB v2025-01-01", "CedarDB")]
    [InlineData("PostgreSQL 15.6 (Debian 15.6-1.pgdg120+2) on x86_64-pc-linux-gnu, compiled by gcc (Debian 12.2.0-14) 12.2.0, 64-bit", null)]
    [InlineData("PostgreSQL 18beta1 on x86_64-pc-linux-gnu, compiled by gcc (GCC) 13.2.0, 64-bit", null)]
    [InlineData("PostgreSQL 16.6 on aarch64-unknown-linux-gnu, compiled by aarch64-unknown-linux-gnu-gcc (GCC) 9.5.0, 64-bit", null)]
    [InlineData("PostgreSQL 15.7 on x86_64-pc-linux-gnu, compiled by Debian clang version 12.0.1, 64-bit", null)]
    [InlineData("PostgreSQL 16.3 (EnterpriseDB Advanced Server 16.3.0) on x86_64-pc-linux-gnu, compiled by gcc (GCC) 11.4.1, 64-bit", null)]
    [InlineData("PostgreSQL 17.2 (Ubuntu 17.2-1.pgdg22.04+1) on x86_64-pc-linux-gnu, compiled by gcc, 64-bit", null)]
    [InlineData(null, null)]
    public void A_server_is_recognised_by_its_version(string? version, string? name) => Assert.Equal(name, LookalikeServers.Recognise(version, ["server_version", "TimeZone"]));

    [Theory]
    [Trait("Case", "15")]
    [InlineData("CockroachDB", "irrelevant", "server_version", "13.0.0", "crdb_version", "CockroachDB CCL v23.2.1")]
    [InlineData("YugabyteDB", "irrelevant", "server_version", "11.2-YB-2.20.1.0-b0", "is_superuser", "on")]
    [InlineData("Amazon Redshift", "PostgreSQL 8.0.2 on i686-pc-linux-gnu, compiled by GCC, Redshift 1.0.61687", "server_version", "8.0.2", "is_superuser", "on")]
    [InlineData("Materialize", "PostgreSQL 9.5 on x86_64-unknown-linux-gnu (Materialize v0.100.0)", "server_version", "9.5.0", "is_superuser", "on")]
    public async Task A_run_is_refused_by_name_before_anything_is_said(string name, string version, string parameter, string value, string other, string otherValue)
    {
        await using var server = LookalikeServer.Start(version, (parameter, value), (other, otherValue), ("client_encoding", "UTF8"), ("integer_datetimes", "on"));
        using var project = new TestProject().Add(1, "CREATE TABLE a (id int);");

        foreach (var act in new Func<Task>[] { () => project.RunAsync(server.ConnectionString), () => project.StatusAsync(server.ConnectionString) })
        {
            var error = await Assert.ThrowsAsync<HasuraMigrationException>(act);
            Assert.Equal("ServerNotPostgres", error.ErrorId);
            Assert.Contains($"is {name}, which speaks PostgreSQL's protocol but is not PostgreSQL", error.Message);
        }

        Assert.All(server.Statements, s => Assert.Equal("SELECT pg_catalog.version()", s));
    }

    [Fact]
    [Trait("Case", "15")]
    public async Task A_server_that_tells_itself_only_in_its_version_is_refused_too()
    {
        await using var server = LookalikeServer.Start("PostgreSQL 13.14.0-RisingWave-2.0.1 (abcdef)", ("server_version", "13.14.0"), ("client_encoding", "UTF8"));
        using var project = new TestProject();

        // What it answers to the probe cannot be used; then its version is asked for.
        var error = await Assert.ThrowsAsync<HasuraMigrationException>(() => project.StatusAsync(server.ConnectionString));

        Assert.Equal("ServerNotPostgres", error.ErrorId);
        Assert.Contains("RisingWave", error.Message);
    }
}
