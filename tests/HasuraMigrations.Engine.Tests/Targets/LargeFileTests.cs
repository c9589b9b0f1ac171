using System.Text;
using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Tests.Support;

namespace HasuraMigrations.Engine.Tests.Targets;

/// <summary>A file that is sent in several parts is one transaction with its record, as any other.</summary>
public sealed class LargeFileTests(PostgresServer server)
{
    private static readonly string Padding = new('p', 2000);

    [Fact]
    [Trait("Case", "16")]
    public async Task AFileInPartsRunsWholeOrNotAtAll()
    {
        await using var database = await server.CreateDatabaseAsync();
        using var project = new TestProject().Add(1, File(1500, bad: 1400), "DROP TABLE large;");

        var error = await Assert.ThrowsAsync<MigrationFailedException>(() => project.RunAsync(database.ConnectionString));

        Assert.Equal(("MigrationFailed", 1401, 1401, 1), (error.ErrorId, error.StatementNumber, error.Line, error.StatementStartLine - 1400));
        Assert.Equal("SELECT nope;", error.SourceLine);
        Assert.Equal(0L, await database.ScalarAsync<long>("SELECT count(*) FROM pg_catalog.pg_tables WHERE tablename = 'large'"));
        Assert.Equal(0L, await database.ScalarAsync<long>("SELECT count(*) FROM hasura_migrations.history"));

        project.Add(1, File(1500, bad: null), "DROP TABLE large;");
        Assert.Single((await project.RunAsync(database.ConnectionString)).Results);
        Assert.Equal(1500L, await database.ScalarAsync<long>("SELECT count(*) FROM large"));
        Assert.Empty((await project.RunAsync(database.ConnectionString)).Results);
        Assert.Equal(1L, await database.ScalarAsync<long>("SELECT count(*) FROM hasura_migrations.log WHERE outcome = 'succeeded'"));

        await using var target = project.Target(database.ConnectionString);
        var stored = (await target.ReadStoredAsync(CancellationToken.None))[1];
        Assert.Equal([File(1500, bad: null), "DROP TABLE large;"], stored.Steps.Select(s => s.Text.Text));
        Assert.Single((await project.RunAsync(database.ConnectionString, new MigrationGoal.Last(1), plan: new PlanOptions { FromHistory = true })).Results);
    }

    private static string File(int rows, int? bad)
    {
        var text = new StringBuilder("CREATE TABLE large (id int, note text); -- é\n".Replace("\n", "", StringComparison.Ordinal));
        for (var i = 1; i <= rows; i++)
        {
            text.Append(i == bad ? "\nSELECT nope;" : $"\nINSERT INTO large VALUES ({i}, '{Padding}');");
        }

        return text.ToString();
    }
}
