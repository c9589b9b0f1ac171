using System.Collections;
using System.Reflection;
using HasuraMigrations.Engine.Targets.Postgres.ConnectionStrings;
using HasuraMigrations.Engine.Targets.Postgres.Store;
using HasuraMigrations.Engine.Tests.Support;
using Npgsql;

namespace HasuraMigrations.Engine.Tests.Targets.Postgres.Sessions;

public sealed class DriverSourceTests(PostgresServer server)
{
    private const BindingFlags Any = BindingFlags.Instance | BindingFlags.Static | BindingFlags.NonPublic;

    /// <summary>The driver keeps a list of all sources, in order, so that one more takes longer the more there are.</summary>
    [Fact]
    public async Task Sessions_leave_nothing_behind_in_the_driver()
    {
        await using var database = await server.CreateDatabaseAsync();
        await using (await database.OpenAsync())
        {
            for (var use = 0; use < 3; use++)
            {
                await using var target = new PostgresMetadataTarget(PostgresConnectionString.Read(database.ConnectionString), null, configVersion: 3);
                await target.ExportAsync(TestContext.Current.CancellationToken);
            }

            // The pool of the session above proves that the list is read rightly.
            Assert.Equal(1, Sources(database.Name));
        }
    }

    private static int Sources(string database)
    {
        var reporter = typeof(NpgsqlConnection).Assembly.GetType("Npgsql.MetricsReporter", throwOnError: true)!;
        var all = (IList)reporter.GetField("Reporters", Any)!.GetValue(null)!;
        lock (all)
        {
            return all.Cast<object>().Select(r => (NpgsqlDataSource)reporter.GetField("_dataSource", Any)!.GetValue(r)!).Count(s => s.ConnectionString.Contains(database, StringComparison.Ordinal));
        }
    }
}
